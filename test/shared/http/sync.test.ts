import { afterEach, describe, expect, it, vi } from 'vitest';
import { A, KEY_A, KEY_B, makeWorld, NOW, report, type World } from './fixture.ts';
import type { Reply } from '../../functions/recorder.ts';
import type { ExternalId, RunId } from '../../../shared/model/ids.ts';
import type { RunReport } from '../../../shared/sync/run-report.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const PATH = '/bridges/sync/booking_system/outlook';
const BACK = '/bridges/sync/outlook/booking_system';
const ENDS = { source_calendar_id: '1', target_calendar_id: 'room1@a.example' };

async function sync(world: World, body: object, path = PATH): Promise<Reply> {
  return world.call('POST', path, { key: KEY_A, body });
}

async function withPair(): Promise<World> {
  const world = await makeWorld();
  await world.addPair('1', 'room1@a.example');
  return world;
}

describe('a sync of one pair', () => {
  it('answers in the shape of the earlier service', async () => {
    const world = await withPair();
    world.answerRuns((call) =>
      report(call, {
        outcome: 'partial',
        actions: [
          {
            action: 'create',
            target: 'b',
            sourceEventId: 'event:1' as ExternalId,
            targetEventId: 'AAMk1' as ExternalId,
            rule: 'new',
            reason: 'new in the booking system',
            outcome: 'applied',
          },
          { action: 'delete', target: 'b', rule: 'gone', reason: 'gone', outcome: 'applied' },
          { action: 'refuse', rule: 'series', reason: 'a series', outcome: 'applied' },
          {
            action: 'update',
            target: 'b',
            sourceEventId: 'event:2' as ExternalId,
            rule: 'changed',
            reason: 'changed',
            outcome: 'failed',
            error: 'the slot is taken',
          },
        ],
      }),
    );
    const { status, body } = await sync(world, ENDS);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      outcome: 'partial',
      dry_run: false,
      timestamp: '2026-03-02T09:00:00Z',
      sync_results: {
        source_bridge: 'booking_system',
        target_bridge: 'outlook',
        source_events_found: 3,
        created: 1,
        updated: 0,
        deleted: 1,
        skipped: 1,
        errors: [{ event_id: 'event:2', error: 'the slot is taken', event_data: null }],
      },
    });
    const { processed_events: events } = body['sync_results'] as { processed_events: object[] };
    expect(events[0]).toEqual({
      action: 'create',
      source_event_id: 'event:1',
      target_event_id: 'AAMk1',
      reason: 'new in the booking system',
      rule: 'new',
      outcome: 'applied',
    });
    expect(events).toHaveLength(4);
  });

  it('writes to the side of the target, whichever way the pair was made', async () => {
    const world = await withPair();
    await sync(world, ENDS);
    await sync(
      world,
      { source_calendar_id: 'Room1@a.example', target_calendar_id: 1 },
      '/bridges/sync/outlook/booking',
    );
    expect(world.runs.map(({ options }) => options.target)).toEqual(['b', 'a']);
  });

  it('passes its limits on', async () => {
    const world = await withPair();
    await sync(world, {
      ...ENDS,
      dry_run: true,
      skip_updates: true,
      handle_deletions: true,
      start_date: '2026-03-28',
      end_date: '2026-03-29',
    });
    await sync(world, { ...ENDS, start_date: '2026-03-28T10:00:00+01:00' });
    await sync(world, { ...ENDS, end_date: '2026-03-03' });
    const [all, from, to] = world.runs.map(({ options }) => options);
    expect(all).toEqual({
      target: 'b',
      dryRun: true,
      skipUpdates: true,
      handleDeletions: true,
      // Whole days of Oslo, the second of them an hour short.
      range: { start: Date.parse('2026-03-27T23:00Z'), end: Date.parse('2026-03-29T22:00Z') },
    });
    expect(from).toMatchObject({
      dryRun: false,
      skipUpdates: false,
      handleDeletions: false,
      range: { start: Date.parse('2026-03-28T09:00Z'), end: Date.parse('2026-04-27T09:00Z') },
    });
    expect(to?.range).toEqual({
      start: Date.parse('2026-03-01T23:00Z'),
      end: Date.parse('2026-03-03T23:00Z'),
    });
  });

  it('shows the plan in a dry run', async () => {
    const world = await withPair();
    world.answerRuns((call) =>
      report(call, {
        actions: [
          { action: 'create', target: 'b', rule: 'new', reason: 'new', outcome: 'planned' },
        ],
      }),
    );
    const { body } = await sync(world, { ...ENDS, dry_run: true });
    expect(body).toMatchObject({
      dry_run: true,
      events_to_process: 1,
      sync_results: { created: 1, processed_events: [{ action: 'create', outcome: 'planned' }] },
    });
  });

  it.each([
    ['end_date', { start_date: '2026-03-05', end_date: '2026-03-04' }],
    ['end_date', { start_date: '2026-03-05T10:00:00Z', end_date: '2026-03-05T10:00:00Z' }],
    ['start_date', { start_date: 'tomorrow' }],
    ['start_date', { start_date: '2026-02-30' }],
    ['start_date', { start_date: '2026-03-05T10:00:00' }],
    ['start_date', { start_date: 20_260_305 }],
    ['target_calendar_id', { target_calendar_id: undefined }],
    ['source_calendar_id', { source_calendar_id: undefined }],
  ])('refuses a bad %s', async (field, changes) => {
    const world = await withPair();
    const { status, body } = await sync(world, { ...ENDS, ...changes });
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ field }]);
    expect(world.runs).toEqual([]);
  });

  it('finds no pair that is not mapped, deleted, or of another tenant', async () => {
    const world = await withPair();
    expect((await sync(world, { ...ENDS, source_calendar_id: '2' })).status).toBe(404);
    expect((await sync(world, ENDS, '/bridges/sync/booking_system/google')).status).toBe(404);
    const other = await world.call('POST', PATH, { key: KEY_B, body: ENDS });
    expect(other.status).toBe(404);
    const [pair] = await world.stores.pairs.list(A);
    await world.call('DELETE', `/mappings/resources/${pair?.id ?? ''}`, { key: KEY_A });
    expect((await sync(world, ENDS)).status).toBe(404);
    expect(world.runs).toEqual([]);
  });

  it.each<[number, Partial<RunReport>, string, string?]>([
    [202, { outcome: 'busy' }, 'another run', '30'],
    [503, { outcome: 'blocked', blockedUntil: (NOW + 60_000) as Instant }, 'pause', '60'],
    [
      502,
      { outcome: 'failed', error: { kind: 'invalid-response', message: 'HTML, not JSON' } },
      'HTML, not JSON',
    ],
    [503, { outcome: 'failed', error: { kind: 'unavailable', message: 'timeout' } }, 'timeout'],
    [500, { outcome: 'failed', error: { kind: 'internal', message: 'hunter2' } }, 'request id'],
  ])('answers %i to a run like %j', async (expected, changes, told, retryAfter) => {
    const world = await withPair();
    world.answerRuns((call) => report(call, changes));
    const { status, headers, body } = await sync(world, ENDS);
    expect(status).toBe(expected);
    expect(JSON.stringify(body)).toContain(told);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(headers.get('retry-after') ?? undefined).toBe(retryAfter);
  });
});

