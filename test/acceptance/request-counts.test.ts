import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, graphTimes, Town } from '../support/town.ts';

/** Not a multiple of 20, so that a request too many or too few shows. */
const COUNT = 45;
const BATCHES = Math.ceil(COUNT / 20);

function numbers(): number[] {
  return Array.from({ length: COUNT }, (_, index) => index);
}

async function passRequests(town: Town): Promise<{ graph: number; booking: number }> {
  town.forgetRequests();
  const report = await town.run();
  expect(report.outcome).toBe('completed');
  return { graph: town.graphRequests().length, booking: town.bookingRequests().length };
}

describe('requests of a pass that reads both sides, sign-in apart', () => {
  it('are one to Graph and one to the booking system a room where nothing changed', async () => {
    const town = await Town.open({ rooms: 3 });
    for (const room of [1, 2, 3]) await town.meet(room, graphEvent('meeting', 2, 9));
    await town.settle();
    for (const room of [1, 2, 3]) {
      town.forgetRequests();
      await town.run(room);
      expect(town.graphRequests()).toHaveLength(1);
      expect(town.bookingRequests()).toHaveLength(1);
    }
  });

  it('are ceil(N/20) to Graph, and the delta read, for N creates, updates or deletes there', async () => {
    // Ending all of them would else wait for a person.
    const town = await Town.open({ brake: { deletionsPercent: 100 } });
    // One stays to the end: a room that reads empty at once is not believed.
    await town.book(1, { title: 'stays', ...bookingTimes(1, 9) });
    await town.settle();
    const ids: number[] = [];
    for (const index of numbers())
      ids.push(await town.book(1, { title: `booking ${index}`, ...bookingTimes(2 + index, 9) }));
    expect((await passRequests(town)).graph).toBe(BATCHES + 1);
    expect(await town.isEqual()).toBe(true);
    await town.settle();

    for (const [index, id] of ids.entries())
      await town.person('PUT', `events/${id}`, { name: `renamed ${index}` });
    expect((await passRequests(town)).graph).toBe(BATCHES + 1);
    expect(await town.isEqual()).toBe(true);
    await town.settle();

    for (const id of ids) await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    expect((await passRequests(town)).graph).toBe(BATCHES + 1);
    expect(await town.calendar()).toHaveLength(1);
  });

  it('are the delta read alone for creates and updates of N bookings; ceil(N/20) more confirm N deletions', async () => {
    const town = await Town.open({ brake: { deletionsPercent: 100 } });
    await town.meet(1, graphEvent('stays', 1, 9));
    await town.settle();
    const ids: string[] = [];
    for (const index of numbers())
      ids.push(await town.meet(1, graphEvent(`meeting ${index}`, 2 + index, 9)));
    expect((await passRequests(town)).graph).toBe(1);
    expect(await town.isEqual()).toBe(true);
    await town.settle();

    for (const [index, id] of ids.entries())
      await town.change(1, id, { subject: `renamed ${index}`, ...graphTimes(2 + index, 12) });
    expect((await passRequests(town)).graph).toBe(1);
    expect(await town.isEqual()).toBe(true);
    await town.settle();

    for (const id of ids) await town.remove(1, id);
    expect((await passRequests(town)).graph).toBe(BATCHES + 1);
    expect(await town.schedule()).toHaveLength(1);
  });
});
