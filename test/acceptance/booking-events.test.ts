import { describe, expect, it } from 'vitest';
import { jobOfBookingEvent } from '../../shared/queues/booking-event.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, Town } from '../support/town.ts';

/** A message of `booking-events` is there, and all that follows from it at once is done. */
async function told(town: Town, message: object = {}): Promise<void> {
  town.jobs.push(jobOfBookingEvent({ v: 1, tenant: TENANT, resource_id: 1, ...message }));
  await town.work();
}

async function subjects(town: Town): Promise<readonly unknown[]> {
  return (await town.calendar()).map(({ subject }) => subject);
}

const CHESS = { title: 'Chess', ...bookingTimes(2, 16) };

describe.each(['portico', 'generic'] as const)('a booking event (%s)', (profile) => {
  it('has its room read, where nothing was ever subscribed to', async () => {
    const town = await Town.open({ profile });
    await town.settle();
    const id = await town.book(1, CHESS);
    await told(town, { bridge: 'booking', action: 'created', event_id: id });
    expect(await town.isEqual()).toBe(true);
    expect(await subjects(town)).toEqual(['Chess']);
  });

  it('that says what is not so changes nothing', async () => {
    const town = await Town.open({ profile });
    const id = await town.book(1, CHESS);
    await town.settle();
    town.forgetRequests();
    for (const action of ['deleted', 'updated', 'created', 'exploded'])
      await told(town, { action, event_id: id, time: 'never' });
    town.manual.advance(2000);
    await town.work();
    expect(town.writes()).toEqual([]);
    expect(await subjects(town)).toEqual(['Chess']);
  });

  it('is one signal with what else is told of its room: two passes at most', async () => {
    const town = await Town.open({ profile });
    await town.settle();
    await town.timer('renewSubscriptions');
    town.forgetRequests();
    await town.book(1, CHESS);
    await town.booking.pump();
    const message = jobOfBookingEvent({ v: 1, tenant: TENANT, resource_id: '1' });
    town.jobs.push(...Array.from({ length: 20 }, () => message));
    await town.work();
    town.manual.advance(2000);
    await town.work();
    const passes = town.graph.log
      .since(-Infinity)
      .requests.filter(({ path }) => path.includes('/calendarView/delta'));
    expect(passes.length).toBeLessThanOrEqual(2);
    expect(await town.isEqual()).toBe(true);
  });

  it.each([
    { resource_id: 2 },
    { tenant: 'nobody' },
    { bridge: 'nobody' },
    // A room of the other system is none of this one.
    { resource_id: 'room-1@town.example' },
  ])('of what is not mapped (%j) is dropped', async (message) => {
    const town = await Town.open({ profile });
    await town.settle();
    await town.book(1, CHESS);
    town.forgetRequests();
    await told(town, message);
    expect(town.jobs).toEqual([]);
    expect(town.graphRequests()).toEqual([]);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });

  it('of a room whose mapping is ended is dropped', async () => {
    const town = await Town.open({ profile });
    await town.settle();
    await town.stores.pairs.update(TENANT, town.pairOf(1).id, { active: false });
    await town.book(1, CHESS);
    await told(town);
    expect(await subjects(town)).toEqual([]);
  });
});
