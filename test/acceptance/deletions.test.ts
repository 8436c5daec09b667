import { beforeEach, describe, expect, it } from 'vitest';
import { DeletionCounter } from '../../shared/http/handlers/deletion-counts.ts';
import type { CountedDeletions } from '../../shared/http/handlers/deletion-counts.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/model/time.ts';
import type { DeletionCheck } from '../../shared/queues/messages.ts';
import { OSLO, TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, START, Town, type Json } from '../support/town.ts';

/** Rows that the booking system cannot be asked for by id. */
async function chessTown(bookings = 1): Promise<Town> {
  const rows = Array.from({ length: bookings }, (_, index) => ({
    id: 300 + index,
    group_name: `chess ${index}`,
    resources: [1],
    ...bookingTimes(2 + Math.floor(index / 10), 6 + (index % 10)),
  }));
  const town = await Town.open({ booking: { bookings: rows as never } });
  await town.settle();
  expect(await town.calendar()).toHaveLength(bookings);
  return town;
}

function checksOf(town: Town): readonly DeletionCheck[] {
  return town.jobs.filter((job) => job.kind === 'deletion-check');
}

describe('an event that is missed, and that its system cannot be asked for', () => {
  let town: Town;

  beforeEach(async () => {
    town = await chessTown();
    await town.person('DELETE', 'bookings/300');
    await town.run();
  });

  it('is looked at again by itself when five minutes are over, and ended then', async () => {
    const [mapping] = await town.mappings();
    expect(checksOf(town)).toMatchObject([{ mappingIds: [mapping?.id] }]);
    expect(await town.calendar()).toHaveLength(1);
    town.manual.advance(4 * MINUTE_MS);
    await town.work();
    expect(await town.calendar()).toHaveLength(1);
    town.manual.advance(MINUTE_MS);
    await town.work();
    expect(await town.calendar()).toEqual([]);
    expect(await town.mappings()).toMatchObject([{ state: 'cancelled', rule: 'deleted' }]);
  });

  it('is told once, however often it is missed', async () => {
    await town.tick();
    await town.tick();
    expect(checksOf(town)).toHaveLength(1);
  });

  it('is found again by the timer where its message was lost', async () => {
    town.jobs.length = 0;
    await town.timer('processDeletionQueue');
    expect(checksOf(town)).toEqual([]);
    town.manual.advance(7 * MINUTE_MS);
    await town.timer('processDeletionQueue');
    expect(await town.calendar()).toEqual([]);
    await town.timer('processDeletionQueue');
    expect(checksOf(town)).toEqual([]);
  });

  it('is no more than looked at, however often and late its message comes', async () => {
    const [check] = checksOf(town);
    if (check === undefined) throw new Error('nothing was sent');
    await town.handler.handle(check);
    expect(await town.calendar()).toHaveLength(1);
    town.manual.advance(5 * MINUTE_MS);
    await town.work();
    const made = await town.book(1, { title: 'another', ...bookingTimes(2, 6) });
    await town.settle();
    for (let times = 0; times < 2; times += 1) await town.handler.handle(check);
    expect((await town.calendar()).map((one) => one['subject'])).toEqual(['another']);
    expect((await town.booked(made))['active']).toBe(true);
  });
});

describe('a check of many events', () => {
  it('asks Graph for all of them in batches, and ends only what is gone', async () => {
    const town = await Town.open({ brake: { deletionsMin: 100 } });
    const ids: string[] = [];
    for (let index = 0; index < 45; index += 1)
      ids.push(
        await town.meet(1, graphEvent(`m${index}`, 3 + Math.floor(index / 9), 7 + (index % 9))),
      );
    await town.settle();
    for (const id of ids.slice(0, 5)) await town.remove(1, id);
    // A list of changes that leaves them out, and is passed by the cursor.
    const { b: read } = await town.stores.sync.forPair(TENANT, town.pairOf(1).id).readControl();
    const { link } = JSON.parse(read?.cursor ?? '') as { link: string };
    const nothing = { value: [], '@odata.deltaLink': link };
    town.graph.faults.add({
      match: { path: 'calendarView/delta' },
      times: 2,
      status: 200,
      body: nothing,
    });
    await town.run();
    expect(await town.schedule()).toHaveLength(45);
    const look = (await town.mappings()).map(({ id }) => id);
    town.forgetRequests();
    await town.run(1, { look });
    const looks = town.graphRequests().filter(({ path }) => !path.includes('delta'));
    expect(looks.every(({ path }) => path.endsWith('$batch'))).toBe(true);
    expect(looks.length).toBeLessThanOrEqual(4);
    expect(await town.schedule()).toHaveLength(40);
    expect(await town.isEqual()).toBe(true);
  });
});

