import type { PairId, RunId } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import type { RunReport } from '../../sync/run-report.ts';
import type { AnswerOf, Call } from '../route.ts';
import type { RouteBody, SyncResults, syncAnswers } from '../schemas/sync.ts';
import type { Services } from '../services-port.ts';
import { queueRun } from './queue-run.ts';
import { INLINE_MS, runWithin } from './run-within.ts';
import { runLocation } from './runs.ts';
import { sourceEventsFound } from './source-events.ts';
import type { Narrowing } from './sync-body.ts';
import { runMembers, syncResults, type Asker, type Course } from './sync-results.ts';

const CONCURRENT_RUNS_MAX = 4;

/** A run that is found by its id. */
interface NotWaitedFor {
  readonly mappingId: PairId;
  readonly runId: RunId;
}

type Entry =
  | { readonly kind: 'done'; readonly report: RunReport; readonly results: SyncResults }
  | { readonly kind: 'not-done'; readonly mappingId: string; readonly error: string }
  | ({ readonly kind: 'going-on' } & NotWaitedFor);

/**
 * Runs the pairs, four at a time, until 20 s are over. What is begun by then goes on; what is left is
 * put on the queue for just what was asked. A dry run is not: it is of use to a caller who waits.
 */
export async function syncMany(
  courses: readonly Course[],
  narrowing: Narrowing,
  call: Asker & Pick<Call<unknown, unknown, unknown>, 'tenantInPath'>,
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
  const isDry = narrowing.dryRun === true;
  const queued = isDry ? [] : await enqueue(waiting, narrowing, call, services);
  const goingOn = entries.filter((entry) => entry.kind === 'going-on');
  const notWaitedFor = [...goingOn, ...queued];
  const last = notWaitedFor.at(-1);
  const body: RouteBody = {
    success: true,
    ...summarise(entries),
    dry_run: isDry,
    jobs_queued: queued.length,
    queued_runs: notWaitedFor.map(({ mappingId, runId }) => ({
      mapping_id: mappingId,
      run_id: runId,
    })),
    mappings_remaining: waiting.length - queued.length,
    timestamp: formatInstant(services.clock.now()),
  };
  if (last === undefined) return { body };
  return { status: 202, headers: { Location: runLocation(call, last.runId) }, body };
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
    const options = { ...narrowing, target: course.targetSide };
    const waited = await runWithin(leftMs, mappingId, options, call, services);
    if (waited.kind === 'going-on') return { ...waited, mappingId };
    const { result: report } = waited;
    const isDone = ['completed', 'partial', 'skipped'].includes(report.outcome);
    if (isDone) {
      const found = await sourceEventsFound(report, course, options, call.tenant, services);
      return { kind: 'done', report, results: syncResults(report, course, found) };
    }
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
  narrowing: Narrowing,
  { tenant }: Asker,
  services: Services,
): Promise<readonly NotWaitedFor[]> {
  const { dryRun: _, ...limits } = narrowing;
  const queued: NotWaitedFor[] = [];
  for (const { pair, targetSide } of courses) {
    const runId = await queueRun(tenant.id, pair.id, services, {
      options: { ...limits, target: targetSide },
    });
    queued.push({ mappingId: pair.id, runId });
  }
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
