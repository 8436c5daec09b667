import { Temporal } from 'temporal-polyfill';
import type { Brand } from '../util/brand.ts';
import type { Instant } from '../util/clock.ts';

/** `YYYY-MM-DD`, a day of no zone (RFC 3339 full-date). */
export type LocalDate = Brand<string, 'LocalDate'>;
/** `YYYY-MM-DDTHH:MM:SS`, a wall clock of no zone (RFC 8984, 1.4.4). */
export type LocalDateTime = Brand<string, 'LocalDateTime'>;
/** An IANA zone name. */
export type TimeZoneId = Brand<string, 'TimeZoneId'>;
/** ISO 8601 duration (RFC 8984, 1.4.5): `P2D` for all-day, `PT1H30M` else. */
export type Duration = Brand<string, 'Duration'>;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The same events are read again and again, and to read a wall clock is slow. */
const REMEMBERED_MAX = 4_000;

/** `compute` by the key of its arguments; forgets everything when it has remembered too much. */
function remembering<A extends readonly string[], R>(
  compute: (...args: A) => R,
): (...args: A) => R {
  const known = new Map<string, R>();
  return (...args) => {
    const key = args.join('\n');
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(...args);
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(key, value);
    return value;
  };
}

/** Half-open: `start <= t < end`. */
export interface InstantRange {
  readonly start: Instant;
  readonly end: Instant;
}

/** Touching ranges do not overlap. */
export function overlaps(one: InstantRange, other: InstantRange): boolean {
  return one.start < other.end && other.start < one.end;
}

/** An ISO 8601 time with `Z` or an offset. Anything else, also one without an offset: undefined. */
export const parseInstant = remembering((text: string): Instant | undefined => {
  try {
    return Temporal.Instant.from(text).epochMilliseconds as Instant;
  } catch {
    return undefined;
  }
});

/** ISO 8601 in UTC; milliseconds only where there are any. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

/** ISO 8601 with the offset of the zone at that time; milliseconds only where there are any. */
export function formatInZone(instant: Instant, zone: TimeZoneId): string {
  return Temporal.Instant.fromEpochMilliseconds(instant).toString({ timeZone: zone });
}

/** A wall clock text; fractions of a second are cut. Undefined where it is none, or has an offset. */
export const parseLocalDateTime = remembering((text: string): LocalDateTime | undefined => {
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text)) return undefined;
  try {
    const local = Temporal.PlainDateTime.from(text).round({
      smallestUnit: 'second',
      roundingMode: 'trunc',
    });
    return local.toString() as LocalDateTime;
  } catch {
    return undefined;
  }
});

export function parseLocalDate(text: string): LocalDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text).toString() as LocalDate;
  } catch {
    return undefined;
  }
}

/** An IANA name in its usual spelling, or undefined where this machine's zone data lack it. */
export const parseTimeZone = remembering((text: string): TimeZoneId | undefined => {
  if (/^[+-]/.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
      .timeZone as TimeZoneId;
  } catch {
    return undefined;
  }
});

/**
 * The instant of a wall clock. A time that the spring gap skips moves forward by the gap; one that
 * the autumn fold repeats is the first of the two (RFC 5545, 3.3.5; Temporal's `compatible`).
 */
export const toInstant = remembering(
  (local: LocalDateTime, zone: TimeZoneId): Instant =>
    Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds as Instant,
);

/** The wall clock of an instant. Fractions of a second are cut. */
export function toLocal(instant: Instant, zone: TimeZoneId): LocalDateTime {
  return localOf(String(instant), zone);
}

const localOf = remembering((epochMs: string, zone: TimeZoneId): LocalDateTime => {
  const zoned = Temporal.Instant.fromEpochMilliseconds(Number(epochMs)).toZonedDateTimeISO(zone);
  return zoned
    .toPlainDateTime()
    .round({ smallestUnit: 'second', roundingMode: 'trunc' })
    .toString() as LocalDateTime;
});

export function dateOf(local: LocalDateTime): LocalDate {
  return local.slice(0, 10) as LocalDate;
}

export function midnight(date: LocalDate): LocalDateTime {
  return `${date}T00:00:00` as LocalDateTime;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString() as LocalDate;
}

/** Whole days from one date to another; negative where `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days;
}

/** The length between two instants, exact: `PT25H` where a day has 25 hours. */
export function durationBetween({ start, end }: InstantRange): Duration {
  return durationOf(String(Math.round((end - start) / 1000)));
}

const durationOf = remembering(
  (seconds: string): Duration =>
    Temporal.Duration.from({ seconds: Number(seconds) })
      .round({ largestUnit: 'hours' })
      .toString() as Duration,
);

/**
 * The end of what starts at a wall clock: days are counted on the calendar, the rest is exact time
 * (RFC 8984, 1.4.5).
 */
export const endOf = remembering(
  (start: LocalDateTime, zone: TimeZoneId, duration: Duration): Instant =>
    Temporal.PlainDateTime.from(start).toZonedDateTime(zone).add(duration)
      .epochMilliseconds as Instant,
);

/** @throws RangeError where the duration is not one of whole days. */
export function daysOf(duration: Duration): number {
  const { days, weeks } = Temporal.Duration.from(duration);
  const total = days + weeks * 7;
  if (Temporal.Duration.from(duration).total({ unit: 'days', relativeTo: '2000-01-01' }) !== total)
    throw new RangeError(`${duration} is no duration of whole days`);
  return total;
}
