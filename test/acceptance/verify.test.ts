import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../shared/model/errors.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { EventMapping } from '../../shared/model/mapping.ts';
import { DAY_MS, HOUR_MS } from '../../shared/model/time.ts';
import { VerifyError, type StoredVerification } from '../../shared/model/verification.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, graphTimes, Town, type TownOptions } from '../support/town.ts';

let runs = 0;

function verify(town: Town, room = 1, deep = false): Promise<StoredVerification> {
  const runId = `verify-${(runs += 1)}` as RunId;
  return town.verifier.verify(TENANT, town.pairOf(room).id, { runId, deep });
}

/** Two meetings and two bookings in a room, each with its copy. */
async function filledTown(options: TownOptions = {}): Promise<Town> {
  const town = await Town.open(options);
  const body = { contentType: 'text', content: 'Agenda' };
  await town.meet(1, graphEvent('Budget', 2, 9, { body }));
  await town.meet(1, graphEvent('Plans', 2, 11));
  await town.book(1, { title: 'Choir', description: 'Bring sheets', ...bookingTimes(3, 17) });
  await town.book(1, { title: 'Chess', ...bookingTimes(4, 17) });
  await town.settle();
  return town;
}

async function mappingOf(town: Town, subject: string): Promise<EventMapping> {
  const item = (await town.calendar()).find((one) => one['subject'] === subject);
  const found = (await town.mappings()).find(({ b }) => b?.id === item?.['id']);
  if (found === undefined) throw new Error(`no mapping of ${subject}`);
  return found;
}

/** Changes rows behind the engine's back. */
async function plant(town: Town, mapping: EventMapping): Promise<void> {
  const rows = town.stores.sync.forPair(TENANT, town.pairOf(1).id);
  const taken = await rows.take('somebody');
  if (taken.kind !== 'held') throw new Error('the pair is not free');
  await taken.lease.commit([{ kind: 'mapping', mapping, index: [] }]);
  await taken.lease.release({}, { force: true });
}

describe('a pair that is verified', () => {
  it('is equal where it is, in few calls and without a write', async () => {
    const town = await filledTown();
    town.forgetRequests();
    const found = await verify(town);
    expect(found).toMatchObject({
      verdict: 'equal',
      equal: 4,
      explained: 0,
      unexplained: 0,
      shown: { a: 4, b: 4 },
      compared: ['title', 'slot', 'description'],
      hidden: ['description'],
      differences: [],
    });
    expect(town.writes()).toEqual([]);
    expect(town.bookingRequests()).toHaveLength(1);
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    expect((await verify(town, 1, true)).verdict).toBe('equal');
  });

  it.each(['portico', 'generic'] as const)(
    'is equal for every kind of event: %s',
    async (profile) => {
      const town = await Town.open({ profile });
      const day = (at: number): string =>
        new Date(Date.UTC(2026, 10, at)).toISOString().slice(0, 19);
      await town.meet(1, {
        subject: 'All day',
        isAllDay: true,
        start: { dateTime: day(28), timeZone: 'UTC' },
        end: { dateTime: day(30), timeZone: 'UTC' },
      });
      await town.meet(1, graphEvent('x'.repeat(250), 3, 9));
      await town.meet(1, graphEvent('', 3, 11));
      await town.meet(1, graphEvent('Ærlig tale — 🎻', 3, 13));
      await town.book(1, { title: 'Choir', ...bookingTimes(7, 17, 3) });
      await town.settle();
      expect(await verify(town, 1, true)).toMatchObject({ verdict: 'equal', equal: 5 });
    },
  );

  it('is stored as a run and with the pair', async () => {
    const town = await filledTown();
    const found = await verify(town);
    expect(await town.stores.runs.get(TENANT, found.runId)).toMatchObject({
      state: 'finished',
      report: { cause: 'verify', outcome: 'completed', found: { a: 4, b: 4 } },
    });
    expect(await town.stores.work.getVerification(TENANT, town.pairOf(1).id)).toEqual(found);
  });

  it('tells what the next run will do, and is equal after it', async () => {
    const town = await filledTown();
    const id = String((await mappingOf(town, 'Budget')).b?.id);
    await town.change(1, id, { subject: 'Budget, again', ...graphTimes(2, 14) });
    await town.meet(1, graphEvent('New', 6, 9));
    await town.remove(1, String((await mappingOf(town, 'Plans')).b?.id));
    const found = await verify(town);
    expect(found).toMatchObject({ verdict: 'explained', equal: 2, explained: 3, pending: 3 });
    expect(found.byRule).toEqual({ changed: 1, new: 1, deleted: 1 });
    expect(found.differences.find(({ rule }) => rule === 'changed')).toMatchObject({
      kind: 'fields',
      fields: ['title', 'slot'],
      b: id,
    });
    await town.settle();
    expect((await verify(town)).verdict).toBe('equal');
  });
});

