import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import { MINUTE_MS } from '../../../../shared/model/time.ts';
import { at, ROOM, WINDOW } from '../booking/booking-stage.ts';
import { failureOf, RestStage, ROW } from './rest-stage.ts';

const endpoints = (overrides: object) => ({ endpoints: JSON.stringify(overrides) });
const BY_ID = endpoints({ get_event: { url: '/api/resources/{resource_id}/events/{event_id}' } });

async function read(answer: unknown, values: Record<string, string> = {}) {
  return await new RestStage(() => answer, values).read();
}

describe('a read', () => {
  it('shows an event with everything the row has', async () => {
    const [item] = await read({ events: [ROW], count: 1 });
    expect(item).toMatchObject({
      id: 'e1',
      shown: ['title', 'slot', 'description', 'contact'],
      lastModified: at('2026-09-01T08:00:00Z'),
      rights: 'full',
      sharedWith: [],
      stamp: { state: 'none' },
      event: {
        title: 'Formannskapet',
        start: '2026-10-01T10:00:00',
        timeZone: 'Europe/Oslo',
        duration: 'PT1H',
        status: 'confirmed',
        participants: { contact: { name: 'Kari', email: 'kari@example.org' } },
      },
    });
  });

  it('takes a member that is null for empty, and one that is missing for unknown', async () => {
    const { description: _, ...rest } = ROW;
    const [nothing] = await read([
      { ...ROW, description: null, contact_name: null, contact_email: null },
    ]);
    expect(nothing).toMatchObject({
      event: { description: '' },
      shown: ['title', 'slot', 'description', 'contact'],
    });
    const [unknown] = await read([rest]);
    expect(unknown?.shown).toEqual(['title', 'slot', 'contact']);
  });

  it('leaves out what is cancelled or inactive, and shows what is tentative so', async () => {
    const rows = [
      { ...ROW, id: 'a', status: 'Cancelled' },
      { id: 'b', status: 'canceled' },
      { ...ROW, id: 'c', active: 0 },
      { ...ROW, id: 'd', active: false },
      { ...ROW, id: 'e', status: 'tentative', active: true },
      { ...ROW, id: 'f', status: null },
    ];
    const items = await read(rows);
    expect(items.map(({ id, event }) => [id, event.status])).toEqual([
      ['e', 'tentative'],
      ['f', 'confirmed'],
    ]);
  });

  it('refuses what cannot be carried, and keeps whole days', async () => {
    const slot = (start_time: string, end_time: string, id: string) => ({
      ...ROW,
      id,
      start_time,
      end_time,
    });
    const items = await read([
      slot('2026-10-01T10:00', '2026-10-01T10:00', 'none'),
      slot('2026-10-01T12:00', '2026-10-01T10:00', 'backwards'),
      slot('2026-10-01T00:00', '2026-10-03T00:00', 'days'),
      slot('2026-10-01T00:00', '2026-10-01T23:59', 'day'),
      slot('2026-10-24', '2026-10-26', 'dates'),
    ]);
    expect(items.map(({ id, unsupported, event }) => [id, unsupported ?? event.duration])).toEqual([
      ['none', 'zero-length'],
      ['backwards', 'end-before-start'],
      ['days', 'P2D'],
      ['day', 'P1D'],
      ['dates', 'P2D'],
    ]);
  });

  it.each([
    ['2026-10-01T08:00:00Z', {}],
    ['2026-10-01T10:00:00+02:00', {}],
    ['2026-10-01 10:00', {}],
    ['2026-10-01T04:00:00', { timeZone: 'America/New_York' }],
    [1_790_841_600, { timeFormat: 'unix' }],
    ['1790841600', { timeFormat: 'unix' }],
    [1_790_841_600_000, { timeFormat: 'unix_ms' }],
  ])('reads the time %j', async (start_time, values) => {
    const [item] = await read([{ ...ROW, start_time, updated_at: null }], values);
    expect(item?.event).toMatchObject({ duration: 'PT1H' });
  });

  it('makes plain text of a description that is HTML, and of nothing else', async () => {
    const text = async (description: string): Promise<unknown> =>
      (await read([{ ...ROW, description }]))[0]?.event.description;
    expect(await text('<p>Sak 1</p><p>R&amp;D</p>')).toBe('Sak 1\nR&D');
    expect(await text('a <b> c &amp; d')).toBe('a <b> c &amp; d');
  });

  it('keeps to the window, though more is asked for', async () => {
    const rows = ['2026-09-30T08:00:00Z', '2026-10-01T08:00:00Z', '2026-10-02T08:00:00Z'].map(
      (start, n) => ({ ...ROW, id: n, start_time: start, end_time: start.replace('T08', 'T09') }),
    );
    const stage = new RestStage(() => rows);
    const window = {
      version: 1,
      start: at('2026-10-01T00:00:00Z'),
      end: at('2026-10-02T08:00:00Z'),
    };
    expect((await stage.read(window)).map(({ id }) => id)).toEqual(['1']);
  });

  it('has the same version while nothing that is mapped changes', async () => {
    const versionOf = async (row: object) => (await read([row]))[0]?.version;
    const first = await versionOf(ROW);
    expect(await versionOf({ ...ROW, viewed: 'today' })).toEqual(first);
    expect(await versionOf({ ...ROW, title: 'Annet' })).not.toEqual(first);
  });

  it('tells other rooms of the same event, where rows name them', async () => {
    const [item] = await read([{ ...ROW, resource_id: [ROOM, '2'] }]);
    expect(item?.sharedWith).toEqual(['2']);
  });
});

