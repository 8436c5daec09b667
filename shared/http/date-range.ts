import {
  addDays,
  DAY_MS,
  dateOf,
  midnight,
  parseInstant,
  parseLocalDate,
  toInstant,
  toLocal,
  type InstantRange,
  type TimeZoneId,
} from '../model/time.ts';
import type { Instant } from '../util/clock.ts';
import { badField } from './problem.ts';

/** Earlier clients that send only a start mean the 30 days from it. */
const DEFAULT_RANGE_DAYS = 30;

/** No calendar reaches further, and not every system can say what does. */
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/** A field of a request that holds a date or a time, and what it holds. */
export interface DateField {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * The range from one field to another: 30 days from its start where it has no end, and from today
 * where it has no start.
 * @throws ApiError 400 for dates that are none, or that end before they start.
 */
export function rangeOf(
  from: DateField,
  to: DateField,
  zone: TimeZoneId,
  now: Instant,
): InstantRange {
  const today = toInstant(midnight(dateOf(toLocal(now, zone))), zone);
  const start = instantOf(from, zone, 0) ?? today;
  const end = instantOf(to, zone, 1) ?? ((start + DEFAULT_RANGE_DAYS * DAY_MS) as Instant);
  if (end <= start) throw badField(to.name, `expected a time after ${from.name}`);
  return { start, end };
}

/** A date is a whole day of the tenant's zone, so that the last one is still in it. */
function instantOf(
  { name, value }: DateField,
  zone: TimeZoneId,
  addedDays: 0 | 1,
): Instant | undefined {
  if (value === undefined) return undefined;
  const day = parseLocalDate(value);
  const instant =
    day === undefined ? parseInstant(value) : toInstant(midnight(addDays(day, addedDays)), zone);
  if (instant === undefined)
    throw badField(name, 'expected YYYY-MM-DD, or an ISO 8601 time with Z or an offset');
  if (instant < EARLIEST || instant > LATEST)
    throw badField(name, 'expected a time from 1900 to 2199');
  return instant;
}
