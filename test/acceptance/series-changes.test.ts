import { describe, expect, it } from 'vitest';
import { TENANT } from '../support/memory-world.ts';
import {
  YEAR,
  NOTHING,
  NEXT_YEAR,
  weekly,
  booked,
  startOf,
  occurrenceTimes,
  forgetCursor,
  occurrence,
  tick,
} from '../support/series.ts';
import { graphEvent, graphTimes, Town, type Json } from '../support/town.ts';

describe('a change of a whole series in Outlook', () => {
  it.each([
    ['an hour', graphTimes(2, 10), undefined],
    [
      'a day, which gives every occurrence another id',
      graphTimes(3, 9),
      {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['friday'] },
        range: { type: 'numbered', startDate: '2026-11-27', numberOfOccurrences: 52 },
      },
    ],
  ])(
    'that moves 52 weeks by %s is 52 updates: nothing ends, is made or is held',
    async (_by, times, recurrence) => {
      const town = await Town.open(YEAR);
      const id = await weekly(town, 52);
      await town.settle();
      expect(await town.schedule(1, NEXT_YEAR)).toHaveLength(52);
      const before = (await town.schedule(1, NEXT_YEAR)).map((row) => row['id']);
      await town.change(1, id, { ...times, ...(recurrence === undefined ? {} : { recurrence }) });
      const counts = await tick(town);
      console.info(`52 weeks moved: ${JSON.stringify(counts)}`);
      expect(counts).toEqual({ ...NOTHING, updates: 52 });
      expect(await town.holds.list(TENANT)).toEqual([]);
      const after = await town.schedule(1, NEXT_YEAR);
      expect(after.map((row) => row['id']).toSorted()).toEqual(before.toSorted());
      expect(await occurrenceTimes(town)).toEqual(after.map(startOf).toSorted());
      expect(await tick(town)).toEqual(NOTHING);
    },
  );

  it('that moves it while Graph has forgotten the cursor is updates all the same', async () => {
    const town = await Town.open();
    const id = await weekly(town, 20);
    await town.settle();
    await town.change(1, id, {
      ...graphTimes(3, 9),
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['friday'] },
        range: { type: 'numbered', startDate: '2026-11-27', numberOfOccurrences: 20 },
      },
    });
    await forgetCursor(town);
    expect(await tick(town)).toEqual({ ...NOTHING, updates: 20 });
    expect(await town.holds.list(TENANT)).toEqual([]);
    expect(await town.isEqual()).toBe(true);
  });

  it('that renames it keeps the exception that has a name of its own', async () => {
    const town = await Town.open();
    const id = await weekly(town, 4);
    await town.change(1, await occurrence(town, 1), { subject: 'Concert' });
    await town.settle();
    await town.change(1, id, { subject: 'Orchestra' });
    expect(await tick(town)).toEqual({ ...NOTHING, updates: 3 });
    expect(await town.isEqual()).toBe(true);
  });

  it('that shortens it ends the copies of what is cut off, as one loss to the brake', async () => {
    const town = await Town.open({ brake: { deletionsMin: 2, deletionsPercent: 10 } });
    const id = await weekly(town, 12);
    await town.settle();
    await town.change(1, id, {
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
        range: { type: 'numbered', startDate: '2026-11-26', numberOfOccurrences: 4 },
      },
    });
    expect(await tick(town)).toEqual({ ...NOTHING, cancels: 8 });
    expect(await town.isEqual()).toBe(true);
  });

  it('that deletes it ends all its copies, as one loss to the brake', async () => {
    const town = await Town.open({ brake: { deletionsMin: 2, deletionsPercent: 10 } });
    const id = await weekly(town, 12);
    await town.meet(1, graphEvent('Other', 3, 12));
    await town.settle();
    await town.remove(1, id);
    expect(await tick(town)).toEqual({ ...NOTHING, cancels: 12 });
    expect(await town.holds.list(TENANT)).toEqual([]);
    expect(await booked(town)).toEqual(['Other at 2026-11-27T12:00:00Z']);
    // What went away before counts too: a second series is the second loss.
    const next = await weekly(town, 12);
    await town.settle();
    await town.remove(1, next);
    expect(await tick(town)).toEqual({ ...NOTHING, cancels: 12 });
  });

  it('that splits it in two ends what is cut off, and adds what follows', async () => {
    const town = await Town.open();
    const id = await weekly(town, 8);
    await town.settle();
    // What Outlook makes of "this and following": the first is cut short, a second one begins.
    const rule = (startDate: string, numberOfOccurrences: number): Json => ({
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
      range: { type: 'numbered', startDate, numberOfOccurrences },
    });
    await town.change(1, id, { recurrence: rule('2026-11-26', 3) });
    const second = graphEvent('Choir and band', 23, 9);
    await town.meet(1, { ...second, recurrence: rule('2026-12-17', 5) });
    expect(await tick(town)).toEqual({ creates: 5, updates: 0, cancels: 5 });
    expect(await town.schedule()).toHaveLength(8);
    expect(await town.isEqual()).toBe(true);
    expect(await tick(town)).toEqual(NOTHING);
  });

  it('that makes one of a single event keeps its copy, and adds the others', async () => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('Choir', 2, 9));
    await town.settle();
    const [first] = await town.schedule();
    const recurrence = {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
      range: { type: 'numbered', startDate: '2026-11-26', numberOfOccurrences: 3 },
    };
    await town.change(1, id, { recurrence });
    expect(await tick(town)).toEqual({ ...NOTHING, creates: 2 });
    expect((await town.schedule()).map((row) => row['id'])).toContain(first?.['id']);
    expect(await town.isEqual()).toBe(true);
    await town.change(1, id, { recurrence: null });
    await tick(town);
    await forgetCursor(town);
    await town.settle();
    expect(await booked(town)).toEqual(['Choir at 2026-11-26T09:00:00Z']);
  });
});
