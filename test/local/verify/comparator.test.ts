import { describe, expect, it } from 'vitest';
import { createBookingSimulator } from '../../../local/booking-simulator/core.ts';
import { createGraphSimulator } from '../../../local/graph-simulator/core.ts';
import { manualClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import type { GenericAccess, PorticoAccess } from '../../../local/verify/booking-reader.ts';
import { areEqual, compareRooms, type RoomComparison } from '../../../local/verify/comparator.ts';

const GRAPH = 'http://graph.example';
const BOOKING = 'http://booking.example';
const ROOM = { resourceId: '1', mailbox: 'room@town.example' };
const ACCOUNT = { login: 'person', password: 'secret' };
const ACCESS: (PorticoAccess | GenericAccess)[] = [
  { profile: 'portico', ...ACCOUNT, domain: 'town' },
  { profile: 'generic', apiKey: 'key' },
];

/** One room in both systems with the same event: in winter, in Oslo from 10 to 11. */
async function systems() {
  const clock = manualClock(Date.parse('2026-11-24T07:00:00Z'));
  const graph = createGraphSimulator({
    clock,
    journal: new Journal(),
    verifyToken: () => Promise.resolve({ tenantId: 'tenant' }),
  });
  const rooms = [{ mailbox: ROOM.mailbox, displayName: 'Room' }];
  graph.seed({ tenants: [{ tenantId: 'tenant', domain: 'town.example', rooms, people: [] }] });
  const booking = createBookingSimulator({ clock, journal: new Journal() });
  booking.seed({
    domains: [
      {
        domain: 'town',
        accounts: [ACCOUNT],
        generic: { auth: { type: 'bearer', key: 'key' } },
        resources: [{ id: 1, name: 'Room', building_id: 1 }],
        events: [
          {
            id: 1,
            name: 'Budget',
            description: 'Agenda',
            from_: '2026-12-01T10:00:00',
            to_: '2026-12-01T11:00:00',
            resources: [1],
          },
        ],
      },
    ],
  });
  const fetch = (request: Request): Promise<Response> =>
    request.url.startsWith(GRAPH) ? graph.fetch(request) : booking.fetch(request);
  const made = await fetch(
    new Request(`${GRAPH}/v1.0/users/${ROOM.mailbox}/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer person', 'content-type': 'application/json' },
      body: JSON.stringify({
        subject: 'Budget',
        body: { contentType: 'text', content: 'Agenda' },
        start: { dateTime: '2026-12-01T09:00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-12-01T10:00:00', timeZone: 'UTC' },
      }),
    }),
  );
  expect(made.status).toBe(201);
  const change = async (body: Record<string, unknown>): Promise<void> => {
    const people = { method: 'PUT', path: '/booking/events/1', body };
    const init = { method: 'POST', body: JSON.stringify(people) };
    expect((await fetch(new Request(`${BOOKING}/__sim/people`, init))).status).toBe(200);
  };
  const compare = async (
    access: PorticoAccess | GenericAccess,
  ): Promise<readonly RoomComparison[]> => {
    const both = { graphUrl: `${GRAPH}/v1.0`, graphToken: 'person', bookingUrl: BOOKING };
    const days = { from: '2026-11-24', to: '2026-12-31' };
    const options = { descriptions: true };
    return await compareRooms({ fetch, ...both, booking: access }, [ROOM], days, options);
  };
  return { change, compare };
}

describe.each(ACCESS)('the comparator, reading by the $profile contract', (access) => {
  it('finds equal rooms equal', async () => {
    const { compare } = await systems();
    const compared = await compare(access);
    expect(compared).toMatchObject([{ inOutlook: 1, inBooking: 1 }]);
    expect(areEqual(compared)).toBe(true);
  });

  it.each([
    { name: 'Budget 2027' },
    { description: 'Another' },
    { from_: '2026-12-01T10:30:00' },
    { to_: '2026-12-01T11:01:00' },
    { active: 0 },
  ])('sees %j', async (body) => {
    const { change, compare } = await systems();
    await change(body);
    const compared = await compare(access);
    expect(areEqual(compared)).toBe(false);
    expect(compared).toMatchObject([{ onlyInOutlook: [expect.stringContaining('Budget')] }]);
  });
});
