import type { SeedInput as GraphSeed } from '../graph-simulator/directory.ts';
import type { BookingSeed } from '../booking-simulator/seed.ts';
import {
  addDays,
  dateOf,
  toInstant,
  toLocal,
  type LocalDate,
  type LocalDateTime,
  type TimeZoneId,
} from '../../shared/model/time.ts';
import type { Instant } from '../../shared/util/clock.ts';

const OSLO = 'Europe/Oslo' as TimeZoneId;

/** One municipality of the demo: its rooms on both sides, and who works there. */
export interface DemoTenant {
  readonly id: string;
  readonly domain: string;
  readonly bookingDomain: string;
  readonly organizer: string;
  readonly rooms: readonly DemoRoom[];
}

export interface DemoRoom {
  readonly resourceId: number;
  readonly mailbox: string;
  readonly name: string;
  readonly capacity: number;
}

export const DEMO_TENANTS: readonly DemoTenant[] = [
  {
    id: 'municipal_a',
    domain: 'municipal-a.example',
    bookingDomain: 'municipal_a',
    organizer: 'kari.nordmann@municipal-a.example',
    rooms: [
      room(12, 'council@municipal-a.example', 'Council chamber', 40),
      room(13, 'library@municipal-a.example', 'Library, meeting room', 8),
      room(14, 'sports-hall@municipal-a.example', 'Sports hall', 200),
    ],
  },
  {
    id: 'municipal_b',
    domain: 'municipal-b.example',
    bookingDomain: 'municipal_b',
    organizer: 'ola.hansen@municipal-b.example',
    rooms: [
      room(12, 'town-hall@municipal-b.example', 'Town hall, room 1', 12),
      room(13, 'culture-house@municipal-b.example', 'Culture house', 60),
    ],
  },
];

function room(resourceId: number, mailbox: string, name: string, capacity: number): DemoRoom {
  return { resourceId, mailbox, name, capacity };
}

/** The tenant's directory in Graph and the authority. */
export function graphSeed(
  tenant: DemoTenant,
  app: { tenantId: string; clientId: string; clientSecret: string },
): GraphSeed {
  const { tenantId, clientId, clientSecret } = app;
  return {
    tenants: [
      {
        tenantId,
        domain: tenant.domain,
        apps: [{ clientId, clientSecret }],
        rooms: tenant.rooms.map(({ mailbox, name, capacity }) => ({
          mailbox,
          displayName: name,
          capacity,
        })),
        people: [{ mailbox: tenant.organizer, displayName: nameOf(tenant.organizer) }],
      },
    ],
  };
}

/** `kari.nordmann@…` → `Kari Nordmann`. */
function nameOf(mailbox: string): string {
  return (mailbox.split('@')[0] ?? mailbox)
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
}

/**
 * The tenant's domain in the booking system, with something of each kind: events, one of them whole
 * days and one that holds two rooms, and an allocation and a booking, which the bridge only reads.
 */
export function bookingSeed(
  tenant: DemoTenant,
  account: { login: string; password: string },
  now: Instant,
): BookingSeed {
  const [first, second, third] = tenant.rooms.map(({ resourceId }) => resourceId);
  const slot = timesFrom(now);
  const rooms = (...ids: (number | undefined)[]): number[] => ids.filter((id) => id !== undefined);
  return {
    domains: [
      {
        domain: tenant.bookingDomain,
        accounts: [account],
        buildings: [{ id: 1, name: 'Town hall' }],
        resources: tenant.rooms.map(({ resourceId, name, capacity }) => ({
          id: resourceId,
          name,
          building_id: 1,
          capacity,
        })),
        events: [
          {
            id: 101,
            name: 'Choir practice',
            description: 'Bring your own sheets.',
            contact_name: 'Per Olsen',
            contact_email: 'per.olsen@choir.example',
            resources: rooms(first),
            ...slot(2, '18:00:00', '20:00:00'),
          },
          { id: 102, name: 'Book fair', resources: rooms(second), ...slot(3, '00:00:00', 2) },
          {
            id: 103,
            name: 'Open day',
            resources: rooms(first, second),
            ...slot(7, '10:00:00', '14:00:00'),
          },
        ],
        allocations: [
          {
            id: 201,
            organization_name: 'Handball club',
            resources: rooms(third ?? first),
            ...slot(1, '17:00:00', '19:00:00'),
          },
        ],
        bookings: [
          {
            id: 301,
            group_name: 'Chess group',
            resources: rooms(second),
            ...slot(4, '19:00:00', '21:00:00'),
          },
        ],
      },
    ],
  };
}

/** An event as Graph takes it: in a room's own calendar, or in a person's with rooms invited. */
export interface GraphDemoEvent {
  readonly mailbox: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What people have put into Outlook: in a room, whole days, and a meeting that invites a room. */
export function graphEvents(tenant: DemoTenant, now: Instant): readonly GraphDemoEvent[] {
  const [first, second] = tenant.rooms;
  if (first === undefined || second === undefined) return [];
  const slot = timesFrom(now);
  const times = (day: number, from: string, to: string | number) => {
    const { from_, to_ } = slot(day, from, to);
    return {
      start: { dateTime: from_, timeZone: OSLO },
      end: { dateTime: to_, timeZone: OSLO },
    };
  };
  const text = (content: string) => ({ contentType: 'text', content });
  return [
    {
      mailbox: first.mailbox,
      body: {
        subject: 'Budget committee',
        body: text('Agenda:\n1. Budget\n2. Any other business'),
        ...times(2, '09:00:00', '11:00:00'),
      },
    },
    {
      mailbox: second.mailbox,
      body: { subject: 'Inventory', isAllDay: true, ...times(9, '00:00:00', 1) },
    },
    {
      mailbox: tenant.organizer,
      body: {
        subject: 'Project meeting',
        body: text('Weekly status.'),
        ...times(5, '13:00:00', '14:30:00'),
        location: { displayName: first.name, locationEmailAddress: first.mailbox },
        attendees: [
          { type: 'resource', emailAddress: { address: first.mailbox, name: first.name } },
        ],
      },
    },
  ];
}

/** Wall times some days from today; `to` is a time of the same day, or a number of whole days. */
function timesFrom(now: Instant) {
  const today = dateOf(toLocal(now, OSLO));
  return (day: number, from: string, to: string | number): { from_: string; to_: string } => {
    const date = addDays(today, day);
    const end = typeof to === 'number' ? wall(addDays(date, to), '00:00:00') : wall(date, to);
    return { from_: wall(date, from), to_: end };
  };
}

function wall(date: LocalDate, time: string): LocalDateTime {
  const local = `${date}T${time}` as LocalDateTime;
  // A wall time that a clock change skips is moved as every reader of it would.
  return toLocal(toInstant(local, OSLO), OSLO);
}
