import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { formatInstant } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { EVENTS, native, read } from './phrases.ts';
import { GROUP, OTHER_ROOM, PERSON, ROOM, world, type World } from './support.ts';

describe('items of the Outlook bridge', () => {
  it("lets a person's meeting in the room only be declined", async () => {
    const place = world();
    const attendees = [{ type: 'resource', emailAddress: { address: ROOM, name: 'Council room' } }];
    await place.graph('POST', `/users/${PERSON}/events`, native(2, { attendees }));
    const { items } = await read(place);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      rights: 'decline',
      shown: ['title', 'slot', 'description', 'contact'],
      event: {
        participants: {
          organizer: { name: 'Kari Nordmann', email: PERSON, roles: { owner: true } },
        },
      },
    });
  });

  it('keeps everything of a private event to itself but its slot', async () => {
    const place = world();
    const secret = 'Hemmelig samtale';
    for (const sensitivity of ['private', 'confidential', 'personal'])
      await place.graph(
        'POST',
        EVENTS,
        native(3, {
          subject: secret,
          sensitivity,
          body: { contentType: 'text', content: secret },
        }),
      );
    const { items } = await read(place);
    expect(items.map(({ event }) => event.privacy).sort()).toEqual([
      'private',
      'private',
      'secret',
    ]);
    expect(items.map(({ shown }) => shown)).toEqual([['slot'], ['slot'], ['slot']]);
    const ids = items.map(({ id }) => id);
    const verdicts = await place.bridge.readItems(ROOM, ids, UNBOUNDED);
    expect(JSON.stringify([items, verdicts])).not.toContain(secret);
    expect(JSON.stringify([items, verdicts])).not.toContain('Council room');
  });
});

describe('series and empty events in Outlook', () => {
  const WEEKLY = {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['friday'], firstDayOfWeek: 'monday' },
    range: { type: 'numbered', startDate: '2026-10-02', numberOfOccurrences: 3 },
  };

  it('says why it cannot carry a free or an empty event', async () => {
    const place = world();
    await place.graph('POST', EVENTS, native(5, { showAs: 'free' }));
    const { start } = native(6);
    await place.graph('POST', EVENTS, native(6, { end: start }));
    const first = await read(place);
    const reasons = first.items.map(({ unsupported }) => unsupported ?? '').sort();
    expect(reasons).toEqual(['free', 'zero-length']);
  });

  it.each([undefined, 'the cursor'])(
    'shows each occurrence with what its series says, and the series itself not: from %s',
    async (from) => {
      const place = world();
      const since = from === undefined ? undefined : (await read(place)).cursor;
      const body = { contentType: 'text', content: 'Agenda' };
      const { id: masterId } = await place.graph(
        'POST',
        EVENTS,
        native(2, { recurrence: WEEKLY, body }),
      );
      const { items } = await read(place, since);
      expect(items.map(({ originalStart = 0 }) => formatInstant(originalStart as Instant))).toEqual(
        ['02', '09', '16'].map((day) => `2026-10-${day}T08:00:00Z`),
      );
      for (const item of items)
        expect(item).toMatchObject({
          masterId,
          rights: 'full',
          stamp: { state: 'none' },
          shown: ['title', 'slot', 'description', 'contact'],
          event: { title: 'Native', description: 'Agenda', timeZone: 'Europe/Oslo' },
        });
      const ids = items.map(({ id }) => id);
      const verdicts = await place.bridge.readItems(ROOM, ids, UNBOUNDED);
      expect(verdicts.map((verdict) => verdict.kind === 'alive' && verdict.item.event)).toEqual(
        items.map(({ event }) => expect.objectContaining(event)),
      );
    },
  );

  it('shows an exception as it is, and keeps a private series to itself', async () => {
    const place = world();
    await place.graph('POST', EVENTS, native(2, { recurrence: WEEKLY, sensitivity: 'private' }));
    const { items, cursor } = await read(place);
    expect(items.map(({ shown, event }) => [shown, event.privacy])).toEqual(
      items.map(() => [['slot'], 'private']),
    );
    expect(items).toHaveLength(3);
    const second = items[1];
    const moved = native(10);
    await place.graph('PATCH', `${EVENTS}/${encodeURIComponent(String(second?.id))}`, {
      start: moved['start'],
      end: moved['end'],
    });
    const changes = await read(place, cursor);
    expect(changes.items.find(({ id }) => id === second?.id)).toMatchObject({
      masterId: second?.masterId,
      originalStart: second?.originalStart,
      shown: ['slot'],
      event: { start: '2026-10-10T10:00:00', privacy: 'private' },
    });
  });

  it('reads the series of occurrences that are told without it', async () => {
    const fetch = async (request: Request): Promise<Response> => {
      const answer = await place.simulator.fetch(request);
      if (!request.url.includes('/calendarView/delta')) return answer;
      const page = (await answer.json()) as { value: { type?: string }[] };
      const value = page.value.filter(({ type }) => type !== 'seriesMaster');
      return Response.json({ ...page, value });
    };
    const place: World = world({ ports: { fetch } });
    await place.graph('POST', EVENTS, native(2, { recurrence: WEEKLY }));
    const { items } = await read(place);
    expect(items.map(({ event }) => event.title)).toEqual(['Native', 'Native', 'Native']);
  });

  it('names the occurrences of a series that was told again', async () => {
    const place = world();
    const { cursor } = await read(place);
    const recurrence = {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'numbered', startDate: '2026-10-02', numberOfOccurrences: 4 },
    };
    const { id } = await place.graph('POST', EVENTS, native(2, { recurrence }));
    const changes = await read(place, cursor);
    if (changes.kind !== 'changes') throw new Error('changes were expected');
    expect(changes.seriesScopes).toHaveLength(1);
    expect(changes.seriesScopes[0]).toMatchObject({ masterId: id });
    const occurrences = changes.items.map((item) => item.id);
    expect(changes.seriesScopes[0]?.occurrences.toSorted()).toEqual(occurrences.toSorted());
    expect(occurrences).toHaveLength(4);
  });
});