describe('a list that cannot be the whole truth', () => {
  const gone = { ...ROW, id: 'e2' };
  it.each<[string, unknown, string]>([
    ['a web page', new Response('<html>Login</html>'), 'a web page'],
    ['JSON that is cut off', new Response('{"events": ['), 'cut off'],
    ['nothing', new Response(''), 'cut off'],
    ['no list', { success: false, error: 'no' }, 'no list in events or data'],
    ['an object for a list', { events: { e1: ROW } }, 'no list'],
    ['fewer rows than it counts', { events: [ROW], count: 2 }, '1 rows were sent of 2'],
    ['a next page nobody told us of', { events: [ROW], next_page: 2 }, 'further pages'],
    ['has_more', { events: [ROW], has_more: true }, 'further pages'],
    [
      'a link to a next page',
      Response.json([ROW], { headers: { link: '</p2>; rel="next"' } }),
      'further pages',
    ],
    ['a row of another room', { events: [{ ...ROW, resource_id: 2 }] }, 'another resource'],
    ['two accounts of one event', { events: [ROW, { ...ROW, title: 'Annet' }] }, 'one id differ'],
    ['a row without an id', { events: [{ ...ROW, id: '' }] }, 'is no id'],
    ['an id that lost digits', { events: [{ ...ROW, id: 2 ** 53 }] }, 'is no id'],
    [
      'a row without an end',
      { events: [gone, { ...ROW, end_time: undefined }] },
      'row 1: end_time',
    ],
    ['a time that is none', { events: [{ ...ROW, start_time: 'soon' }] }, 'start_time is no start'],
    ['a number for a time', { events: [{ ...ROW, start_time: 17 }] }, 'start_time is no start'],
    ['a title that is no text', { events: [{ ...ROW, title: { no: 'x' } }] }, 'title or name'],
    [
      'a redirect',
      new Response('', { status: 302, headers: { location: '/login' } }),
      'redirected',
    ],
  ])('is refused: %s', async (_name, answer, what) => {
    const error = await failureOf(read(answer instanceof Response ? answer.clone() : answer));
    expect(error.kind).toBe('invalid-response');
    expect(error.message).toContain(what);
  });

  it('is none where the same event came twice, word by word', async () => {
    expect(await read({ events: [ROW, ROW], count: 2 })).toHaveLength(1);
  });

  it('is none where the last page says that nothing follows', async () => {
    for (const next of [null, '', false])
      expect(await read({ events: [ROW], next, has_more: false })).toHaveLength(1);
  });

  it('is filtered where the call does not name the room, and its rows do', async () => {
    const all = endpoints({ list_events: { url: '/events' } });
    const rows = [
      { ...ROW, resource_id: '1' },
      { ...ROW, id: 'e2', resource_id: '2' },
    ];
    expect((await read(rows, all)).map(({ id }) => id)).toEqual(['e1']);
    expect(await failureOf(read([ROW], all))).toMatchObject({ kind: 'invalid-response' });
  });
});

