import { describe, expect, it } from 'vitest';
import {
  BEARER,
  created,
  EVENTS,
  listed,
  startGeneric,
  type GenericTown,
} from './generic-harness.ts';
import { answer, jsonInit, made, type Json } from './harness.ts';

const JUNE = 'start_date=2026-06-01&end_date=2026-06-30&format=json';

const SEEDED = {
  events: [
    {
      id: 5,
      name: 'Concert',
      description: 'Doors open at six',
      contact_name: 'Per Olsen',
      contact_email: 'per@choir.example',
      customer_organization_name: 'The choir',
      from_: '2026-06-10T18:00',
      to_: '2026-06-10T20:00',
      resources: [12, 13],
    },
  ],
  allocations: [
    {
      id: 6,
      organization_name: 'Club',
      from_: '2026-06-11T18:00',
      to_: '2026-06-11T20:00',
      resources: [12],
    },
  ],
  bookings: [
    {
      id: 7,
      group_id: 3,
      group_name: 'Juniors',
      from_: '2026-06-12T18:00',
      to_: '2026-06-12T20:00',
      resources: [12],
    },
    {
      id: 8,
      group_id: 3,
      group_name: 'Juniors',
      from_: '2026-06-13T18:00',
      to_: '2026-06-13T20:00',
      resources: [12],
    },
  ],
};

describe('the rooms of the generic interface', () => {
  it('are those in use, each with what the contract names', async () => {
    const town = await startGeneric({
      resources: [
        { id: 13, name: 'Small room', building_id: 1, description_json: { no: 'Liten' } },
        { id: 12, name: 'Council room', building_id: 1, capacity: 20 },
        { id: 14, name: 'Closed', building_id: 1, active: 0 },
        { id: 15, name: 'Hidden', building_id: 1, hidden: 1 },
      ],
    });
    const { status, json } = await town.api('GET', '/api/resources');
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      count: 2,
      resources: [
        {
          id: '12',
          name: 'Council room',
          description: '',
          type: 'room',
          capacity: 20,
          location: 'Town hall',
          active: true,
        },
        expect.objectContaining({ id: '13', description: 'Liten', capacity: null }),
      ],
    });
    for (const room of [14, 15, 99, 'x', '0']) {
      const path = `/api/resources/${room}/events?${JUNE}`;
      const unknown = await town.api('GET', path);
      expect(unknown.status).toBe(404);
      expect(unknown.json).toEqual({
        success: false,
        error: expect.any(String),
        error_code: 'RESOURCE_NOT_FOUND',
        details: { resource_id: String(room) },
      });
    }
  });
});

