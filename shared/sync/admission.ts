import type { ControlRows } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import type { RunRequest } from './run-request.ts';

/** Why a run does not go on, though it has the lease. */
export interface Refused {
  readonly outcome: 'skipped' | 'blocked';
  /** A side asked us to stay away until then. */
  readonly blockedUntil?: Instant;
}

/**
 * A job another run has answered already, that is not due, or that a side does not want now. A pair
 * that fails rests between its tries; what a person asks for is tried at once, unless a side has asked
 * for the wait itself.
 */
export function refusalOf(
  { runId, signal: counted, cause }: RunRequest,
  { signal, lease }: Pick<ControlRows, 'signal' | 'lease'>,
  now: Instant,
): Refused | undefined {
  const isAskedFor = runId !== undefined || cause === 'person';
  if (runId === undefined && counted !== undefined && signal.seen >= counted)
    return { outcome: 'skipped' };
  if (cause === 'timer' && lease.nextDueAt !== undefined && lease.nextDueAt > now)
    return { outcome: 'skipped' };
  const blockedUntil = Math.max(lease.blockedUntil.a ?? 0, lease.blockedUntil.b ?? 0) as Instant;
  if (blockedUntil > now) return { outcome: 'blocked', blockedUntil };
  // The run that failed has sent a job for when its rest is over.
  if (!isAskedFor && (lease.retryAt ?? 0) > now) return { outcome: 'skipped' };
  return undefined;
}
