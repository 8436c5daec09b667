import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  IMMUTABLE,
  items,
  makeGraph,
  PROPERTY,
  ROOM,
  SMALL_ROOM,
  type Answer,
  type Item,
  type TestGraph,
} from './support.ts';

const WINDOW = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
const FIRST = `/users/${ROOM}/calendarView/delta?${WINDOW}`;

interface Round {
  pages: Item[][];
  /** The last state of each item of the round. */
  items: Map<string, Item>;
  deltaLink: string;
}

/** Pages to the deltaLink. */
async function round(graph: TestGraph, from: string, prefer = ''): Promise<Round> {
  const headers = { prefer: `IdType="ImmutableId"${prefer === '' ? '' : `, ${prefer}`}` };
  const pages: Item[][] = [];
  const last = new Map<string, Item>();
  let link = from;
  for (let page = 0; page < 100; page += 1) {
    const answer: Answer = await graph.call('GET', link, { headers });
    expect(answer.status).toBe(200);
    pages.push(items(answer));
    for (const item of items(answer)) last.set(item.id, item);
    const deltaLink = answer.body['@odata.deltaLink'];
    if (typeof deltaLink === 'string') return { pages, items: last, deltaLink };
    link = String(answer.body['@odata.nextLink']);
  }
  throw new Error('the round does not end');
}

const REMOVED = { '@removed': { reason: 'deleted' } };

