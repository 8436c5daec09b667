import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { Job } from '../../../shared/queues/messages.ts';
import { JobHandler } from '../../../shared/sync/jobs.ts';
import { meeting } from '../../support/events.ts';
import {
  at,
  memoryWorld,
  NOBODY_ANNOUNCES,
  ROOM,
  TENANT,
  type MemoryWorld,
} from '../../support/memory-world.ts';
import { mortalWorld } from './mortal-world.ts';
import { withMethods } from './rooms.ts';

const RUN = 'asked-for' as RunId;

async function history({ stores, pair }: MemoryWorld) {
  return (await stores.runs.list(TENANT, pair.id, { limit: 100 })).runs;
}

function job({ pair }: MemoryWorld, more: Partial<Extract<Job, { kind: 'sync' }>> = {}): Job {
  return { v: 1, kind: 'sync', tenantId: TENANT, pairId: pair.id, cause: 'timer', ...more };
}

async function handle(world: MemoryWorld, one: Job): Promise<void> {
  const { clock, orchestrator, stores } = world;
  const queue = { send: async () => {}, ensureQueues: async () => {} };
  const { pairs, sync: store, work } = stores;
  const verifier = { verifyInTurn: async () => {} };
  const unused = { handle: async () => {}, renewTenant: async () => {} };
  const ports = {
    clock,
    orchestrator,
    verifier,
    pairs,
    store,
    work,
    queue,
    notices: unused,
    subscriptions: unused,
    push: NOBODY_ANNOUNCES,
    tenant: () => undefined,
  };
  await new JobHandler(ports).handle(one);
}

