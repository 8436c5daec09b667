import { formatInstant } from '../../model/time.ts';
import type { RunReport } from '../../sync/run-report.ts';
import type { AnswerOf } from '../route.ts';
import type { RouteBody, SyncResults, syncAnswers } from '../schemas/sync.ts';
import type { Services } from '../services-port.ts';
import { queueRun } from './queue-run.ts';
import { INLINE_MS, runWithin } from './run-within.ts';
import { runOptions, type Narrowing } from './sync-body.ts';
import { runMembers, syncResults, type Asker, type Course } from './sync-results.ts';

const CONCURRENT_RUNS_MAX = 4;

type Entry =
  | { readonly kind: 'done'; readonly report: RunReport; readonly results: SyncResults }
  | { readonly kind: 'not-done'; readonly mappingId: string; readonly error: string }
  | { readonly kind: 'going-on'; readonly mappingId: string; readonly runId: string };

/**
 * Runs the pairs, four at a time, until 20 s are over. What is begun by then goes on; what is left is
 * put on the queue, unless the request narrowed the run: jobs know no such limits and would do more
 * than was asked.
 */
export async function syncMany(
  courses: readonly Course[],
  narrowing: Narrowing,
  call: Asker,
  services: Services,
): Promise<AnswerOf<typeof syncAnswers>> {
  const deadline = services.clock.now() + INLINE_MS;
  const waiting = [...courses];
  const entries: Entry[] = [];
  const work = async (): Promise<void> => {
    while (services.clock.now() < deadline) {
      const course = waiting.shift();
      if (course === undefined) return;
      const leftMs = deadline - services.clock.now();
      entries.push(await runOne(course, narrowing, leftMs, call, services));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_RUNS_MAX }, work));
  const queued = narrowing.explicit ? [] : await enqueue(waiting, call, services);
  const goingOn = entries.filter((entry) => entry.kind === 'going-on');
  const unfinished = goingOn.map(({ mappingId, runId }) => ({
    mapping_id: mappingId,
    run_id: runId,
  }));
  return {
    status: queued.length + goingOn.length > 0 ? 202 : 200,
    body: {
      success: true,
      ...summarise(entries),
      dry_run: narrowing.options.dryRun === true,
      jobs_queued: queued.length,
      queued_runs: [...unfinished, ...queued],
      mappings_remaining: waiting.length - queued.length,
      timestamp: formatInstant(services.clock.now()),
    },
  };
}

async function runOne(
  course: Course,
  narrowing: Narrowing,
  leftMs: number,
  call: Asker,
  services: Services,
): Promise<Entry> {
  const mappingId = course.pair.id;
  try {
    const options = runOptions(narrowing, course.targetSide);
    const waited = await runWithin(leftMs, mappingId, options, call, services);
    if (waited.kind === 'going-on') return { ...waited, mappingId };
    const { report } = waited;
    const isDone = ['completed', 'partial', 'skipped'].includes(report.outcome);
    if (isDone) return { kind: 'done', report, results: syncResults(report, course) };
    const isTold = report.error !== undefined && report.error.kind !== 'internal';
    const error = isTold ? report.error.message : `the run is ${report.outcome}`;
    return { kind: 'not-done', mappingId, error };
  } catch (error) {
    services.logger.error('a run failed', {
      tenantId: call.tenant.id,
      pairId: mappingId,
      requestId: call.requestId,
      error: String(error),
    });
    return { kind: 'not-done', mappingId, error: 'unexpected fault; look in the log' };
  }
}

async function enqueue(
  courses: readonly Course[],
  { tenant }: Asker,
  services: Services,
): Promise<RouteBody['queued_runs']> {
  const queued: RouteBody['queued_runs'] = [];
  for (const { pair } of courses)
    queued.push({ mapping_id: pair.id, run_id: await queueRun(tenant.id, pair.id, services) });
  return queued;
}

type Summary = Pick<
  RouteBody,
  'mappings_processed' | 'total_synced' | 'total_errors' | 'summary' | 'sync_results'
>;

function summarise(entries: readonly Entry[]): Summary {
  const done = entries.filter((entry) => entry.kind === 'done');
  const notDone = entries.filter((entry) => entry.kind === 'not-done');
  const sum = (of: (results: SyncResults) => number): number =>
    done.reduce((total, { results }) => total + of(results), 0);
  const errors = sum((results) => results.errors.length) + notDone.length;
  const synced = sum(({ created, updated, deleted }) => created + updated + deleted);
  const attempts = synced + errors;
  return {
    mappings_processed: done.length + notDone.length,
    total_synced: synced,
    total_errors: errors,
    summary: {
      total_source_events: sum((results) => results.source_events_found),
      created: sum((results) => results.created),
      updated: sum((results) => results.updated),
      deleted: sum((results) => results.deleted),
      skipped: sum((results) => results.skipped),
      errors,
      /** Per cent of what was attempted. */
      success_rate: attempts === 0 ? 100 : Math.round((synced / attempts) * 10_000) / 100,
    },
    sync_results: [
      ...done.map(({ report, results }) => ({
        success: true as const,
        ...results,
        ...runMembers(report),
      })),
      ...notDone.map(({ mappingId, error }) => ({
        success: false as const,
        mapping_id: mappingId,
        error,
      })),
    ],
  };
}
