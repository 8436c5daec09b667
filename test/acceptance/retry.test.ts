import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../shared/model/time.ts';
import { FailedWorkService } from '../../shared/sync/failed-work.ts';
import type { FailedWork } from '../../shared/model/failed-work.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, Town } from '../support/town.ts';

/** The booking system refuses whatever bears this title. */
const REFUSED = 'refused by the booking system';
const ASKER = { who: 'key of test', requestId: 'r1' };

/** A town whose booking system refuses one of its meetings, and takes all others. */
async function townWithRefusal(others = 20): Promise<Town> {
  const town = await Town.open();
  for (let index = 0; index < others; index += 1)
    await town.meet(
      1,
      graphEvent(`meeting ${index}`, 2 + (index % 10), 8 + Math.floor(index / 10)),
    );
  await town.meet(1, graphEvent(REFUSED, 12, 9));
  refuse(town);
  return town;
}

function refuse(town: Town): void {
  town.refuse(({ method, body }) => method === 'POST' && body.includes(REFUSED));
}

function failedWork(town: Town): FailedWorkService {
  let runs = 0;
  return new FailedWorkService({
    clock: town.clock,
    store: town.stores.sync,
    pairs: town.stores.pairs,
    work: town.stores.work,
    runs: town.stores.runs,
    audit: town.stores.audit,
    queue: { send: async (_queue, job) => void town.jobs.push(job) },
    newRunId: () => `retry-${(runs += 1)}` as RunId,
  });
}

async function failedIn(town: Town): Promise<readonly FailedWork[]> {
  return await failedWork(town).list(TENANT);
}

async function lease(town: Town) {
  return (await town.stores.sync.forPair(TENANT, town.pairOf(1).id).readControl()).lease;
}

describe('an event that fails by itself', () => {
  it('rests, while the others cross and the cursors go on', async () => {
    const town = await townWithRefusal();
    await town.tick();
    expect(await town.schedule()).toHaveLength(20);
    expect(await town.storedPair()).toMatchObject({
      status: 'error',
      parkedEvents: 1,
      lastSyncedAt: town.clock.now(),
    });
    expect(await failedIn(town)).toMatchObject([
      { kind: 'event', attempts: 1, reason: expect.stringMatching(/\S/) },
    ]);
    town.forgetRequests();
    await town.tick();
    expect(town.refusals).toBe(1);
    expect(town.graphRequests().map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining('deltatoken')]),
    );
  });

  it('is tried again ever later, and crosses by itself once it is taken', async () => {
    const town = await townWithRefusal(1);
    await town.tick();
    const gaps: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const [work] = await failedIn(town);
      if (work?.kind !== 'event') throw new Error('nothing failed');
      expect(work.attempts).toBe(attempt);
      gaps.push(work.nextTryAt - town.clock.now());
      town.manual.advance(work.nextTryAt - town.clock.now() - 1000);
      await town.tick();
      expect(town.refusals).toBe(attempt);
      town.manual.advance(1000);
      await town.tick();
      expect(town.refusals).toBe(attempt + 1);
    }
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32].map((minutes) => minutes * 0.75 * MINUTE_MS));
    town.refuse(() => false);
    town.manual.advance(HOUR_MS);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(await failedIn(town)).toEqual([]);
    expect(await town.storedPair()).toMatchObject({ status: 'synced', parkedEvents: 0 });
    expect((await lease(town)).parked).toBe(0);
  });

  it('is tried at once where it changes, and not where it only is told again', async () => {
    const town = await townWithRefusal(0);
    await town.tick();
    const [event] = await town.calendar();
    await town.run(1, { complete: true });
    expect(town.refusals).toBe(1);
    await town.change(1, String(event?.['id']), { subject: 'welcome' });
    await town.tick();
    expect((await town.schedule()).map(({ name }) => name)).toEqual(['welcome']);
    expect(await failedIn(town)).toEqual([]);
  });

  it('ends where it goes away while it rests: nothing is left behind', async () => {
    const town = await townWithRefusal(1);
    await town.tick();
    const event = (await town.calendar()).find(({ subject }) => subject === REFUSED);
    await town.remove(1, String(event?.['id']));
    await town.settle();
    expect(await failedIn(town)).toEqual([]);
    expect(await town.schedule()).toHaveLength(1);
    expect((await town.storedPair()).status).toBe('synced');
  });

  it('is an update that waits: what was said last is what crosses', async () => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('first', 2, 9));
    await town.settle();
    town.refuse(({ method }) => method === 'PUT');
    await town.change(1, id, { subject: 'second' });
    await town.tick();
    expect(await failedIn(town)).toHaveLength(1);
    town.refuse(() => false);
    await town.change(1, id, { subject: 'third' });
    await town.settle();
    expect((await town.schedule()).map(({ name }) => name)).toEqual(['third']);
    expect(await failedIn(town)).toEqual([]);
  });

  it.each([
    [
      'one of them',
      async (service: FailedWorkService) => {
        const [work] = await service.list(TENANT);
        if (work?.kind !== 'event') throw new Error('nothing failed');
        await service.retry(TENANT, `event:${work.pairId}:${work.mappingId}`, ASKER);
      },
    ],
    [
      'its pair',
      async (service: FailedWorkService, town: Town) => {
        await service.retryPair(TENANT, town.pairOf(1).id, 'all', ASKER);
      },
    ],
    [
      'everything',
      async (service: FailedWorkService) => {
        await service.retryAll(TENANT, ASKER);
      },
    ],
  ])('is tried at once where a person asks for %s', async (_what, ask) => {
    const town = await townWithRefusal(1);
    await town.tick();
    town.refuse(() => false);
    await ask(failedWork(town), town);
    await town.work();
    expect(await town.isEqual()).toBe(true);
    expect(await failedIn(town)).toEqual([]);
    const range = {
      from: (town.clock.now() - HOUR_MS) as never,
      to: (town.clock.now() + 1) as never,
      limit: 10,
    };
    expect(await town.stores.audit.list(TENANT, range)).toMatchObject([
      { what: 'retry', who: 'key of test', requestId: 'r1' },
    ]);
  });
});

