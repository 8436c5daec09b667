import type { BookingSeed } from '../local/booking-simulator/seed.ts';
import type { BridgeKey, TenantId } from '../shared/model/ids.ts';
import { DAY_MS, HOUR_MS, toLocal } from '../shared/model/time.ts';
import type { BridgeSettings, TenantConfig } from '../shared/tenants/tenant-config.ts';
import type { Instant } from '../shared/util/clock.ts';
import type { History, Place } from './history.ts';
import { Random } from './random.ts';
import { ACCOUNT, bookingUrlOf, domainOf, OSLO, SPARE_ROOM, tenantName } from './systems.ts';
import { MARK } from './watch.ts';

/** A Tuesday morning in winter time. */
export const START_MS = Date.UTC(2026, 10, 24, 7, 0, 0);
export const WINDOW = { pastDays: 1, futureDays: 14 };

export function tenantConfig(tenant: number): TenantConfig {
  const booking = (bridge: Place['bridge']) => {
    const domain = domainOf(tenant, bridge);
    const values = { profile: 'portico', baseUrl: bookingUrlOf(domain), domain, ...ACCOUNT };
    return [bridge as BridgeKey, { kind: 'booking', values }] as const;
  };
  return {
    id: tenantName(tenant) as TenantId,
    name: tenantName(tenant),
    timeZone: OSLO,
    locale: 'en',
    windowPastDays: WINDOW.pastDays,
    windowFutureDays: WINDOW.futureDays,
    syncFrequencyMinutes: 0,
    slowPollMinutes: 60,
    copiesFree: false,
    copiesPrivate: false,
    priority: 'medium',
    offsetMinutes: 0,
    bridges: new Map<BridgeKey, BridgeSettings>([
      ['outlook' as BridgeKey, { kind: 'outlook', values: {} }],
      booking('booking_system'),
      booking('booking_two'),
    ]),
    apiKeyHashes: [],
    fingerprintKey: new Uint8Array(32).fill(tenant),
  };
}

/** The booking systems' rooms, and in some of them what only their own people can change. */
export function seedOf(history: History): BookingSeed {
  const random = new Random(history.seed ^ 0xf0e);
  const domains = Array.from({ length: history.tenants }, (_, index) => index + 1).flatMap(
    (tenant) =>
      (['booking_system', 'booking_two'] as const).map((bridge) => {
        const rooms = history.pairs
          .filter((pair) => pair.tenant === tenant)
          .flatMap(({ a, b }) => [a, b])
          .filter((place) => place.bridge === bridge)
          .map(({ room }) => room);
        const foreign = rooms.filter(() => random.chance(0.3));
        const row = (room: number, kind: number, what: string) => ({
          id: room * 10 + kind,
          resources: [room],
          ...evening(3 + kind),
          [what]: `${MARK}${tenantName(tenant)}.9${room}${kind}${bridge === 'booking_two' ? 2 : 1}`,
        });
        return {
          domain: domainOf(tenant, bridge),
          accounts: [ACCOUNT],
          buildings: [{ id: 1, name: 'Town hall' }],
          resources: [...rooms, SPARE_ROOM].map((room) => ({
            id: room,
            name: `Room ${room}`,
            building_id: 1,
          })),
          allocations: foreign.map((room) => row(room, 1, 'organization_name')),
          bookings: foreign.map((room) => row(room, 2, 'group_name')),
        };
      }),
  );
  return { domains } as BookingSeed;
}

function evening(day: number): { from_: string; to_: string } {
  const start = Math.floor(START_MS / DAY_MS) * DAY_MS + day * DAY_MS + 18 * HOUR_MS;
  const text = (at: number): string => toLocal(at as Instant, OSLO).replace('T', ' ');
  return { from_: text(start), to_: text(start + HOUR_MS) };
}
