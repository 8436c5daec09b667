import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import { allDayTimes } from '../../../shared/model/event.ts';
import type { EventContent } from '../../../shared/model/fields.ts';
import type { ResourceId } from '../../../shared/model/ids.ts';
import type { Window } from '../../../shared/model/snapshot.ts';
import type { Duration, LocalDate, LocalDateTime, TimeZoneId } from '../../../shared/model/time.ts';
import { A, BOOKING, KEY_A, makeWorld, OUTLOOK, type World } from './fixture.ts';

const ROOM = `${A}-room1` as ResourceId;
const ITEMS = `/bridges/outlook/resources/${ROOM}/calendar-items`;

function bridgeOf(world: World, key: string): NonNullable<ReturnType<World['bridges']['get']>> {
  const bridge = world.bridges.get(`${A}/${key}`);
  if (bridge === undefined) throw new Error(`no bridge ${key}`);
  return bridge;
}

function meeting(start: string, changes: Partial<EventContent> = {}): EventContent {
  return {
    title: 'Council meeting',
    description: 'Agenda',
    start: start as LocalDateTime,
    timeZone: 'Europe/Oslo' as TimeZoneId,
    duration: 'PT1H' as Duration,
    showWithoutTime: false,
    freeBusyStatus: 'busy',
    participants: { p: { name: 'Kari', email: 'kari@a.example', roles: { owner: true } } },
    ...changes,
  };
}

interface Item {
  readonly id: string;
  readonly subject: string | null;
  readonly start: string;
}

async function itemsOf(world: World, query = '', path = ITEMS): Promise<readonly Item[]> {
  const { body } = await world.call('GET', `${path}${query}`, { key: KEY_A });
  return body['calendar_items'] as Item[];
}

describe('available resources', () => {
  it.each([
    ['', ['1', '2', '3']],
    ['?query=room', ['1', '2', '3']],
    ['?query=ROOM%202', ['2']],
    ['?query=3', ['3']],
    ['?query=nothing', []],
    ['?query=hall@', ['2']],
  ])('are searched by name, address and id: %s', async (query, expected) => {
    const world = await makeWorld();
    const bridge = bridgeOf(world, BOOKING);
    const all = await bridge.listResources();
    bridge.listResources = async () =>
      all.map((room) => (room.id === '2' ? { ...room, email: 'Hall@a.example' } : room));
    const { body } = await world.call('GET', `/bridges/booking/available-resources${query}`, {
      key: KEY_A,
    });
    expect((body['resources'] as Item[]).map(({ id }) => id)).toEqual(expected);
    expect(body).toMatchObject({ bridge: 'booking_system', count: expected.length, next: null });
  });

  it('come in pages', async () => {
    const world = await makeWorld();
    const path = '/bridges/outlook/available-resources?query=room&limit=2';
    const first = await world.call('GET', path, { key: KEY_A });
    expect(first.body).toMatchObject({ count: 2, next: expect.any(String) });
    const rest = await world.call('GET', `${path}&cursor=${String(first.body['next'])}`, {
      key: KEY_A,
    });
    expect((rest.body['resources'] as Item[]).map(({ id }) => id)).toEqual([`${A}-room3`]);
  });

  it('are the same under the earlier name of Outlook’s rooms', async () => {
    const world = await makeWorld();
    const [now, before] = await Promise.all(
      ['/bridges/outlook/available-resources', '/outlook/available-rooms'].map((path) =>
        world.call('GET', `${path}?query=room2`, { key: KEY_A }),
      ),
    );
    expect(before?.body).toEqual(now?.body);
    expect(before?.headers.get('link')).toBe(
      `</tenants/${A}/bridges/outlook/available-resources>; rel="successor-version"`,
    );
  });
});