describe('a list on pages', () => {
  const page = (n: number, more: object) => ({
    events: [{ ...ROW, id: `e${n}` }],
    count: 3,
    ...more,
  });

  it('is followed by links', async () => {
    const stage = new RestStage(
      (request) => {
        const n = Number(new URL(request.url).searchParams.get('p') ?? 1);
        return page(n, n < 3 ? { links: { next: `?p=${n + 1}` } } : { links: {} });
      },
      endpoints({ list_events: { next: 'links.next' } }),
    );
    expect((await stage.read()).map(({ id }) => id)).toEqual(['e1', 'e2', 'e3']);
    expect(stage.requests.map(({ headers }) => headers.get('authorization'))).toEqual(
      Array(3).fill('Bearer secret-key-1'),
    );
  });

  it('is followed by a cursor', async () => {
    const stage = new RestStage(
      (request) => {
        const n = Number(new URL(request.url).searchParams.get('after') ?? 1);
        return page(n, { more: n < 3 ? n + 1 : null });
      },
      endpoints({ list_events: { next: 'more', nextParam: 'after' } }),
    );
    expect(await stage.read()).toHaveLength(3);
    expect(stage.lines()[1]).toMatch(/start_date=.*&format=json&after=2$/);
  });

  it('is refused where it ends too soon, has no end, or leads to another host', async () => {
    const linked = endpoints({ list_events: { next: 'next' } });
    expect((await failureOf(read(page(1, {}), linked))).message).toContain('1 rows were sent of 3');
    const again = { events: [], next: '?p=1' };
    expect((await failureOf(read(again, linked))).message).toContain('did not end');
    const stage = new RestStage(() => ({ events: [], next: 'https://evil.example/p2' }), linked);
    expect((await failureOf(stage.read())).message).toContain('another host');
    expect(stage.requests).toHaveLength(1);
  });
});

describe('what a look finds without a read by id', () => {
  it('is alive where the list shows it, asked once for all and far around', async () => {
    const stage = new RestStage(() => [ROW, { ...ROW, id: 'e2' }]);
    const ids = ['e2', 'e1', 'e3'] as ExternalId[];
    const verdicts = await stage.bridge.readItems(ROOM, ids, UNBOUNDED);
    expect(verdicts.map((verdict) => ('item' in verdict ? verdict.item.id : verdict.kind))).toEqual(
      ['e2', 'e1', 'unknown'],
    );
    expect(stage.lines()).toEqual([
      expect.stringContaining('start_date=2026-08-15&end_date=2027-10-21'),
    ]);
  });

  it('is gone only after it was missed for five minutes, or where it is said to be cancelled', async () => {
    const stage = new RestStage(() => [{ id: 'e2', status: 'cancelled' }]);
    expect(await stage.look('e1')).toMatchObject({ kind: 'unknown' });
    expect(await stage.look('e1', 5 * MINUTE_MS - 1)).toMatchObject({ kind: 'unknown' });
    expect(await stage.look('e1', 5 * MINUTE_MS)).toEqual({ kind: 'gone' });
    expect(await stage.look('e2')).toEqual({ kind: 'gone' });
    stage.answer = () => [ROW];
    expect(await stage.look('e1', 5 * MINUTE_MS)).toMatchObject({ kind: 'alive' });
  });

  it.each([
    ['a failure', new Response('', { status: 500 })],
    ['a missing room', new Response('', { status: 404 })],
    ['a short list', Response.json({ events: [], count: 4 })],
  ])('is never told by %s', async (_name, answer) => {
    const stage = new RestStage(() => answer.clone());
    expect(await failureOf(stage.look('e1', 10 * MINUTE_MS))).toBeInstanceOf(BridgeError);
  });
});