describe('runs that are kept', () => {
  it('are those of timers that did something, and none that had nothing to do', async () => {
    const world = await memoryWorld();
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    for (let tick = 0; tick < 5; tick += 1) await handle(world, job(world));
    const runs = await history(world);
    expect(runs).toMatchObject([{ cause: 'timer', outcome: 'completed', counts: { created: 1 } }]);
    const [run] = runs;
    const stored = await world.stores.runs.get(TENANT, run?.runId ?? RUN);
    expect(stored).toMatchObject({ report: { actions: [{ action: 'create', target: 'b' }] } });
  });

  it('cost a quiet timer run no storage call', async () => {
    const mortal = await mortalWorld();
    const timer = {
      tenantId: TENANT,
      pairId: mortal.pair.id,
      cause: 'timer',
      options: {},
    } as const;
    await mortal.run();
    await mortal.orchestrator.run(timer);
    const before = mortal.process.calls;
    await mortal.orchestrator.run(timer);
    // Each side: the read, and the request in it. Storage: pair, lease taken and given back, status.
    expect(mortal.process.calls - before).toBe(2 * 2 + 5);
  });

  it('are those that failed, with what failed', async () => {
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              readChanges: async () => {
                throw new BridgeError('unavailable', 'the booking system is down');
              },
            }),
    });
    await handle(world, job(world));
    expect(await history(world)).toMatchObject([
      { outcome: 'failed', error: { kind: 'unavailable' }, counts: { created: 0 } },
    ]);
  });

  it('are all that somebody asked for by id, dry and quiet ones too', async () => {
    const world = await memoryWorld();
    const quiet = await world.run();
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const dry = await world.run({ dryRun: true });
    for (const report of [quiet, dry])
      expect(await world.stores.runs.get(TENANT, report.runId)).toMatchObject({ report });
    expect(await history(world)).toHaveLength(2);
  });

  it('of a job are found under the id that was queued', async () => {
    const world = await memoryWorld();
    const { runs } = world.stores;
    await runs.queued(TENANT, world.pair.id, RUN);
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await handle(world, job(world, { cause: 'person', runId: RUN }));
    expect(await runs.get(TENANT, RUN)).toMatchObject({
      state: 'finished',
      report: { runId: RUN, cause: 'person', outcome: 'completed', actions: [{ rule: 'new' }] },
    });
  });

  it('of a paused pair say that nothing was done', async () => {
    const world = await memoryWorld();
    const { runs, pairs } = world.stores;
    await pairs.update(TENANT, world.pair.id, { syncEnabled: false });
    await runs.queued(TENANT, world.pair.id, RUN);
    await handle(world, job(world, { cause: 'person', runId: RUN }));
    await handle(world, job(world));
    expect(await runs.get(TENANT, RUN)).toMatchObject({ report: { outcome: 'skipped' } });
    expect(await history(world)).toHaveLength(1);
  });

  it('stay queued, and come again under their id, while another run holds the pair', async () => {
    const world = await memoryWorld();
    const { runs, sync } = world.stores;
    const holder = await sync.forPair(TENANT, world.pair.id).take('holder');
    const queuedAt = world.clock.now();
    const { runId } = await world.run();
    expect(await runs.get(TENANT, runId)).toMatchObject({ report: { outcome: 'busy' } });
    world.sent.length = 0;
    await handle(world, job(world, { cause: 'person', runId: RUN }));
    expect(await runs.get(TENANT, RUN)).toMatchObject({ state: 'queued', queuedAt });
    if (holder.kind === 'held') await holder.lease.release({}, { force: true });
    // Not when the other's lease would end: it is given back long before.
    expect(world.sent).toMatchObject([{ job: { cause: 'resend', runId: RUN }, delayMs: 5000 }]);
    for (const { job } of world.sent) await handle(world, job);
    expect(await runs.get(TENANT, RUN)).toMatchObject({ report: { outcome: 'completed' } });
  });

  it('do just what their job says, also when they have to come again', async () => {
    const world = await memoryWorld();
    const { runs, sync } = world.stores;
    const gone = world.a.calendar.create(ROOM, meeting('gone', at(2, 8), at(2, 9)));
    await world.run();
    world.a.calendar.remove(gone.id);
    world.a.calendar.create(ROOM, meeting('new', at(3, 8), at(3, 9)));
    world.a.calendar.create(ROOM, meeting('later', at(9, 8), at(9, 9)));
    world.b.calendar.create(ROOM, meeting('theirs', at(4, 8), at(4, 9)));
    const options = {
      target: 'b',
      handleDeletions: false,
      range: { start: at(1, 0), end: at(5, 0) },
    } as const;
    const holder = await sync.forPair(TENANT, world.pair.id).take('holder');
    await handle(world, job(world, { cause: 'person', runId: RUN, options }));
    if (holder.kind === 'held') await holder.lease.release({}, { force: true });
    const [again, ...more] = world.sent.map(({ job }) => job);
    expect(more).toEqual([]);
    expect(again).toMatchObject({ cause: 'resend', runId: RUN, options });
    // It answers no signal, so another's message is not kept back for it.
    expect(again).not.toHaveProperty('signal');
    expect(await sync.forPair(TENANT, world.pair.id).raise()).toMatchObject({ send: 'now' });
    if (again !== undefined) await handle(world, again);
    expect(await runs.get(TENANT, RUN)).toMatchObject({ report: { outcome: 'partial' } });
    const titles = (side: 'a' | 'b'): string[] =>
      world[side]
        .itemsOf(ROOM)
        .map(({ event }) => event.title)
        .sort();
    expect(titles('b')).toEqual(['gone', 'new', 'theirs']);
    expect(titles('a')).toEqual(['later', 'new']);
  });

  it('stay queued while a side asks us to stay away', async () => {
    let isBusy = true;
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              readChanges: async (...args) => {
                if (!isBusy) return await bridge.readChanges(...args);
                throw new BridgeError('throttled', 'later', { retryAfterMs: 30_000 });
              },
            }),
    });
    const { runs } = world.stores;
    await world.run();
    isBusy = false;
    await handle(world, job(world, { cause: 'person', runId: RUN }));
    expect(await runs.get(TENANT, RUN)).toMatchObject({ state: 'queued' });
    world.clock.advance(30_001);
    const again = world.sent.find(({ job }) => job.kind === 'sync' && job.runId === RUN);
    expect(again?.delayMs).toBe(30_000);
    if (again !== undefined) await handle(world, again.job);
    expect(await runs.get(TENANT, RUN)).toMatchObject({ report: { outcome: 'completed' } });
  });

  it('of a process that died stay queued until the job comes again', async () => {
    const mortal = await mortalWorld();
    const { world, process, pair, orchestrator, runs } = mortal;
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await runs.queued(TENANT, pair.id, RUN);
    const request = { tenantId: TENANT, pairId: pair.id, cause: 'person', runId: RUN } as const;
    process.dieAt(8, 'after');
    await expect(orchestrator.run({ ...request, options: {} })).rejects.toThrow('dead');
    mortal.revive();
    expect(await runs.get(TENANT, RUN)).toMatchObject({ state: 'queued' });
    await orchestrator.run({ ...request, options: {} });
    expect(await runs.get(TENANT, RUN)).toMatchObject({ report: { outcome: 'completed' } });
    expect(world.b.itemsOf(ROOM)).toHaveLength(1);
  });
});

describe('the number of mapped events', () => {
  const count = async (world: MemoryWorld) => (await world.storedPair()).mappedEvents;

  it('follows copies that are made and ended, without loading the pair', async () => {
    const world = await memoryWorld();
    expect(await count(world)).toBeUndefined();
    await world.run();
    expect(await count(world)).toBe(0);
    const made = [1, 2, 3].map((day) =>
      world.a.calendar.create(ROOM, meeting(`m${day}`, at(day, 8), at(day, 9))),
    );
    await world.run();
    expect(await count(world)).toBe(3);
    await world.run();
    const [first] = made;
    if (first !== undefined) world.a.calendar.remove(first.id);
    await world.run();
    expect(await count(world)).toBe(2);
    await world.run({ complete: true });
    expect(await count(world)).toBe(2);
  });

  it('is right again after a crash between its commits', async () => {
    const mortal = await mortalWorld();
    const { world, process } = mortal;
    for (const day of [1, 2, 3, 4, 5])
      world.a.calendar.create(ROOM, meeting(`m${day}`, at(day, 8), at(day, 9)));
    process.dieAt(14, 'after');
    expect(await mortal.run()).toBeUndefined();
    mortal.revive();
    await mortal.run();
    await mortal.run();
    expect((await mortal.storedPair()).mappedEvents).toBe(5);
  });
});
