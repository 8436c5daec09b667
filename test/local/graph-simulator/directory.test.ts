import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  items,
  makeGraph,
  ORIGIN,
  PERSON,
  ROOM,
  ROOM_LIST,
  SEED,
  SMALL_ROOM,
  TENANT,
  type Answer,
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

  it('lists room lists and the rooms of each, found by id and by address', async () => {
    const graph = await makeGraph();
    const [list] = items(await graph.call('GET', '/places/microsoft.graph.roomlist'));
    expect(list).toMatchObject({ emailAddress: ROOM_LIST, displayName: 'Town hall' });
    for (const key of [String(list?.['id']), ROOM_LIST]) {
      const rooms = await graph.call('GET', `/places/${key}/microsoft.graph.roomlist/rooms`);
      expect(items(rooms).map(({ emailAddress }) => emailAddress)).toEqual([ROOM, SMALL_ROOM]);
      expect((await graph.call('GET', `/places/${key}`)).body).toMatchObject({
        '@odata.type': '#microsoft.graph.roomList',
        emailAddress: ROOM_LIST,
      });
    }
    const none = await graph.call('GET', `/places/${ROOM}/microsoft.graph.roomlist/rooms`);
    expect([none.status, errorOf(none)['code']]).toEqual([404, 'ErrorItemNotFound']);
  });

  it('answers members, settings, calendars and zones', async () => {
    const graph = await makeGraph();
    const members = items(await graph.call('GET', '/groups/group-1/members'));
    expect(members.map(({ mail }) => mail)).toEqual([ROOM, PERSON]);
    const settings = await graph.call('GET', `/users/${ROOM}/mailboxSettings`);
    expect(settings.body).toMatchObject({
      timeZone: 'W. Europe Standard Time',
      automaticRepliesSetting: { status: 'disabled', internalReplyMessage: '' },
      delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
    });
    const calendars = items(await graph.call('GET', `/users/${ROOM}/calendars`));
    expect(calendars).toMatchObject([{ isDefaultCalendar: true, owner: { address: ROOM } }]);
    const zones = items(await graph.call('GET', `/users/${ROOM}/outlook/supportedTimeZones`));
    expect(zones.map(({ alias }) => alias)).toContain('UTC');
  });

  it('says what is not there', async () => {
    const graph = await makeGraph();
    const codes: unknown[] = [];
    for (const path of [`/users/none@a.example/events`, '/places/none', '/groups/none/members']) {
      const answer = await graph.call('GET', path);
      expect(answer.status).toBe(404);
      codes.push(errorOf(answer)['code']);
    }
    expect(codes).toEqual(['ErrorInvalidUser', 'ErrorItemNotFound', 'Request_ResourceNotFound']);
  });

  it('names the segment of a path that leads nowhere, as a bad request', async () => {
    const graph = await makeGraph();
    const messages: unknown[] = [];
    for (const path of ['/nonsense', `/users/${ROOM}/nonsense/events`, '/groups', '/me/events']) {
      const answer = await graph.call('GET', path);
      expect([answer.status, errorOf(answer)['code']]).toEqual([400, 'BadRequest']);
      messages.push(errorOf(answer)['message']);
    }
    expect(messages).toEqual([
      "Resource not found for the segment 'nonsense'.",
      "Resource not found for the segment 'nonsense'.",
      "Resource not found for the segment 'groups'.",
      '/me request is only valid with delegated authentication flow.',
    ]);
    const other = await graph.call('GET', `${ORIGIN}/beta/users`);
    expect([other.status, errorOf(other)['message']]).toEqual([400, 'Invalid version: beta']);
  });

  it('takes the names in a path in any case', async () => {
    const graph = await makeGraph();
    for (const path of ['/Places/Microsoft.Graph.Room', `/USERS/${ROOM}/calendarview`]) {
      const query = '?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z';
      const answer = await graph.call('GET', path.endsWith('view') ? path + query : path);
      expect(answer.status).toBe(200);
    }
  });

  it('takes no other method than a path has, and says which', async () => {
    const graph = await makeGraph();
    const answer = await graph.call('PUT', `/users/${ROOM}/events`, { body: {} });
    expect([answer.status, errorOf(answer)['code']]).toEqual([405, 'Request_BadRequest']);
    expect(answer.headers.get('allow')).toBe('POST, GET');
  });

  it('pages users and members by a token, and takes no number to skip', async () => {
    const graph = await makeGraph();
    for (const path of ['/users', '/groups/group-1/members']) {
      const all = items(await graph.call('GET', path)).map(({ id }) => id);
      const paged: string[] = [];
      for (let next: string | undefined = `${path}?$top=1`; next !== undefined;) {
        const page: Answer = await graph.call('GET', next);
        paged.push(...items(page).map(({ id }) => id));
        next = page.body['@odata.nextLink'] as string | undefined;
      }
      expect(paged).toEqual(all);
      expect((await graph.call('GET', `${path}?$skip=1`)).status).toBe(400);
      expect((await graph.call('GET', `${path}?$skiptoken=1`)).status).toBe(400);
    }
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
