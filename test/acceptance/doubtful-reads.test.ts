import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, Town, type Json } from '../support/town.ts';

async function subjects(town: Town): Promise<string[]> {
  return (await town.calendar()).map((event) => String(event['subject'])).sort();
}

/** A room with an allocation, a booking and two events in the booking system, in both calendars. */
async function filledTown(): Promise<Town> {
  const slot = (day: number): never => ({ resources: [1], ...bookingTimes(day, 17) }) as never;
  const town = await Town.open({
    rooms: 2,
    booking: {
      allocations: [{ id: 201, organization_name: 'Handball', ...(slot(2) as Json) }] as never,
      bookings: [{ id: 301, group_name: 'Chess', ...(slot(3) as Json) }] as never,
      events: [
        { id: 101, name: 'Choir', ...(slot(4) as Json) },
        { id: 102, name: 'Fair', ...(slot(5) as Json) },
      ] as never,
    },
  });
  await town.settle();
  return town;
}

const EVERYTHING = ['Chess', 'Choir', 'Fair', 'Handball'];

describe('a list that cannot be true takes nothing away, and says so', () => {
  it.each([
    ['nothing at all', 'conflict', []],
    ['one row of four', 'error', ['event:101']],
    ['all but the allocation', 'error', ['booking:301', 'event:101', 'event:102']],
    ['all but the booking', 'error', ['allocation:201', 'event:101', 'event:102']],
  ])('showing %s', async (_what, status, kept) => {
    const town = await filledTown();
    const rows = (await town.schedule()).filter((row) =>
      kept.includes(`${String(row['type'])}:${String(row['id'])}` as never),
    );
    const match = { path: '/resources/1/schedule' };
    town.booking.faults.add({ match, times: 1000, status: 200, body: rows });
    await town.meet(2, graphEvent('in the other room', 2, 9));
    town.forgetRequests();
    await town.tick();
    await town.tick();
    expect(await subjects(town)).toEqual(EVERYTHING);
    expect(await town.storedPair()).toMatchObject({ status });
    expect(await town.schedule(2)).toHaveLength(1);
    town.booking.faults.clear();
    town.manual.advance(60_000);
    await town.settle();
    expect(await subjects(town)).toEqual(EVERYTHING);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it.each([
    ['an HTML page', '<html><body>Sorry</body></html>'],
    ['cut-off JSON', '[{"type":"event","id":'],
    ['another type', { error: 'none' }],
    ['rows without times', [{ type: 'event', id: 101 }]],
  ])('answering %s', async (_what, body) => {
    const town = await filledTown();
    town.booking.faults.add({
      match: { path: '/resources/1/schedule' },
      times: 1000,
      status: 200,
      body,
    });
    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
    const { status, statusReason } = await town.storedPair();
    expect(status).toBe('error');
    expect(statusReason).toMatch(/side a/);
    expect(await town.storedPair(2)).toMatchObject({ status: 'synced' });
    town.booking.faults.clear();
    await town.settle();
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it('an allocation that is really gone ends its copy, once it was missed for five minutes', async () => {
    const town = await filledTown();
    await town.person('DELETE', 'bookings/301');
    await town.tick();
    expect(await subjects(town)).toEqual(EVERYTHING);
    town.manual.advance(6 * 60_000);
    await town.timer('detectDeletions');
    await town.settle();
    expect(await subjects(town)).toEqual(['Choir', 'Fair', 'Handball']);
  });
});

describe('the status of a pair', () => {
  it('says conflict as long as an event is in conflict, however often a run goes round', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('first', 2, 9));
    await town.settle();
    await town.meet(1, graphEvent('second, at the same time', 2, 9));
    await Promise.all([town.run(), town.run()]);
    await town.tick();
    expect(await town.storedPair()).toMatchObject({ status: 'conflict' });
    expect(await town.schedule()).toHaveLength(1);
  });

  it('leaves one job behind for all that found the pair busy', async () => {
    const town = await Town.open();
    const { tenantId, id } = town.pairOf(1);
    const held = await town.stores.sync.forPair(tenantId, id).take('a run that goes on and on');
    expect(held.kind).toBe('held');
    for (let run = 0; run < 6; run += 1)
      expect(await town.run()).toMatchObject({ outcome: 'busy' });
    expect(town.jobs).toHaveLength(1);
  });
});
