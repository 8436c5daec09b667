import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import type { ResourceId } from '../../../../shared/model/ids.ts';
import { createOf, ROOM, simple, timed, updateOf, WINDOW } from '../booking/booking-stage.ts';
import { BASE_URL, failureOf, RestStage, ROW } from './rest-stage.ts';

const KARI = {
  owner: { name: 'Kari', email: 'kari@example.org', roles: { owner: true } },
} as const;
const MEETING = timed('2026-10-01T10:00', '2026-10-01T11:00', { participants: KARI });

/** The first request of a call, as it goes out with these settings. */
async function request(
  values: Record<string, string>,
  call: (stage: RestStage) => Promise<unknown>,
): Promise<{ line: string; headers: Headers; body: unknown }> {
  const stage = new RestStage(() => ({ events: [ROW], resources: [], groups: [] }), values);
  await call(stage).catch(() => {});
  const [line = ''] = stage.lines();
  return { line, headers: stage.requests[0]?.headers ?? new Headers(), body: stage.bodies[0] };
}

const read = (stage: RestStage): Promise<unknown> => stage.read();
const create = (stage: RestStage): Promise<unknown> => stage.write(createOf(MEETING));
const endpoints = (overrides: object) => ({ endpoints: JSON.stringify(overrides) });
const mappings = (tables: object) => ({ fieldMappings: JSON.stringify(tables) });

describe('each call of the generic contract', () => {
  it.each<[string, (stage: RestStage) => Promise<unknown>, string]>([
    [
      'a read',
      read,
      'GET /base/api/resources/1/events?start_date=2026-09-13&end_date=2027-04-16&format=json',
    ],
    ['a create', create, 'POST /base/api/resources/1/events'],
    [
      'a cancel',
      (stage) => stage.write(simple('cancel', 'e 1/2')),
      'DELETE /base/api/resources/1/events/e%201%2F2',
    ],
    ['the rooms', (stage) => stage.bridge.listResources(), 'GET /base/api/resources'],
    ['groups', async (stage) => await stage.bridge.listGroups?.(), 'GET /base/api/groups'],
    [
      'a person',
      async (stage) => await stage.bridge.readUserItems?.('kari@x.example', WINDOW, UNBOUNDED),
      'GET /base/api/users/kari%40x.example/events?start_date=2026-09-13&end_date=2027-04-16',
    ],
  ])('goes where it says: %s', async (_name, call, line) => {
    expect((await request({}, call)).line).toBe(line);
  });

  it('says who made an event, and never writes people who would get mail', async () => {
    const { body, headers } = await request({}, create);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual({
      title: 'Formannskapet',
      start_time: '2026-10-01T08:00:00Z',
      end_time: '2026-10-01T09:00:00Z',
      description: 'Sak 1',
      contact_name: 'Kari',
      contact_email: 'kari@example.org',
      source: 'calendar_bridge',
      bridge_import: true,
    });
  });

  it('leaves out what a new event lacks, and an address that is none', async () => {
    const owner = { roles: { owner: true }, email: 'no address' } as const;
    const empty = { ...MEETING, description: '', participants: { owner } };
    const { body } = await request({}, (stage) => stage.write(createOf(empty)));
    expect(Object.keys(body as object).sort()).toEqual([
      'bridge_import',
      'end_time',
      'source',
      'start_time',
      'title',
    ]);
  });

  it('names nothing else than it was given: ids of dots and none at all go nowhere', async () => {
    const stage = new RestStage();
    for (const id of ['..', '.', '']) {
      expect(await stage.write(simple('cancel', id))).toMatchObject({ kind: 'failed' });
      const strange = stage.bridge.readChanges(id as ResourceId, undefined, WINDOW, UNBOUNDED);
      expect(await failureOf(strange)).toMatchObject({ kind: 'rejected' });
    }
    expect(stage.lines().filter((line) => line.startsWith('DELETE'))).toEqual([]);
  });

  it('stays on its host, whatever the address begins with', async () => {
    const stage = new RestStage(
      undefined,
      endpoints({ list_events: { url: '//evil.example/{resource_id}' } }),
    );
    await stage.read();
    expect(stage.requests[0]?.url).toMatch(new RegExp(`^${BASE_URL}//evil`));
  });
});

