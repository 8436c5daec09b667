import { allDayTimes, type CalendarEvent } from '../model/event.ts';
import type { UnsupportedReason } from '../model/snapshot.ts';
import {
  dateOf,
  daysBetween,
  durationBetween,
  HOUR_MS,
  parseInstant,
  parseLocalDateTime,
  toInstant,
  toLocal,
  type Duration,
  type InstantRange,
  type LocalDateTime,
  type TimeZoneId,
} from '../model/time.ts';
import type { Instant } from '../util/clock.ts';

const UTC = 'Etc/UTC' as TimeZoneId;

/** ISO 8601 with an offset, or a naive wall clock of the system. Undefined where it is neither. */
export function readTime(text: string, zone: TimeZoneId): Instant | undefined {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  const local = parseLocalDateTime(text);
  return local === undefined ? undefined : toInstant(local, zone);
}

/** The times of an event that a system without a mark for all-day events shows from start to end. */
export function timesOf(
  { start, end }: InstantRange,
  zone: TimeZoneId,
): Pick<CalendarEvent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'> {
  const [from, to] = [toLocal(start, zone), toLocal(end, zone)];
  const days = wholeDays(from, to);
  if (days !== undefined) return allDayTimes(dateOf(from), days);
  // A wall clock cannot name the second run of the hour that autumn repeats; UTC can.
  const timeZone = toInstant(from, zone) === start ? zone : UTC;
  return {
    start: toLocal(start, timeZone),
    timeZone,
    duration: end > start ? durationBetween({ start, end }) : ('PT0S' as Duration),
    showWithoutTime: false,
  };
}

/**
 * A slot that a clock on the wall can tell. In the hour that autumn repeats an event may end, by such a
 * clock, as it begins or before: it is then given the hour after, so that it takes its room for longer,
 * and never for less.
 */
export function wallSlot({ start, end }: InstantRange, zone: TimeZoneId): InstantRange {
  const isTold = end <= start || toLocal(end, zone) > toLocal(start, zone);
  return { start, end: isTold ? end : ((end + HOUR_MS) as Instant) };
}

/** How many days, where it is whole ones: 00:00 to 00:00, or to 23:59 as people write it. */
function wholeDays(from: LocalDateTime, to: LocalDateTime): number | undefined {
  if (!from.endsWith('T00:00:00')) return undefined;
  const days = daysBetween(dateOf(from), dateOf(to));
  if (to.endsWith('T00:00:00')) return days > 0 ? days : undefined;
  return /T23:59:(00|59)$/.test(to) && days >= 0 ? days + 1 : undefined;
}

export function unsupportedReason({ start, end }: InstantRange): UnsupportedReason | undefined {
  if (start === end) return 'zero-length';
  return end < start ? 'end-before-start' : undefined;
}
