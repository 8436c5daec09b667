import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../shared/model/time.ts';
import type { Instant } from '../../shared/util/clock.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, PERSON, Town } from '../support/town.ts';

const BY = { who: 'key of the town', requestId: 'request-1' };

async function remove(town: Town, room = 1) {
  const { id } = town.pairOf(room);
  const plan = await town.removal.plan(TENANT, id);
  return { plan, result: await town.removal.apply(TENANT, id, plan.confirm, BY) };
}

const subjects = async (town: Town): Promise<string[]> =>
  (await town.calendar()).map(({ subject }) => String(subject)).sort();
const names = async (town: Town): Promise<string[]> =>
  (await town.schedule()).map(({ name }) => String(name)).sort();

/** Methods of the writes to Graph, those inside a `$batch` counted. */
const graphWrites = (town: Town): string[] =>
  town
    .writes()
    .filter((one) => town.graph.log.since(-Infinity).requests.includes(one))
    .map(({ method }) => method);

async function auditOf(town: Town) {
  const now = town.clock.now();
  const range = { from: (now - DAY_MS) as Instant, to: (now + 1) as Instant };
  return await town.stores.audit.list(TENANT, { ...range, limit: 100 });
}

/** Two meetings of the room and two bookings, each with its copy. */
async function mappedTown(): Promise<Town> {
  const town = await Town.open();
  await town.meet(
    1,
    graphEvent('meeting 1', 2, 9, { body: { contentType: 'text', content: 'x' } }),
  );
  await town.meet(1, graphEvent('meeting 2', 3, 9));
  await town.book(1, { title: 'booking 1', ...bookingTimes(4, 9) });
  await town.book(1, { title: 'booking 2', ...bookingTimes(5, 9) });
  await town.settle();
  expect(await town.isEqual()).toBe(true);
  return town;
}