describe('a run that has not ended after 20 s', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Runs that end when they are told to. */
  function slow(world: World): { readonly end: (() => void)[] } {
    const end: (() => void)[] = [];
    world.answerRuns(
      (call) =>
        new Promise((resolve) => {
          end.push(() => resolve(report(call)));
        }),
    );
    return { end };
  }

  async function after20s(answering: Promise<Reply>): Promise<Reply> {
    await vi.advanceTimersByTimeAsync(20_000);
    return answering;
  }

  it('goes on, and is found by its id', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = await withPair();
    const runs = slow(world);
    const { status, headers, body } = await after20s(sync(world, { ...ENDS, dry_run: true }));
    expect(status).toBe(202);
    const runId = world.runs[0]?.runId ?? '';
    expect(headers.get('location')).toBe(`/runs/${runId}`);
    expect(body).toMatchObject({ run_id: runId, status: 'queued', dry_run: true });
    const found = await world.call('GET', `/runs/${runId}`, { key: KEY_A });
    expect(found.body).toMatchObject({ status: 'queued' });
    expect(runs.end).toHaveLength(1);
  });

  it('is told of a whole route too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = await withPair();
    await world.addPair('2', 'room2@a.example');
    const { end } = slow(world);
    const answering = sync(world, {});
    await vi.advanceTimersByTimeAsync(1000);
    end[0]?.();
    const { status, body } = await after20s(answering);
    expect(status).toBe(202);
    const left = world.runs[1];
    expect(body).toMatchObject({
      mappings_processed: 1,
      jobs_queued: 0,
      queued_runs: [{ mapping_id: left?.pairId, run_id: left?.runId }],
    });
  });

  it('that then fails is in the log', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = await withPair();
    let fail = (): void => {};
    world.answerRuns(
      () =>
        new Promise((_, reject) => {
          fail = () => reject(new Error('storage is down'));
        }),
    );
    const { body } = await after20s(sync(world, ENDS));
    fail();
    await vi.waitFor(() => {
      expect(world.logged).toContainEqual(
        expect.objectContaining({
          level: 'error',
          fields: expect.objectContaining({ runId: body['run_id'] }) as object,
        }),
      );
    });
  });
});

