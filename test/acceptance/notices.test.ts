import { describe, expect, it } from 'vitest';
import { resourceHashOf, type BridgeKey } from '../../shared/model/ids.ts';
import type { Subscription } from '../../shared/model/subscription.ts';
import { DAY_MS, HOUR_MS } from '../../shared/model/time.ts';
import { TENANT } from '../support/memory-world.ts';
import { graphEvent, Town } from '../support/town.ts';

const OUTLOOK = 'outlook' as BridgeKey;

/** A town whose rooms are equal, and announced. */
async function announced(rooms = 1): Promise<Town> {
  const town = await Town.open({ rooms });
  await town.settle();
  await town.timer('renewSubscriptions');
  town.forgetRequests();
  return town;
}

/** Notices go out, and all that follows from them is done. */
async function told(town: Town): Promise<void> {
  await town.graph.pump();
  await town.work();
}

async function stored(town: Town): Promise<readonly Subscription[]> {
  return await town.stores.subscriptions.list(TENANT, OUTLOOK);
}

async function living(town: Town): Promise<readonly { id: string; expires: number }[]> {
  const answer = await town.fetch(
    new Request('http://127.0.0.1:7080/v1.0/subscriptions', {
      headers: { authorization: 'Bearer person' },
    }),
  );
  const { value } = (await answer.json()) as {
    value: { id: string; expirationDateTime: string }[];
  };
  return value.map(({ id, expirationDateTime }) => ({
    id,
    expires: Date.parse(expirationDateTime),
  }));
}

function passesOf(town: Town): number {
  return town.graph.log
    .since(-Infinity)
    .requests.filter(({ path }) => path.includes('/calendarView/delta')).length;
}

describe('a change in Outlook', () => {
  it('is in the booking system without any timer, and our own copies announce nothing new', async () => {
    const town = await announced();
    const id = await town.meet(1, graphEvent('Budget', 2, 9));
    await told(town);
    expect(await town.isEqual()).toBe(true);
    await town.change(1, id, { subject: 'Budget, again' });
    await told(town);
    expect(await town.isEqual()).toBe(true);
    await town.remove(1, id);
    await told(town);
    expect(await town.schedule()).toEqual([]);

    const booked = await town.book(1, {
      title: 'Chess',
      from_: '2026-11-26T17:00:00',
      to_: '2026-11-26T18:00:00',
    });
    await town.run();
    town.forgetRequests();
    await told(town);
    town.manual.advance(1000);
    await town.work();
    expect(town.writes()).toEqual([]);
    expect(booked).toBeGreaterThan(0);
  });

  it('that is one of a burst causes two passes at most', async () => {
    const town = await announced();
    for (let n = 0; n < 10; n += 1) {
      await town.meet(1, graphEvent(`Meeting ${n}`, n + 2, 9));
      await town.graph.pump();
    }
    await town.work();
    town.manual.advance(2000);
    await town.work();
    expect(passesOf(town)).toBeLessThanOrEqual(2);
    expect(await town.isEqual()).toBe(true);
  });

  it('is announced again and again until it is taken', async () => {
    const town = await announced();
    town.noticeStatus = () => 503;
    await town.meet(1, graphEvent('Budget', 2, 9));
    await told(town);
    expect(await town.schedule()).toEqual([]);
    town.noticeStatus = undefined;
    town.manual.advance(15_000);
    await told(town);
    expect(await town.isEqual()).toBe(true);
  });

  it('that is announced late, twice, in another order or not at all is there in the end', async () => {
    const town = await announced(3);
    await town.graphControl('POST', 'notices', {
      delayMs: 500,
      doubled: 0.2,
      reordered: 0.3,
      lost: 0.2,
    });
    for (let n = 0; n < 30; n += 1) {
      await town.meet((n % 3) + 1, graphEvent(`Meeting ${n}`, (n % 9) + 2, 8 + Math.floor(n / 9)));
      await told(town);
    }
    for (let second = 0; second < 5; second += 1) {
      town.manual.advance(1000);
      await told(town);
    }
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });
});

