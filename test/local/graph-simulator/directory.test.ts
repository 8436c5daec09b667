import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  items,
  makeGraph,
  PERSON,
  ROOM,
  SEED,
  SMALL_ROOM,
  TENANT,
} from './support.ts';

describe('the directory', () => {
  it('lists rooms in pages of 100, of the own tenant only', async () => {
    const graph = await makeGraph();
    const rooms = Array.from({ length: 120 }, (_, n) => ({
      mailbox: `r${n}@a.example`,
      displayName: `Room ${n}`,
    }));
    graph.simulator.seed({ tenants: [{ tenantId: TENANT, domain: 'a.example', rooms }] });
    const first = await graph.call('GET', '/places/microsoft.graph.room');
    const second = await graph.call('GET', String(first.body['@odata.nextLink']));
    expect([items(first).length, items(second).length]).toEqual([100, 23]);
    const addresses = [...items(first), ...items(second)].map((r) => r['emailAddress']);
    expect(addresses).toContain(ROOM);
    expect(addresses).not.toContain('hall@b.example');
  });

  it('finds a place by id and by address, and a mailbox by object id and by address', async () => {
    const graph = await makeGraph();
    const { body: place } = await graph.call('GET', `/places/${ROOM.toUpperCase()}`);
    expect(place).toMatchObject({ displayName: 'Council chamber', capacity: 40 });
    expect((await graph.call('GET', `/places/${String(place['id'])}`)).body).toEqual(place);
    const { body: user } = await graph.call('GET', `/users/${ROOM}`);
    expect(user).toMatchObject({ mail: ROOM, displayName: 'Council chamber' });
    expect(user['id']).not.toBe(place['id']);
    const made = await graph.create({}, String(user['id']));
    expect((await graph.call('GET', eventPath(made.id))).status).toBe(200);
    expect(graph.simulator.log.since(0).requests.at(-2)?.mailbox).toBe(ROOM);
  });

  it('answers members, settings, calendars and zones', async () => {
    const graph = await makeGraph();
    const members = items(await graph.call('GET', '/groups/group-1/members'));
    expect(members.map(({ mail }) => mail)).toEqual([ROOM, PERSON]);
    const settings = await graph.call('GET', `/users/${ROOM}/mailboxSettings`);
    expect(settings.body).toMatchObject({ timeZone: 'W. Europe Standard Time' });
    const calendars = items(await graph.call('GET', `/users/${ROOM}/calendars`));
    expect(calendars).toMatchObject([{ isDefaultCalendar: true, owner: { address: ROOM } }]);
    const zones = items(await graph.call('GET', `/users/${ROOM}/outlook/supportedTimeZones`));
    expect(zones.map(({ alias }) => alias)).toContain('UTC');
  });

  it('lists groups in pages, with the members that were selected', async () => {
    const graph = await makeGraph();
    const groups = Array.from({ length: 120 }, (_, n) => ({
      id: `more-${n}`,
      displayName: `Group ${n}`,
      mail: `group-${n}@a.example`,
      description: 'Rooms',
      members: [],
    }));
    graph.simulator.seed({ tenants: [{ tenantId: TENANT, domain: 'a.example', groups }] });
    const first = await graph.call('GET', '/groups?$select=id,mail&$top=70');
    const second = await graph.call('GET', String(first.body['@odata.nextLink']));
    expect([items(first).length, items(second).length]).toEqual([70, 51]);
    expect(items(first)[0]).toEqual({ id: 'group-1', mail: null });
    expect(items(second)[0]).toEqual({ id: 'more-69', mail: 'group-69@a.example' });
    const whole = items(await graph.call('GET', '/groups?$top=2'));
    expect(whole).toMatchObject([
      { displayName: 'Rooms', mailEnabled: false },
      { displayName: 'Group 0', mailEnabled: true, description: 'Rooms' },
    ]);
    expect((await graph.call('GET', '/groups?$select=colour')).status).toBe(400);
  });

  it('says what is not there', async () => {
    const graph = await makeGraph();
    const codes: unknown[] = [];
    for (const path of [
      `/users/none@a.example/events`,
      '/places/none',
      '/groups/none/members',
      '/me/events',
    ]) {
      const answer = await graph.call('GET', path);
      expect(answer.status).toBe(404);
      codes.push(errorOf(answer)['code']);
    }
    expect(codes).toEqual([
      'ErrorInvalidUser',
      'ErrorItemNotFound',
      'Request_ResourceNotFound',
      'UnknownError',
    ]);
  });

  it('refuses a seed of another shape', async () => {
    const graph = await makeGraph();
    const answer = await graph.control('POST', '/seed', { tenants: [{ tenantId: TENANT }] });
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toContain('domain');
    expect((await graph.control('POST', '/seed', SEED)).status).toBe(201);
  });
});

describe('getSchedule', () => {
  it('shows busy times without ids, hides private subjects and names unknown addresses', async () => {
    const graph = await makeGraph();
    await graph.create({ subject: 'Open' });
    await graph.create({
      subject: 'Hidden',
      sensitivity: 'private',
      showAs: 'oof',
      start: at('2026-12-03T12:00:00'),
      end: at('2026-12-03T12:30:00'),
    });
    await graph.create({ showAs: 'free' });
    const answer = await graph.call('POST', `/users/${ROOM}/calendar/getSchedule`, {
      body: {
        Schedules: [ROOM, SMALL_ROOM, 'nobody@a.example'],
        StartTime: at('2026-12-03T09:00:00'),
        EndTime: at('2026-12-03T13:00:00'),
        availabilityViewInterval: 60,
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.body['value']).toMatchObject([
      {
        scheduleId: ROOM,
        availabilityView: '0203',
        scheduleItems: [
          { status: 'busy', subject: 'Open', isPrivate: false },
          { status: 'oof', isPrivate: true },
        ],
      },
      { scheduleId: SMALL_ROOM, availabilityView: '0000', scheduleItems: [] },
      { scheduleId: 'nobody@a.example', error: { responseCode: 'ErrorMailRecipientNotFound' } },
    ]);
    expect(JSON.stringify(answer.body)).not.toContain('Hidden');
  });
});