describe('a sync of a whole route', () => {
  async function withPairs(count: number): Promise<World> {
    const world = await makeWorld();
    for (let room = 1; room <= count; room += 1)
      await world.addPair(String(room), `room${room}@a.example`);
    return world;
  }

  it('runs every active pair that leads there and sums up', async () => {
    const world = await withPairs(3);
    await world.addPair('room4@a.example', '4', { bridge_from: 'outlook', bridge_to: 'booking' });
    await world.addPair('5', 'r5@a.example', { sync_enabled: false });
    await world.addPair('6', 'r6@a.example', { sync_direction: 'target_to_source' });
    await world.addPair('1', 'room1@b.example', {}, KEY_B);
    world.answerRuns((call) => {
      if (world.runs.length === 2)
        return report(call, {
          outcome: 'failed',
          error: { kind: 'unavailable', message: 'the booking system is down' },
        });
      return report(call, {
        actions: [
          { action: 'create', target: 'b', rule: 'new', reason: 'new', outcome: 'applied' },
        ],
      });
    });
    const { status, body } = await sync(world, {});
    expect(status).toBe(200);
    expect(world.runs.map(({ options }) => String(options.target)).sort()).toEqual([
      'a',
      'b',
      'b',
      'b',
    ]);
    expect(new Set(world.runs.map(({ tenantId }) => tenantId))).toEqual(new Set([A]));
    expect(body).toMatchObject({
      success: true,
      mappings_processed: 4,
      total_synced: 3,
      total_errors: 1,
      summary: { created: 3, updated: 0, deleted: 0, errors: 1, success_rate: 75 },
      jobs_queued: 0,
      mappings_remaining: 0,
    });
    expect(body['sync_results']).toHaveLength(4);
    expect(body['sync_results']).toContainEqual(
      expect.objectContaining({ success: false, error: 'the booking system is down' }),
    );
  });

  it('is refused where no pair leads there', async () => {
    const world = await makeWorld();
    expect((await sync(world, {})).status).toBe(400);
    await world.addPair('6', 'r6@a.example', { sync_direction: 'source_to_target' });
    expect((await sync(world, {}, BACK)).status).toBe(400);
  });

  it('runs four at a time', async () => {
    const world = await withPairs(9);
    let running = 0;
    let most = 0;
    world.answerRuns(async (call) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return report(call);
    });
    await sync(world, {});
    expect(world.runs).toHaveLength(9);
    expect(most).toBe(4);
  });

  it('puts on the queue what is left after 20 s', async () => {
    const world = await withPairs(7);
    world.answerRuns((call) => {
      world.advance(10_000);
      return report(call);
    });
    const { status, body } = await sync(world, {});
    expect(status).toBe(202);
    expect(body).toMatchObject({ mappings_processed: 2, jobs_queued: 5, mappings_remaining: 0 });
    const ran = new Set<string>(world.runs.map(({ pairId }) => pairId));
    expect(world.queue.jobs).toHaveLength(5);
    for (const { queue, job } of world.queue.jobs) {
      expect(queue).toBe('sync-jobs');
      expect(job).toMatchObject({ kind: 'sync', tenantId: A, cause: 'person' });
      if (job.kind !== 'sync') throw new Error('no job of a pair');
      expect(ran.has(job.pairId)).toBe(false);
      expect(body['queued_runs']).toContainEqual({ mapping_id: job.pairId, run_id: job.runId });
      expect(await world.stores.runs.get(A, job.runId as RunId)).toMatchObject({
        state: 'queued',
        pairId: job.pairId,
      });
    }
  });

  it('queues nothing that was asked to be less than a whole run', async () => {
    const world = await withPairs(7);
    world.answerRuns((call) => {
      world.advance(10_000);
      return report(call);
    });
    const { status, body } = await sync(world, { dry_run: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ jobs_queued: 0, mappings_remaining: 5, dry_run: true });
    expect(world.queue.jobs).toEqual([]);
  });
});
