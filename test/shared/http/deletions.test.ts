import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MappingId, PairId, RunId, Side } from '../../../shared/model/ids.ts';
import { mappingIdOf, type ExternalId } from '../../../shared/model/ids.ts';
import type { EventMapping, SideState } from '../../../shared/model/mapping.ts';
import type { RunReport } from '../../../shared/model/run.ts';
import { DAY_MS } from '../../../shared/model/time.ts';
import type { SyncLogEntry } from '../../../shared/stores/ports.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import type { Reply } from '../../functions/recorder.ts';
import { A, ADMIN_KEY, B, KEY_A, makeWorld, NOW, report, type World } from './fixture.ts';

const SYNC = '/bridges/sync-deletions';
const QUEUE = '/bridges/process-deletion-queue';

function side(id: string, more: Partial<SideState> = {}): SideState {
  const rest = { fingerprint: {}, fpVersion: 1, keyVersion: 'k', rights: 'full' } as const;
  return { id: id as ExternalId, start: NOW, end: NOW, ...rest, ...more };
}

/** An event with both of its copies, or missed on a side. */
function mappingOf(number: number, missed?: Side): EventMapping {
  const since = { missingSince: NOW };
  return {
    id: mappingIdOf('a', `a${number}` as ExternalId),
    origin: 'a',
    state: 'synced',
    generation: 0,
    a: side(`a${number}`, missed === 'a' ? since : {}),
    b: side(`b${number}`, missed === 'b' ? since : {}),
    owed: [],
    restores: 0,
    updatedAt: NOW,
  };
}

async function store(
  { stores }: World,
  pairId: PairId,
  mappings: readonly EventMapping[],
): Promise<void> {
  const taken = await stores.sync.forPair(A, pairId).take('test');
  if (taken.kind !== 'held') throw new Error('the pair is not free');
  const changes = mappings.map((mapping) => ({ kind: 'mapping', mapping, index: [] }) as const);
  await taken.lease.commit(changes);
  await taken.lease.release({}, { force: true });
}

async function withPairs(count: number): Promise<{ world: World; pairs: readonly PairId[] }> {
  const world = await makeWorld();
  const pairs: PairId[] = [];
  for (let number = 1; number <= count; number += 1)
    pairs.push(await world.addPair(String(number), `room${number}@a.example`));
  return { world, pairs };
}

const did = (
  action: 'delete' | 'unlink' | 'create',
  mappingId: MappingId,
  outcome: 'applied' | 'failed' = 'applied',
): RunReport['actions'][number] => ({
  action,
  mappingId,
  rule: 'deleted',
  reason: 'gone',
  outcome,
  ...(outcome === 'failed' ? { error: 'the system refuses it' } : {}),
});

function post(world: World, path: string, body: object = {}): Promise<Reply> {
  return world.call('POST', path, { key: KEY_A, body });
}

describe('POST /bridges/sync-deletions', () => {
  it('reads every pair that runs completely, and tells what came of it', async () => {
    const { world, pairs } = await withPairs(3);
    const [first, second, third] = pairs as [PairId, PairId, PairId];
    await store(
      world,
      first,
      [1, 2, 3].map((number) => mappingOf(number)),
    );
    await store(world, second, [mappingOf(4), mappingOf(5, 'a')]);
    await world.call('POST', `/mappings/resources/${third}/pause`, { key: KEY_A });
    const ids = [1, 2, 4].map((number) => mappingOf(number).id) as [
      MappingId,
      MappingId,
      MappingId,
    ];
    world.answerRuns((call) =>
      report(call, {
        actions:
          call.pairId === first
            ? [did('delete', ids[0]), did('delete', ids[1], 'failed')]
            : [did('create', ids[2])],
      }),
    );
    const { status, body } = await post(world, SYNC);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: '2 pairs were looked at',
      results: {
        checked: 5,
        deleted: 1,
        errors: [{ mapping_id: first, error: 'the system refuses it' }],
      },
      runs: [],
    });
    expect(world.runs).toHaveLength(2);
    for (const { options } of world.runs) expect(options).toEqual({ complete: true });
  });

  it('is of one mapping where that is named, unless it is paused', async () => {
    const { world, pairs } = await withPairs(2);
    await post(world, SYNC, { mapping_id: pairs[1] });
    expect(world.runs.map(({ pairId }) => pairId)).toEqual([pairs[1]]);
    await world.call('POST', `/mappings/resources/${pairs[1]}/pause`, { key: KEY_A });
    expect((await post(world, SYNC, { mapping_id: pairs[1] })).status).toBe(409);
    await world.call('DELETE', `/mappings/resources/${pairs[1]}`, { key: KEY_A });
    expect((await post(world, SYNC, { mapping_id: pairs[1] })).status).toBe(404);
  });

  it('goes on after a pair that fails, and names it without saying more than it may', async () => {
    const { world, pairs } = await withPairs(4);
    const failures: Readonly<Record<string, Partial<RunReport>>> = {
      [String(pairs[0])]: {
        outcome: 'failed',
        error: { kind: 'unavailable', message: 'it is down' },
      },
      [String(pairs[1])]: { outcome: 'busy' },
      [String(pairs[2])]: { outcome: 'failed', error: { kind: 'internal', message: 'hunter2' } },
    };
    world.answerRuns((call) => {
      if (call.pairId === pairs[3]) throw new TypeError('hunter2');
      return report(call, failures[call.pairId]);
    });
    const { status, body } = await post(world, SYNC);
    expect(status).toBe(200);
    const { errors } = body['results'] as { errors: object[] };
    expect(errors).toHaveLength(4);
    expect(errors).toContainEqual({ mapping_id: pairs[0], error: 'it is down' });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('queues what is left after 20 s, to be read completely, and says under which id', async () => {
    const { world } = await withPairs(7);
    world.answerRuns((call) => {
      world.advance(10_000);
      return report(call);
    });
    const { status, body } = await post(world, SYNC);
    expect(status).toBe(202);
    expect(world.queue.jobs).toHaveLength(5);
    for (const { job } of world.queue.jobs) {
      expect(job).toMatchObject({ kind: 'sync', cause: 'person', complete: true });
      if (job.kind !== 'sync') throw new Error('no job of a pair');
      expect(body['runs']).toContainEqual({ mapping_id: job.pairId, run_id: job.runId });
    }
  });
});