describe('subscriptions', () => {
  it('are one a room, however many times they are asked for', async () => {
    const town = await announced(3);
    await town.timer('renewSubscriptions');
    expect(await living(town)).toHaveLength(3);
    expect(await stored(town)).toHaveLength(3);
  });

  it('are one a room over thirty days, and none is away for longer than an hour', async () => {
    const town = await announced(4);
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      town.manual.advance(HOUR_MS);
      await town.timer('renewSubscriptions');
      const live = await living(town);
      expect(live).toHaveLength(4);
      expect(Math.min(...live.map(({ expires }) => expires - town.clock.now()))).toBeGreaterThan(
        DAY_MS,
      );
    }
    // Each lives for 70 hours at most, and is renewed at about half of that.
    const renewals = town.graph.log
      .since(-Infinity)
      .requests.filter(
        ({ method, path }) => method === 'PATCH' && path.includes('/subscriptions/'),
      );
    expect(renewals.length).toBeGreaterThan(4 * 20);
    expect(renewals.length).toBeLessThan(4 * 27);
  });

  it('that were lost behind our back are there again after one tick, with what was missed', async () => {
    const town = await announced();
    const [lost] = await living(town);
    await town.graphControl('DELETE', `subscriptions/${lost?.id ?? ''}`);
    await town.meet(1, graphEvent('Missed', 2, 9));
    await told(town);
    expect(await town.schedule()).toEqual([]);
    await town.timer('renewSubscriptions');
    const [again] = await living(town);
    expect(again?.id).not.toBe(lost?.id);
    expect(await town.isEqual()).toBe(true);
  });

  it('that another program of ours has made are taken over', async () => {
    const town = await announced();
    const [before] = await living(town);
    const [row] = await stored(town);
    if (row === undefined) throw new Error('nothing is stored');
    const { id: _, terms: _t, expiresAt: _x, ...without } = row;
    await town.stores.subscriptions.change(TENANT, row, () => without);
    await town.timer('renewSubscriptions');
    expect((await living(town)).map(({ id }) => id)).toEqual([before?.id]);
    expect((await stored(town)).map(({ id }) => id)).toEqual([before?.id]);
  });

  it('are one a room where several are at it, none of which undoes what was noted meanwhile', async () => {
    const town = await Town.open({ rooms: 3 });
    await town.settle();
    const both = async (): Promise<void> => {
      await Promise.all([1, 2].map(async () => town.manager.renewTenant(TENANT)));
      await town.work();
    };
    await both();
    expect(await living(town)).toHaveLength(3);
    expect((await stored(town)).map(({ id }) => id).toSorted()).toEqual(
      (await living(town)).map(({ id }) => id).toSorted(),
    );
    town.forgetRequests();
    town.manual.advance(40 * HOUR_MS);
    const heardAt = town.clock.now();
    const { subscriptions } = town.stores;
    const change = subscriptions.change.bind(subscriptions);
    let isNoted = false;
    subscriptions.change = async (tenantId, of, next) => {
      const changed = await change(tenantId, of, next);
      if (!isNoted) await subscriptions.note(TENANT, of, { heardAt });
      isNoted = true;
      return changed;
    };
    await both();
    const renewals = town.graphRequests().filter(({ method }) => method === 'PATCH');
    expect(renewals).toHaveLength(3);
    expect((await stored(town)).filter((row) => row.heardAt === heardAt)).toHaveLength(1);
  });

  it('that a person renews or ends while somebody is at it are left to that', async () => {
    const town = await announced();
    const [row] = await stored(town);
    if (row === undefined) throw new Error('nothing is stored');
    town.manual.advance(1000);
    const [first, second] = await Promise.all(
      [1, 2].map(async () => town.manager.renew(TENANT, row)),
    );
    expect([first, second].filter((one) => one !== undefined)).toHaveLength(1);
    expect(await town.manager.remove(TENANT, row)).toBeUndefined();
    expect(await living(town)).toHaveLength(1);
  });

  it('that announce before they are stored are heard', async () => {
    const town = await Town.open();
    await town.settle();
    const { subscriptions } = town.stores;
    const change = subscriptions.change.bind(subscriptions);
    let changes = 0;
    subscriptions.change = async (tenantId, of, next) => {
      changes += 1;
      if (changes === 2) {
        // It is there, and its id is not stored yet; whatever was sent for it is done.
        await town.work();
        await town.meet(1, graphEvent('At once', 2, 9));
        await told(town);
      }
      return await change(tenantId, of, next);
    };
    await town.timer('renewSubscriptions');
    expect(changes).toBeGreaterThanOrEqual(2);
    expect(await town.isEqual()).toBe(true);
  });

  it('of many rooms are gone on with in another message when the time is over', async () => {
    const town = await Town.open({ rooms: 5 });
    const { subscriptions } = town.stores;
    const change = subscriptions.change.bind(subscriptions);
    subscriptions.change = async (...asked) => {
      town.manual.advance(30_000);
      return await change(...asked);
    };
    await town.manager.renewTenant(TENANT);
    expect(await living(town)).toHaveLength(2);
    await town.work();
    expect(await living(town)).toHaveLength(5);
  });

  it('end with their mapping, and are made again with it', async () => {
    const town = await announced();
    await town.stores.pairs.update(TENANT, town.pairOf(1).id, { active: false });
    await town.timer('renewSubscriptions');
    expect(await living(town)).toEqual([]);
    await town.mapAgain();
    await town.timer('renewSubscriptions');
    expect(await living(town)).toHaveLength(1);
  });

  it('that are refused say why, rest, and are made later', async () => {
    const town = await Town.open();
    const fault = {
      match: { method: 'POST', path: '/subscriptions' },
      times: 1,
      status: 403,
      body: {},
    };
    await town.graphControl('POST', 'faults', fault);
    await town.timer('renewSubscriptions');
    expect(await stored(town)).toMatchObject([
      { failures: 1, failure: expect.stringContaining('403') },
    ]);
    await town.timer('renewSubscriptions');
    expect(await living(town)).toEqual([]);
    town.manual.advance(60_000);
    await town.timer('renewSubscriptions');
    const [row] = await stored(town);
    expect(row).toMatchObject({ failures: 0 });
    expect(row).not.toHaveProperty('failure');
    expect(await living(town)).toHaveLength(1);
  });

  it('are left alone while Graph asks for it, and all made when that is over', async () => {
    const town = await Town.open({ rooms: 3 });
    const fault = {
      match: { method: 'POST', path: '/subscriptions' },
      times: 1,
      status: 429,
      headers: { 'retry-after': '90' },
      body: {},
    };
    await town.graphControl('POST', 'faults', fault);
    await town.timer('renewSubscriptions');
    const asked = (): number =>
      town.graph.log.since(-Infinity).requests.filter(({ path }) => path.includes('/subscriptions'))
        .length;
    expect(asked()).toBe(1);
    town.manual.advance(80_000);
    await town.timer('renewSubscriptions');
    expect(asked()).toBe(1);
    town.manual.advance(11_000);
    await town.work();
    expect(await living(town)).toHaveLength(3);
  });
});

