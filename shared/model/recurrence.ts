import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../util/clock.ts';
import type { CalendarEvent, RecurrenceOverride, RecurrenceRule } from './event.ts';
import {
  DAY_MS,
  toInstant,
  toLocal,
  type InstantRange,
  type LocalDateTime,
  type TimeZoneId,
} from './time.ts';

/** What of an event says when it takes place, all its occurrences included. */
export type Series = Pick<
  CalendarEvent,
  'start' | 'timeZone' | 'recurrenceRules' | 'recurrenceOverrides'
>;

/** Wall times of a series' zone, both included. */
interface LocalRange {
  readonly start: LocalDateTime;
  readonly end: LocalDateTime;
}

export interface Occurrence {
  /** Where the rules put it: its key in `recurrenceOverrides` (RFC 8984, 4.3.4). */
  readonly originalStart: LocalDateTime;
  readonly start: Instant;
}

/** No zone is further from UTC than this, nor moves further at once. */
const ZONE_MARGIN_MS = 2 * DAY_MS;

/**
 * The occurrences that start within a range, in order: of the rules, without those that are excluded,
 * moved ones where they were moved to, and those that stand in the overrides alone (RFC 8984, 4.3.3 to
 * 4.3.5). Rules are followed in wall time, so that a series keeps its hour through clock changes: a time
 * that the clock skips is read with the offset before it, one that it repeats is the first of the two
 * (RFC 5545, 3.3.5).
 * @param range of instants, half-open
 * @param zone of an all-day series, which has none of its own
 * @throws RangeError for a rule that RFC 5545 does not allow, and for one whose `skip` is of more than one day
 */
export function occurrencesWithin(
  series: Series,
  range: InstantRange,
  zone: TimeZoneId,
): readonly Occurrence[] {
  const overrides = (series.recurrenceOverrides ?? {}) as Readonly<
    Record<string, RecurrenceOverride>
  >;
  const ruled = wallStarts(series, {
    start: toLocal((range.start - ZONE_MARGIN_MS) as Instant, 'UTC' as TimeZoneId),
    end: toLocal((range.end + ZONE_MARGIN_MS) as Instant, 'UTC' as TimeZoneId),
  });
  const originals = new Set([...ruled, ...(Object.keys(overrides) as LocalDateTime[])]);
  return [...originals]
    .flatMap((originalStart) => {
      const override = overrides[originalStart] ?? {};
      if ('excluded' in override) return [];
      const start = toInstant(override.start ?? originalStart, series.timeZone ?? zone);
      return start >= range.start && start < range.end ? [{ originalStart, start }] : [];
    })
    .toSorted((one, other) => one.start - other.start);
}

/** Its `start` is an occurrence whatever the rules say (RFC 5545, 3.8.5.3). */
function wallStarts(
  { start, recurrenceRules = [] }: Pick<Series, 'start' | 'recurrenceRules'>,
  range: LocalRange,
): readonly LocalDateTime[] {
  const first = start >= range.start && start <= range.end ? [start] : [];
  return [...first, ...recurrenceRules.flatMap((rule) => ruledStarts(rule, start, range))];
}

/**
 * Where one rule puts a series that starts at a wall time, in order: the start only where it fits.
 * @throws RangeError as `occurrencesWithin`
 */
export function ruledStarts(
  rule: RecurrenceRule,
  start: LocalDateTime,
  range: LocalRange,
): readonly LocalDateTime[] {
  return expanderOf(rule, start)
    .between(asUtc(range.start), asUtc(range.end), true)
    .map((at) => at.toPlainDateTime().toString({ smallestUnit: 'second' }) as LocalDateTime);
}

/** In UTC, where no hour is missing or doubled: the zone comes in when the wall times are known. */
function expanderOf(rule: RecurrenceRule, start: LocalDateTime): RRuleTemporal {
  const { frequency, interval = 1, firstDayOfWeek = 'mo', byMonth, count, until } = rule;
  const { byDay, byMonthDay, bySetPosition } = withoutSkip(rule);
  const options = {
    temporal: Temporal,
    strict: true,
    cache: false,
    freq: FREQUENCIES[frequency],
    interval,
    wkst: firstDayOfWeek.toUpperCase(),
    dtstart: asUtc(start),
    ...(byDay && {
      byDay: byDay.map(({ day, nthOfPeriod }) => `${nthOfPeriod ?? ''}${day.toUpperCase()}`),
    }),
    ...(byMonthDay && { byMonthDay: [...byMonthDay] }),
    ...(byMonth && { byMonth: byMonth.map(Number) }),
    ...(bySetPosition && { bySetPos: [...bySetPosition] }),
    ...(count !== undefined && { count }),
    ...(until !== undefined && { until: asUtc(until) }),
  };
  try {
    return new RRuleTemporal(options);
  } catch (error) {
    throw new RangeError(`a ${frequency} rule cannot be followed: ${String(error)}`, {
      cause: error,
    });
  }
}

/**
 * A day that a month may lack, with `skip: backward`, said without it: the last of the days up to it.
 * The library leaves such months out (rrule-temporal 2.2.8, RSCALE with SKIP=BACKWARD).
 */
function withoutSkip(rule: RecurrenceRule): Omit<RecurrenceRule, 'skip'> {
  const { skip = 'omit', ...rest } = rule;
  if (skip === 'omit') return rest;
  const [day = 0, ...more] = rest.byMonthDay ?? [];
  const isOneDay = more.length === 0 && day > 0 && rest.bySetPosition === undefined;
  if (skip === 'forward' || !isOneDay || rest.byDay !== undefined)
    throw new RangeError(`a rule of skip ${skip} is expanded for one day of the month alone`);
  const from = Math.min(day, DAYS_OF_EACH_MONTH);
  const byMonthDay = Array.from({ length: day - from + 1 }, (_, index) => from + index);
  return { ...rest, byMonthDay, bySetPosition: [-1] };
}

const FREQUENCIES = {
  daily: 'DAILY',
  weekly: 'WEEKLY',
  monthly: 'MONTHLY',
  yearly: 'YEARLY',
} as const;
/** Each month has so many days; no later one is in all of them. */
export const DAYS_OF_EACH_MONTH = 28;

function asUtc(local: LocalDateTime): Temporal.ZonedDateTime {
  return Temporal.PlainDateTime.from(local).toZonedDateTime('UTC');
}