describe('a run for deletions that has not ended after 20 s', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([SYNC, QUEUE])('goes on, and is found by its id: %s', async (path) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { world, pairs } = await withPairs(1);
    await store(world, pairs[0] as PairId, [mappingOf(1, 'a')]);
    world.answerRuns(() => new Promise(() => {}));
    const answering = post(world, path);
    await vi.advanceTimersByTimeAsync(20_000);
    const { status, body } = await answering;
    expect(status).toBe(202);
    const [run] = world.runs;
    expect(body['runs']).toEqual([{ mapping_id: pairs[0], run_id: run?.runId }]);
    const found = await world.stores.runs.get(A, run?.runId as RunId);
    expect(found).toMatchObject({ state: 'queued' });
  });
});

describe('POST /bridges/process-deletion-queue', () => {
  it('looks at what is missed and at nothing else', async () => {
    const { world, pairs } = await withPairs(2);
    const [first, second] = pairs as [PairId, PairId];
    await store(world, first, [
      mappingOf(1),
      mappingOf(2, 'a'),
      mappingOf(3, 'b'),
      mappingOf(4, 'b'),
    ]);
    await store(world, second, [mappingOf(5)]);
    const [two, three, four] = [2, 3, 4].map((number) => mappingOf(number).id) as [
      MappingId,
      MappingId,
      MappingId,
    ];
    world.answerRuns((call) =>
      report(call, {
        actions: [did('delete', two), did('unlink', three), did('delete', mappingOf(9).id)],
      }),
    );
    const { status, body } = await post(world, QUEUE);
    expect(status).toBe(200);
    expect(world.runs).toMatchObject([{ pairId: first }]);
    expect(world.runs[0]?.options.look?.toSorted()).toEqual([two, three, four].toSorted());
    expect(body['results']).toEqual({ processed: 3, deletions_found: 2, errors: [] });
  });

  it('does nothing where nothing is missed', async () => {
    const { world } = await withPairs(2);
    const { body } = await post(world, QUEUE);
    expect(body['results']).toEqual({ processed: 0, deletions_found: 0, errors: [] });
    expect(world.runs).toEqual([]);
  });
});

describe('POST /bridges/sync-deletions-all', () => {
  it('queues a fan-out for each tenant', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('POST', `${SYNC}-all`, { key: ADMIN_KEY });
    expect(status).toBe(200);
    expect(body).toMatchObject({ tenants_queued: 2, errors: [] });
    expect(world.queue.jobs.map(({ queue, job }) => ({ queue, job }))).toEqual(
      [A, B].map((tenantId) => ({
        queue: 'sync-jobs-low',
        job: { v: 1, kind: 'fan-out', tenantId, timer: 'syncDeletions' },
      })),
    );
  });

  it('goes on after a tenant that cannot be queued, and names it', async () => {
    const world = await makeWorld();
    const send = world.queue.send.bind(world.queue);
    world.queue.send = (queue, job, options) =>
      job.tenantId === A ? Promise.reject(new Error('no')) : send(queue, job, options);
    const { body } = await world.call('POST', `${SYNC}-all`, { key: ADMIN_KEY });
    expect(body).toMatchObject({ tenants_queued: 1, errors: [{ tenant_id: A }] });
  });

  it('is not for a tenant’s key', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('POST', `${SYNC}-all`, { key: KEY_A });
    expect([status, body['title']]).toEqual([403, 'Forbidden']);
    expect(world.queue.jobs).toEqual([]);
  });
});

