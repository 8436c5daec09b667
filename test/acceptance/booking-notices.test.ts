import { describe, expect, it } from 'vitest';
import type { BridgeKey, ResourceId } from '../../shared/model/ids.ts';
import type { Subscription } from '../../shared/model/subscription.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/model/time.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, Town, type Announced } from '../support/town.ts';

const BOOKING = 'booking_system' as BridgeKey;
type Profile = 'portico' | 'generic';
const PROFILES: readonly Profile[] = ['portico', 'generic'];

/** A town whose rooms are equal, and announced by their booking system. */
async function announced(profile: Profile, rooms = 1): Promise<Town> {
  const town = await Town.open({ rooms, profile });
  await town.settle();
  await renewAll(town);
  town.forgetRequests();
  return town;
}

/** Notices of the booking system go out, and all that follows from them at once is done. */
async function told(town: Town): Promise<void> {
  await town.booking.pump();
  await soon(town);
}

function booking(name: string, day: number, hour: number): Record<string, unknown> {
  return { title: name, ...bookingTimes(day, hour) };
}

interface Living {
  readonly id: string;
  readonly resource_id: number;
  readonly expires: string | null;
}

/** The tick that looks after subscriptions, and what follows from it. */
async function renewAll(town: Town): Promise<void> {
  await town.timer('renewSubscriptions');
  await soon(town);
}

/** What is queued, with what waits a second so that a burst is one pass. */
async function soon(town: Town): Promise<void> {
  town.manual.advance(1000);
  await town.work();
}

async function living(town: Town): Promise<readonly Living[]> {
  const { subscriptions } = (await town.bookingControl('GET', 'subscriptions')) as {
    subscriptions: Living[];
  };
  return subscriptions;
}

async function stored(town: Town): Promise<readonly Subscription[]> {
  return await town.stores.subscriptions.list(TENANT, BOOKING);
}

async function subjects(town: Town): Promise<readonly unknown[]> {
  return (await town.calendar()).map(({ subject }) => subject);
}

/** Each pass asks Graph once what has changed. */
function passesOf(town: Town): number {
  return town.graph.log
    .since(-Infinity)
    .requests.filter(({ path }) => path.includes('/calendarView/delta')).length;
}

/** Requests about subscriptions at the booking system, lists apart. */
function aboutSubscriptions(town: Town, method: string): number {
  return town
    .bookingRequests()
    .filter((one) => one.method === method && one.path.includes('/webhooks/')).length;
}

function lastPost(town: Town): Announced {
  const post = town.posts.at(-1);
  if (post === undefined) throw new Error('nothing was announced');
  return post;
}