describe('calendarView/delta', () => {
  it('gives the events of the window whole, and nothing in the next round', async () => {
    const graph = await makeGraph();
    const inside = await graph.create(
      { transactionId: 'T', singleValueExtendedProperties: [{ id: PROPERTY, value: 'x' }] },
      ROOM,
      IMMUTABLE,
    );
    await graph.create({ start: at('2027-02-01T10:00:00'), end: at('2027-02-01T11:00:00') });
    await graph.create({}, SMALL_ROOM);
    const first = await round(graph, FIRST);
    expect([...first.items.keys()]).toEqual([inside.id]);
    const { '@odata.context': _context, ...event } = inside;
    expect(first.items.get(inside.id)).toEqual({
      '@odata.type': '#microsoft.graph.event',
      ...event,
    });
    expect(first.items.get(inside.id)).not.toHaveProperty('singleValueExtendedProperties');
    const second = await round(graph, first.deltaLink);
    expect(second.pages).toEqual([[]]);
  });

  it('holds the half-open window: what ends at its start or begins at its end is outside', async () => {
    const graph = await makeGraph();
    await graph.create({ start: at('2026-11-30T23:00:00'), end: at('2026-12-01T00:00:00') });
    await graph.create({ start: at('2027-01-01T00:00:00'), end: at('2027-01-01T01:00:00') });
    const across = await graph.create(
      { start: at('2026-12-31T23:00:00'), end: at('2027-01-01T01:00:00') },
      ROOM,
      IMMUTABLE,
    );
    expect([...(await round(graph, FIRST)).items.keys()]).toEqual([across.id]);
  });

  it('tells changed and deleted events once', async () => {
    const graph = await makeGraph();
    const kept = await graph.create({}, ROOM, IMMUTABLE);
    const gone = await graph.create({}, ROOM, IMMUTABLE);
    const { deltaLink } = await round(graph, FIRST);
    await graph.call('PATCH', eventPath(kept.id), { body: { subject: 'Changed' } });
    await graph.call('DELETE', eventPath(gone.id));
    const next = await round(graph, deltaLink);
    expect(next.items.get(kept.id)).toMatchObject({ subject: 'Changed' });
    expect(next.items.get(gone.id)).toEqual({
      '@odata.type': '#microsoft.graph.event',
      id: gone.id,
      ...REMOVED,
    });
    expect(next.items.size).toBe(2);
    expect((await round(graph, next.deltaLink)).pages).toEqual([[]]);
  });

  it('tells events outside the window that were made, changed or deleted since as removed', async () => {
    const graph = await makeGraph();
    const outside = { start: at('2027-03-01T10:00:00'), end: at('2027-03-01T11:00:00') };
    const changed = await graph.create(outside, ROOM, IMMUTABLE);
    const deleted = await graph.create(outside, ROOM, IMMUTABLE);
    const moved = await graph.create({}, ROOM, IMMUTABLE);
    const { deltaLink, items: first } = await round(graph, FIRST);
    expect([...first.keys()]).toEqual([moved.id]);
    await graph.call('PATCH', eventPath(changed.id), { body: { subject: 'x' } });
    await graph.call('DELETE', eventPath(deleted.id));
    await graph.call('PATCH', eventPath(moved.id), { body: outside });
    const made = await graph.create(outside, ROOM, IMMUTABLE);
    const next = await round(graph, deltaLink);
    expect([...next.items.keys()].toSorted()).toEqual(
      [changed.id, deleted.id, moved.id, made.id].toSorted(),
    );
    for (const item of next.items.values()) expect(item).toMatchObject(REMOVED);
  });

  it('pages by odata.maxpagesize with an empty page and repeats in mid-round, and loses nothing', async () => {
    const graph = await makeGraph();
    const made = [];
    for (let n = 0; n < 23; n += 1) made.push((await graph.create({}, ROOM, IMMUTABLE)).id);
    const { pages, items: got } = await round(graph, FIRST, 'odata.maxpagesize=4');
    expect([...got.keys()].toSorted()).toEqual(made.toSorted());
    expect(pages[1]).toEqual([]);
    expect(pages.every((page) => page.length <= 5)).toBe(true);
    expect(pages.flat().length).toBeGreaterThan(23);
  });

  it('uses pages of ten where no size is preferred, and one page for what fits', async () => {
    const graph = await makeGraph();
    for (let n = 0; n < 10; n += 1) await graph.create();
    expect((await round(graph, FIRST)).pages).toHaveLength(1);
    await graph.create();
    expect((await round(graph, FIRST)).pages.map((page) => page.length)).toEqual([10, 0, 2]);
  });

  it('tells at the end of a round what changed while the client was paging', async () => {
    const graph = await makeGraph();
    const ids = [];
    for (let n = 0; n < 6; n += 1) ids.push((await graph.create({}, ROOM, IMMUTABLE)).id);
    const headers = { prefer: 'IdType="ImmutableId", odata.maxpagesize=2' };
    const first = await graph.call('GET', FIRST, { headers });
    const [told, untold] = [String(ids[0]), String(ids[5])];
    await graph.call('PATCH', eventPath(told), { body: { subject: 'Later' } });
    await graph.call('DELETE', eventPath(untold));
    const rest = await round(graph, String(first.body['@odata.nextLink']), 'odata.maxpagesize=2');
    expect(rest.items.get(told)).toMatchObject({ subject: 'Later' });
    expect(rest.items.get(untold)).toMatchObject(REMOVED);
    expect((await round(graph, rest.deltaLink)).pages).toEqual([[]]);
  });

  it('keeps the window of the first call whatever a later call says', async () => {
    const graph = await makeGraph();
    const { deltaLink } = await round(graph, FIRST);
    const made = await graph.create(
      { start: at('2027-03-01T10:00:00'), end: at('2027-03-01T11:00:00') },
      ROOM,
      IMMUTABLE,
    );
    const wider = `${deltaLink}&startDateTime=2026-01-01&endDateTime=2028-01-01`;
    expect((await round(graph, wider)).items.get(made.id)).toMatchObject(REMOVED);
  });

  it.each([
    '$select=subject',
    "$filter=subject%20eq%20'x'",
    '$expand=x',
    '$orderby=start/dateTime',
    '$search=x',
    '$top=5',
  ])('refuses %s', async (option) => {
    const graph = await makeGraph();
    const answer = await graph.call('GET', `${FIRST}&${option}`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)['message']).toContain(option.split('=')[0]);
  });

  it('needs a window that is one', async () => {
    const graph = await makeGraph();
    for (const query of [
      '',
      '?startDateTime=2026-12-01T00:00:00Z',
      '?startDateTime=x&endDateTime=y',
      '?startDateTime=2026-12-02&endDateTime=2026-12-01',
    ]) {
      const answer = await graph.call('GET', `/users/${ROOM}/calendarView/delta${query}`);
      expect(answer.status).toBe(400);
    }
  });

  it('answers 410 to tokens that are expired, unknown or of another mailbox', async () => {
    const graph = await makeGraph();
    const { deltaLink } = await round(graph, FIRST);
    const links = [
      `/users/${ROOM}/calendarView/delta?$deltatoken=unknown`,
      deltaLink.replace('$deltatoken=', '$deltatoken=A'),
      deltaLink.replace(ROOM, SMALL_ROOM),
    ];
    for (const link of links) {
      const answer = await graph.call('GET', link);
      expect(answer.status).toBe(410);
      expect(errorOf(answer)['code']).toBe('SyncStateNotFound');
    }
    expect((await graph.control('POST', '/expire-delta', { mailbox: SMALL_ROOM })).status).toBe(
      204,
    );
    expect((await graph.call('GET', deltaLink)).status).toBe(200);
    expect((await graph.control('POST', '/expire-delta', { mailbox: ROOM })).status).toBe(204);
    expect((await graph.call('GET', deltaLink)).status).toBe(410);
    expect((await round(graph, FIRST)).pages).toEqual([[]]);
  });

  it('links to the same path on the origin it was asked on', async () => {
    const graph = await makeGraph();
    const { deltaLink } = await round(graph, FIRST);
    expect(deltaLink).toMatch(
      /^http:\/\/graph\.test\/v1\.0\/users\/council@a\.example\/calendarView\/delta\?\$deltatoken=[\w-]+$/,
    );
  });

  it('gives a series as its master and bare occurrences, all on one page', async () => {
    const graph = await makeGraph();
    const master = await graph.create(
      {
        recurrence: {
          pattern: { type: 'daily', interval: 1 },
          range: { type: 'numbered', startDate: '2026-12-03', numberOfOccurrences: 3 },
        },
      },
      ROOM,
      IMMUTABLE,
    );
    const first = await round(graph, FIRST, 'odata.maxpagesize=1');
    expect(first.pages).toHaveLength(1);
    const [whole, ...occurrences] = first.pages[0] ?? [];
    expect(whole).toMatchObject({ id: master.id, type: 'seriesMaster', subject: 'Meeting' });
    expect(occurrences).toHaveLength(3);
    for (const occurrence of occurrences) {
      expect(Object.keys(occurrence).toSorted()).toEqual(
        ['@odata.etag', '@odata.type', 'end', 'id', 'seriesMasterId', 'start', 'type'].toSorted(),
      );
      expect(occurrence).toMatchObject({ type: 'occurrence', seriesMasterId: master.id });
    }
    await graph.call('DELETE', eventPath(master.id));
    const next = await round(graph, first.deltaLink);
    expect([...next.items]).toEqual([[master.id, expect.objectContaining(REMOVED)]]);
  });
});
