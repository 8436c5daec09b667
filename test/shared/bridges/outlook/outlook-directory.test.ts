import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { slotOf } from '../../../../shared/model/event.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import { formatInstant, parseInstant, type InstantRange } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { ORIGIN, OSLO, PERSON, ROOM, world, type World } from './support.ts';

const RANGE: InstantRange = {
  start: parseInstant('2026-12-07T00:00:00Z') as Instant,
  end: parseInstant('2026-12-14T00:00:00Z') as Instant,
};

const DATES = 'startDateTime=2026-12-07T00:00:00Z&endDateTime=2026-12-14T00:00:00Z';

function native(day: number, hour: number, more: object = {}): object {
  const time = (at: number) => ({
    dateTime: `2026-12-${String(day).padStart(2, '0')}T${String(at).padStart(2, '0')}:00:00`,
    timeZone: 'UTC',
  });
  return { subject: 'Planning', start: time(hour), end: time(hour + 1), ...more };
}

async function ownItems({ bridge }: World, user: string = PERSON, range = RANGE) {
  return await bridge.readUserItems(user, range, UNBOUNDED);
}

const startOf = ({ event }: SnapshotItem): string => formatInstant(slotOf(event, OSLO).start);

const LISTED = 'town-hall@municipal-a.example';
const TOWN_HALL = { mailbox: LISTED, displayName: 'Town hall', rooms: [ROOM] };

function withRoomLists(place: World, roomLists: readonly (typeof TOWN_HALL)[]): void {
  place.simulator.seed({
    tenants: [{ tenantId: 'tenant-a', domain: 'municipal-a.example', roomLists: [...roomLists] }],
  });
}

describe('groups of the Outlook bridge', () => {
  it('are the room lists of the organization, page after page', async () => {
    const place = world();
    const lists = Array.from({ length: 250 }, (_, n) => ({
      mailbox: `building-${n}@municipal-a.example`,
      displayName: `Building ${n}`,
      rooms: [],
    }));
    withRoomLists(place, lists);
    const found = await place.bridge.listGroups();
    expect(found).toHaveLength(250);
    expect(found[249]).toEqual({
      id: 'building-249@municipal-a.example',
      name: 'Building 249',
      email: 'building-249@municipal-a.example',
    });
    expect(place.outerRequests()).toBe(3);
  });

  it('can be the group whose rooms are listed, by their address', async () => {
    const place = world({ groupId: LISTED });
    withRoomLists(place, [TOWN_HALL, { ...TOWN_HALL, mailbox: 'other@a.example', rooms: [] }]);
    expect((await place.bridge.listResources()).map(({ id }) => id)).toEqual([ROOM]);
    expect(place.outerRequests()).toBe(1);
  });

  it('that are not there are not found', async () => {
    const place = world({ groupId: 'nowhere@municipal-a.example' });
    await expect(place.bridge.listResources()).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('cannot be listed by an app without the right, which the error names', async () => {
    const place = world({
      ports: {
        fetch: async () =>
          Response.json({ error: { code: 'Authorization_RequestDenied' } }, { status: 403 }),
      },
    });
    await expect(place.bridge.listGroups()).rejects.toMatchObject({
      kind: 'auth-rejected',
      message: expect.stringContaining('Place.Read.All') as string,
    });
  });
});

describe("a person's calendar of the Outlook bridge", () => {
  it('shows single events and each occurrence that touches the range, over all pages', async () => {
    const place = world();
    for (let n = 0; n < 220; n += 1)
      await place.graph('POST', `/users/${PERSON}/events`, native(7 + (n % 6), n % 20));
    await place.graph('POST', `/users/${PERSON}/events`, native(20, 9));
    await place.graph('POST', `/users/${PERSON}/events`, {
      ...native(1, 21),
      recurrence: {
        pattern: { type: 'daily', interval: 1 },
        range: { type: 'noEnd', startDate: '2026-12-01' },
      },
    });
    const before = place.outerRequests();
    const found = await ownItems(place);
    expect(found).toHaveLength(227);
    expect(place.outerRequests() - before).toBe(2);
    const occurrences = found.filter(({ masterId }) => masterId !== undefined);
    expect(occurrences.map(startOf).sort()).toEqual(
      [7, 8, 9, 10, 11, 12, 13].map((day) => `2026-12-${String(day).padStart(2, '0')}T21:00:00Z`),
    );
  });

  it('shows the slot of a private event and nothing else of it, and no cancelled one', async () => {
    const place = world();
    await place.graph('POST', `/users/${PERSON}/events`, {
      ...native(8, 9, { sensitivity: 'private' }),
      subject: 'Doctor',
      body: { contentType: 'text', content: 'secret' },
    });
    const meeting = await place.graph('POST', `/users/${ROOM}/events`, {
      ...native(9, 9),
      attendees: [{ type: 'required', emailAddress: { address: PERSON } }],
    });
    expect(await ownItems(place)).toHaveLength(2);
    const id = encodeURIComponent(String(meeting['id']));
    await place.graph('POST', `/users/${ROOM}/events/${id}/cancel`, {});
    const found = await ownItems(place);
    expect(found.map(startOf)).toEqual(['2026-12-08T09:00:00Z']);
    expect(found[0]).toMatchObject({ shown: ['slot'], event: { title: '', privacy: 'private' } });
    expect(JSON.stringify(found)).not.toMatch(/Doctor|secret/);
  });

  it('of nobody is not found; one that asks to wait is throttled; neither names the person', async () => {
    const place = world();
    const nobody = 'nobody@municipal-a.example';
    const missing: unknown = await ownItems(place, nobody).catch((error: unknown) => error);
    expect(missing).toMatchObject({ kind: 'not-found', code: 'ErrorInvalidUser' });
    expect(String(missing)).not.toContain(nobody);
    const busy = world({
      ports: {
        fetch: async () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
      },
    });
    await expect(ownItems(busy)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 7000 });
  });

  it('whose pages lead elsewhere or never end is no answer', async () => {
    const answers = (nextLink: string) =>
      world({
        ports: { fetch: async () => Response.json({ value: [], '@odata.nextLink': nextLink }) },
      });
    await expect(ownItems(answers('https://elsewhere.example/v1.0/x'))).rejects.toMatchObject({
      kind: 'invalid-response',
    });
    await expect(
      ownItems(answers(`${ORIGIN}/v1.0/users/x/calendarView?${DATES}`)),
    ).rejects.toMatchObject({
      kind: 'invalid-response',
    });
  });

  it('asks before each of its calls', async () => {
    const place = world();
    let calls = 0;
    const context = {
      beforeCall: async () => {
        calls += 1;
        throw new Error('the caller has gone');
      },
    };
    await expect(place.bridge.readUserItems(PERSON, RANGE, context)).rejects.toThrow('has gone');
    expect([calls, place.outerRequests()]).toEqual([1, 0]);
  });
});
