import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import type { ExternalId, ResourceId } from '../../../../shared/model/ids.ts';
import type { Candidate } from '../../../../shared/bridges/bridge.ts';
import type { Verdict } from '../../../../shared/model/snapshot.ts';
import { DAY_MS, MINUTE_MS } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { at, OTHER_ROOM, ROOM, Stage, WINDOW } from './booking-stage.ts';

const EVENT = {
  id: 12,
  name: 'Møte',
  from_: '2026-10-01 10:00',
  to_: '2026-10-01 11:00',
  resources: [1],
  description: 'Hemmelig sak',
  contact_name: 'Kari',
  contact_email: 'kari@example.org',
};
const BOOKING = {
  id: 7,
  group_name: 'Korpset',
  from_: '2026-10-02 18:00',
  to_: '2026-10-02 20:00',
  resources: [1],
};
const ALLOCATION = {
  id: 3,
  organization_name: 'Idrettslaget',
  from_: '2026-10-03 18:00',
  to_: '2026-10-03 20:00',
  resources: [1],
};
const SEED = { events: [EVENT], bookings: [BOOKING], allocations: [ALLOCATION] };

async function confirm(stage: Stage, ...candidates: Candidate[]): Promise<readonly Verdict[]> {
  return await stage.bridge.confirmGone(ROOM, candidates, WINDOW, UNBOUNDED);
}

function candidate(id: string, more: Omit<Candidate, 'id'> = {}): Candidate {
  return { id: id as ExternalId, ...more };
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return await call.catch((error: unknown) => error);
}

describe('a read of a room', () => {
  it('shows every kind of row in one request, with the rights there are', async () => {
    const stage = new Stage(SEED);
    const items = await stage.read();
    expect(items.map(({ id, rights, event }) => [id, rights, event.title])).toEqual([
      ['allocation:3', 'none', 'Idrettslaget'],
      ['booking:7', 'none', 'Korpset'],
      ['event:12', 'full', 'Møte'],
    ]);
    expect(stage.requests()).toEqual(['GET /booking/resources/1/schedule']);
    expect(stage.allRequests()).toHaveLength(2);
  });

  it('does not know what a private event hides, but a read by id does', async () => {
    const stage = new Stage(SEED);
    const listed = (await stage.read()).find(({ id }) => id === 'event:12');
    expect(listed?.shown).toEqual(['title', 'slot']);
    expect(listed?.sharedWith).toBeUndefined();
    const item = await stage.item('event:12');
    expect(item.shown).toEqual(['title', 'slot', 'description', 'contact']);
    expect(item.event.description).toBe('Hemmelig sak');
    expect(item.sharedWith).toEqual([]);
  });

  it('keeps to the window, though whole days are asked for', async () => {
    const rows = [
      { ...EVENT, id: 1, to_: '2026-10-01 10:30', from_: '2026-10-01 10:00' },
      { ...EVENT, id: 2, from_: '2026-10-01 10:30', to_: '2026-10-01 11:00' },
      { ...EVENT, id: 3, from_: '2026-10-01 11:00', to_: '2026-10-01 12:00' },
      { ...EVENT, id: 4, from_: '2026-10-01 12:00', to_: '2026-10-01 13:00' },
    ];
    const stage = new Stage({ events: rows });
    const window = {
      version: 1,
      start: at('2026-10-01T08:30:00Z'),
      end: at('2026-10-01T10:00:00Z'),
    };
    expect((await stage.read(window)).map(({ id }) => id)).toEqual(['event:2', 'event:3']);
  });

  it.each(['2026-10-25', '2027-03-28'])(
    'finds all of %s, the night the clock is changed',
    async (day) => {
      const stage = new Stage({
        events: [
          { ...EVENT, id: 1, from_: `${day} 00:00`, to_: `${day} 00:30` },
          { ...EVENT, id: 2, from_: `${day} 23:30`, to_: `${day} 23:59` },
        ],
      });
      const isAutumn = day === '2026-10-25';
      const window = {
        version: 1,
        start: at(`${day}T00:00:00${isAutumn ? '+02:00' : '+01:00'}`),
        end: at(`${day}T23:59:00${isAutumn ? '+01:00' : '+02:00'}`),
      };
      expect((await stage.read(window)).map(({ id }) => id)).toEqual(['event:1', 'event:2']);
    },
  );
});

