import type { PairId, RunId } from '../../model/ids.ts';
import type { RunOptions, RunReport } from '../../sync/run-report.ts';
import type { Services } from '../services-port.ts';
import { within } from '../within.ts';
import type { Asker } from './sync-results.ts';

/** A caller waits for runs this long at most. */
export const INLINE_MS = 20_000;

/** `going-on`: it had not ended in time; its outcome is found by its id. */
export type Waited<T> =
  | { readonly kind: 'ended'; readonly result: T }
  | { readonly kind: 'going-on'; readonly runId: RunId };

interface Work<T> {
  readonly pairId: PairId;
  readonly runId: RunId;
  readonly result: Promise<T>;
  /** Stores, where the work itself does not, that it failed after nobody waited any more. */
  readonly onLateFailure?: (error: unknown) => Promise<void>;
}

/**
 * Waits for what will be stored as a run, though not longer than `ms`. What goes on does so in this
 * process: should that die, the next run of the pair finishes what it began.
 * @throws what the work throws while it is waited for.
 */
export async function waitFor<T>(
  ms: number,
  { pairId, runId, result, onLateFailure }: Work<T>,
  { tenant, requestId }: Asker,
  { runs, logger }: Pick<Services, 'runs' | 'logger'>,
): Promise<Waited<T>> {
  const ended = result.then((value): Waited<T> => ({ kind: 'ended', result: value }));
  const waited = await within<Waited<T>>(ms, ended, () => ({ kind: 'going-on', runId }));
  if (waited.kind === 'ended') return waited;
  const logFailure = (error: unknown): void => {
    const ids = { tenantId: tenant.id, pairId, runId, requestId };
    logger.error('a run that nobody waited for failed', { ...ids, error: String(error) });
  };
  ended.catch(async (error: unknown) => {
    logFailure(error);
    await onLateFailure?.(error).catch(logFailure);
  });
  await runs.queued(tenant.id, pairId, runId);
  return waited;
}

/**
 * Runs a pair and waits for it, though not longer than `ms`.
 * @throws what the run throws while it is waited for.
 */
export async function runWithin(
  ms: number,
  pairId: PairId,
  options: RunOptions,
  asker: Asker,
  services: Services,
): Promise<Waited<RunReport>> {
  const runId = services.newId() as RunId;
  const { requestId, tenant } = asker;
  const result = services.runner.run(tenant.id, pairId, options, { runId, requestId });
  return waitFor(ms, { pairId, runId, result }, asker, services);
}
