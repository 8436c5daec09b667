import { Temporal } from 'temporal-polyfill';
import { badRequest } from './errors.ts';
import type { EventTime } from './model.ts';
import { ianaZone } from './zones.ts';

const DATE_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?)(Z|[+-]\d{2}:\d{2})?$/;

/** A zone as it was named and as it is computed with. */
export interface Zone {
  name: string;
  iana: string;
}

export const UTC: Zone = { name: 'UTC', iana: 'UTC' };

/** @throws GraphError 400 `TimeZoneNotSupportedException` for a name that Exchange does not know. */
export function zoneOf(name: string): Zone {
  const iana = ianaZone(name);
  if (iana === undefined)
    throw badRequest(
      'TimeZoneNotSupportedException',
      `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
    );
  return { name, iana };
}

/**
 * Epoch ms of a `dateTimeTimeZone`. An offset inside `dateTime` wins over the zone. Wall times in
 * the spring gap move forward and those in the autumn fold are the first of the two.
 */
export function instantOf(value: { dateTime: string; timeZone: Zone }, member: string): number {
  const match = DATE_TIME.exec(value.dateTime);
  const [, wall, offset] = match ?? [];
  if (wall === undefined) throw invalidDateTime(member, value.dateTime);
  try {
    if (offset !== undefined) return Temporal.Instant.from(wall + offset).epochMilliseconds;
    return wallToInstant(Temporal.PlainDateTime.from(wall, { overflow: 'reject' }), value.timeZone);
  } catch (error) {
    if (error instanceof RangeError) throw invalidDateTime(member, value.dateTime);
    throw error;
  }
}

function invalidDateTime(member: string, text: string) {
  return badRequest(
    'ErrorPropertyValidationFailure',
    `The value '${text}' of ${member}.dateTime is not a date and time.`,
  );
}

export function wallToInstant(wall: Temporal.PlainDateTime, { iana }: Zone): number {
  return wall.toZonedDateTime(iana).epochMilliseconds;
}

export function wallOf(instantMs: number, { iana }: Zone): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs)
    .toZonedDateTimeISO(iana)
    .toPlainDateTime();
}

/** The query's own times: ISO 8601, UTC where no offset is given. */
export function queryInstant(text: string, parameter: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(?:T|$)/.exec(text);
  const withTime = text.includes('T') ? text : `${text}T00:00:00`;
  const found = match === null ? null : DATE_TIME.exec(withTime);
  const ms = found === null ? Number.NaN : Date.parse(`${found[1]}${found[2] ?? 'Z'}`);
  if (Number.isNaN(ms))
    throw badRequest('ErrorInvalidParameter', `The value '${text}' of ${parameter} is not a time.`);
  return ms;
}

/** `YYYY-MM-DDTHH:mm:ss.fffffff` in the zone. */
function formatWall(instantMs: number, zone: Zone): string {
  if (zone.iana === 'UTC') return `${new Date(instantMs).toISOString().slice(0, -1)}0000`;
  return wallOf(instantMs, zone).toString({ fractionalSecondDigits: 7 });
}

/**
 * `start` and `end` of an answer. All-day events stay at midnight of their own dates whatever zone
 * the answer is in, since they are dates and not instants.
 */
export function viewTimes(
  time: EventTime,
  zone: Zone,
): { start: Record<string, string>; end: Record<string, string> } {
  const at = (ms: number, ownZone: string): Record<string, string> => ({
    dateTime: formatWall(ms, time.isAllDay ? zoneOf(ownZone) : zone),
    timeZone: zone.name,
  });
  return { start: at(time.startMs, time.startZone), end: at(time.endMs, time.endZone) };
}

/** Whether something touches the half-open window; an event of no length does where it lies inside. */
export function overlaps(
  time: { startMs: number; endMs: number },
  window: { startMs: number; endMs: number },
): boolean {
  if (time.startMs === time.endMs)
    return time.startMs >= window.startMs && time.startMs < window.endMs;
  return time.startMs < window.endMs && time.endMs > window.startMs;
}

/** @throws GraphError 400 where the rules of all-day events or the order of the ends are broken. */
export function checkEventTime(time: EventTime): void {
  if (time.endMs < time.startMs)
    throw badRequest(
      'ErrorCalendarEndDateIsEarlierThanStartDate',
      'The end of the event lies before its start.',
    );
  if (!time.isAllDay) return;
  const start = zoneOf(time.startZone);
  const end = zoneOf(time.endZone);
  for (const [member, ms, zone] of [
    ['Start', time.startMs, start],
    ['End', time.endMs, end],
  ] as const)
    if (!isMidnight(ms, zone))
      throw badRequest(
        'ErrorPropertyValidationFailure',
        `The Event.${member} property for an all-day event needs to be set to midnight.`,
      );
  if (start.iana !== end.iana)
    throw badRequest(
      'ErrorPropertyValidationFailure',
      'Event.Start and Event.End of an all-day event need to be in the same time zone.',
    );
  if (time.endMs === time.startMs)
    throw badRequest(
      'ErrorPropertyValidationFailure',
      'The duration of an all-day event needs to be at least one day.',
    );
}

function isMidnight(ms: number, zone: Zone): boolean {
  const wall = wallOf(ms, zone);
  // Some zones change their clocks at midnight: there the day begins later.
  return wall.toPlainDate().toZonedDateTime(zone.iana).epochMilliseconds === ms;
}
