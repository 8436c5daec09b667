import type { Instant } from '../util/clock.ts';
import type { Pair, PairStatus } from './pair.ts';
import { formatInstant, MINUTE_MS } from './time.ts';

/** How often the timers come to a pair, at the least, unless its tenant wants it less often. */
const INTERVAL_MINUTES = 10;
/** A pair without a completed pass for so many intervals is stale. */
const STALE_INTERVALS = 3;

/** What is said of a pair at a time: its tenant's `syncFrequencyMinutes` says how often it is due. */
export interface Telling {
  readonly now: Instant;
  readonly syncFrequencyMinutes: number;
}

export interface ToldStatus {
  readonly status: PairStatus | 'paused' | 'stale';
  readonly reason?: string;
}

/**
 * A pair's status as people are told it, whatever its last run found: one that is paused says so, and
 * so does one that no pass has completed for three intervals.
 */
export function toldStatus(pair: Pair, telling: Telling): ToldStatus {
  const { status, statusReason } = pair;
  const reason = statusReason === undefined ? {} : { reason: statusReason };
  const last = [status, statusReason].filter((text) => text !== undefined).join(': ');
  const found = status === 'pending' ? 'it has not run yet' : `when it last ran: ${last}`;
  if (!pair.syncEnabled)
    return { status: 'paused', reason: `paused until sync is enabled again; ${found}` };
  if (!pair.active || !isStale(pair, telling)) return { status, ...reason };
  const since =
    pair.lastSyncedAt === undefined
      ? 'no pass was ever completed'
      : `no pass was completed since ${formatInstant(pair.lastSyncedAt)}`;
  return { status: 'stale', reason: `${since}; ${found}` };
}

/** Since it was last completed, made, resumed or changed. */
function isStale(
  { lastSyncedAt, createdAt, updatedAt }: Pair,
  { now, syncFrequencyMinutes }: Telling,
): boolean {
  const since = Math.max(lastSyncedAt ?? createdAt, updatedAt);
  const intervalMs = Math.max(INTERVAL_MINUTES, syncFrequencyMinutes) * MINUTE_MS;
  return now - since > STALE_INTERVALS * intervalMs;
}