describe.each(PROFILES)('a change in the booking pages (%s)', (profile) => {
  it('is in Outlook without any timer', async () => {
    const town = await announced(profile);
    const id = await town.book(1, booking('Chess', 2, 16));
    await told(town);
    expect(await subjects(town)).toEqual(['Chess']);
    expect(await town.isEqual()).toBe(true);
    town.manual.advance(1000);
    await town.person('PUT', `events/${id}`, { name: 'Chess, again', ...bookingTimes(3, 16) });
    await told(town);
    expect(await subjects(town)).toEqual(['Chess, again']);
    expect(await town.isEqual()).toBe(true);
  });

  it('that is one of a burst causes two passes at most', async () => {
    const town = await announced(profile);
    for (let n = 0; n < 10; n += 1) {
      await town.book(1, booking(`Meeting ${n}`, n + 2, 9));
      await town.booking.pump();
    }
    await soon(town);
    town.manual.advance(2000);
    await soon(town);
    expect(town.posts.length).toBeGreaterThanOrEqual(10);
    expect(passesOf(town)).toBeLessThanOrEqual(2);
    expect(await town.isEqual()).toBe(true);
  });

  it('that is announced late, twice, in another order or not at all is there in the end', async () => {
    const town = await announced(profile, 3);
    const weather = { delayMs: 500, doubled: 0.2, reordered: 0.3, lost: 0.2 };
    await town.bookingControl('POST', 'notices', weather);
    for (let n = 0; n < 30; n += 1) {
      const event = booking(`Meeting ${n}`, (n % 9) + 2, 8 + Math.floor(n / 9));
      await town.book((n % 3) + 1, event);
      town.manual.advance(300);
      await told(town);
    }
    for (let second = 0; second < 5; second += 1) {
      town.manual.advance(1000);
      await told(town);
    }
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });

  it('is announced once, and read by the timers where nobody took the notice', async () => {
    const town = await announced(profile);
    town.noticeStatus = () => 503;
    await town.book(1, booking('Chess', 2, 16));
    await told(town);
    town.noticeStatus = undefined;
    town.manual.advance(HOUR_MS);
    await told(town);
    expect(await subjects(town)).toEqual([]);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });

  it('that we wrote ourselves is not announced', async () => {
    const town = await announced(profile);
    const id = await town.meet(1, graphEvent('Budget', 2, 9));
    await town.run();
    await town.change(1, id, { subject: 'Budget, again' });
    await town.run();
    await town.remove(1, id);
    await town.run();
    await told(town);
    expect(town.posts.filter(({ url }) => url.includes(BOOKING))).toEqual([]);
  });
});

describe('an ended booking', () => {
  it('is announced as deleted by Portico, and its copy goes once the system itself says so', async () => {
    const town = await announced('portico');
    const id = await town.book(1, booking('Chess', 2, 16));
    await told(town);
    await town.bookingControl('POST', 'faults', {
      match: { method: 'GET', path: `/booking/events/${id}` },
      times: 1,
      status: 503,
    });
    town.manual.advance(1000);
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await told(town);
    expect(lastPost(town).body).toContain('"change_type":"deleted"');
    expect(await subjects(town)).toEqual(['Chess']);
    await town.settle();
    expect(await subjects(town)).toEqual([]);
  });

  it('of the generic contract is missed twice, minutes apart, before its copy goes', async () => {
    const town = await announced('generic');
    const id = await town.book(1, booking('Chess', 2, 16));
    await told(town);
    town.manual.advance(1000);
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await told(town);
    expect(lastPost(town).body).toContain('"action":"deleted"');
    expect(await subjects(town)).toEqual(['Chess']);
    town.manual.advance(6 * MINUTE_MS);
    await town.timer('processDeletionQueue');
    expect(await subjects(town)).toEqual([]);
  });

  it('that is announced as deleted and is there all the same ends nothing', async () => {
    const town = await announced('portico');
    const id = await town.book(1, booking('Chess', 2, 16));
    await told(town);
    town.manual.advance(1000);
    // Deactivated and activated again before anybody looked.
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 1 });
    town.forgetRequests();
    await told(town);
    expect(await subjects(town)).toEqual(['Chess']);
    expect(town.writes()).toEqual([]);
  });
});

