import { DAY_MS, MINUTE_MS, type InstantRange } from '../model/time.ts';
import type { Instant } from '../util/clock.ts';
import type { Candidate } from './bridge.ts';

/** What two complete reads this far apart do not show is gone. */
const SILENCE_MS = 5 * MINUTE_MS;
const LOOK_BACK_MS = 30 * DAY_MS;
const LOOK_AHEAD_MS = 400 * DAY_MS;

export function isMissedLong({ missingSince }: Candidate, now: Instant): boolean {
  return missingSince !== undefined && now - missingSince >= SILENCE_MS;
}

/** What the second of the two reads must cover, so that an item that was only moved is found. */
export function confirmationRange(now: Instant): InstantRange {
  return { start: (now - LOOK_BACK_MS) as Instant, end: (now + LOOK_AHEAD_MS) as Instant };
}
