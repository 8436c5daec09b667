import type { RunId } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import { QUEUES } from '../../queues/messages.ts';
import type { RunReport } from '../../sync/run-report.ts';
import type { Answer, Call } from '../route.ts';
import type { Services } from '../services-port.ts';
import { runOptions, type Narrowing, type SyncRequest } from './sync-body.ts';
import { runMembers, syncResults, type Course, type SyncResults } from './sync-results.ts';

/** A caller waits this long at most until runs are no longer begun while it waits. */
const INLINE_MS = 20_000;
const CONCURRENT_RUNS_MAX = 4;

type Entry =
  | { readonly kind: 'done'; readonly report: RunReport; readonly results: SyncResults }
  | { readonly kind: 'not-done'; readonly mappingId: string; readonly error: string };

/**
 * Runs the pairs, four at a time, until 20 s are over. What is left by then is put on the queue,
 * unless the request narrowed the run: jobs know no such limits and would do more than was asked.
 */
export async function syncMany(
  courses: readonly Course[],
  narrowing: Narrowing,
  call: Call<undefined, SyncRequest>,
  services: Services,
): Promise<Answer> {
  const deadline = services.clock.now() + INLINE_MS;
  const waiting = [...courses];
  const entries: Entry[] = [];
  const work = async (): Promise<void> => {
    while (services.clock.now() < deadline) {
      const course = waiting.shift();
      if (course === undefined) return;
      entries.push(await runOne(course, narrowing, call, services));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_RUNS_MAX }, work));
  const queued = narrowing.explicit ? [] : await enqueue(waiting, call, services);
  return {
    status: queued.length > 0 ? 202 : 200,
    body: {
      success: true,
      ...summarise(entries),
      dry_run: narrowing.options.dryRun,
      jobs_queued: queued.length,
      /** Each run can be asked for by its id. */
      queued_runs: queued,
      mappings_remaining: waiting.length - queued.length,
      timestamp: formatInstant(services.clock.now()),
    },
  };
}

async function runOne(
  course: Course,
  narrowing: Narrowing,
  { tenant, requestId }: Call<undefined, SyncRequest>,
  { runner, logger }: Services,
): Promise<Entry> {
  const mappingId = course.pair.id;
  try {
    const options = runOptions(narrowing, course.targetSide);
    const report = await runner.run(tenant.id, mappingId, options, requestId);
    const isDone = ['completed', 'partial', 'skipped'].includes(report.outcome);
    if (isDone) return { kind: 'done', report, results: syncResults(report, course) };
    const isTold = report.error !== undefined && report.error.kind !== 'internal';
    const error = isTold ? report.error.message : `the run is ${report.outcome}`;
    return { kind: 'not-done', mappingId, error };
  } catch (error) {
    logger.error('a run failed', {
      tenantId: tenant.id,
      pairId: mappingId,
      requestId,
      error: String(error),
    });
    return { kind: 'not-done', mappingId, error: 'unexpected fault; look in the log' };
  }
}

async function enqueue(
  courses: readonly Course[],
  { tenant }: Call<undefined, SyncRequest>,
  services: Services,
): Promise<readonly { readonly mapping_id: string; readonly run_id: string }[]> {
  const queued: { mapping_id: string; run_id: string }[] = [];
  for (const { pair } of courses) {
    const runId = services.newId() as RunId;
    const ids = { tenantId: tenant.id, pairId: pair.id, runId };
    await services.runs.queued(tenant.id, pair.id, runId);
    await services.queue.send(QUEUES.sync, { v: 1, kind: 'sync', cause: 'person', ...ids });
    queued.push({ mapping_id: pair.id, run_id: runId });
  }
  return queued;
}

function summarise(entries: readonly Entry[]): Record<string, unknown> {
  const done = entries.filter((entry) => entry.kind === 'done');
  const notDone = entries.filter((entry) => entry.kind === 'not-done');
  const sum = (of: (results: SyncResults) => number): number =>
    done.reduce((total, { results }) => total + of(results), 0);
  const errors = sum((results) => results.errors.length) + notDone.length;
  const synced = sum(({ created, updated, deleted }) => created + updated + deleted);
  const attempts = synced + errors;
  return {
    mappings_processed: entries.length,
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
    sync_results: entries.map((entry) =>
      entry.kind === 'done'
        ? { success: true, ...runMembers(entry.report), ...entry.results }
        : { success: false, mapping_id: entry.mappingId, error: entry.error },
    ),
  };
}