describe("a room's events in the generic interface", () => {
  it('have every member of the contract, and are events only', async () => {
    const town = await startGeneric(SEEDED);
    const { status, json } = await town.api('GET', `${EVENTS}?${JUNE}`);
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      resource_id: '12',
      date_range: { start: '2026-06-01', end: '2026-06-30' },
      count: 1,
      events: [
        {
          id: '5',
          title: 'Concert',
          name: 'Concert',
          start_time: '2026-06-10T16:00:00Z',
          end_time: '2026-06-10T18:00:00Z',
          description: 'Doors open at six',
          contact_name: 'Per Olsen',
          contact_email: 'per@choir.example',
          attendees: ['per@choir.example'],
          organization: 'The choir',
          status: 'confirmed',
          created_at: '2026-06-01T08:00:00.000Z',
          updated_at: '2026-06-01T08:00:00.000Z',
          resource_name: 'Council room',
          location: 'Town hall',
        },
      ],
    });
    const [other] = await listed(town, '2026-06-01', '2026-06-30', 13);
    expect(other).toMatchObject({ id: '5', resource_name: 'Small room' });
  });

  it('come in the order of time, and inactive ones not at all', async () => {
    const town = await startGeneric();
    const times = (hour: number): Json => ({
      start_time: `2026-06-25T${hour}:00:00Z`,
      end_time: `2026-06-25T${hour}:30:00Z`,
    });
    const late = await created(town, times(14));
    const early = await created(town, times(10));
    const gone = await created(town, times(12));
    await town.call('PATCH', `/booking/events/${gone}/toggle-active`, { active: 0 });
    expect((await listed(town)).map(({ id }) => id)).toEqual([early, late]);
  });

  it('are those that share time with whole days of Oslo, the last one too', async () => {
    const town = await startGeneric();
    await created(town, { start_time: '2026-06-10T21:30:00Z', end_time: '2026-06-10T22:30:00Z' });
    expect(await listed(town, '2026-06-10', '2026-06-10')).toHaveLength(1);
    expect(await listed(town, '2026-06-11', '2026-06-12')).toHaveLength(1);
    expect(await listed(town, '2026-06-12', '2026-06-12')).toEqual([]);
    expect(await listed(town, '2026-06-01', '2026-06-09')).toEqual([]);
  });

  it('are those that share time with a window of instants, its end apart', async () => {
    const town = await startGeneric();
    await created(town);
    const found = async (from: string, to: string): Promise<number> =>
      (await listed(town, encodeURIComponent(from), encodeURIComponent(to))).length;
    expect(await found('2026-06-25T10:00:00Z', '2026-06-25T11:00:00Z')).toBe(0);
    expect(await found('2026-06-25T10:00:00Z', '2026-06-25T11:00:01Z')).toBe(1);
    expect(await found('2026-06-25T13:59:00+02:00', '2026-06-25T15:00:00+02:00')).toBe(1);
    expect(await found('2026-06-25T14:00:00', '2026-06-25T15:00:00')).toBe(0);
  });

  it.each([
    ['no start', 'end_date=2026-06-30', ['start_date']],
    ['no end', 'start_date=2026-06-01', ['end_date']],
    ['no days', '', ['start_date', 'end_date']],
    ['a day that is none', 'start_date=2026-06-31&end_date=2026-07-01', ['start_date']],
    ['an end before the start', 'start_date=2026-06-02&end_date=2026-06-01', ['end_date']],
    ['another format', 'start_date=2026-06-01&end_date=2026-06-02&format=ical', ['format']],
  ])('are not listed with %s', async (_name, query, members) => {
    const town = await startGeneric();
    const { status, json } = await town.api('GET', `${EVENTS}?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ success: false, error_code: 'VALIDATION_FAILED' });
    expect(Object.keys(json['details'] as Json)).toEqual(members);
  });
});

describe('the other lists of the generic interface', () => {
  it('are the groups that have a booking', async () => {
    const town = await startGeneric(SEEDED);
    expect((await town.api('GET', '/api/groups')).json).toEqual({
      success: true,
      groups: [{ id: '3', name: 'Juniors' }],
      count: 1,
    });
  });

  it("are a user's active events, once each and in a window where one is asked for", async () => {
    const town = await startGeneric(SEEDED);
    const path = '/api/users/PER%40choir.example/events';
    const { json } = await town.api('GET', path);
    expect(json).toMatchObject({ count: 1, events: [{ id: '5', resource_name: 'Council room' }] });
    const july = `${path}?start_date=2026-07-01&end_date=2026-07-31`;
    expect((await town.api('GET', july)).json['events']).toEqual([]);
    expect((await town.api('GET', `${path}?start_date=2026-07-01`)).status).toBe(400);
    const nobody = '/api/users/nobody%40choir.example/events';
    expect((await town.api('GET', nobody)).json).toMatchObject({ count: 0, events: [] });
    await town.call('PATCH', '/booking/events/5/toggle-active', { active: 0 });
    expect((await town.api('GET', path)).json['events']).toEqual([]);
  });
});

describe('the form of the lists', () => {
  const paths: [path: string, name: string][] = [
    ['/api/resources', 'resources'],
    [`${EVENTS}?${JUNE}`, 'events'],
    ['/api/groups', 'groups'],
    ['/api/users/per%40choir.example/events', 'events'],
  ];
  const auth = { type: 'bearer' as const, key: 'town-key' };

  it.each(paths)('of %s is what the seed says', async (path, name) => {
    const inForm = async (wrapper: 'named' | 'data' | 'bare') => {
      const town = await startGeneric({ ...SEEDED, generic: { auth, wrapper } });
      return await town.api('GET', path);
    };
    const named = (await inForm('named')).json;
    expect(named[name]).not.toHaveLength(0);
    const { [name]: items, ...rest } = named;
    expect((await inForm('data')).json).toEqual({ ...rest, data: items });
    expect((await inForm('bare')).list).toEqual(items);
  });
});

describe('the request log', () => {
  it('has each call of the generic interface with its rooms', async () => {
    const town = await startGeneric(SEEDED);
    town.simulator.log.clear();
    const post = (path: string): Promise<unknown> => town.api('PUT', path, { title: 'New' });
    await listed(town);
    await post(`${EVENTS}/5`);
    await town.api('DELETE', '/api/resources/13/events/99');
    await town.api('GET', '/api/resources', undefined, {});
    const { requests } = town.simulator.log.since(-Infinity);
    expect(requests.map(({ method, status, resource }) => [method, status, resource])).toEqual([
      ['GET', 200, '12'],
      ['PUT', 200, '12,13'],
      ['DELETE', 404, '13'],
      ['GET', 401, undefined],
    ]);
  });

  it('and faults are those of the other interface', async () => {
    const town = await startGeneric();
    const fault = { match: { path: '/api/' }, status: 503, headers: { 'retry-after': '7' } };
    await town.raw('POST', '/__sim/faults', jsonInit(fault));
    await made(town, 12);
    const failed = await town.api('GET', '/api/resources');
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '7']);
    expect((await town.api('GET', '/api/resources')).status).toBe(200);
  });
});

describe('what the generic interface has not', () => {
  const failed = async (town: GenericTown, method: string, path: string) =>
    await answer(await town.raw(method, path, { headers: BEARER }));

  it.each([
    ['DELETE', '/api/resources', 'GET'],
    ['PATCH', EVENTS, 'GET, POST'],
    ['GET', `${EVENTS}/1`, 'PUT, DELETE'],
    ['POST', '/api/groups', 'GET'],
    ['PUT', '/api/users/a/events', 'GET'],
  ])('is %s %s, which names what there is', async (method, path, allow) => {
    const refused = await failed(await startGeneric(), method, path);
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe(allow);
    expect(refused.json).toMatchObject({ success: false, error_code: 'METHOD_NOT_ALLOWED' });
  });

  it('is any other path', async () => {
    const refused = await failed(await startGeneric(), 'GET', '/api/nowhere');
    expect(refused.status).toBe(404);
    expect(refused.json).toMatchObject({ success: false, error_code: 'NOT_FOUND', details: {} });
  });
});