describe('GET /bridges/deletion-stats', () => {
  const entry = (pairId: PairId, daysAgo: number, more: Partial<SyncLogEntry>): SyncLogEntry => ({
    at: (NOW - daysAgo * DAY_MS) as Instant,
    runId: `run-${daysAgo}` as RunId,
    pairId,
    mappingId: mappingOf(daysAgo).id,
    action: 'delete',
    rule: 'deleted',
    reason: 'gone',
    outcome: 'applied',
    ...more,
  });

  async function counted(world: World, query = '', path = '/bridges/deletion-stats') {
    const { status, body } = await world.call('GET', `${path}${query}`, { key: KEY_A });
    expect(status).toBe(200);
    return body as {
      totals: Record<string, number>;
      by_bridge: Record<string, Record<string, number>>;
      by_day: Record<string, unknown>[];
    };
  }

  async function logged(): Promise<{ world: World; pairs: readonly PairId[] }> {
    const { world, pairs } = await withPairs(2);
    const [first, second] = pairs as [PairId, PairId];
    const held = { action: 'flag', rule: 'held', holdId: `${first}.a.deletions.1` as never };
    await world.stores.log.append(A, [
      entry(first, 0, { target: 'b' }),
      entry(first, 0, { target: 'a', outcome: 'failed' }),
      entry(second, 1, { target: 'a' }),
      entry(second, 1, { action: 'unlink', rule: 'both-gone' }),
      entry(second, 1, { action: 'unlink', rule: 'past-kept' }),
      entry(first, 2, { action: 'create', rule: 'returned', target: 'b' }),
      entry(first, 2, { action: 'create', rule: 'new', target: 'b' }),
      entry(first, 2, { action: 'create', rule: 'hold-restored', target: 'a' }),
      entry(first, 3, held),
      entry(first, 4, { ...held, mappingId: mappingOf(3).id }),
      entry(first, 4, { ...held, holdId: `${first}.b.creates.1` as never }),
      entry(first, 4, { action: 'flag', rule: 'kept' }),
      entry(first, 5, { rule: 'made-by-us', target: 'b' }),
      entry(first, 40, { target: 'b' }),
    ]);
    return { world, pairs };
  }

  it('counts what the runs told, by bridge and by day, over 30 days', async () => {
    const { world } = await logged();
    const { totals, by_bridge: byBridge, by_day: byDay } = await counted(world);
    expect(totals).toEqual({
      cancelled: 3,
      deleted: 2,
      failed: 1,
      restored: 1,
      made_again: 1,
      held: 1,
      kept: 2,
      removed: 1,
    });
    expect(byBridge).toEqual({
      outlook: { deleted: 1, failed: 0, restored: 1, made_again: 0, removed: 1 },
      booking_system: { deleted: 1, failed: 1, restored: 0, made_again: 1, removed: 0 },
    });
    expect(byDay.map(({ date, deleted }) => [date, deleted])).toEqual([
      ['2026-03-02', 1],
      ['2026-03-01', 1],
      ['2026-02-28', 0],
      ['2026-02-27', 0],
      ['2026-02-26', 0],
      ['2026-02-25', 0],
    ]);
  });

  it('can be asked for days and for a mapping, and under the path of the earlier plan', async () => {
    const { world, pairs } = await logged();
    const days = '?start_date=2026-01-20&end_date=2026-01-22';
    expect((await counted(world, days)).totals).toMatchObject({ deleted: 1, cancelled: 1 });
    const back = await counted(world, '?end_date=2026-02-25');
    expect(back.totals).toMatchObject({ deleted: 0, removed: 1 });
    const second = await counted(world, `?mapping=${pairs[1]}`);
    expect(second.totals).toMatchObject({ deleted: 1, cancelled: 2, kept: 1, held: 0 });
    const other = await counted(world, '', `/tenants/${A}/cancel/stats`);
    expect(other.totals).toEqual((await counted(world)).totals);
  });

  it('has no end at a thousand entries of one moment', async () => {
    const { world, pairs } = await withPairs(1);
    const many = Array.from({ length: 1500 }, (_, number) =>
      entry(pairs[0] as PairId, 1, { target: 'b', mappingId: mappingOf(number).id }),
    );
    await world.stores.log.append(A, many);
    expect((await counted(world)).totals['deleted']).toBe(1500);
  });
});