describe.each(PROFILES)('a notice (%s)', (profile) => {
  /** A town in which something was announced, and not yet looked at. */
  async function waiting(): Promise<{ town: Town; post: Announced }> {
    const town = await announced(profile);
    town.noticeStatus = () => 503;
    await town.book(1, booking('Chess', 2, 16));
    await town.booking.pump();
    town.noticeStatus = undefined;
    return { town, post: lastPost(town) };
  }

  it('of another state, or for another tenant or bridge, has no effect', async () => {
    const { town, post } = await waiting();
    const state = (await town.manager.list(TENANT, BOOKING)).map(({ id }) => id);
    expect(state).toHaveLength(1);
    const [first = ''] = /[\w-]{43}\.[\w-]{43}/.exec(post.url + post.body) ?? [];
    const swapped = `${first.slice(44)}.${first.slice(0, 43)}`;
    for (const forged of [
      {
        ...post,
        url: post.url.replace(first, swapped),
        body: post.body.replace(first, swapped),
      },
      { ...post, url: post.url.replace(`/${TENANT}/`, '/other/') },
      { ...post, url: post.url.replace(BOOKING, 'outlook') },
      { ...post, url: post.url.replace(BOOKING, 'nobody') },
    ]) {
      await town.announce(forged);
      expect(town.jobs).toEqual([]);
    }
    expect(await town.announce(post)).toBe(202);
    await soon(town);
    expect(await town.isEqual()).toBe(true);
  });

  it('that is played again costs one pass, and writes nothing', async () => {
    const { town, post } = await waiting();
    await town.announce(post);
    await soon(town);
    expect(await town.isEqual()).toBe(true);
    town.manual.advance(5000);
    town.forgetRequests();
    for (let time = 0; time < 5; time += 1) await town.announce(post);
    await soon(town);
    expect(passesOf(town)).toBe(1);
    expect(town.writes()).toEqual([]);
  });

  it('that waits while the secret is changed is taken, and its room is announced once after it', async () => {
    const { town, post } = await waiting();
    town.rotateSecret('another secret of the town');
    expect(await town.announce(post)).toBe(202);
    await soon(town);
    expect(await town.isEqual()).toBe(true);
    await renewAll(town);
    expect(await living(town)).toHaveLength(1);
    town.manual.advance(1000);
    await town.book(1, booking('Go', 3, 16));
    const before = town.posts.length;
    await told(town);
    expect(town.posts.length).toBe(before + 1);
    expect(await town.isEqual()).toBe(true);
    // Two changes later nothing is left of the first secret.
    town.rotateSecret('a third secret of the town');
    expect(await town.announce(lastPost(town))).toBe(202);
    town.rotateSecret('a fourth secret of the town');
    town.jobs.length = 0;
    await town.announce(lastPost(town));
    expect(town.jobs).toEqual([]);
  });
});

describe("a notice of Portico's without its signature", () => {
  it('is refused, whatever state it carries', async () => {
    const town = await announced('portico');
    town.noticeStatus = () => 503;
    await town.book(1, booking('Chess', 2, 16));
    await town.booking.pump();
    const post = lastPost(town);
    const { 'x-booking-signature': signature = '', ...headers } = post.headers;
    expect(signature).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(await town.announce({ ...post, headers })).toBe(401);
    expect(await town.announce({ ...post, body: `${post.body} ` })).toBe(401);
    expect(town.jobs).toEqual([]);
  });
});