/** Every key of the settings, what it is changed to, and what of the next call follows it (C14). */
describe('a changed setting is followed by the next call', () => {
  it.each<[string, Record<string, string>, (stage: RestStage) => Promise<unknown>, object]>([
    [
      'baseUrl',
      { baseUrl: 'https://other.example/' },
      read,
      { line: expect.stringMatching(/^GET \/api/) },
    ],
    ['apiKey', { apiKey: 'k2' }, read, { authorization: 'Bearer k2' }],
    [
      'auth type',
      { authType: 'basic', login: 'a', password: 'b' },
      read,
      { authorization: 'Basic YTpi' },
    ],
    ['auth prefix', { authPrefix: 'Token' }, read, { authorization: 'Token secret-key-1' }],
    [
      'auth header',
      { authHeader: 'X-Auth' },
      read,
      { authorization: null, 'x-auth': 'Bearer secret-key-1' },
    ],
    [
      'a method',
      endpoints({ update_event: { method: 'PATCH' } }),
      (stage) => stage.write(updateOf('e1', ['title'], MEETING)),
      { lines: expect.arrayContaining(['PATCH /base/api/resources/1/events/e1']) },
    ],
    [
      'an address',
      endpoints({ list_resources: { url: '/rooms' } }),
      (stage) => stage.bridge.listResources(),
      { line: 'GET /base/rooms' },
    ],
    [
      'parameters',
      endpoints({ list_events: { params: { on: '{start_date}', to: '{end}' } } }),
      read,
      { line: 'GET /base/api/resources/1/events?on=2026-09-13&to=2027-04-16T00:00:00Z' },
    ],
    [
      'a body',
      endpoints({ create_event: { body: { room: { id: '{resource_id}' }, kind: 3 } } }),
      create,
      { body: { room: { id: '1' }, kind: 3 } },
    ],
    [
      'to_booking_system',
      mappings({ to_booking_system: { title: 'what.name', contact_name: null } }),
      create,
      { body: { what: { name: 'Formannskapet' } } },
    ],
    [
      'to_booking_system, the resource',
      mappings({ to_booking_system: { resource_id: 'room' } }),
      create,
      { body: { room: '1' } },
    ],
    [
      'timeFormat',
      { timeFormat: 'local' },
      create,
      { body: { start_time: '2026-10-01T10:00:00' } },
    ],
    [
      'timeFormat',
      { timeFormat: 'offset' },
      create,
      { body: { start_time: '2026-10-01T10:00:00+02:00' } },
    ],
    ['timeFormat', { timeFormat: 'unix' }, create, { body: { start_time: 1_790_841_600 } }],
    ['timeFormat', { timeFormat: 'unix_ms' }, create, { body: { start_time: 1_790_841_600_000 } }],
    [
      'timeZone',
      { timeFormat: 'local', timeZone: 'America/New_York' },
      create,
      { body: { start_time: '2026-10-01T04:00:00' } },
    ],
    ['titleCharsMax', { titleCharsMax: '4' }, create, { body: { title: 'Form' } }],
    ['descriptionCharsMax', { descriptionCharsMax: '3' }, create, { body: { description: 'Sak' } }],
    ['contactNameCharsMax', { contactNameCharsMax: '2' }, create, { body: { contact_name: 'Ka' } }],
  ])('%s: %j', async (_name, values, call, expected) => {
    const stage = new RestStage(() => ({ events: [ROW], resources: [] }), values);
    await call(stage).catch(() => {});
    const headers = stage.requests[0]?.headers;
    const seen = {
      line: stage.lines()[0],
      lines: stage.lines(),
      authorization: headers?.get('authorization'),
      'x-auth': headers?.get('x-auth'),
      body: stage.bodies[0],
    };
    expect(seen).toMatchObject(expected);
  });

  it('a field that is mapped to nothing is not sent', async () => {
    const table = mappings({ to_booking_system: { title: 'name', contact_name: null } });
    const { body } = await request(table, create);
    expect(Object.keys(body as object)).toEqual(expect.arrayContaining(['name', 'contact_email']));
    expect(Object.keys(body as object)).not.toContain('title');
    expect(Object.keys(body as object)).not.toContain('contact_name');
  });

  it.each<[string, Record<string, string>, unknown, string]>([
    [
      'response_data_key',
      { responseDataKey: 'result.rows' },
      { result: { rows: [ROW] } },
      'Formannskapet',
    ],
    [
      'response_data_key of one call',
      endpoints({ list_events: { dataKey: 'found' } }),
      { found: [ROW] },
      'Formannskapet',
    ],
    [
      'from_booking_system',
      mappings({ from_booking_system: { 'what.name': 'title' } }),
      { events: [{ ...ROW, what: { name: 'Annet' } }] },
      'Annet',
    ],
    ['nothing: its own name', {}, { events: [ROW] }, 'Formannskapet'],
    ['nothing: data', {}, { data: [ROW] }, 'Formannskapet'],
    ['nothing: a bare list', {}, [ROW], 'Formannskapet'],
    [
      'nothing: the other names',
      {},
      [{ ...ROW, id: undefined, event_id: 7, title: undefined, name: 'Navn' }],
      'Navn',
    ],
  ])('%s says where the answer has it', async (_name, values, answer, title) => {
    const stage = new RestStage(() => answer, values);
    expect((await stage.read()).map(({ event }) => event.title)).toEqual([title]);
  });

  it.each([
    [{}, ['title', 'slot', 'description', 'contact'], ['title', 'slot', 'description', 'contact']],
    [
      { to_booking_system: { contact_name: null, contact_email: null } },
      ['title', 'slot', 'description', 'contact'],
      ['title', 'slot', 'description'],
    ],
    [
      { from_booking_system: { description: null, contact_name: null, contact_email: null } },
      ['title', 'slot'],
      ['title', 'slot', 'description', 'contact'],
    ],
  ])('mappings %j say what can be read and written', (tables, readable, writable) => {
    const { capabilities } = new RestStage(undefined, mappings(tables)).bridge;
    expect(capabilities).toMatchObject({ readable, writable, suspends: false, lastModified: true });
  });

  it('exclusiveSlots and updated_at say what the system promises', () => {
    const table = mappings({ from_booking_system: { updated_at: null } });
    const { capabilities } = new RestStage(undefined, { ...table, exclusiveSlots: 'false' }).bridge;
    expect(capabilities).toMatchObject({ exclusiveSlots: false, lastModified: false });
  });

  it('another mapping is another mapper, so that both sides are read anew; another key is not', () => {
    const versionOf = (values: Record<string, string>): number =>
      new RestStage(undefined, values).bridge.mapperVersion;
    const first = versionOf({});
    expect(versionOf({ apiKey: 'k2', baseUrl: 'https://other.example' })).toBe(first);
    const remapped = versionOf(mappings({ from_booking_system: { name: 'title' } }));
    expect(new Set([first, remapped, versionOf({ timeFormat: 'unix' })]).size).toBe(3);
  });

  it('an endpoint that is taken out takes its ability along', () => {
    const none = endpoints({ list_groups: null, list_user_events: null });
    const { bridge } = new RestStage(undefined, none);
    expect([bridge.listGroups, bridge.readUserItems]).toEqual([undefined, undefined]);
  });
});

