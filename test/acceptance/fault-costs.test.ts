import { describe, expect, it } from 'vitest';
import type { BridgeFault } from '../../shared/model/errors.ts';
import { bookingTimes, graphEvent, Town } from '../support/town.ts';
import { act, openScene } from './faults/scene.ts';
import { SYSTEMS, type System } from './faults/systems.ts';
import { WEATHERS } from './faults/weather.ts';

/**
 * What the first run that meets a fault while reading ends with, and how many requests it sends to that
 * side, sign-in included: none more than it must.
 */
const COSTS: Readonly<
  Record<string, Readonly<Record<string, readonly [BridgeFault | 'none', number]>>>
> = {
  Outlook: {
    '429, Retry-After in seconds': ['throttled', 1],
    '429, Retry-After as a date': ['throttled', 1],
    '429 without Retry-After': ['throttled', 1],
    '503': ['unavailable', 1],
    '503 in mid-paging': ['unavailable', 2],
    // The bound of pages of one read.
    'pages without end': ['invalid-response', 200],
    'answer lost after the work': ['unavailable', 1],
    'connection cut before the work': ['unavailable', 1],
    '412': ['precondition-failed', 1],
    // The read begins anew, without the cursor.
    '410': ['none', 2],
    'delta token expired': ['none', 2],
    'HTML page, 200': ['invalid-response', 1],
    'HTML page, 502': ['unavailable', 1],
    'answer cut off after the work': ['invalid-response', 1],
    'cut-off JSON in its place': ['invalid-response', 1],
    // A new token, once.
    'session lapsed in mid-pass': ['none', 2],
    '401': ['none', 2],
    'slow beyond the timeout': ['unavailable', 1],
  },
  'booking (portico)': {
    '429, Retry-After in seconds': ['throttled', 1],
    '429, Retry-After as a date': ['throttled', 1],
    '429 without Retry-After': ['throttled', 1],
    '503': ['unavailable', 1],
    'answer lost after the work': ['unavailable', 1],
    'connection cut before the work': ['unavailable', 1],
    '412': ['rejected', 1],
    '410': ['rejected', 1],
    'HTML page, 200': ['invalid-response', 1],
    'HTML page, 502': ['unavailable', 1],
    'answer cut off after the work': ['invalid-response', 1],
    'cut-off JSON in its place': ['invalid-response', 1],
    // A new session, once: the call, the sign-in, the call again.
    'session lapsed in mid-pass': ['none', 3],
    '401': ['none', 3],
    'slow beyond the timeout': ['unavailable', 1],
  },
};

/** As operators are told of them. */
const NAMES: Readonly<Record<System['side'], RegExp>> = {
  a: /^side a: booking system: GET \/booking\/resources\/1\/schedule: .+; .+/,
  b: /^side b: Graph .+ reading the changes of room-1@town\.example.*; .+/,
};

const CASES = SYSTEMS.flatMap((system) =>
  WEATHERS.filter(
    ({ cannotBe, changes }) => cannotBe?.(system, 'read') === undefined && changes === undefined,
  ).map((weather) => ({ system, weather, name: `${system.name}, ${weather.name}` })),
);

/** Reads and sign-ins; what a change is looked at by id for is no matter here. */
function readsOf({ side, requests }: System, town: Town): number {
  const { log } = side === 'a' ? town.booking : town.graph;
  const paths = ['/login', ...requests.read.map(({ path = '' }) => path)];
  return log
    .since(-Infinity)
    .requests.filter((request) => paths.some((path) => request.path.includes(path))).length;
}