describe('calendars of the Outlook bridge', () => {
  it('takes a meeting that its organizer cancelled as removed', async () => {
    const place = world({ keepCancelled: true });
    const attendees = [{ type: 'resource', emailAddress: { address: ROOM, name: 'Council room' } }];
    const meeting = await place.graph('POST', `/users/${PERSON}/events`, native(2, { attendees }));
    const first = await read(place);
    const [item] = first.items;
    if (item === undefined) throw new Error('the room has no copy');
    await place.graph(
      'DELETE',
      `/users/${PERSON}/events/${encodeURIComponent(String(meeting['id']))}`,
    );
    const changes = await read(place, first.cursor);
    expect(changes).toMatchObject({ kind: 'changes', items: [], removed: [item.id] });
    expect((await read(place)).items).toEqual([]);
    expect(await place.bridge.readItems(ROOM, [item.id], UNBOUNDED)).toEqual([{ kind: 'gone' }]);
  });

  it('keeps the zone an event was made in', async () => {
    const place = world();
    const at = (timeZone: string) => ({
      start: { dateTime: '2026-10-08T10:00:00', timeZone },
      end: { dateTime: '2026-10-08T11:00:00', timeZone },
    });
    for (const zone of ['W. Europe Standard Time', 'GMT Standard Time', 'Europe/Helsinki'])
      await place.graph('POST', EVENTS, native(8, at(zone)));
    const { items } = await read(place);
    expect(items.map(({ event }) => `${event.start} ${event.timeZone}`).sort()).toEqual([
      '2026-10-08T10:00:00 Europe/Helsinki',
      '2026-10-08T10:00:00 Europe/London',
      '2026-10-08T10:00:00 Europe/Oslo',
    ]);
  });

  it('lists rooms, or only those of the group', async () => {
    const all = await world().bridge.listResources();
    expect(all).toContainEqual({
      id: ROOM,
      name: 'Council room',
      email: ROOM,
      kind: 'room',
      capacity: 12,
    });
    expect(all).toHaveLength(2);
    const some = await world({ groupId: GROUP }).bridge.listResources();
    expect(some.map(({ id }) => id)).toEqual([OTHER_ROOM]);
  });
});
