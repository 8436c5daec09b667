import type { PairId, Side, TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts';
import type { FanOutJob, SyncJob } from '../queues/messages.ts';
import type { ControlRows } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';

/** A pair is verified once in each week, at an hour of its own. */
const VERIFY_EVERY_MS = 7 * DAY_MS;

/** A complete read is made again when the last one is this old. */
const RECONCILE_AFTER_MS = DAY_MS;

/** A tick comes when it comes: without slack the next one would find a pair not due by seconds. */
export const TICK_SLACK_MS = MINUTE_MS;

/** Timers that look for changes. */
export type SyncTimer = 'syncBookingToOutlook' | 'syncOutlookToBooking';

/** Timers whose tick sends a job a pair. */
export type PairTimer = Exclude<
  FanOutJob['timer'],
  'processDeletionQueue' | 'maintenance' | 'renewSubscriptions'
>;

/** Sides whose system announces their changes, and can be relied on for it. */
export type Announced = readonly Side[];

/**
 * Whether a sync timer leaves a pair to the notices while it was read lately. Outlook's timer is for
 * pairs of which no side is announced; the booking system's, for those of which one is not.
 */
export function isLeftToNotices(timer: SyncTimer, announced: Announced): boolean {
  return announced.length >= (timer === 'syncOutlookToBooking' ? 1 : 2);
}

export function jobFor(
  timer: PairTimer,
  tenantId: TenantId,
  pairId: PairId,
  announced: Announced = [],
): SyncJob {
  const base = { v: 1, kind: 'sync', tenantId, pairId } as const;
  const quiet = announced.length === 1 ? announced[0] : undefined;
  switch (timer) {
    case 'syncBookingToOutlook':
    case 'syncOutlookToBooking':
      return { ...base, cause: 'timer', ...(quiet === undefined ? {} : { quiet }) };
    case 'detectDeletions':
      return { ...base, cause: 'deletions' };
    case 'reconcileDeletions':
      return { ...base, cause: 'reconcile', complete: true };
    case 'syncDeletions':
      return { ...base, cause: 'deletions', complete: true };
  }
}

/**
 * Whether a side's last complete read is over a day old, give or take up to an hour that is the
 * pair's own, so that a tenant's rooms are not all read at one tick.
 */
export function isReconcileDue(
  control: Pick<ControlRows, 'a' | 'b'>,
  pairId: PairId,
  now: Instant,
): boolean {
  const last = Math.min(control.a?.completeAt ?? 0, control.b?.completeAt ?? 0);
  if (last === 0) return false;
  const stagger = ((pairId.codePointAt(0) ?? 0) % 60) * (HOUR_MS / 60);
  return now - last >= RECONCILE_AFTER_MS - stagger;
}

/**
 * Whether the hour of the week that is the pair's own has come since it was last verified, or made.
 * The hours are spread by the ids, so that a fleet is never read at once.
 */
export function isVerifyDue(
  { id, createdAt }: Pick<Pair, 'id' | 'createdAt'>,
  verifiedAt: Instant | undefined,
  now: Instant,
): boolean {
  const hash = Array.from(id).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7);
  const offset = (hash % 168) * HOUR_MS;
  const weekOf = (at: Instant): number => Math.floor((at - offset) / VERIFY_EVERY_MS);
  return weekOf(now) > weekOf(verifiedAt ?? createdAt);
}