describe('a difference that is meant', () => {
  it('is explained by what it is: past, private, free', async () => {
    const town = await filledTown();
    await town.meet(1, graphEvent('Over', 0, 5));
    await town.meet(1, graphEvent('Doctor', 5, 9, { sensitivity: 'private' }));
    await town.meet(1, graphEvent('Perhaps', 7, 9, { showAs: 'free' }));
    await town.settle();
    const found = await verify(town);
    expect(found).toMatchObject({ verdict: 'explained', equal: 4, unexplained: 0, pending: 0 });
    const told = found.differences.map(({ kind, rule, reason }) => [kind, rule, reason]);
    expect(told).toContainEqual(['only-b', 'refused', 'past']);
    expect(told).toContainEqual(['only-b', 'refused', 'free']);
    expect(found.differences.find(({ rule }) => rule === 'private')).toMatchObject({
      kind: 'fields',
      fields: ['title', 'description'],
    });
  });

  it('is explained by the direction of the pair', async () => {
    const town = await Town.open({ direction: 'bToA' });
    await town.book(1, { title: 'Only here', ...bookingTimes(3, 17) });
    await town.settle();
    expect(await verify(town)).toMatchObject({
      verdict: 'explained',
      differences: [{ kind: 'only-a', rule: 'refused', reason: 'one-way', isPending: false }],
    });
  });

  it('is explained by a hold, a taken slot and a conflict', async () => {
    const town = await filledTown({ conflictPolicy: 'flag', brake: { deletionsMin: 1 } });
    const both = await mappingOf(town, 'Chess');
    await town.change(1, String(both.b?.id), { subject: 'Chess, open' });
    await town.person('PUT', `events/${String(both.a?.id).split(':')[1]}`, {
      name: 'Chess, closed',
    });
    for (const subject of ['Budget', 'Plans'])
      await town.remove(1, String((await mappingOf(town, subject)).b?.id));
    await town.tick();
    await town.meet(1, graphEvent('Clash', 3, 17));
    await town.tick();
    const found = await verify(town);
    expect(found).toMatchObject({ verdict: 'explained', unexplained: 0, held: 2 });
    expect(found.byRule).toEqual({ held: 2, 'conflict-flagged': 1, 'slot-taken': 1 });
  });
});