describe('every call', () => {
  it('asks its context first, and is not made where that refuses', async () => {
    const stage = new RestStage();
    const stop = new Error('the lease is lost');
    const context = { beforeCall: () => Promise.reject(stop) };
    await expect(stage.bridge.readChanges(ROOM, undefined, WINDOW, context)).rejects.toBe(stop);
    expect(stage.requests).toEqual([]);
  });

  it('holds no secret and nothing that people wrote in its error', async () => {
    for (const status of [400, 401, 403, 409, 500]) {
      const body = { error: 'secret-key-1: start_time of "Hemmelig møte"', details: {} };
      const stage = new RestStage(() => Response.json(body, { status }));
      const outcome = await stage.write(createOf(MEETING));
      expect(JSON.stringify(outcome)).not.toMatch(/secret|Hemmelig/);
    }
  });

  it('names the members that were refused', async () => {
    const body = { error: 'validation', details: { start_time: '"Hemmelig møte" is no time' } };
    const stage = new RestStage(() => Response.json(body, { status: 400 }));
    const outcome = await stage.write(createOf(MEETING));
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { message: expect.stringMatching(/because of: start_time$/) },
    });
  });

  it.each([401, 403])(
    'is kept back for a minute after a refusal (%i), so that no account is locked',
    async (status) => {
      const stage = new RestStage(() => new Response('', { status }));
      expect(await failureOf(stage.read())).toMatchObject({ kind: 'auth-rejected', status });
      expect(await failureOf(stage.read())).toMatchObject({ kind: 'auth-rejected' });
      expect(stage.requests).toHaveLength(1);
      stage.clock.advance(60_000);
      stage.answer = () => ({ events: [ROW] });
      expect(await stage.read()).toHaveLength(1);
    },
  );

  it.each([
    ['30', 30_000],
    ['Tue, 15 Sep 2026 08:00:30 GMT', 30_000],
  ])('waits as long as it was asked to (Retry-After %s)', async (header, waitMs) => {
    const stage = new RestStage(
      () => new Response('', { status: 429, headers: { 'retry-after': header } }),
    );
    expect(await failureOf(stage.read())).toMatchObject({
      kind: 'throttled',
      retryAfterMs: waitMs,
    });
    stage.clock.advance(waitMs - 1000);
    expect(await failureOf(stage.read())).toMatchObject({ kind: 'throttled', retryAfterMs: 1000 });
    expect(stage.requests).toHaveLength(1);
    stage.clock.advance(1000);
    stage.answer = () => [];
    expect(await stage.read()).toEqual([]);
  });

  it('is one of at most four at once', async () => {
    const waiting: (() => void)[] = [];
    const progress = { underWay: 0, most: 0, isDone: false };
    const stage = new RestStage(async () => {
      progress.underWay += 1;
      progress.most = Math.max(progress.most, progress.underWay);
      await new Promise<void>((resolve) => waiting.push(resolve));
      progress.underWay -= 1;
      return [];
    });
    const calls = Promise.all(Array.from({ length: 9 }, () => stage.read())).finally(() => {
      progress.isDone = true;
    });
    while (!progress.isDone) {
      for (const resolve of waiting.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await calls).toHaveLength(9);
    expect(progress.most).toBe(4);
  });
});