describe('what Graph says of a subscription', () => {
  async function lifecycle(town: Town, event: string): Promise<void> {
    const [{ id } = { id: '' }] = await living(town);
    await town.graphControl('POST', 'lifecycle', { subscriptionId: id, event });
    await told(town);
  }

  it('renews it where it asks to be reauthorized', async () => {
    const town = await announced();
    town.manual.advance(10 * HOUR_MS);
    const [before] = await stored(town);
    await lifecycle(town, 'reauthorizationRequired');
    const [after] = await stored(town);
    expect(after?.id).toBe(before?.id);
    expect(after?.expiresAt).toBeGreaterThan(before?.expiresAt ?? Infinity);
    town.forgetRequests();
    for (let time = 0; time < 5; time += 1) await lifecycle(town, 'reauthorizationRequired');
    expect(town.graphRequests().filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  it('makes another one where it was removed, and reads what was missed', async () => {
    const town = await announced();
    await town.graphControl('POST', 'notices', { lost: 1 });
    await town.meet(1, graphEvent('Missed', 2, 9));
    await town.graphControl('POST', 'notices', {});
    const [before] = await living(town);
    await lifecycle(town, 'subscriptionRemoved');
    const [after] = await living(town);
    expect(after?.id).not.toBe(before?.id);
    expect(passesOf(town)).toBe(1);
    expect(await town.isEqual()).toBe(true);
  });

  it('makes them all anew where many were removed at once, in a message of its own', async () => {
    const town = await announced(7);
    const before = await stored(town);
    expect(before).toHaveLength(7);
    const notices = before.map(({ resource, id = '' }) => ({
      resourceHash: resourceHashOf(resource),
      subscriptionId: id,
      lifecycle: 'subscriptionRemoved' as const,
    }));
    for (const { id = '' } of before) await town.graphControl('DELETE', `subscriptions/${id}`);
    expect(await living(town)).toEqual([]);
    await town.meet(3, graphEvent('Missed', 2, 9));
    town.jobs.push({ v: 1, kind: 'notice', tenantId: TENANT, bridge: OUTLOOK, notices });
    await town.work();
    expect(await living(town)).toHaveLength(7);
    expect(await town.isEqual()).toBe(true);
  });

  it('has the room read where notices were missed, at most twice however often it is said', async () => {
    const town = await announced();
    await town.graphControl('POST', 'notices', { lost: 1 });
    await town.meet(1, graphEvent('Missed', 2, 9));
    await town.graphControl('POST', 'notices', {});
    town.forgetRequests();
    for (let time = 0; time < 20; time += 1) {
      const [{ id } = { id: '' }] = await living(town);
      await town.graphControl('POST', 'lifecycle', { subscriptionId: id, event: 'missed' });
      await town.graph.pump();
    }
    await town.work();
    town.manual.advance(2000);
    await town.work();
    expect(await town.isEqual()).toBe(true);
    expect(passesOf(town)).toBeLessThanOrEqual(2);
  });
});

describe('a notice of a subscription that is not the present one', () => {
  it('has no effect', async () => {
    const town = await announced();
    await town.meet(1, graphEvent('Budget', 2, 9));
    const { mailbox } = town.rooms[0] ?? { mailbox: '' };
    town.jobs.push({
      v: 1,
      kind: 'notice',
      tenantId: TENANT,
      bridge: OUTLOOK,
      notices: [{ resourceHash: resourceHashOf(mailbox as never), subscriptionId: 'of long ago' }],
    });
    await town.work();
    expect(await town.schedule()).toEqual([]);
  });
});
