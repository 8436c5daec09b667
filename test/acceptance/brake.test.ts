import { beforeEach, describe, expect, it } from 'vitest';
import { HoldError } from '../../shared/stores/hold-ports.ts';
import type { TenantHold } from '../../shared/stores/hold-ports.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/model/time.ts';
import { makeMemoryStores } from '../../shared/stores/memory/memory-stores.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, Town, type Json, type TownOptions } from '../support/town.ts';

/** Bookings numbered from `room` * 1000 on, as many a room, in hours of their own. */
async function bookedTown(perRoom: number, options: TownOptions = {}): Promise<Town> {
  const { rooms = 1 } = options;
  const events = Array.from({ length: rooms }, (_, room) =>
    Array.from({ length: perRoom }, (_, index) => ({
      id: (room + 1) * 1000 + index,
      name: `booking ${room + 1}/${index}`,
      resources: [room + 1],
      ...bookingTimes(6 + Math.floor(index / 10), 6 + (index % 10)),
    })),
  );
  const town = await Town.open({ ...options, booking: { events: events.flat() as never } });
  for (let tick = 0; tick < 4 && !(await isFilled(town, perRoom)); tick += 1) await town.tick();
  await town.settle();
  return town;
}

async function isFilled(town: Town, perRoom: number): Promise<boolean> {
  for (const [index] of town.rooms.entries())
    if ((await town.calendar(index + 1)).length < perRoom) return false;
  return true;
}

async function cancel(town: Town, room: number, indexes: Iterable<number>): Promise<void> {
  for (const index of indexes)
    await town.person('PATCH', `events/${room * 1000 + index}/toggle-active`, { active: 0 });
}