describe('a read of a room that goes wrong', () => {
  it('is not an empty one where the room is not there', async () => {
    const stage = new Stage(SEED);
    for (const room of ['99', 'council@example.org'])
      expect(await failure(stage.read(WINDOW, room as ResourceId))).toMatchObject({
        name: 'BridgeError',
        kind: 'not-found',
      });
  });

  it.each([
    ['a web page', '<html>Login</html>', 'a web page'],
    ['JSON that is cut off', '[{"type":"event"', 'cut off'],
    ['an object', { error: 'no' }, 'body: '],
    ['a row of no known kind', [{ ...EVENT, type: 'party' }], '0.type: '],
    ['a row without an end', [{ type: 'event', id: 1, from_: '2026-10-01 10:00' }], '0.to_: '],
    ['a name that is no text', [{ type: 'event', ...EVENT, name: 5 }], '0.name: '],
  ])('names the member where it is answered with %s', async (_name, body, what) => {
    const stage = new Stage(SEED);
    stage.fail({ match: { path: '/schedule' }, body });
    const error = await failure(stage.read());
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ kind: 'invalid-response' });
    expect(String(error)).toContain(what);
  });

  it('is made again in a new session where the old one lapsed', async () => {
    const stage = new Stage(SEED);
    await stage.read();
    await stage.control('lapse-sessions', {});
    expect(await stage.read()).toHaveLength(3);
    expect(stage.allRequests().filter((request) => request === 'POST /login')).toHaveLength(2);
  });
});

describe('a look at one item', () => {
  it('costs one request for an event', async () => {
    const stage = new Stage(SEED);
    expect(await stage.look('event:12')).toMatchObject({ kind: 'alive' });
    expect(stage.requests()).toEqual(['GET /booking/events/12']);
  });

  it('gives an allocation its name, which only the schedule shows', async () => {
    const stage = new Stage(SEED);
    expect(await stage.look('allocation:3')).toMatchObject({
      kind: 'alive',
      item: { event: { title: 'Idrettslaget' }, rights: 'none' },
    });
    expect(stage.requests()).toEqual([
      'GET /booking/allocations/3',
      'GET /booking/resources/1/schedule',
    ]);
  });

  it('finds a booking in the schedule, and says nothing where it is not there', async () => {
    const stage = new Stage(SEED);
    expect(await stage.look('booking:7')).toMatchObject({
      kind: 'alive',
      item: { id: 'booking:7' },
    });
    expect(await stage.look('booking:8')).toMatchObject({ kind: 'unknown' });
    expect(await stage.look('AAMk=')).toMatchObject({ kind: 'unknown' });
  });

  it('answers many in the order asked, with one schedule for all that need it', async () => {
    const stage = new Stage(SEED);
    const ids = ['booking:7', 'event:99', 'allocation:3', 'event:12', 'booking:8', 'event:98'];
    const verdicts = await stage.bridge.readItems(ROOM, ids as ExternalId[], UNBOUNDED);
    expect(verdicts.map(({ kind }) => kind)).toEqual([
      'alive',
      'gone',
      'alive',
      'alive',
      'unknown',
      'gone',
    ]);
    // The second schedule asks whether the room itself answers, once for both of the missing.
    const schedules = stage.requests().filter((request) => request.endsWith('/schedule'));
    expect(schedules).toHaveLength(2);
    expect(stage.requests()).toHaveLength(6);
  });
});