describe('what was planted', () => {
  it('is pending while the pair is paused: a copy that was deleted meanwhile', async () => {
    const town = await filledTown();
    const { id } = town.pairOf(1);
    await town.stores.pairs.update(TENANT, id, { syncEnabled: false });
    await town.remove(1, String((await mappingOf(town, 'Choir')).b?.id));
    await town.tick();
    expect(await verify(town)).toMatchObject({
      verdict: 'explained',
      pending: 0,
      differences: [{ kind: 'only-a', rule: 'paused' }],
    });
    await town.stores.pairs.update(TENANT, id, { syncEnabled: true });
    expect(await verify(town)).toMatchObject({ pending: 1, byRule: { deleted: 1 } });
  });

  it('is found though no read tells of it: rows that are lost', async () => {
    const town = await filledTown();
    await town.loseRows();
    const found = await verify(town);
    expect(found).toMatchObject({ verdict: 'explained', explained: 4, pending: 4, unexplained: 0 });
    await town.settle();
    expect((await verify(town)).verdict).toBe('equal');
  });

  it('is unexplained: a write that was answered, and never done', async () => {
    const town = await filledTown();
    const mapping = await mappingOf(town, 'Choir');
    const copy = String(mapping.b?.id);
    const asItIs = await town.outlook(
      'GET',
      `room-1@town.example/events/${encodeURIComponent(copy)}`,
    );
    town.graph.faults.add({
      match: { method: 'PATCH', path: '/events/' },
      times: 1,
      status: 200,
      body: { ...asItIs, subject: 'Chorus' },
    });
    const number = String(mapping.a?.id).split(':')[1];
    await town.person('PUT', `events/${number}`, { name: 'Chorus' });
    await town.tick();
    expect((await town.storedPair()).status).toBe('synced');
    town.forgetRequests();
    await town.run(1, { complete: true });
    expect(town.writes()).toEqual([]);
    expect(await town.isEqual()).toBe(false);
    expect(await verify(town)).toMatchObject({
      verdict: 'unexplained',
      equal: 3,
      unexplained: 1,
      differences: [
        { kind: 'fields', fields: ['title'], rule: 'unexplained', mappingId: mapping.id },
      ],
    });
  });

  it('is unexplained: an event that its row takes for cancelled', async () => {
    const town = await filledTown();
    const mapping = await mappingOf(town, 'Budget');
    if (mapping.a === undefined || mapping.b === undefined) throw new Error('no copies');
    const parted = { ...mapping.a, id: 'event:99999' as typeof mapping.a.id, gone: true } as const;
    await plant(town, { ...mapping, a: parted, state: 'synced', wanted: 'b' });
    const found = await verify(town);
    // The booking is nobody's now; the meeting's row waits for nothing that anybody makes.
    expect(found.equal).toBe(3);
    expect(found.differences.map(({ kind }) => kind).toSorted()).toEqual(['only-a', 'only-b']);
  });
});

describe('a verification', () => {
  it('is not made while a run holds the pair, or a side asks for a pause', async () => {
    const town = await filledTown();
    const rows = town.stores.sync.forPair(TENANT, town.pairOf(1).id);
    const taken = await rows.take('a run');
    await expect(verify(town)).rejects.toMatchObject({ name: 'VerifyError', kind: 'busy' });
    if (taken.kind !== 'held') throw new Error('the pair is not free');
    const a = (town.clock.now() + HOUR_MS) as ReturnType<typeof town.clock.now>;
    await taken.lease.release({ blockedUntil: { a } }, { force: true });
    await expect(verify(town)).rejects.toMatchObject({ kind: 'blocked', until: a });
    town.manual.advance(HOUR_MS);
    expect((await verify(town)).verdict).toBe('equal');
  });

  it('of a system that does not answer fails by itself, and leaves the pair free', async () => {
    const town = await filledTown();
    town.booking.faults.add({ match: { path: '/schedule' }, times: 100, status: 500 });
    await expect(verify(town)).rejects.toThrow(BridgeError);
    town.booking.faults.clear();
    town.manual.advance(HOUR_MS);
    await town.settle();
    expect((await verify(town)).verdict).toBe('equal');
  });

  it('is made of each pair once a week by the hourly timer, at an hour of its own', async () => {
    const town = await Town.open({ rooms: 5 });
    await town.settle();
    const at = new Map<string, number[]>();
    for (let hour = 0; hour < 15 * 24; hour += 1) {
      town.manual.advance(HOUR_MS);
      await town.timer('maintenance');
      for (const [id, when] of await town.stores.work.listVerifiedAt(TENANT)) {
        const known = at.get(id) ?? [];
        if (known.at(-1) !== when) at.set(id, [...known, when]);
      }
    }
    expect(at.size).toBe(5);
    for (const times of at.values()) {
      expect(times.length).toBeGreaterThanOrEqual(2);
      const [first = 0, second = 0] = times;
      expect(second - first).toBe(7 * DAY_MS);
    }
    expect(new Set([...at.values()].map(([first]) => first)).size).toBeGreaterThan(2);
  });

  it('of a pair that has ended is refused', async () => {
    const town = await filledTown();
    await town.stores.pairs.update(TENANT, town.pairOf(1).id, { active: false });
    await expect(verify(town)).rejects.toThrow(VerifyError);
  });
});