describe("subscriptions in Portico's system", () => {
  it('and in Outlook, made at once for a room, have it looked at by one message', async () => {
    const town = await Town.open({ rooms: 2, profile: 'portico' });
    await town.settle();
    await town.handler.handle({
      v: 1,
      kind: 'fan-out',
      tenantId: TENANT,
      timer: 'renewSubscriptions',
    });
    const all = await town.stores.subscriptions.list(TENANT, 'outlook' as BridgeKey);
    expect([...all, ...(await stored(town))].map(({ failures }) => failures)).toEqual([0, 0, 0, 0]);
    const looks = town.jobs.flatMap((job) => (job.kind === 'sync' ? [job.pairId] : []));
    expect(looks.toSorted()).toEqual(town.pairs.map(({ id }) => id).toSorted());
  });

  it('are one a room over sixty days, renewed at about half of their thirty', async () => {
    const town = await announced('portico', 4);
    for (let step = 0; step < 60 * 4; step += 1) {
      town.manual.advance(6 * HOUR_MS);
      await renewAll(town);
      const live = await living(town);
      expect(new Set(live.map((one) => one.resource_id)).size).toBe(4);
      expect(live).toHaveLength(4);
      const lefts = live.map(({ expires }) => Date.parse(expires ?? '') - town.clock.now());
      expect(Math.min(...lefts)).toBeGreaterThan(14 * DAY_MS);
    }
    const renewals = aboutSubscriptions(town, 'PATCH');
    expect(renewals).toBeGreaterThanOrEqual(4 * 4);
    expect(renewals).toBeLessThanOrEqual(4 * 5);
    expect(aboutSubscriptions(town, 'POST')).toBe(0);
  });

  it('that were lost behind our back are there again after one tick, with what was missed', async () => {
    const town = await announced('portico');
    const [lost] = await living(town);
    await town.bookingControl('DELETE', `subscriptions/${lost?.id ?? ''}`);
    await town.book(1, booking('Missed', 2, 16));
    await told(town);
    expect(await subjects(town)).toEqual([]);
    await renewAll(town);
    const [again] = await living(town);
    expect(again?.id).not.toBe(lost?.id);
    expect(await town.isEqual()).toBe(true);
  });

  it('that are gone when they are to be renewed are made anew, with what was missed', async () => {
    const town = await announced('portico');
    const [row] = await stored(town);
    if (row?.id === undefined) throw new Error('nothing is stored');
    await town.bookingControl('DELETE', `subscriptions/${row.id}`);
    await town.book(1, booking('Missed', 2, 16));
    const renewed = await town.manager.renew(TENANT, row);
    expect(renewed).toMatchObject({ failures: 0 });
    expect((await living(town)).map(({ id }) => id)).toEqual([renewed?.id]);
    await soon(town);
    expect(await town.isEqual()).toBe(true);
  });

  it('that another program of ours has made are taken over', async () => {
    const town = await announced('portico');
    const before = (await living(town)).map(({ id }) => id);
    const bare = { bridge: BOOKING, resource: '1' as ResourceId, failures: 0 };
    await town.stores.subscriptions.change(TENANT, bare, () => bare);
    await renewAll(town);
    expect((await living(town)).map(({ id }) => id)).toEqual(before);
    expect((await stored(town)).map(({ id }) => id)).toEqual(before);
  });
});

describe('subscriptions of the generic contract', () => {
  it('are one a room over a hundred days, made anew once in about thirty', async () => {
    const town = await announced('generic', 2);
    for (let day = 0; day < 100; day += 1) {
      town.manual.advance(DAY_MS);
      await renewAll(town);
      expect(await living(town)).toHaveLength(2);
    }
    for (const method of ['POST', 'DELETE'])
      expect(aboutSubscriptions(town, method)).toBeLessThanOrEqual(2 * 4);
    expect(aboutSubscriptions(town, 'POST')).toBeGreaterThanOrEqual(2 * 3);
    expect(await stored(town)).toMatchObject([{ endless: true }, { endless: true }]);
  });

  it('that were lost behind our back are there again within about a month', async () => {
    const town = await announced('generic');
    const [lost] = await living(town);
    await town.bookingControl('DELETE', `subscriptions/${lost?.id ?? ''}`);
    for (let day = 0; day < 31; day += 1) {
      town.manual.advance(DAY_MS);
      await renewAll(town);
    }
    expect((await living(town)).map(({ id }) => id)).toEqual([(await stored(town))[0]?.id]);
  });

  it('are made anew where a person renews one, so that a lost one is there again', async () => {
    const town = await announced('generic');
    for (let time = 0; time < 2; time += 1) {
      const [row] = await stored(town);
      if (row?.id === undefined) throw new Error('nothing is stored');
      const renewed = await town.manager.renew(TENANT, row);
      expect((await living(town)).map(({ id }) => id)).toEqual([renewed?.id]);
      await town.bookingControl('DELETE', `subscriptions/${renewed?.id ?? ''}`);
      town.manual.advance(1000);
    }
    const [last] = await stored(town);
    if (last === undefined) throw new Error('nothing is stored');
    await town.manager.renew(TENANT, last);
    expect(await living(town)).toHaveLength(1);
  });

  it('that could not be made again are not said to live', async () => {
    const town = await announced('generic');
    const [row] = await stored(town);
    if (row === undefined) throw new Error('nothing is stored');
    const match = { method: 'POST', path: '/api/webhooks' };
    await town.bookingControl('POST', 'faults', { match, times: 1, status: 503 });
    const failed = await town.manager.renew(TENANT, row);
    expect(failed).toMatchObject({ failures: 1 });
    expect(failed).not.toHaveProperty('id');
    expect(await living(town)).toEqual([]);
    town.manual.advance(HOUR_MS);
    await renewAll(town);
    expect(await living(town)).toHaveLength(1);
  });
});