describe('what a look at one item finds', () => {
  it('is gone, where the event is inactive or deleted', async () => {
    const stage = new Stage({ events: [EVENT, { ...EVENT, id: 13, active: 0 }] });
    expect(await stage.look('event:13')).toEqual({ kind: 'gone' });
    await stage.person('DELETE', 'events/12');
    expect(await stage.look('event:12')).toEqual({ kind: 'gone' });
  });

  it('is nothing, where it is not found once, and the schedule shows it', async () => {
    const stage = new Stage(SEED);
    stage.fail({ match: { path: '/booking/events/' }, status: 404, body: {} });
    expect(await stage.look('event:12')).toMatchObject({ kind: 'unknown' });
    expect(await stage.look('event:12')).toMatchObject({ kind: 'alive' });
  });

  it('is nothing, while the room itself is missing', async () => {
    const stage = new Stage(SEED);
    expect(await stage.look('event:99', '98' as ResourceId)).toMatchObject({ kind: 'unknown' });
  });

  it('is elsewhere, where it is on another room', async () => {
    const stage = new Stage(SEED);
    await stage.person('PUT', 'events/12', { resources: [2] });
    expect(await stage.look('event:12')).toEqual({ kind: 'elsewhere' });
    expect(await stage.look('event:12', OTHER_ROOM)).toMatchObject({ kind: 'alive' });
  });

  it('is what the schedule says, where the event names no rooms', async () => {
    const stage = new Stage(SEED);
    const nameless = {
      id: 12,
      active: true,
      name: 'Møte',
      description: 'Sak',
      from_: '2026-10-01T10:00:00+02:00',
      to_: '2026-10-01T11:00:00+02:00',
    };
    stage.fail({ match: { path: '/booking/events/12' }, times: 2, body: nameless });
    expect(await stage.look('event:12')).toMatchObject({
      kind: 'alive',
      item: { event: { description: 'Sak' } },
    });
    expect(await stage.look('event:12', OTHER_ROOM)).toEqual({ kind: 'elsewhere' });
  });

  it('is never told by a failure', async () => {
    const stage = new Stage(SEED);
    for (const status of [500, 403]) {
      stage.fail({ match: { path: '/booking/events/99' }, status });
      expect(await failure(stage.look('event:99'))).toBeInstanceOf(BridgeError);
    }
    stage.fail({ match: { path: '/schedule' }, status: 500 });
    expect(await failure(stage.look('event:99'))).toMatchObject({ kind: 'unavailable' });
  });

  it('ends with the first failure, and no further request is begun', async () => {
    const stage = new Stage(SEED);
    await stage.read();
    stage.forgetRequests();
    stage.fail({ match: { path: '/booking/events' }, times: 100, status: 500 });
    const ids = Array.from({ length: 20 }, (_, n) => `event:${n + 1}` as ExternalId);
    await failure(stage.bridge.readItems(ROOM, ids, UNBOUNDED));
    expect(stage.requests()).toHaveLength(4);
  });
});

