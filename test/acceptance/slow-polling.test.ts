import { describe, expect, it } from 'vitest';
import type { BridgeKey } from '../../shared/model/ids.ts';
import { statusOfSubscription, type Subscription } from '../../shared/model/subscription.ts';
import { MINUTE_MS } from '../../shared/model/time.ts';
import { toldStatus } from '../../shared/model/told-status.ts';
import type { Instant } from '../../shared/util/clock.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, Town } from '../support/town.ts';

const OUTLOOK = 'outlook' as BridgeKey;

/** A town whose rooms are equal, read just now, and announced. */
async function announced(rooms = 1): Promise<Town> {
  const town = await Town.open({ rooms });
  await town.settle();
  await town.timer('renewSubscriptions');
  town.forgetRequests();
  return town;
}

async function subscription(town: Town): Promise<Subscription> {
  const [row] = await town.stores.subscriptions.list(TENANT, OUTLOOK);
  if (row === undefined) throw new Error('nothing is stored');
  return row;
}

async function weather(town: Town, lost: number): Promise<void> {
  await town.graphControl('POST', 'notices', { lost });
}

async function pass(town: Town, minutes: number): Promise<void> {
  for (let minute = 5; minute <= minutes; minute += 5) {
    town.manual.advance(5 * MINUTE_MS);
    await town.timer('syncBookingToOutlook');
    if (minute % 10 === 0) await town.timer('syncOutlookToBooking');
    await town.graph.pump();
    await town.work();
  }
}

describe('a room whose calendar is announced', () => {
  it('is read in Outlook once an hour, and in the booking system every five minutes', async () => {
    const town = await announced();
    await pass(town, 60);
    expect(town.graphRequests()).toHaveLength(1);
    expect(town.bookingRequests()).toHaveLength(12);
    expect(town.writes()).toEqual([]);
  });

  it('has what people book within five minutes', async () => {
    const town = await announced();
    await town.book(1, { title: 'Choir', ...bookingTimes(3, 18) });
    await pass(town, 5);
    expect(await town.isEqual()).toBe(true);
    expect(await town.calendar()).toHaveLength(1);
  });

  it('has, with every notice lost, what people enter in Outlook within the hour', async () => {
    const town = await announced();
    await weather(town, 1);
    await town.meet(1, graphEvent('Budget', 3, 9));
    await pass(town, 30);
    expect(await town.isEqual()).toBe(false);
    await pass(town, 30);
    expect(await town.isEqual()).toBe(true);
  });

  it('has what was entered before it was announced, as soon as it is', async () => {
    const town = await Town.open();
    await town.settle();
    await town.meet(1, graphEvent('Budget', 3, 9));
    await town.timer('renewSubscriptions');
    expect(await town.isEqual()).toBe(true);
  });

  it('has what was entered while it was paused at the first tick after that', async () => {
    const town = await announced();
    const { id } = town.pairOf(1);
    await town.stores.pairs.update(TENANT, id, { syncEnabled: false });
    await town.meet(1, graphEvent('Budget', 3, 9));
    await pass(town, 5);
    expect(await town.schedule()).toEqual([]);
    await town.stores.pairs.update(TENANT, id, { syncEnabled: true });
    await pass(town, 5);
    expect(await town.isEqual()).toBe(true);
  });

  it('is never stale while it is known to be as it was', async () => {
    const town = await announced();
    await pass(town, 55);
    const now = town.clock.now();
    expect(toldStatus(await town.storedPair(), { now, syncFrequencyMinutes: 0 })).toEqual({
      status: 'synced',
    });
  });

  it('is read at every tick again as soon as its subscription fails', async () => {
    const town = await announced();
    const row = await subscription(town);
    await town.stores.subscriptions.change(TENANT, row, () => ({ ...row, failures: 1 }));
    await pass(town, 10);
    expect(town.graphRequests()).toHaveLength(3);
  });

  it('is read at every tick again where a run died in it', async () => {
    const town = await announced();
    const rows = town.stores.sync.forPair(TENANT, town.pairOf(1).id);
    const taken = await rows.take('one that dies');
    if (taken.kind !== 'held') throw new Error('the lease is held');
    await taken.lease.commit([], { passOpen: true });
    await taken.lease.release({}, { force: true });
    await pass(town, 5);
    expect(town.graphRequests().length).toBeGreaterThan(0);
  });
});