describe('a pair whose passes fail', () => {
  it('rests ever longer, is told with its next try, and recovers by the job it left', async () => {
    const town = await Town.open();
    await town.book(1, { title: 'booking', ...bookingTimes(3, 9) });
    town.booking.faults.add({ match: { path: '/schedule' }, times: 1000, status: 500 });
    const rests: number[] = [];
    for (let failure = 1; failure <= 12; failure += 1) {
      await town.tick();
      const { failures, retryAt = town.clock.now() } = await lease(town);
      expect(failures).toBe(failure);
      rests.push(retryAt - town.clock.now());
      town.manual.advance(retryAt - town.clock.now());
    }
    expect(rests.slice(0, 3)).toEqual([45_000, 90_000, 180_000]);
    expect(rests.at(-1)).toBe(0.75 * 6 * HOUR_MS);
    expect(await failedIn(town)).toMatchObject([{ kind: 'pair', attempts: 12 }]);
    town.booking.faults.clear();
    await town.work();
    expect(await town.isEqual()).toBe(true);
    const facts = await lease(town);
    expect(facts.failures).toBe(0);
    expect([facts.retryAt, facts.failingSince]).toEqual([undefined, undefined]);
    expect(await failedIn(town)).toEqual([]);
  });

  it('asks neither side while it rests, but where a person asks', async () => {
    const town = await Town.open();
    town.booking.faults.add({ match: { path: '/schedule' }, times: 1000, status: 500 });
    await town.tick();
    town.forgetRequests();
    for (const timer of ['syncBookingToOutlook', 'reconcileDeletions'] as const)
      await town.timer(timer);
    expect([...town.graphRequests(), ...town.bookingRequests()]).toEqual([]);
    expect(await town.run()).toMatchObject({ outcome: 'failed' });
    expect(town.graphRequests()).toHaveLength(1);
  });
});
