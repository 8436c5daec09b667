import type { SeedInput as GraphSeed } from '../graph-simulator/directory.ts';
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
  /** The contract by which its bridge reaches the booking system. */
  readonly bookingProfile: 'portico' | 'generic';
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
    bookingProfile: 'portico',
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
    bookingProfile: 'generic',
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
export function timesFrom(now: Instant) {
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