describe('confirming that a booking is gone', () => {
  const now = at('2026-09-15T08:00:00Z');
  const ago = (ms: number): Instant => (now - ms) as Instant;

  it('says nothing before it was missed for five minutes, and asks nobody', async () => {
    const stage = new Stage(SEED);
    const verdicts = await confirm(
      stage,
      candidate('booking:8'),
      candidate('booking:8', { missingSince: ago(5 * MINUTE_MS - 1) }),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
    expect(stage.allRequests()).toEqual([]);
  });

  it('looks thirty days back and four hundred ahead, in one request for all', async () => {
    const stage = new Stage(SEED);
    const missingSince = ago(5 * MINUTE_MS);
    const verdicts = await confirm(
      stage,
      candidate('booking:8', { missingSince }),
      candidate('booking:7', { missingSince }),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['gone', 'alive']);
    const [, request] = stage.system.log.since(-Infinity).requests;
    expect(request?.path).toContain('start_date=2026-08-16&end_date=2027-10-20');
    expect(stage.requests()).toHaveLength(1);
  });

  it('takes one that was moved out of the window for alive', async () => {
    const stage = new Stage(SEED);
    const far = new Date(now + 390 * DAY_MS).toISOString().slice(0, 10);
    await stage.person('PUT', 'bookings/7', { from_: `${far} 10:00`, to_: `${far} 11:00` });
    expect((await stage.read()).map(({ id }) => id)).not.toContain('booking:7');
    const missingSince = ago(10 * MINUTE_MS);
    expect(await confirm(stage, candidate('booking:7', { missingSince }))).toMatchObject([
      { kind: 'alive', item: { id: 'booking:7' } },
    ]);
  });
});

describe('confirming that an allocation is elsewhere', () => {
  it('takes a schedule that shows something: `[]` for every room has moved nothing', async () => {
    const stage = new Stage(SEED);
    const missingSince = (at('2026-09-15T08:00:00Z') - 10 * MINUTE_MS) as Instant;
    const missed = candidate(`allocation:${ALLOCATION.id}`, { missingSince });
    stage.fail({ match: { path: '/schedule' }, times: 1, status: 200, body: [] });
    expect(await confirm(stage, missed)).toMatchObject([
      { kind: 'unknown', reason: 'it is there, and the schedule shows nothing at all' },
    ]);
    expect(await confirm(stage, missed)).toMatchObject([{ kind: 'alive' }]);
  });
});

describe('confirming that an event is gone', () => {
  it('needs no wait, since it can be read by id', async () => {
    const stage = new Stage({ events: [{ ...EVENT, active: 0 }] });
    expect(await confirm(stage, candidate('event:12'))).toEqual([{ kind: 'gone' }]);
  });

  it('takes what we suspended for alive', async () => {
    const stage = new Stage({ events: [{ ...EVENT, active: 0 }] });
    expect(await confirm(stage, candidate('event:12', { suspended: true }))).toMatchObject([
      { kind: 'alive', item: { suspended: true, event: { title: 'Møte' } } },
    ]);
  });

  it('takes what we suspended and somebody deleted for gone', async () => {
    const stage = new Stage(SEED);
    await stage.person('DELETE', 'events/12');
    expect(await confirm(stage, candidate('event:12', { suspended: true }))).toEqual([
      { kind: 'gone' },
    ]);
  });
});

describe('the rooms', () => {
  it('are all listed, once each, hidden and inactive ones left out', async () => {
    const rooms = Array.from({ length: 20 }, (_, n) => ({
      id: n + 1,
      name: `Rom ${n + 1}`,
      building_id: 1,
    }));
    const stage = new Stage({
      resources: [
        ...rooms,
        { id: 30, name: 'Skjult', building_id: 1, hidden: 1 },
        { id: 31, name: 'Nedlagt', building_id: 1, active: 0 },
      ],
    });
    const listed = await stage.bridge.listResources();
    expect(listed.map(({ id }) => Number(id))).toEqual(rooms.map(({ id }) => id));
    expect(stage.requests()).toEqual(['GET /booking/resources']);
  });

  it('tell what they are', async () => {
    const description_json = { en: '<p>Hall</p>', no: '<p>Sal &amp; kjøkken</p>' };
    const stage = new Stage({
      resources: [{ id: 1, name: 'Salen', building_id: 1, capacity: 80, description_json }],
    });
    expect(await stage.bridge.listResources()).toEqual([
      { id: '1', name: 'Salen', kind: 'room', capacity: 80, description: 'Sal & kjøkken' },
    ]);
  });

  it('in two buildings come once', async () => {
    const stage = new Stage();
    const room = { id: 1, name: 'Salen', description_json: [] };
    stage.fail({ match: { path: '/booking/resources' }, body: { results: [room, room] } });
    expect(await stage.bridge.listResources()).toHaveLength(1);
  });
});

describe('health', () => {
  it('is a sign-in and one call', async () => {
    const stage = new Stage();
    expect(await stage.bridge.checkHealth()).toEqual({
      status: 'healthy',
      detail: 'signed in; 2 resources',
      responseMs: 0,
    });
    expect(stage.allRequests()).toEqual(['POST /login', 'GET /booking/resources']);
  });

  it('names the next step where the account is wrong', async () => {
    const stage = new Stage({}, { password: 'wrong horse' });
    const { status, detail } = await stage.bridge.checkHealth();
    expect(status).toBe('unhealthy');
    expect(detail).toMatch(/check login, password, domain/);
    expect(detail).not.toContain('horse');
  });

  it('is degraded while the system asks to wait', async () => {
    const stage = new Stage();
    stage.fail({ match: { path: '/booking' }, status: 429, headers: { 'retry-after': '5' } });
    expect(await stage.bridge.checkHealth()).toMatchObject({ status: 'degraded' });
  });
});