async function counted(town: Town): Promise<CountedDeletions> {
  const pairs = new Map(town.pairs.map((pair) => [pair.id, pair]));
  const counter = new DeletionCounter(OSLO, (id, side) => pairs.get(id)?.[side].bridge);
  const from = (START - DAY_MS) as typeof START;
  const to = (town.clock.now() + 1) as typeof START;
  await town.stores.log.each(TENANT, { from, to }, (entry) => counter.add(entry));
  return counter.result();
}

describe('what is counted of deletions', () => {
  it('is what the two systems were asked to do', async () => {
    const town = await Town.open({ rooms: 2 });
    const bookings: number[] = [];
    for (let hour = 7; hour < 12; hour += 1)
      bookings.push(await town.book(1, { title: `b${hour}`, ...bookingTimes(3, hour) }));
    const meetings: string[] = [];
    for (let hour = 7; hour < 10; hour += 1)
      meetings.push(await town.meet(2, graphEvent(`m${hour}`, 3, hour)));
    await town.settle();
    const all: Json[] = [];
    const settle = async (): Promise<void> => {
      town.forgetRequests();
      for (let tick = 0; tick < 3; tick += 1) {
        await town.tick();
        town.manual.advance(MINUTE_MS);
      }
      all.push(...(town.writes() as unknown as Json[]));
    };
    const setActive = async (index: number, active: 0 | 1): Promise<void> => {
      await town.person('PATCH', `events/${bookings[index]}/toggle-active`, { active });
    };
    await setActive(0, 0);
    await setActive(1, 0);
    await town.remove(2, meetings[0] ?? '');
    await settle();
    await setActive(0, 1);
    await settle();
    town.manual.advance(DAY_MS);
    await setActive(0, 0);
    const copy = (await town.calendar()).find((one) => one['subject'] === 'b10');
    await setActive(3, 0);
    await town.remove(1, String(copy?.['id']));
    await settle();
    const paths = (method: string, part: string): number =>
      all.filter((one) => one['method'] === method && String(one['path']).includes(part)).length;
    const { totals, byBridge, byDay } = await counted(town);
    expect(byBridge.get('outlook' as never)).toMatchObject({
      deleted: paths('DELETE', '/events/'),
      restored: paths('POST', '/events'),
    });
    expect(byBridge.get('booking_system' as never)).toMatchObject({
      deleted: paths('PATCH', '/toggle-active'),
      restored: 0,
    });
    expect(totals).toEqual({
      cancelled: 5,
      deleted: 4,
      failed: 0,
      restored: 1,
      made_again: 0,
      held: 0,
      kept: 0,
      removed: 0,
    });
    expect([...byDay].map(([date, { cancelled }]) => [date, cancelled]).toSorted()).toEqual([
      ['2026-11-24', 3],
      ['2026-11-25', 2],
    ]);
  });

  it('has each event once that was held, and what became of it', async () => {
    const town = await Town.open();
    const bookings: number[] = [];
    for (let index = 0; index < 20; index += 1)
      bookings.push(
        await town.book(1, {
          title: `b${index}`,
          ...bookingTimes(3 + Math.floor(index / 10), 6 + (index % 10)),
        }),
      );
    await town.settle();
    for (const id of bookings.slice(0, 12))
      await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await town.tick();
    await town.tick();
    expect((await counted(town)).totals).toMatchObject({ held: 12, cancelled: 0 });
    await town.decide('reject');
    await town.tick();
    const made = town.writes().filter(({ method }) => method === 'POST').length;
    expect(made).toBe(12);
    const { totals } = await counted(town);
    expect(totals).toMatchObject({ held: 12, made_again: 12, cancelled: 0, deleted: 0 });
  });
});
