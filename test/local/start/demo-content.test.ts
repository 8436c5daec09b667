import { describe, expect, it } from 'vitest';
import { createBookingSimulator } from '../../../local/booking-simulator/core.ts';
import { manualClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { bookingSeed } from '../../../local/start/demo-bookings.ts';
import { DEMO_TENANTS } from '../../../local/start/demo-content.ts';
import { addDays, dateOf, toLocal, type TimeZoneId } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const NOW = Date.parse('2026-06-01T08:00:00Z') as Instant;
const SECRETS = { login: 'bridge', password: 'secret', bookingKey: 'key' };

describe.each(DEMO_TENANTS)('the demo content of $id', (tenant) => {
  const seed = bookingSeed(tenant, SECRETS, NOW);
  const [domain] = seed.domains;

  it('is of single rooms and events alone where the contract shows nothing else', () => {
    const { events = [], allocations = [], bookings = [] } = domain ?? {};
    const perRoom = events.map(({ resources }) => resources.length);
    const other = allocations.length + bookings.length;
    const isGeneric = tenant.bookingProfile === 'generic';
    expect({ most: Math.max(...perRoom), other }).toEqual(
      isGeneric ? { most: 1, other: 0 } : { most: 2, other: 2 },
    );
  });

  it('is open by the generic contract with its key where that is its profile', async () => {
    const { fetch, seed: fill } = createBookingSimulator({
      clock: manualClock(NOW),
      journal: new Journal(),
    });
    fill(seed);
    const today = dateOf(toLocal(NOW, 'Europe/Oslo' as TimeZoneId));
    const days = `start_date=${today}&end_date=${addDays(today, 30)}`;
    const titles: string[] = [];
    for (const { resourceId } of tenant.rooms) {
      const url = `http://booking.example/api/resources/${resourceId}/events?${days}`;
      const answer = await fetch(new Request(url, { headers: { authorization: 'Bearer key' } }));
      const { events = [] } = (await answer.json()) as { events?: { title: string }[] };
      titles.push(...events.map(({ title }) => title));
    }
    const seeded = (domain?.events ?? []).map(({ name }) => name);
    expect(titles.sort()).toEqual(tenant.bookingProfile === 'generic' ? seeded.sort() : []);
  });
});