describe('a stop while a subscription without an end is made anew', () => {
  it('leaves none that is said to live and does not: the next tick makes one', async () => {
    const town = await announced('generic');
    const [row] = await stored(town);
    if (row === undefined) throw new Error('nothing is stored');
    const { subscriptions } = town.stores;
    const change = subscriptions.change.bind(subscriptions);
    // The old one is ended, and the process stops before the new one is asked for.
    subscriptions.change = async (...asked) => {
      const changed = await change(...asked);
      if (changed?.id === undefined) throw new Error('stopped');
      return changed;
    };
    await expect(town.manager.renew(TENANT, row)).rejects.toThrow('stopped');
    subscriptions.change = change;
    expect(await living(town)).toEqual([]);
    expect((await stored(town))[0]).not.toHaveProperty('id');
    await renewAll(town);
    // Whoever has stopped at it may still be at it, for all that others know.
    expect(await living(town)).toEqual([]);
    town.manual.advance(5 * MINUTE_MS);
    await renewAll(town);
    expect((await living(town)).map(({ id }) => id)).toEqual([(await stored(town))[0]?.id]);
  });
});

describe.each(PROFILES)('subscriptions (%s)', (profile) => {
  it('are one a room where several are at it', async () => {
    const town = await Town.open({ profile, rooms: 3 });
    await Promise.all([1, 2, 3].map(async () => town.manager.renewTenant(TENANT)));
    expect(await living(town)).toHaveLength(3);
    town.manual.advance(40 * DAY_MS);
    await Promise.all([1, 2, 3].map(async () => town.manager.renewTenant(TENANT)));
    expect((await living(town)).map(({ id }) => id).toSorted()).toEqual(
      (await stored(town)).map(({ id }) => id).toSorted(),
    );
    expect(await living(town)).toHaveLength(3);
  });

  it('end with their mapping, and are made again with it', async () => {
    const town = await announced(profile);
    await town.stores.pairs.update(TENANT, town.pairOf(1).id, { active: false });
    await renewAll(town);
    expect(await living(town)).toEqual([]);
    await town.mapAgain();
    await renewAll(town);
    expect(await living(town)).toHaveLength(1);
  });

  it('in a system that has none say so once a day, and its changes are found by the timers', async () => {
    const town = await Town.open({ profile });
    const match = { path: '/webhooks/' };
    await town.bookingControl('POST', 'faults', { match, times: 99, status: 404, body: {} });
    town.forgetRequests();
    for (let hour = 0; hour < 24; hour += 1) {
      await renewAll(town);
      town.manual.advance(HOUR_MS);
    }
    const asked = town.bookingRequests().filter(({ path }) => path.includes('/webhooks/'));
    expect(asked).toHaveLength(1);
    const [row] = await stored(town);
    expect(row).toMatchObject({
      failures: 1,
      failure: expect.stringContaining('has no webhooks'),
    });
    expect(row).not.toHaveProperty('id');
    await town.book(1, booking('Chess', 3, 16));
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    await town.bookingControl('DELETE', 'faults');
    await renewAll(town);
    expect(await living(town)).toHaveLength(1);
    expect((await stored(town))[0]).not.toHaveProperty('failure');
  });
});