async function reactivate(town: Town, room: number, indexes: Iterable<number>): Promise<void> {
  for (const index of indexes)
    await town.person('PATCH', `events/${room * 1000 + index}/toggle-active`, { active: 1 });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

async function onlyHold(town: Town): Promise<TenantHold> {
  const [hold, ...more] = await town.holds.list(TENANT);
  if (hold === undefined || more.length > 0) throw new Error(`${more.length + 1} holds or none`);
  return hold;
}

async function audited(town: Town): Promise<readonly string[]> {
  const now = town.clock.now();
  const day = 24 * HOUR_MS;
  const range = { from: (now - 9 * day) as typeof now, to: (now + day) as typeof now, limit: 1000 };
  return (await town.stores.audit.list(TENANT, range)).map(({ what }) => what).reverse();
}

function cancellations(town: Town): number {
  return town.writes().filter(({ method }) => method === 'DELETE').length;
}

describe('a booking system that answers an empty list for every room', () => {
  it('cancels nothing: one hold a room, withdrawn when the lists are back', async () => {
    const town = await bookedTown(5, { rooms: 4 });
    town.booking.faults.add({ match: { path: '/schedule' }, times: 10_000, status: 200, body: [] });
    town.forgetRequests();
    for (let tick = 0; tick < 4; tick += 1) {
      await town.tick();
      town.manual.advance(20 * MINUTE_MS);
    }
    expect(town.writes()).toEqual([]);
    const holds = await town.holds.list(TENANT);
    expect(holds).toHaveLength(4);
    for (const hold of holds)
      expect(hold).toMatchObject({
        state: 'open',
        side: 'a',
        items: 5,
        why: { rule: 'emptied', count: 5, known: 5 },
        evidence: { a: { read: 'complete', shown: 0, known: 5 }, b: { known: 5 } },
      });
    expect(await town.storedPair(3)).toMatchObject({
      status: 'conflict',
      statusReason: expect.stringContaining('approve or reject') as string,
    });
    town.booking.faults.clear();
    await town.settle();
    expect(cancellations(town)).toBe(0);
    for (const room of [1, 2, 3, 4]) {
      expect(await town.calendar(room)).toHaveLength(5);
      expect(await town.storedPair(room)).toMatchObject({ status: 'synced' });
    }
    const after = await town.holds.list(TENANT);
    expect(after.map(({ state }) => state)).toEqual(Array(4).fill('withdrawn'));
    expect(await audited(town)).toEqual([
      ...Array(4).fill('hold.opened'),
      ...Array(4).fill('hold.withdrawn'),
    ]);
  });

  it('is asked no more than its list while the events are held', async () => {
    const town = await bookedTown(5);
    town.booking.faults.add({ match: { path: '/schedule' }, times: 10_000, status: 200, body: [] });
    await town.tick();
    town.forgetRequests();
    town.manual.advance(40 * MINUTE_MS);
    await town.run();
    expect(town.bookingRequests()).toHaveLength(1);
    expect(town.graphRequests()).toHaveLength(1);
  });

  it('does not stop what else happens in the room', async () => {
    const town = await bookedTown(5);
    town.booking.faults.add({ match: { path: '/schedule' }, times: 1, status: 200, body: [] });
    await town.run();
    expect((await onlyHold(town)).state).toBe('open');
    const added = await town.book(1, { title: 'new meanwhile', ...bookingTimes(9, 9) });
    const row = (await town.schedule()).find((one) => Number(one['id']) === added);
    // Still none of those that are held.
    town.booking.faults.add({ match: { path: '/schedule' }, times: 1, status: 200, body: [row] });
    await town.run();
    const subjects = (await town.calendar()).map((event) => String(event['subject']));
    expect(subjects).toContain('new meanwhile');
    expect(subjects).toHaveLength(6);
    town.booking.faults.add({ match: { path: '/schedule' }, times: 1, status: 200, body: [row] });
    await town.run();
    expect(await onlyHold(town)).toMatchObject({ state: 'open', items: 5 });
    await town.settle();
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });
});

describe('cancelling many bookings', () => {
  it('200 of 1,000 over 50 rooms go through at once, in few calls', async () => {
    const town = await bookedTown(20, { rooms: 50 });
    for (const room of range(1, 51)) await cancel(town, room, range(0, 4));
    town.forgetRequests();
    await town.timer('syncBookingToOutlook');
    expect(cancellations(town)).toBe(200);
    // A delta read and one batch a room; a list and one look for each that is confirmed.
    expect(town.graphRequests()).toHaveLength(100);
    expect(town.bookingRequests()).toHaveLength(250);
    expect(await town.holds.list(TENANT)).toEqual([]);
    expect((await audited(town)).filter((what) => what === 'event.cancel')).toHaveLength(200);
    expect(await town.isEqual()).toBe(true);
  }, 120_000);

  it('200 of 250 in one room wait for approval, then go through in few calls', async () => {
    const town = await bookedTown(250);
    await cancel(town, 1, range(0, 200));
    town.forgetRequests();
    await town.tick();
    await town.tick();
    expect(town.writes()).toEqual([]);
    // No request is spent on confirming what is held.
    expect(town.bookingRequests().every(({ path }) => path.includes('/schedule'))).toBe(true);
    expect(await onlyHold(town)).toMatchObject({
      state: 'open',
      items: 200,
      why: { rule: 'pair', count: 200, known: 250, percent: 80, min: 10, percentMax: 30 },
    });
    await town.decide('approve');
    expect(cancellations(town)).toBe(200);
    expect(town.graphRequests().length).toBeLessThanOrEqual(12);
    expect(await town.calendar()).toHaveLength(50);
    const audit = await audited(town);
    expect(audit.filter((what) => what === 'event.cancel')).toHaveLength(200);
    expect(audit).toEqual(expect.arrayContaining(['hold.opened', 'hold.approved']));
    expect(audit).toHaveLength(202);
    const hold = await onlyHold(town);
    expect(hold).toMatchObject({ state: 'approved', decidedBy: 'kari', items: 0 });
    expect(hold.closedAt).toBeDefined();
    // What was approved does not count: some more are no reason to stop again.
    await cancel(town, 1, range(200, 210));
    await town.settle();
    expect(await town.calendar()).toHaveLength(40);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  }, 120_000);

  it.each([
    [10, 20, 'goes'],
    [11, 36, 'waits'],
    [11, 40, 'goes'],
  ])('%i of %i %s', async (count, of, what) => {
    const town = await bookedTown(of);
    await cancel(town, 1, range(0, count));
    await town.tick();
    expect(await town.calendar()).toHaveLength(what === 'goes' ? of - count : of);
    expect(await town.holds.list(TENANT)).toHaveLength(what === 'goes' ? 0 : 1);
  });

  it('counts what went through within a day before', async () => {
    const town = await bookedTown(36);
    await cancel(town, 1, range(0, 8));
    await town.tick();
    expect(await town.calendar()).toHaveLength(28);
    town.manual.advance(20 * HOUR_MS);
    await cancel(town, 1, range(8, 11));
    await town.tick();
    expect(await onlyHold(town)).toMatchObject({
      items: 3,
      why: { count: 3, recent: 8, known: 36 },
    });
    expect(await town.calendar()).toHaveLength(28);
  });

  it('counts nothing older than a day', async () => {
    const town = await bookedTown(36);
    await cancel(town, 1, range(0, 8));
    await town.tick();
    town.manual.advance(26 * HOUR_MS);
    await cancel(town, 1, range(8, 11));
    await town.settle();
    expect(await town.holds.list(TENANT)).toEqual([]);
    expect(await town.calendar()).toHaveLength(25);
  });

  it('in many rooms a little stops at a third of all the tenant has', async () => {
    const town = await bookedTown(9, { rooms: 10 });
    for (const room of range(1, 11)) await cancel(town, room, range(0, 4));
    await town.timer('syncBookingToOutlook');
    const holds = await town.holds.list(TENANT);
    // 27 of 90 may go: the seventh room would make it 28.
    expect(holds).toHaveLength(4);
    for (const hold of holds) expect(hold.why).toMatchObject({ rule: 'tenant', known: 90 });
  });

  it('in many rooms is summed up anew where the sums are lost', async () => {
    const town = await bookedTown(9, { rooms: 10 });
    const fresh = await makeMemoryStores({ clock: town.clock });
    const { putBrakeCount, listBrakeCounts } = fresh.work;
    Object.assign(town.stores.work, {
      putBrakeCount: putBrakeCount.bind(fresh.work),
      listBrakeCounts: listBrakeCounts.bind(fresh.work),
    });
    for (const room of range(1, 11)) await cancel(town, room, range(0, 4));
    await town.timer('syncBookingToOutlook');
    expect(await town.holds.list(TENANT)).toHaveLength(4);
  });

  it('of a pair is measured by the pair’s own numbers where it has any', async () => {
    const town = await bookedTown(20);
    const { tenantId, id } = town.pairOf(1);
    await town.stores.pairs.update(tenantId, id, {
      brake: { deletionsMin: 2, deletionsPercent: 10 },
    });
    await cancel(town, 1, range(0, 3));
    await town.tick();
    expect(await onlyHold(town)).toMatchObject({ items: 3, why: { min: 2, percentMax: 10 } });
  });
});

describe('a hold', () => {
  let town: Town;

  beforeEach(async () => {
    town = await bookedTown(20);
    await cancel(town, 1, range(0, 16));
    await town.tick();
    town.forgetRequests();
  });

  async function shownIds(): Promise<number[]> {
    return (await town.schedule()).map((row) => Number(row['id'])).sort((a, b) => a - b);
  }

  it('that is rejected makes its bookings again', async () => {
    await town.decide('reject');
    await town.settle();
    expect(await town.schedule()).toHaveLength(20);
    expect(await town.calendar()).toHaveLength(20);
    expect(await town.isEqual()).toBe(true);
    expect(await onlyHold(town)).toMatchObject({ state: 'rejected', items: 0 });
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it('that nobody decides for 72 hours does the same', async () => {
    town.manual.advance(71 * HOUR_MS);
    await town.tick();
    expect((await onlyHold(town)).state).toBe('open');
    town.manual.advance(2 * HOUR_MS);
    await town.settle();
    expect(await onlyHold(town)).toMatchObject({ state: 'expired', items: 0 });
    expect(await town.isEqual()).toBe(true);
    expect(await town.schedule()).toHaveLength(20);
  });

  it('whose bookings vanish again is not opened again: a person must look', async () => {
    await town.decide('reject');
    await town.settle();
    const made = (await shownIds()).filter((id) => id >= 1020);
    for (const id of made) await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    expect(made).toHaveLength(16);
    await town.tick();
    await town.tick();
    expect(await town.calendar()).toHaveLength(20);
    expect((await onlyHold(town)).state).toBe('rejected');
    const states = (await town.mappings()).filter(({ rule }) => rule === 'kept');
    expect(states).toHaveLength(16);
    expect(await town.storedPair()).toMatchObject({
      status: 'conflict',
      statusReason: '16 events wait for a decision',
    });
  });

  it('that is approved when half are back ends only the others', async () => {
    await reactivate(town, 1, range(0, 8));
    await town.decide('approve');
    await town.settle();
    expect(await town.calendar()).toHaveLength(12);
    expect(await town.isEqual()).toBe(true);
    expect(await onlyHold(town)).toMatchObject({ state: 'approved', items: 0 });
  });

  it('loses what comes back, and ends itself when few are left, which are then confirmed', async () => {
    await reactivate(town, 1, range(0, 4));
    await town.tick();
    expect(await onlyHold(town)).toMatchObject({ state: 'open', items: 12 });
    await reactivate(town, 1, range(4, 6));
    await town.settle();
    expect(await onlyHold(town)).toMatchObject({ state: 'withdrawn', items: 0 });
    expect(await town.calendar()).toHaveLength(10);
    expect(await town.isEqual()).toBe(true);
  });

  it('is carried out by a run that is under way when it is decided', async () => {
    const { id } = await onlyHold(town);
    const { putHold } = town.stores.work;
    let isDecided = false;
    // The first thing after a pass has stored what it decided on.
    town.stores.work.putHold = async (...args) => {
      await putHold.apply(town.stores.work, args);
      if (isDecided) return;
      isDecided = true;
      await town.holds.decide(TENANT, id, 'approve', 'kari');
    };
    await town.run();
    expect(await town.calendar()).toHaveLength(4);
  });

  it('is joined by what goes away while it is open', async () => {
    await cancel(town, 1, [18]);
    await town.tick();
    expect(await onlyHold(town)).toMatchObject({ state: 'open', items: 17 });
    expect(await town.calendar()).toHaveLength(20);
  });

  it('lets an edit of what it holds wait, and then counts it', async () => {
    const event = (await town.calendar()).find((one) => one['subject'] === 'booking 1/0');
    await town.change(1, String(event?.['id']), { subject: 'edited meanwhile' });
    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
    await town.decide('approve');
    await town.settle();
    // The edit beats the deletion, as it does without a hold.
    const subjects = (await town.calendar()).map((one) => String(one['subject']));
    expect(subjects).toHaveLength(5);
    expect(subjects).toContain('edited meanwhile');
    expect(await town.isEqual()).toBe(true);
  });

  it('can be decided once, and not after it has expired', async () => {
    const { id } = await onlyHold(town);
    const decide = (holdId = id) => town.holds.decide(TENANT, holdId, 'approve', 'kari');
    const nowhere = `${String(id)}0` as typeof id;
    await expect(decide(nowhere)).rejects.toThrow(HoldError);
    await expect(decide(nowhere)).rejects.toMatchObject({ kind: 'unknown' });
    await decide();
    await expect(decide()).rejects.toMatchObject({ kind: 'already-decided' });
    await town.work();
    await expect(decide()).rejects.toMatchObject({ kind: 'already-decided' });
    expect(await town.holds.get(TENANT, id)).toMatchObject({
      state: 'approved',
      pairId: town.pairOf(1).id,
    });
    const other = await bookedTown(20);
    await cancel(other, 1, range(0, 16));
    await other.tick();
    const late = await onlyHold(other);
    other.manual.advance(72 * HOUR_MS);
    await expect(other.holds.decide(TENANT, late.id, 'approve', 'kari')).rejects.toMatchObject({
      kind: 'expired',
    });
  });

  it('is written to its list anew by the next run where the list has lost it', async () => {
    const { id } = await onlyHold(town);
    const lost: Json[] = [];
    town.stores.work.listHolds = async () => lost as never;
    expect(await town.holds.get(TENANT, id)).toMatchObject({ state: 'open' });
    const put: string[] = [];
    town.stores.work.putHold = async (_tenant, hold) => void put.push(hold.id);
    await town.tick();
    expect(put).toContain(id);
  });
});

describe('a room whose calendar in Outlook is cleared', () => {
  it('is held, looked at by id now and then, and cancels its bookings once that is approved', async () => {
    const town = await bookedTown(15);
    for (const event of await town.calendar()) await town.remove(1, String(event['id']));
    town.forgetRequests();
    await town.run();
    expect(town.writes()).toEqual([]);
    expect(town.graphRequests()).toHaveLength(1);
    expect(await onlyHold(town)).toMatchObject({ side: 'b', state: 'open', items: 15 });
    town.forgetRequests();
    await town.run();
    expect(town.graphRequests()).toHaveLength(1);
    town.manual.advance(31 * MINUTE_MS);
    await town.run();
    expect(town.graphRequests()).toHaveLength(3);
    await town.run();
    expect(town.graphRequests()).toHaveLength(4);
    expect(await town.schedule()).toHaveLength(15);
    await town.decide('approve');
    await town.settle();
    expect(await town.schedule()).toEqual([]);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });
});

describe('rows that the booking system cannot be asked for by id', () => {
  it('go once a hold is approved and they were missed for five minutes', async () => {
    const bookings = range(0, 12).map((index) => ({
      id: 300 + index,
      group_name: `club ${index}`,
      resources: [1],
      ...bookingTimes(6 + index, 17),
    }));
    const town = await Town.open({ booking: { bookings: bookings as never } });
    await town.settle();
    for (const index of range(0, 12)) await town.person('DELETE', `bookings/${300 + index}`);
    await town.tick();
    expect(await onlyHold(town)).toMatchObject({ state: 'open', items: 12 });
    await town.decide('approve');
    expect(await town.calendar()).toHaveLength(12);
    town.manual.advance(6 * MINUTE_MS);
    await town.timer('detectDeletions');
    await town.settle();
    expect(await town.calendar()).toEqual([]);
    expect(await onlyHold(town)).toMatchObject({ state: 'approved', items: 0 });
  });
});