describe('available groups', () => {
  it('are listed and searched where the system has groups', async () => {
    const world = await makeWorld();
    Object.assign(bridgeOf(world, OUTLOOK), {
      listGroups: async () => [
        { id: 'g2', name: 'Schools', email: 'schools@a.example' },
        { id: 'g1', name: 'Town hall' },
      ],
    });
    const { body } = await world.call('GET', '/outlook/available-groups?query=SCHOOL', {
      key: KEY_A,
    });
    expect(body).toMatchObject({
      bridge: 'outlook',
      groups: [{ id: 'g2', name: 'Schools', email: 'schools@a.example', bridge_type: 'memory' }],
      count: 1,
    });
  });

  it('are not there where it has none, which is said', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', '/bridges/booking/available-groups', {
      key: KEY_A,
    });
    expect(status).toBe(404);
    expect(body['detail']).toBe('the bridge booking_system has no groups');
  });
});

describe('the calendar items of a resource', () => {
  it('are shown as they are, by their start', async () => {
    const world = await makeWorld();
    const { calendar } = bridgeOf(world, OUTLOOK);
    const later = calendar.create(ROOM, meeting('2026-03-05T10:00:00'));
    const days = allDayTimes('2026-03-03' as LocalDate, 2);
    const first = calendar.create(ROOM, meeting('2026-03-03T00:00:00', days));
    const { status, body } = await world.call('GET', ITEMS, { key: KEY_A });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      bridge: 'outlook',
      resource_id: ROOM,
      // From midnight in Oslo for 30 days.
      start_date: '2026-03-01T23:00:00Z',
      end_date: '2026-03-31T23:00:00Z',
      count: 2,
      next: null,
    });
    expect(body['calendar_items']).toEqual([
      {
        id: first.id,
        subject: 'Council meeting',
        description: 'Agenda',
        start: '2026-03-03',
        end: '2026-03-05',
        all_day: true,
        timezone: null,
        organizer: { name: 'Kari', email: 'kari@a.example' },
        status: 'confirmed',
        show_as: 'busy',
        is_private: false,
        not_copied_because: null,
        last_modified: '2026-03-02T09:00:00Z',
        bridge_type: 'memory',
      },
      expect.objectContaining({
        id: later.id,
        start: '2026-03-05T09:00:00Z',
        end: '2026-03-05T10:00:00Z',
        all_day: false,
        timezone: 'Europe/Oslo',
      }),
    ]);
  });

  it('show the slot of a private event and nothing else, whatever the system shows', async () => {
    const world = await makeWorld();
    const { calendar } = bridgeOf(world, OUTLOOK);
    for (const privacy of ['private', 'secret'] as const) {
      const item = calendar.create(ROOM, meeting('2026-03-05T10:00:00'));
      calendar.edit(item.id, { privacy, title: 'Layoffs', description: 'hunter2' });
    }
    const { body } = await world.call('GET', ITEMS, { key: KEY_A });
    expect(body['calendar_items']).toHaveLength(2);
    expect(body['calendar_items']).toMatchObject([
      { subject: 'Opptatt', description: null, organizer: null, is_private: true },
      { subject: 'Opptatt', description: null, organizer: null, is_private: true },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/Layoffs|hunter2|kari/i);
  });

  it('leave out the masters of series, and say why an item is not copied', async () => {
    const world = await makeWorld();
    const { calendar } = bridgeOf(world, OUTLOOK);
    calendar.create(ROOM, meeting('2026-03-05T10:00:00'), { unsupported: 'series' });
    calendar.create(ROOM, meeting('2026-03-05T10:00:00'), { unsupported: 'free' });
    expect(await itemsOf(world)).toMatchObject([{ not_copied_because: 'free' }]);
  });

  it('are read over the days that are asked for, the last one whole', async () => {
    const world = await makeWorld();
    const bridge = bridgeOf(world, OUTLOOK);
    const windows: Window[] = [];
    const read = bridge.readChanges.bind(bridge);
    bridge.readChanges = (resource, cursor, window, context) => {
      expect(cursor).toBeUndefined();
      windows.push(window);
      return read(resource, cursor, window, context);
    };
    await itemsOf(world, '?startDate=2026-03-28&endDate=2026-03-29');
    await itemsOf(world, '?startDate=2026-03-28T10:00:00%2B01:00&endDate=2026-03-28T12:00:00Z');
    await itemsOf(world, '?startDate=2026-03-01&endDate=2027-04-04');
    expect(windows.map(({ start, end }) => [start, end])).toEqual([
      [Date.parse('2026-03-27T23:00Z'), Date.parse('2026-03-29T22:00Z')],
      [Date.parse('2026-03-28T09:00Z'), Date.parse('2026-03-28T12:00Z')],
      [Date.parse('2026-02-28T23:00Z'), Date.parse('2027-04-04T22:00Z')],
    ]);
    const tooLong = await world.call('GET', `${ITEMS}?startDate=2026-03-01&endDate=2027-04-05`, {
      key: KEY_A,
    });
    expect(tooLong.status).toBe(400);
  });

  it('come in pages that leave nothing out', async () => {
    const world = await makeWorld();
    const { calendar } = bridgeOf(world, OUTLOOK);
    for (let hour = 10; hour < 15; hour += 1)
      calendar.create(ROOM, meeting(`2026-03-05T${hour}:00:00`));
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const { body } = await world.call('GET', `${ITEMS}?limit=2${cursor}`, { key: KEY_A });
      seen.push(...(body['calendar_items'] as Item[]).map(({ start }) => start.slice(11, 13)));
      next = body['next'] as string | null;
    }
    expect(seen).toEqual(['09', '10', '11', '12', '13']);
  });

  it.each([
    ['not-found', 404, 'has no such resource'],
    ['unavailable', 503, 'can be reached'],
    ['auth-rejected', 502, 'credentials'],
  ] as const)('answer %s of the system with %i', async (fault, expected, told) => {
    const world = await makeWorld();
    bridgeOf(world, OUTLOOK).readChanges = () =>
      Promise.reject(new BridgeError(fault, 'Graph said no'));
    const { status, body } = await world.call('GET', ITEMS, { key: KEY_A });
    expect(status).toBe(expected);
    expect(body['detail']).toContain(told);
  });
});

