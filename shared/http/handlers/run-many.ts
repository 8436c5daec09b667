import type { PairId } from '../../model/ids.ts';
import type { Pair } from '../../model/pair.ts';
import type { RunOptions, RunReport } from '../../sync/run-report.ts';
import type { Services } from '../services-port.ts';
import { queueRun } from './queue-run.ts';
import { INLINE_MS, runWithin } from './run-within.ts';
import type { Asker } from './sync-results.ts';

const CONCURRENT_RUNS_MAX = 4;

/** A pair and the run that is wanted of it. */
export interface Wanted {
  readonly pair: Pair;
  readonly options: RunOptions;
}

export interface ManyRuns {
  readonly ended: readonly { readonly pair: Pair; readonly report: RunReport }[];
  readonly failed: readonly { readonly mappingId: PairId; readonly error: string }[];
  /** Those that go on, and those that were queued since nobody waits any more. */
  readonly unfinished: readonly { readonly mapping_id: string; readonly run_id: string }[];
}

/**
 * Runs the pairs, four at a time, until 20 s are over. What is begun by then goes on; what is left is
 * queued as a run that reads both sides completely, and so finds what any other would.
 */
export async function runMany(
  wanted: readonly Wanted[],
  call: Asker,
  services: Services,
): Promise<ManyRuns> {
  const deadline = services.clock.now() + INLINE_MS;
  const waiting = [...wanted];
  const ended: { pair: Pair; report: RunReport }[] = [];
  const failed: { mappingId: PairId; error: string }[] = [];
  const unfinished: { mapping_id: string; run_id: string }[] = [];
  const runOne = async ({ pair, options }: Wanted): Promise<void> => {
    const leftMs = deadline - services.clock.now();
    const waited = await runWithin(leftMs, pair.id, options, call, services);
    if (waited.kind === 'going-on') unfinished.push({ mapping_id: pair.id, run_id: waited.runId });
    else if (isDone(waited.result)) ended.push({ pair, report: waited.result });
    else failed.push({ mappingId: pair.id, error: errorOf(waited.result) });
  };
  const work = async (): Promise<void> => {
    while (services.clock.now() < deadline) {
      const next = waiting.shift();
      if (next === undefined) return;
      await runOne(next).catch((error: unknown) => {
        const ids = { tenantId: call.tenant.id, pairId: next.pair.id, requestId: call.requestId };
        services.logger.error('a run failed', { ...ids, error: String(error) });
        failed.push({ mappingId: next.pair.id, error: 'unexpected fault; look in the log' });
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_RUNS_MAX }, work));
  for (const { pair } of waiting) {
    const runId = await queueRun(call.tenant.id, pair.id, services, { complete: true });
    unfinished.push({ mapping_id: pair.id, run_id: runId });
  }
  return { ended, failed, unfinished };
}

function isDone({ outcome }: RunReport): boolean {
  return outcome === 'completed' || outcome === 'partial' || outcome === 'skipped';
}

function errorOf({ outcome, error }: RunReport): string {
  if (error !== undefined && error.kind !== 'internal') return error.message;
  return outcome === 'busy'
    ? 'another run holds the pair, and will see to it'
    : `the run is ${outcome}`;
}
