import { formatInstant, formatInZone, toLocal, type TimeZoneId } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { readTime } from '../wall-times.ts';

/**
 * How times are written: ISO 8601 in UTC, with the offset of the zone, or as its naive wall clock;
 * seconds or milliseconds since 1970. All texts are read, and numbers where the format is one.
 */
export const TIME_FORMATS = ['utc', 'offset', 'local', 'unix', 'unix_ms'] as const;

export interface TimeShape {
  readonly format: (typeof TIME_FORMATS)[number];
  readonly zone: TimeZoneId;
}

export function writtenTime(instant: Instant, { format, zone }: TimeShape): string | number {
  switch (format) {
    case 'utc':
      return formatInstant(instant);
    case 'offset':
      return formatInZone(instant, zone);
    case 'local':
      return toLocal(instant, zone);
    case 'unix':
      return Math.floor(instant / 1000);
    case 'unix_ms':
      return instant;
  }
}

/** Undefined where the value is no time of this shape. */
export function timeOf(value: unknown, { format, zone }: TimeShape): Instant | undefined {
  const unitMs = format === 'unix' ? 1000 : 1;
  if (format === 'unix' || format === 'unix_ms') {
    const isNumber = typeof value === 'number' || /^-?\d{1,15}$/.test(String(value));
    const instant = isNumber ? Number(value) * unitMs : Number.NaN;
    if (Math.abs(instant) <= LATEST_MS) return Math.round(instant) as Instant;
  }
  return typeof value === 'string' ? readTime(value, zone) : undefined;
}

/** What a date can be at most (ECMAScript, 21.4.1.1). */
const LATEST_MS = 8.64e15;