describe('one fault of a read costs no more requests than it must, and is told as what it is', () => {
  it.each(CASES.filter(({ weather }) => weather.name !== 'empty and short pages'))(
    '$name',
    async ({ system, weather }) => {
      const { town, ...scene } = await openScene(system.town);
      await act({ town, ...scene }, 'create', system.side === 'b' ? 'inOutlook' : 'inBooking');
      await act({ town, ...scene }, 'update', system.side === 'b' ? 'inOutlook' : 'inBooking');
      const [match] = system.requests.read;
      for (const fault of weather.faults(system))
        system.faults(town).add({ ...fault, match: match ?? {} });
      town.forgetRequests();
      const report = await town.run();
      const [kind, requests] = COSTS[system.name]?.[weather.name] ?? ['none', 0];
      expect(report.error?.kind ?? 'none').toBe(kind);
      expect(readsOf(system, town)).toBe(requests);
      if (kind === 'none') return;
      expect(report).toMatchObject({ outcome: 'failed', actions: [] });
      expect(report.error?.message).toMatch(NAMES[system.side]);
      expect(report.error?.message).not.toMatch(/Sorry|secret|bridge-1/);
      const { status, statusReason } = await town.storedPair();
      expect({ status, statusReason }).toEqual({
        status: 'error',
        statusReason: report.error?.message,
      });
    },
  );

  it('a token that is refused twice is not asked for a third time, and says what to do', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('meeting', 2, 9));
    town.graph.faults.add({ match: { method: 'GET' }, times: 9, status: 401, body: {} });
    town.forgetRequests();
    const report = await town.run();
    expect(report.error?.kind).toBe('auth-rejected');
    expect(report.error?.message).toMatch(/app registration/);
    expect(town.graph.log.since(-Infinity).requests).toHaveLength(2);
  });

  it('a sign-in that is refused is tried once, and by nobody for a minute', async () => {
    const town = await Town.open({ rooms: 2 });
    await town.book(1, { title: 'booking', ...bookingTimes(2, 9) });
    town.booking.faults.add({ match: { path: '/schedule' }, lapse: 'session' });
    town.booking.faults.add({ match: { path: '/login' }, times: 9, status: 404, body: {} });
    town.forgetRequests();
    expect((await town.run()).error?.kind).toBe('auth-rejected');
    expect((await town.run()).error?.kind).toBe('auth-rejected');
    expect((await town.run(2)).error?.kind).toBe('auth-rejected');
    const paths = town.booking.log.since(-Infinity).requests.map(({ path }) => path.split('?')[0]);
    expect(paths).toEqual(['/booking/resources/1/schedule', '/login']);
    town.booking.faults.clear();
    town.manual.advance(60_000);
    expect((await town.run()).outcome).toBe('completed');
  });
});

describe('one fault of a write', () => {
  it.each<[string, object, number]>([
    ['503 of the whole batch', { match: { path: '$batch' }, status: 503, body: {} }, 1],
    ['a lost answer', { match: { path: '$batch' }, drop: 'after' }, 1],
    [
      '503 of one request',
      { match: { method: 'POST', path: '/events' }, status: 503, body: {} },
      1,
    ],
    [
      '429 of one request with a long wait',
      { match: { path: '/events' }, status: 429, retryAfter: { seconds: 90 }, body: {} },
      1,
    ],
    // Short waits are waited for: only the throttled request is sent again.
    [
      '429 of one request with a short wait',
      { match: { path: '/events' }, status: 429, retryAfter: { seconds: 2 }, body: {} },
      2,
    ],
  ])('of Outlook sends so many batches in its run: %s', async (_what, fault, batches) => {
    const town = await Town.open();
    await town.book(1, { title: 'one', ...bookingTimes(2, 9) });
    await town.book(1, { title: 'two', ...bookingTimes(3, 9) });
    town.graph.faults.add(fault);
    town.forgetRequests();
    await town.run();
    const { requests } = town.graph.log.since(-Infinity);
    expect(requests.filter(({ path }) => path.endsWith('$batch'))).toHaveLength(batches);
    const inner = requests.filter(
      ({ batch, path }) => batch !== undefined && path.endsWith('/events'),
    );
    const sent = batches === 2 ? 3 : 2;
    expect(inner.length === 0 ? sent : inner.length).toBe(sent);
  });

  it.each<[string, object, number]>([
    ['503', { status: 503, body: '' }, 2],
    ['a lost answer', { drop: 'after' }, 1],
    ['no answer in time', { delayMs: 31_000 }, 1],
  ])('of the booking system sends so many creates in its run: %s', async (_what, fault, posts) => {
    const town = await Town.open();
    await town.meet(1, graphEvent('one', 2, 9));
    await town.meet(1, graphEvent('two', 3, 9));
    town.booking.faults.add({ match: { method: 'POST', path: '/events' }, ...fault });
    town.forgetRequests();
    expect(await town.run()).toMatchObject({ outcome: 'partial' });
    const made = town.bookingRequests().filter(({ method }) => method === 'POST');
    expect(made).toHaveLength(posts);
    const { statusReason } = await town.storedPair();
    expect(statusReason).toMatch(/booking system: POST .*the next run tries again/);
  });
});