describe('what a look finds by id', () => {
  const answering = (event: unknown, list: unknown = []): RestStage =>
    new RestStage(({ url }) => {
      const said = url.includes('/events/') ? event : list;
      return said instanceof Response ? said.clone() : said;
    }, BY_ID);
  const missing = new Response('', { status: 404 });

  it.each<[string, unknown]>([
    ['as it is', ROW],
    ['as event', { success: true, event: ROW }],
    ['as data', { data: ROW }],
  ])('is alive: %s', async (_name, event) => {
    expect(await answering(event).look()).toMatchObject({ kind: 'alive', item: { id: 'e1' } });
  });

  it('is gone where it is missing or cancelled, and the room answers', async () => {
    for (const event of [
      missing,
      new Response('', { status: 410 }),
      { ...ROW, status: 'cancelled' },
    ]) {
      expect(await answering(event).look()).toEqual({ kind: 'gone' });
      expect(await answering(event, missing).look()).toMatchObject({ kind: 'unknown' });
      await failureOf(answering(event, new Response('', { status: 500 })).look());
    }
  });

  it('is elsewhere where it is on another room', async () => {
    expect(await answering({ ...ROW, resource_id: '2' }).look()).toEqual({ kind: 'elsewhere' });
  });

  it('is what the list says where neither call nor answer names the room', async () => {
    const roomless = endpoints({ get_event: { url: '/events/{event_id}' } });
    const look = async (list: unknown) =>
      await new RestStage(
        ({ url }) => (url.includes('/base/events/') ? ROW : list),
        roomless,
      ).look();
    expect(await look([ROW])).toMatchObject({ kind: 'alive' });
    expect(await look([])).toEqual({ kind: 'elsewhere' });
  });

  it('is nothing where another event is answered', async () => {
    for (const event of [{ ...ROW, id: 'e9' }, {}, []])
      expect(await failureOf(answering(event).look())).toMatchObject({ kind: 'invalid-response' });
  });
});

describe('the rooms, groups and people of a REST calendar', () => {
  it('are listed with what they are', async () => {
    const stage = new RestStage(() => ({
      resources: [
        {
          id: 1,
          name: 'Salen',
          description: '<p>Stor</p>',
          type: 'room',
          capacity: 80,
          active: true,
        },
        { id: 2, title: 'Projektor', type: 'Equipment', capacity: null },
        { id: 3, name: 'Stengt', active: false },
        { id: '4' },
      ],
    }));
    expect(await stage.bridge.listResources()).toEqual([
      { id: '1', name: 'Salen', description: 'Stor', kind: 'room', capacity: 80 },
      { id: '2', name: 'Projektor', kind: 'equipment' },
      { id: '4', name: '4', kind: 'room' },
    ]);
    stage.answer = () => ({ resources: [{ name: 'Uten id' }] });
    expect(await failureOf(stage.bridge.listResources())).toMatchObject({
      kind: 'invalid-response',
    });
  });

  it('have groups, or none where the address is not there', async () => {
    const stage = new RestStage(() => ({
      groups: [{ id: 7, name: 'Korpset', email: 'k@x.example' }],
    }));
    expect(await stage.bridge.listGroups?.()).toEqual([
      { id: '7', name: 'Korpset', email: 'k@x.example' },
    ]);
    stage.answer = () => new Response('', { status: 404 });
    expect(await stage.bridge.listGroups?.()).toEqual([]);
    stage.answer = () => new Response('', { status: 500 });
    await failureOf(stage.bridge.listGroups?.() ?? Promise.resolve());
  });

  it('have calendars that are only looked at', async () => {
    const stage = new RestStage(() => ({ events: [{ ...ROW, resource_id: 5 }] }));
    const items = await stage.bridge.readUserItems?.('kari', WINDOW, UNBOUNDED);
    expect(items).toMatchObject([{ id: 'e1', rights: 'none', sharedWith: [] }]);
  });

  it('are how health is seen', async () => {
    const stage = new RestStage(() => ({ resources: [] }));
    expect(await stage.bridge.checkHealth()).toMatchObject({
      status: 'healthy',
      detail: 'answers; 0 resources',
    });
    stage.answer = () => new Response('', { status: 401 });
    expect(await stage.bridge.checkHealth()).toMatchObject({
      status: 'unhealthy',
      detail: expect.stringContaining('check the key'),
    });
  });
});
