import { Temporal } from 'temporal-polyfill';

const ZONE = 'Europe/Oslo';
const HOUR_MS = 3_600_000;
const SENT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The wall clock a time column keeps of a sent text: `YYYY-MM-DD HH:MM:SS`. An offset is ignored, as
 * a PostgreSQL `timestamp without time zone` does. Undefined where the text is no date and time.
 */
export function columnTime(sent: string): string | undefined {
  const [, date, minutes = '00:00', seconds = '00'] = SENT.exec(sent) ?? [];
  if (date === undefined) return undefined;
  try {
    Temporal.PlainDateTime.from(`${date}T${minutes}:${seconds}`, { overflow: 'reject' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return `${date} ${minutes}:${seconds}`;
}

// Offsets change on the hour only, so one look-up an hour of wall clock serves every row in it.
const hours = new Map<string, { prefix: string; offset: string }>();

/**
 * A column's wall clock as ISO 8601 with Oslo's offset, e.g. `2026-06-25T15:30:00+02:00`. In the
 * hour that spring skips the time moves an hour on; the hour that autumn repeats means its first run.
 */
export function osloIso(column: string): string {
  const hour = column.slice(0, 13);
  let found = hours.get(hour);
  if (found === undefined) {
    const zoned = Temporal.PlainDateTime.from(`${hour.replace(' ', 'T')}:00`).toZonedDateTime(ZONE);
    found = { prefix: zoned.toPlainDateTime().toString().slice(0, 13), offset: zoned.offset };
    hours.set(hour, found);
  }
  return `${found.prefix}${column.slice(13)}${found.offset}`;
}

/**
 * How the answer to a write shows a time: made from the text as it was sent, so that an offset counts
 * here although the column ignored it. A later read shows what the column kept.
 */
export function echoedIso(sent: string | undefined): string | undefined {
  if (sent === undefined) return undefined;
  const column = columnTime(sent);
  if (column === undefined) return undefined;
  const offset = SENT.exec(sent)?.[4];
  if (offset === undefined) return osloIso(column);
  return Temporal.Instant.from(`${column.replace(' ', 'T')}${offset}`)
    .toZonedDateTimeISO(ZONE)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/** The instant of a sent text in epoch ms; without an offset it is Oslo wall clock. */
export function sentInstantMs(sent: string): number {
  const iso = echoedIso(sent);
  return iso === undefined ? Number.NaN : Date.parse(iso);
}

/** A wall time as a column keeps it, and which run of the hour that autumn repeats it means. */
export interface WallTime {
  column: string;
  isSecondRun: boolean;
}

/**
 * The Oslo wall time of a sent date with time, its offset honoured; without one it is Oslo wall clock,
 * in the hour that autumn repeats the first run. Undefined where the text is no date with time.
 */
export function wallTimeOf(sent: string): WallTime | undefined {
  const column = columnTime(sent);
  if (column === undefined || sent.length === 10) return undefined;
  const iso = column.replace(' ', 'T');
  const offset = SENT.exec(sent)?.[4];
  try {
    const zoned =
      offset === undefined
        ? Temporal.PlainDateTime.from(iso).toZonedDateTime(ZONE)
        : Temporal.Instant.from(`${iso}${offset}`).toZonedDateTimeISO(ZONE);
    const wall = zoned.toPlainDateTime();
    const firstRun = wall.toZonedDateTime(ZONE);
    return {
      column: wall.toString({ smallestUnit: 'second' }).replace('T', ' '),
      isSecondRun: firstRun.epochMilliseconds < zoned.epochMilliseconds,
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The instant of a wall time in epoch ms. */
export function instantMs({ column, isSecondRun }: WallTime): number {
  return Date.parse(osloIso(column)) + (isSecondRun ? HOUR_MS : 0);
}

/** Sorts as text in the order of time: the second run of a repeated hour after all of the first. */
export function timeOrder({ column, isSecondRun }: WallTime): string {
  return isSecondRun ? column.replace(':', '~') : column;
}

/** Oslo wall clock that calls itself UTC: how the real system writes the times of its webhooks. */
export function localMarkedUtc(ms: number): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(ZONE);
  return `${wall.toPlainDateTime().toString({ smallestUnit: 'second' })}Z`;
}

/** The first and last second of the whole days asked for, or undefined for a bad date. */
export function dayWindow(
  startDate: string,
  endDate: string | undefined,
): { from: string; to: string } | undefined {
  const start = columnTime(startDate)?.slice(0, 10);
  if (start === undefined) return undefined;
  const end = endDate === undefined ? monthAfter(start) : columnTime(endDate)?.slice(0, 10);
  return end === undefined ? undefined : { from: `${start} 00:00:00`, to: `${end} 23:59:59` };
}

/** A month on; days that the next month lacks run over into the one after, as in PHP. */
function monthAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return day.toISOString().slice(0, 10);
}
