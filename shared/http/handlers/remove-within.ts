import { BridgeError } from '../../model/errors.ts';
import type { PairId, RunId } from '../../model/ids.ts';
import { RemovalError, type RemovalResult } from '../../model/removal.ts';
import type { RunReport } from '../../model/run.ts';
import { whoOf } from '../auth.ts';
import type { Call } from '../route.ts';
import type { Services } from '../services-port.ts';
import { waitFor, type Waited } from './run-within.ts';

type Remover = Pick<Call<unknown, unknown, unknown>, 'tenant' | 'principal' | 'requestId'>;

/**
 * Removes the copies of a pair and waits for it, though not longer than `ms`.
 * @throws what the removal throws while it is waited for; what it throws later is stored as its run.
 */
export async function removeWithin(
  ms: number,
  pairId: PairId,
  confirm: string,
  remover: Remover,
  services: Services,
): Promise<Waited<RemovalResult>> {
  const { removal, runs, clock } = services;
  const { tenant, principal, requestId } = remover;
  const who = whoOf(principal);
  const runId = services.newId() as RunId;
  const startedAt = clock.now();
  const result = removal.apply(tenant.id, pairId, confirm, { who, requestId }, runId);
  const onLateFailure = async (error: unknown): Promise<void> => {
    const durationMs = clock.now() - startedAt;
    const report = { ...endOf(error), runId, pairId, startedAt, durationMs };
    await runs.put(tenant.id, {
      ...report,
      cause: 'removal',
      dryRun: false,
      found: { a: 0, b: 0 },
      actions: [],
    });
  };
  return waitFor(ms, { pairId, runId, result, onLateFailure }, remover, services);
}

/** How a removal ended that threw. */
function endOf(error: unknown): Pick<RunReport, 'outcome' | 'error' | 'blockedUntil'> {
  if (error instanceof BridgeError)
    return { outcome: 'failed', error: { kind: error.kind, message: error.message } };
  if (!(error instanceof RemovalError))
    return {
      outcome: 'failed',
      error: { kind: 'internal', message: 'unexpected; look in the log' },
    };
  const { kind, until } = error;
  if (kind === 'busy' || kind === 'blocked')
    return { outcome: kind, ...(until === undefined ? {} : { blockedUntil: until }) };
  const message = `${error.message}: ask for the plan again`;
  return { outcome: 'failed', error: { kind: 'conflict', message } };
}
