import type { PairId, RunId } from '../../model/ids.ts';
import type { RunOptions, RunReport } from '../../sync/run-report.ts';
import type { Services } from '../services-port.ts';
import { within } from '../within.ts';
import type { Asker } from './sync-results.ts';

/** A caller waits for runs this long at most. */
export const INLINE_MS = 20_000;

/** `going-on`: it had not ended in time; its outcome is found by its id. */
export type Waited =
  | { readonly kind: 'ended'; readonly report: RunReport }
  | { readonly kind: 'going-on'; readonly runId: RunId };

/**
 * Runs a pair and waits for it, though not longer than `ms`. A run that goes on does so in this
 * process: should that die, the next run of the pair finishes what it began.
 * @throws what the run throws while it is waited for.
 */
export async function runWithin(
  ms: number,
  pairId: PairId,
  options: RunOptions,
  { tenant, requestId }: Asker,
  services: Services,
): Promise<Waited> {
  const { runner, runs, logger } = services;
  const runId = services.newId() as RunId;
  const run = runner.run(tenant.id, pairId, options, { runId, requestId });
  const report = await within<RunReport | undefined>(ms, run, () => undefined);
  if (report !== undefined) return { kind: 'ended', report };
  run.catch((error: unknown) => {
    const ids = { tenantId: tenant.id, pairId, runId, requestId };
    logger.error('a run that nobody waited for failed', { ...ids, error: String(error) });
  });
  await runs.queued(tenant.id, pairId, runId);
  return { kind: 'going-on', runId };
}
