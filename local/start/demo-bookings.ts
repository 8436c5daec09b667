import type { Instant } from '../../shared/util/clock.ts';
import type { BookingSeed } from '../booking-simulator/seed.ts';
import { timesFrom, type DemoRoom, type DemoTenant } from './demo-content.ts';

/** The tenant's domain in the booking system; people have an account whatever the bridge uses. */
export function bookingSeed(
  tenant: DemoTenant,
  { login, password, bookingKey }: { login: string; password: string; bookingKey: string },
  now: Instant,
): BookingSeed {
  const isGeneric = tenant.bookingProfile === 'generic';
  const auth = { type: 'bearer' as const, key: bookingKey };
  return {
    domains: [
      {
        domain: tenant.bookingDomain,
        accounts: [{ login, password }],
        ...(isGeneric ? { generic: { auth } } : {}),
        buildings: [{ id: 1, name: 'Town hall' }],
        resources: tenant.rooms.map(({ resourceId, name, capacity }) => ({
          id: resourceId,
          name,
          building_id: 1,
          capacity,
        })),
        ...(isGeneric ? genericContent(tenant, now) : porticoContent(tenant, now)),
      },
    ],
  };
}

type BookingContent = Pick<BookingSeed['domains'][number], 'events' | 'allocations' | 'bookings'>;

/**
 * Something of each kind: events, one of them whole days and one that holds two rooms, and an
 * allocation and a booking, which the bridge only reads.
 */
function porticoContent({ rooms }: DemoTenant, now: Instant): BookingContent {
  const [first, second, third] = rooms.map(({ resourceId }) => resourceId);
  const slot = timesFrom(now);
  return {
    events: [
      ...commonEvents(rooms, now),
      {
        id: 103,
        name: 'Open day',
        resources: present(first, second),
        ...slot(7, '10:00:00', '14:00:00'),
      },
    ],
    allocations: [
      {
        id: 201,
        organization_name: 'Handball club',
        resources: present(third ?? first),
        ...slot(1, '17:00:00', '19:00:00'),
      },
    ],
    bookings: [
      {
        id: 301,
        group_name: 'Chess group',
        resources: present(second),
        ...slot(4, '19:00:00', '21:00:00'),
      },
    ],
  };
}

/** Events of one room each: the contract shows no other kind, nor that an event holds more rooms. */
function genericContent({ rooms }: DemoTenant, now: Instant): BookingContent {
  const [first] = rooms.map(({ resourceId }) => resourceId);
  const slot = timesFrom(now);
  const events = [
    ...commonEvents(rooms, now),
    {
      id: 103,
      name: 'Open day',
      description: 'Everybody is welcome.',
      resources: present(first),
      ...slot(7, '10:00:00', '14:00:00'),
    },
  ];
  return { events };
}

function commonEvents(
  rooms: readonly DemoRoom[],
  now: Instant,
): NonNullable<BookingContent['events']> {
  const [first, second] = rooms.map(({ resourceId }) => resourceId);
  const slot = timesFrom(now);
  return [
    {
      id: 101,
      name: 'Choir practice',
      description: 'Bring your own sheets.',
      contact_name: 'Per Olsen',
      contact_email: 'per.olsen@choir.example',
      resources: present(first),
      ...slot(2, '18:00:00', '20:00:00'),
    },
    { id: 102, name: 'Book fair', resources: present(second), ...slot(3, '00:00:00', 2) },
  ];
}

function present(...ids: (number | undefined)[]): number[] {
  return ids.filter((id) => id !== undefined);
}
