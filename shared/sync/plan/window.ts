import type { PairId } from '../../model/ids.ts';
import { DAY_MS, HOUR_MS } from '../../model/time.ts';
import type { Window } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';

/** A window that is moved on after a week is read ahead by a day more than that. */
const OVER_READ_DAYS = 8;
const REBASE_AFTER_MS = 7 * DAY_MS;

/**
 * The one range both sides of a pair are read over (rule 11): from some days back to some days
 * ahead, on whole hours. It stays as stored for a week, since a delta cursor is bound to it, and
 * moves on at an hour of the week of its own, so that a fleet never reads everything at once.
 */
export function windowFor(
  stored: (Window & { readonly rebasedAt: Instant }) | undefined,
  settings: { readonly pastDays: number; readonly futureDays: number },
  pairId: PairId,
  now: Instant,
): Window & { readonly rebasedAt: Instant } {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const start = (hour - settings.pastDays * DAY_MS) as Instant;
  const end = (hour + (settings.futureDays + OVER_READ_DAYS) * DAY_MS) as Instant;
  if (stored === undefined) return { start, end, version: 1, rebasedAt: now };
  const resized =
    stored.end - stored.start !== end - start ||
    // A clock set back leaves a window that begins in the future.
    stored.start > now;
  if (!resized && now < stored.rebasedAt + REBASE_AFTER_MS - staggerMs(pairId)) return stored;
  return { start, end, version: stored.version + 1, rebasedAt: now };
}

/** 0 to 23 hours, the same for a pair each time. */
function staggerMs(pairId: PairId): number {
  const sum = Array.from(pairId, (char) => char.charCodeAt(0)).reduce(
    (hash, code) => (hash * 31 + code) % 9973,
    7,
  );
  return (sum % 24) * HOUR_MS;
}
