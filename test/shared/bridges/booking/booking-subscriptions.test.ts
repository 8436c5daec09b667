import { describe, expect, it } from 'vitest';
import { createBookingSimulator } from '../../../../local/booking-simulator/core.ts';
import { manualClock } from '../../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../../local/simulator-kit/journal.ts';
import { BookingClient } from '../../../../shared/bridges/booking/booking-client.ts';
import {
  BookingSubscriptions,
  carefulInstant,
} from '../../../../shared/bridges/booking/booking-subscriptions.ts';
import type { WantedSubscription } from '../../../../shared/bridges/push-source.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import type { ResourceId } from '../../../../shared/model/ids.ts';
import { DAY_MS, formatInstant, MINUTE_MS } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { failureOf } from '../rest/rest-stage.ts';
import { at, OSLO } from './booking-stage.ts';

const ACCOUNT = { login: 'bridge', password: 'secret' };
const LIFE_MS = 43_200 * MINUTE_MS;

function stage() {
  const clock = manualClock(at('2026-06-01T08:00:00Z'));
  const simulator = createBookingSimulator({ clock, journal: new Journal() });
  simulator.seed({
    domains: [
      {
        domain: 'town',
        accounts: [ACCOUNT],
        buildings: [{ id: 1, name: 'Town hall' }],
        resources: [12, 13].map((id) => ({ id, name: `Room ${id}`, building_id: 1 })),
      },
    ],
  });
  const bodies: Record<string, unknown>[] = [];
  const ports = {
    fetch: async (request: Request): Promise<Response> => {
      const path = new URL(request.url).pathname;
      if (request.method === 'POST' && path.startsWith('/booking/'))
        bodies.push((await request.clone().json()) as Record<string, unknown>);
      return await simulator.fetch(request);
    },
    clock: { now: () => clock.now() as Instant },
    logger: silentLogger,
  };
  const settings = {
    profile: 'portico' as const,
    baseUrl: 'http://booking.example',
    ...ACCOUNT,
    domain: 'town',
    locale: 'nb' as const,
    timeZone: OSLO,
  };
  const push = new BookingSubscriptions(new BookingClient(settings, ports), OSLO, ports.clock);
  const wanted = (more: Partial<WantedSubscription> = {}): WantedSubscription => ({
    resource: '12' as ResourceId,
    notificationUrl: 'http://bridge.test/notices',
    lifecycleUrl: 'http://bridge.test/notices',
    clientState: 'state',
    signingSecret: 'signing secret',
    until: (clock.now() + LIFE_MS) as Instant,
    ...more,
  });
  return { clock, simulator, push, wanted, bodies };
}

describe("subscriptions in Portico's system", () => {
  it('are of one resource and all that happens there, with our state and a secret to sign with', async () => {
    const { push, wanted, bodies } = stage();
    const { id, expiresAt } = await push.subscribe(wanted());
    expect(bodies).toEqual([
      {
        webhook_url: 'http://bridge.test/notices',
        calendar_id: '12',
        entity_type: 'all',
        change_types: ['created', 'updated', 'deleted'],
        client_state: 'state',
        secretKey: 'signing secret',
        expirationMinutes: 43_200,
      },
    ]);
    expect(await push.listIds()).toEqual([id]);
    // Granted till 08:00 UTC, which it writes as 10:00Z: not two hours too long.
    expect(formatInstant(expiresAt ?? (0 as Instant))).toBe('2026-07-01T08:00:00Z');
  });

  it('are taken over where they are there already, and ended where their state is another', async () => {
    const { clock, push, wanted } = stage();
    const first = await push.subscribe(wanted());
    const elsewhere = await push.subscribe(wanted({ resource: '13' as ResourceId }));
    clock.advance(DAY_MS);
    const again = await push.subscribe(wanted());
    expect(again.id).toBe(first.id);
    expect(again.expiresAt).toBe((first.expiresAt ?? 0) + DAY_MS);
    const other = await push.subscribe(wanted({ clientState: 'another state' }));
    expect(other.id).not.toBe(first.id);
    expect([...(await push.listIds())].sort()).toEqual([elsewhere.id, other.id].sort());
  });

  it('are renewed for as long as is asked, thirty days at most, and not where they are gone', async () => {
    const { clock, simulator, push, wanted } = stage();
    const { id } = await push.subscribe(wanted());
    clock.advance(10 * DAY_MS);
    const until = (days: number): Instant => (clock.now() + days * DAY_MS) as Instant;
    expect((await push.renew(id, until(7))).expiresAt).toBe(until(7));
    expect((await push.renew(id, until(300))).expiresAt).toBe(until(30));
    await simulator.fetch(
      new Request(`http://booking.example/__sim/subscriptions/${id}`, { method: 'DELETE' }),
    );
    expect((await failureOf(push.renew(id, until(30)))).kind).toBe('not-found');
    await push.unsubscribe(id);
    expect(await push.listIds()).toEqual([]);
  });

  it('that are gone while they are taken over are made anew', async () => {
    const { simulator, push, wanted } = stage();
    const first = await push.subscribe(wanted());
    const match = { method: 'PATCH', path: '/booking/webhooks' };
    simulator.faults.add({ match, times: 1, status: 404, body: { error: 'gone' } });
    const again = await push.subscribe(wanted());
    expect(again.id).not.toBe(first.id);
  });

  it.each([404, 405, 501])('that it does not know (%i) are refused in words', async (status) => {
    const { simulator, push, wanted } = stage();
    const match = { path: '/booking/webhooks' };
    simulator.faults.add({ match, times: 1, status, body: { message: 'no' } });
    const error = await failureOf(push.subscribe(wanted()));
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ kind: 'rejected', status, retryAfterMs: DAY_MS });
    expect(error.message).toContain('found by the timers');
  });

  it('that it cannot make now fail as any other call', async () => {
    const { simulator, push, wanted } = stage();
    simulator.faults.add({ match: { path: '/booking/webhooks' }, times: 1, status: 503, body: {} });
    expect((await failureOf(push.subscribe(wanted()))).kind).toBe('unavailable');
  });
});

describe('a time of its webhooks', () => {
  it.each([
    ['2026-07-01T10:00:00Z', '2026-07-01T08:00:00Z'],
    ['2026-12-01T10:00:00Z', '2026-12-01T09:00:00Z'],
    ['2026-07-01 10:00:00', '2026-07-01T08:00:00Z'],
    ['2026-07-01T10:00:00+00:00', '2026-07-01T08:00:00Z'],
    ['2026-07-01T10:00:00+02:00', '2026-07-01T08:00:00Z'],
    ['2026-07-01T10:00:00.123456Z', '2026-07-01T08:00:00Z'],
  ])('%s is %s', (text, instant) => {
    expect(carefulInstant(text, OSLO)).toBe(at(instant));
  });

  it('is the earlier of both readings also where clocks are behind UTC', () => {
    const york = 'America/New_York' as typeof OSLO;
    expect(carefulInstant('2026-07-01T10:00:00Z', york)).toBe(at('2026-07-01T10:00:00Z'));
  });

  it.each(['', 'soon', '2026-13-01T00:00:00Z'])('is none: %j', (text) => {
    expect(carefulInstant(text, OSLO)).toBeUndefined();
  });
});