describe('a mapping that is removed with its copies', () => {
  it('leaves the originals as they are, and nobody hears of it', async () => {
    const town = await mappedTown();
    const before = { calendar: await town.calendar(), schedule: await town.schedule() };
    town.forgetRequests();
    const { plan, result } = await remove(town);
    expect(plan.items.map(({ action }) => action)).toEqual(Array(4).fill('remove'));
    expect(result).toMatchObject({ removed: 4, kept: 0, left: 0 });
    expect(await subjects(town)).toEqual(['meeting 1', 'meeting 2']);
    expect(await names(town)).toEqual(['booking 1', 'booking 2']);
    const untouched = (all: readonly object[], left: readonly object[]) =>
      left.every((one) => all.some((other) => JSON.stringify(other) === JSON.stringify(one)));
    expect(untouched(before.calendar, await town.calendar())).toBe(true);
    expect(untouched(before.schedule, await town.schedule())).toBe(true);
    // Two deletions there; here each copy gets its note and is made inactive.
    expect(graphWrites(town)).toEqual(['DELETE', 'DELETE']);
    expect(town.writes()).toHaveLength(2 + 4);
    const mails = await town.fetch(new Request('http://127.0.0.1:7080/__sim/mails'));
    expect(await mails.json()).toEqual({ mails: [] });
  });

  it('is not taken for deletions by any timer, and is audited and kept as a run', async () => {
    const town = await mappedTown();
    const { plan, result } = await remove(town);
    town.forgetRequests();
    for (const timer of ['detectDeletions', 'reconcileDeletions'] as const) await town.timer(timer);
    await town.tick();
    expect([...town.graphRequests(), ...town.bookingRequests()]).toEqual([]);
    const audit = await auditOf(town);
    for (const { eventId } of plan.items) {
      const entries = audit.filter(({ targetId }) => targetId === eventId);
      expect(entries.map(({ outcome }) => outcome).sort()).toEqual(['begun', 'removed']);
      expect(entries[0]).toMatchObject({ ...BY, what: 'copy.remove' });
    }
    const { runs } = await town.stores.runs.list(TENANT, town.pairOf(1).id, { limit: 1 });
    expect(runs).toMatchObject([{ runId: result.report.runId, cause: 'removal' }]);
  });

  it('is equal again, with every event once, when the rooms are mapped again', async () => {
    const town = await mappedTown();
    await remove(town);
    town.manual.advance(60_000);
    await town.meet(1, graphEvent('meanwhile', 6, 9));
    await town.mapAgain();
    await town.settle();
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    const all = ['booking 1', 'booking 2', 'meanwhile', 'meeting 1', 'meeting 2'];
    expect(await subjects(town)).toEqual(all);
    expect(await names(town)).toEqual(all);
    expect(await town.storedPair()).toMatchObject({ status: 'synced', mappedEvents: 5 });
    town.manual.advance(60_000);
    expect((await remove(town)).result).toMatchObject({ removed: 5, left: 0 });
    expect(await subjects(town)).toEqual(['meanwhile', 'meeting 1', 'meeting 2']);
  });

  it('keeps what a person changed, and carries it over when the rooms are mapped again', async () => {
    const town = await mappedTown();
    const copy = (await town.calendar()).find(({ subject }) => subject === 'booking 1');
    const row = (await town.schedule()).find(({ name }) => name === 'meeting 1');
    await town.change(1, String(copy?.['id']), { subject: 'booking 1, edited' });
    await town.person('PUT', `events/${Number(row?.['id'])}`, { name: 'meeting 1, edited' });
    const { plan, result } = await remove(town);
    expect(result).toMatchObject({ removed: 2, kept: 2 });
    const kept = plan.items.filter(({ action }) => action === 'keep');
    expect(kept.map(({ rule }) => rule)).toEqual(['changed', 'changed']);
    expect(await subjects(town)).toEqual(['booking 1, edited', 'meeting 1', 'meeting 2']);
    expect(await names(town)).toEqual(['booking 1', 'booking 2', 'meeting 1, edited']);
    await town.mapAgain();
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(await subjects(town)).toEqual([
      'booking 1, edited',
      'booking 2',
      'meeting 1, edited',
      'meeting 2',
    ]);
  });

  it('takes copies of allocations and bookings out of Outlook, and touches neither', async () => {
    const on = (day: number) => ({
      resources: [1],
      from_: `2026-11-${day}T18:00:00`,
      to_: `2026-11-${day}T20:00:00`,
    });
    const town = await Town.open({
      booking: {
        allocations: [{ id: 7, organization_name: 'Choir', ...on(27) }],
        bookings: [{ id: 7, group_name: 'Scouts', ...on(28) }],
      },
    });
    await town.settle();
    expect(await town.calendar()).toHaveLength(2);
    const schedule = await town.schedule();
    town.forgetRequests();
    expect((await remove(town)).result).toMatchObject({ removed: 2, left: 0 });
    expect(await town.calendar()).toEqual([]);
    expect(await town.schedule()).toEqual(schedule);
    expect(town.writes().map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
    await town.mapAgain();
    await town.settle();
    expect(await town.calendar()).toHaveLength(2);
  });

  it("leaves people's meetings alone and ends only the bookings made for them", async () => {
    const town = await Town.open();
    await town.outlook('POST', `${PERSON}/events`, {
      ...graphEvent('Invited', 3, 9),
      attendees: [{ type: 'resource', emailAddress: { address: 'room-1@town.example' } }],
    });
    await town.settle();
    expect(await names(town)).toEqual(['Invited']);
    await remove(town);
    expect(await names(town)).toEqual([]);
    expect(await subjects(town)).toEqual(['Invited']);
  });

  it('goes on where a throttled Graph left it', async () => {
    const town = await mappedTown();
    const { id } = town.pairOf(1);
    const { confirm } = await town.removal.plan(TENANT, id);
    town.graph.faults.add({
      match: { method: 'DELETE', path: '/events/' },
      times: 99,
      status: 429,
    });
    const first = await town.removal.apply(TENANT, id, confirm);
    expect(first).toMatchObject({ removed: 2, left: 2, report: { outcome: 'partial' } });
    expect(await subjects(town)).toHaveLength(4);
    town.graph.faults.clear();
    town.manual.advance(3_600_000);
    expect(await town.removal.apply(TENANT, id, confirm)).toMatchObject({ removed: 4, left: 0 });
    expect(await subjects(town)).toEqual(['meeting 1', 'meeting 2']);
  });
});
