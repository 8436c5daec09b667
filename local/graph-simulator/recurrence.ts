import { Temporal } from 'temporal-polyfill';
import { badRequest } from './errors.ts';
import type { RecurrenceInput } from './event-schema.ts';
import type { DayOfWeek, EventTime, Recurrence } from './model.ts';
import { overlaps, wallOf, wallToInstant, zoneOf } from './time.ts';

const DAYS: readonly DayOfWeek[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];
const DAY_MS = 86_400_000;
/** Slots looked at for one answer; some 27 years of a daily series. */
const SLOTS_MAX = 10_000;

/** One slot of a series. */
export interface Occurrence {
  /** Wall date of the start, `YYYY-MM-DD`; names the occurrence in its series. */
  date: string;
  startMs: number;
  endMs: number;
}

/** @throws GraphError 400 for a rule that is wrong, or of a type that the simulator does not hold. */
export function recurrenceOf(input: RecurrenceInput, time: EventTime): Recurrence {
  const { pattern, range } = input;
  const type = pattern.type.toLowerCase();
  if (type !== 'daily' && type !== 'weekly')
    throw badRequest(
      'ErrorInvalidRequest',
      `The simulator does not hold recurrence patterns of type '${pattern.type}' yet.`,
    );
  const daysOfWeek = type === 'weekly' ? (pattern.daysOfWeek ?? []) : [];
  if (type === 'weekly' && daysOfWeek.length === 0)
    throw invalidRule('a weekly pattern needs daysOfWeek');
  const recurrenceTimeZone = zoneOf(range.recurrenceTimeZone || time.startZone).name;
  const startDate = wallOf(time.startMs, zoneOf(time.startZone)).toPlainDate().toString();
  if (range.startDate !== startDate)
    throw invalidRule(`range.startDate must be the date of start, ${startDate}`);
  return {
    pattern: {
      type,
      interval: pattern.interval,
      daysOfWeek,
      firstDayOfWeek: pattern.firstDayOfWeek ?? 'sunday',
    },
    range: { ...rangeEnd(range), startDate, recurrenceTimeZone },
  };
}

function rangeEnd(
  range: RecurrenceInput['range'],
): Pick<Recurrence['range'], 'type' | 'endDate' | 'numberOfOccurrences'> {
  switch (range.type) {
    case 'endDate':
      if (range.endDate === undefined || range.endDate === null || range.endDate < range.startDate)
        throw invalidRule('range.endDate must be a date not before range.startDate');
      return { type: 'endDate', endDate: range.endDate };
    case 'numbered':
      if ((range.numberOfOccurrences ?? 0) < 1)
        throw invalidRule('range.numberOfOccurrences must be positive');
      return { type: 'numbered', numberOfOccurrences: range.numberOfOccurrences ?? 1 };
    case 'noEnd':
      return { type: 'noEnd' };
    case undefined:
      throw invalidRule('range.type is missing');
  }
}

function invalidRule(why: string) {
  return badRequest('ErrorInvalidRecurrence', `The recurrence is not valid: ${why}.`);
}

/** The occurrences that touch the window. They keep the wall time of the series' own zone. */
export function occurrencesIn(
  recurrence: Recurrence,
  time: EventTime,
  window: { startMs: number; endMs: number },
): Occurrence[] {
  const found: Occurrence[] = [];
  // A day more on both sides: slots are days of the series' zone, the window is in instants.
  const firstDay = Math.floor(window.startMs / DAY_MS) - Math.ceil(durationMs(time) / DAY_MS) - 1;
  const lastDay = Math.ceil(window.endMs / DAY_MS) + 1;
  for (const day of slots(recurrence, firstDay, lastDay)) {
    const occurrence = occurrenceOn(time, recurrence.range.recurrenceTimeZone, day);
    if (overlaps(occurrence, window)) found.push(occurrence);
  }
  return found;
}

/** The occurrence of one date, or undefined where the series has none on it. */
export function occurrenceOfDate(
  recurrence: Recurrence,
  time: EventTime,
  date: string,
): Occurrence | undefined {
  const day = dayNumber(date);
  for (const slot of slots(recurrence, day, day))
    return occurrenceOn(time, recurrence.range.recurrenceTimeZone, slot);
  return undefined;
}

function durationMs(time: EventTime): number {
  return time.endMs - time.startMs;
}

/** Days (since 1970) of the series between the two, both inclusive. */
function* slots({ pattern, range }: Recurrence, first: number, last: number): Generator<number> {
  const start = dayNumber(range.startDate);
  const end = range.endDate === undefined ? last : Math.min(last, dayNumber(range.endDate));
  const countMax = range.numberOfOccurrences ?? Infinity;
  const weekdays = new Set(pattern.daysOfWeek.map((day) => DAYS.indexOf(day)));
  const weekStart = DAYS.indexOf(pattern.firstDayOfWeek);
  const firstWeek = weekOf(start, weekStart);
  let count = 0;
  for (let day = start; day <= end && count < countMax && count < SLOTS_MAX; day += 1) {
    const fits =
      pattern.type === 'daily'
        ? (day - start) % pattern.interval === 0
        : weekdays.has(weekday(day)) &&
          (weekOf(day, weekStart) - firstWeek) % pattern.interval === 0;
    if (!fits) continue;
    count += 1;
    if (day >= first) yield day;
  }
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** 1970-01-01 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function weekOf(day: number, weekStart: number): number {
  return Math.floor((day + 4 - weekStart) / 7);
}

function occurrenceOn(time: EventTime, zoneName: string, day: number): Occurrence {
  const zone = zoneOf(zoneName);
  const date = Temporal.PlainDate.from(new Date(day * DAY_MS).toISOString().slice(0, 10));
  const firstStart = wallOf(time.startMs, zone);
  const firstEnd = wallOf(time.endMs, zone);
  const start = date.toPlainDateTime(firstStart.toPlainTime());
  const end = start.add(firstStart.until(firstEnd));
  return {
    date: date.toString(),
    startMs: wallToInstant(start, zone),
    endMs: wallToInstant(end, zone),
  };
}