describe('a change that a healthy subscription did not announce', () => {
  async function silent(): Promise<Town> {
    const town = await announced();
    await pass(town, 30);
    await weather(town, 1);
    await town.meet(1, graphEvent('Budget', 3, 9));
    await pass(town, 30);
    town.forgetRequests();
    return town;
  }

  it('makes the room be read often, and after ten minutes raises an alert and another subscription', async () => {
    const town = await silent();
    const before = await subscription(town);
    expect(statusOfSubscription(before, town.clock.now())).toBe('silent');
    expect(await town.stores.alerts.list(TENANT)).toEqual([]);
    await pass(town, 10);
    const after = await subscription(town);
    expect(after.id).not.toBe(before.id);
    const [alert, ...more] = await town.stores.alerts.list(TENANT);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ kind: 'push-dead', times: 1 });
    expect(alert?.message).toContain('WEBHOOK_BASE_URL');
    expect(alert?.message).not.toContain('Budget');

    // It is not relied on before it has said something.
    town.forgetRequests();
    await pass(town, 10);
    expect(town.graphRequests()).toHaveLength(3);
    await weather(town, 0);
    await town.meet(1, graphEvent('Heard', 3, 11));
    await pass(town, 5);
    expect(statusOfSubscription(await subscription(town), town.clock.now())).toBe('active');
    town.forgetRequests();
    await pass(town, 30);
    expect(town.graphRequests()).toEqual([]);
  });

  it('is the same alert while nothing else is heard', async () => {
    const town = await silent();
    await pass(town, 10);
    const replaced = await subscription(town);
    // Not healthy, it is not watched: only once it has spoken can it fall silent anew.
    await town.meet(1, graphEvent('Again', 4, 9));
    await pass(town, 20);
    expect((await subscription(town)).id).toBe(replaced.id);
    expect(await town.stores.alerts.list(TENANT)).toHaveLength(1);
  });

  it('is the same alert, and tried again, where the subscription cannot be made again at once', async () => {
    const town = await silent();
    const before = await subscription(town);
    const match = { method: 'DELETE', path: '/subscriptions/' };
    await town.graphControl('POST', 'faults', { match, times: 2, status: 403, body: {} });
    await pass(town, 10);
    expect((await subscription(town)).id).toBe(before.id);
    for (let tick = 0; tick < 3; tick += 1) {
      town.manual.advance(MINUTE_MS);
      await town.timer('renewSubscriptions');
    }
    expect((await subscription(town)).id).not.toBe(before.id);
    const [alert, ...more] = await town.stores.alerts.list(TENANT);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ kind: 'push-dead', times: 3 });
  });

  it('is seen by whichever run finds it, also one that the booking system has brought about', async () => {
    const town = await announced();
    await pass(town, 30);
    await weather(town, 1);
    await town.meet(1, graphEvent('Budget', 3, 9));
    await town.book(1, { title: 'Choir', ...bookingTimes(3, 18) });
    await town.run();
    expect(await town.isEqual()).toBe(true);
    expect(statusOfSubscription(await subscription(town), town.clock.now())).toBe('silent');
    await pass(town, 20);
    expect(await town.stores.alerts.list(TENANT)).toMatchObject([{ kind: 'push-dead' }]);
  });

  it('is none where it was made before there was one, or announced while nobody read', async () => {
    const town = await Town.open();
    await town.settle();
    await town.meet(1, graphEvent('Before', 3, 9));
    await town.timer('renewSubscriptions');
    await pass(town, 30);
    const { id } = town.pairOf(1);
    await town.stores.pairs.update(TENANT, id, { syncEnabled: false });
    await town.meet(1, graphEvent('Heard', 3, 11));
    await pass(town, 60);
    await town.stores.pairs.update(TENANT, id, { syncEnabled: true });
    await pass(town, 30);
    expect(await town.isEqual()).toBe(true);
    expect(statusOfSubscription(await subscription(town), town.clock.now())).toBe('active');
    expect(await town.stores.alerts.list(TENANT)).toEqual([]);
  });

  it('rests with its subscription where that cannot be made again: no tick asks for it', async () => {
    const town = await silent();
    const row = await subscription(town);
    const retryAt = (town.clock.now() + 240 * MINUTE_MS) as Instant;
    await town.stores.subscriptions.change(TENANT, row, () => ({ ...row, failures: 1, retryAt }));
    let asked = 0;
    const { handle } = town.handler;
    town.handler.handle = async (job) => {
      if (job.kind === 'fan-out' && job.timer === 'renewSubscriptions') asked += 1;
      await handle.call(town.handler, job);
    };
    await pass(town, 30);
    expect(asked).toBe(0);
  });

  it('is a late notice where one comes within ten minutes', async () => {
    const town = await announced();
    await pass(town, 30);
    await weather(town, 1);
    await town.meet(1, graphEvent('Budget', 3, 9));
    await pass(town, 30);
    const before = await subscription(town);
    await weather(town, 0);
    await town.meet(1, graphEvent('Soon after', 3, 11));
    await pass(town, 20);
    expect((await subscription(town)).id).toBe(before.id);
    expect(statusOfSubscription(await subscription(town), town.clock.now())).toBe('active');
    expect(await town.stores.alerts.list(TENANT)).toEqual([]);
  });

  it('has it made anew also where the first one came minutes after a notice, once a later one follows', async () => {
    const town = await announced();
    await pass(town, 30);
    await town.meet(1, graphEvent('Announced', 2, 9));
    await town.graph.pump();
    await town.work();
    const first = await subscription(town);
    expect(first.heardAt).toBeDefined();

    // A look six minutes later, as bookings bring it about, finds a change that the notice before may
    // still have been about.
    await weather(town, 1);
    town.manual.advance(5.5 * MINUTE_MS);
    await town.book(1, { title: 'Choir', ...bookingTimes(3, 18) });
    await town.run();
    town.manual.advance(MINUTE_MS);
    await town.meet(1, graphEvent('Budget', 3, 9));
    await town.run();
    await pass(town, 30);
    expect((await subscription(town)).id).toBe(first.id);

    await town.meet(1, graphEvent('Never announced', 6, 9));
    await pass(town, 60);
    expect((await subscription(town)).id).not.toBe(first.id);
    const alerts = await town.stores.alerts.list(TENANT);
    expect(alerts.map(({ kind }) => kind)).toEqual(['push-dead']);
    expect(await town.isEqual()).toBe(true);
  });

  it('is none where the poll only found our own copies', async () => {
    const town = await announced();
    await weather(town, 1);
    await town.book(1, { title: 'Choir', ...bookingTimes(3, 18) });
    await pass(town, 90);
    expect(statusOfSubscription(await subscription(town), town.clock.now())).toBe('active');
  });
});