describe('the calendar items of a person', () => {
  it('are in the same shape, also under the earlier name', async () => {
    const world = await makeWorld();
    const bridge = bridgeOf(world, OUTLOOK);
    const item = bridge.calendar.create(ROOM, meeting('2026-03-05T10:00:00'));
    bridge.calendar.edit(item.id, { privacy: 'private' });
    const asked: unknown[] = [];
    Object.assign(bridge, {
      readUserItems: async (...call: unknown[]) => {
        asked.push(call.slice(0, 2));
        return bridge.itemsOf(ROOM);
      },
    });
    const query = '?startDate=2026-03-05&endDate=2026-03-05';
    for (const path of ['/bridges/outlook', '/outlook']) {
      const { body } = await world.call(
        'GET',
        `${path}/users/kari%40a.example/calendar-items${query}`,
        { key: KEY_A },
      );
      expect(body).toMatchObject({
        bridge: 'outlook',
        user_id: 'kari@a.example',
        count: 1,
        calendar_items: [{ subject: 'Opptatt', start: '2026-03-05T09:00:00Z' }],
      });
    }
    const day = { start: Date.parse('2026-03-04T23:00Z'), end: Date.parse('2026-03-05T23:00Z') };
    expect(asked).toEqual([
      ['kari@a.example', day],
      ['kari@a.example', day],
    ]);
  });

  it('are not there where the system has no people, which is said', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', '/bridges/booking/users/7/calendar-items', {
      key: KEY_A,
    });
    expect(status).toBe(404);
    expect(body['detail']).toBe('the bridge booking_system has no calendars of people');
  });
});
