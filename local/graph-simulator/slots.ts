import { DAYS, type Recurrence, type WeekIndex } from './model.ts';

const INDEXES: readonly WeekIndex[] = ['first', 'second', 'third', 'fourth'];
export const DAY_MS = 86_400_000;
/** Slots looked at for one answer; some 27 years of a daily series. */
const SLOTS_MAX = 10_000;

type Pattern = Recurrence['pattern'];

/** A day (since 1970) with its parts in the calendar. */
interface Day {
  day: number;
  year: number;
  /** From 0. */
  month: number;
  dayOfMonth: number;
  monthLength: number;
}

/**
 * Days (since 1970) of the series between the two, both inclusive, in order. A series begins on the
 * first day at or after its start date that fits: the interval of months and years counts from there
 * ("first Thursday of every other month" from 29 August begins in September); that of weeks counts
 * from the week of the start date.
 */
export function* slots({ pattern, range }: Recurrence, first: number, last: number) {
  const start = dayNumber(range.startDate);
  const end = range.endDate === undefined ? last : Math.min(last, dayNumber(range.endDate));
  const countMax = Math.min(range.numberOfOccurrences ?? SLOTS_MAX, SLOTS_MAX);
  const fits = fitterOf(pattern, start);
  let count = 0;
  for (let day = start; day <= end && count < countMax; day += 1) {
    if (!fits(day)) continue;
    count += 1;
    if (day >= first) yield day;
  }
}

export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Asked about days in their order, from the start date on. */
function fitterOf(pattern: Pattern, start: number): (day: number) => boolean {
  const { type, interval } = pattern;
  if (type === 'daily') return (day) => (day - start) % interval === 0;
  const weekdays = new Set(pattern.daysOfWeek.map((day) => DAYS.indexOf(day)));
  if (type === 'weekly') {
    const weekStart = DAYS.indexOf(pattern.firstDayOfWeek);
    const firstWeek = weekOf(start, weekStart);
    return (day) =>
      weekdays.has(weekday(day)) && (weekOf(day, weekStart) - firstWeek) % interval === 0;
  }
  const isYearly = type === 'absoluteYearly' || type === 'relativeYearly';
  const isAbsolute = type === 'absoluteMonthly' || type === 'absoluteYearly';
  let firstPeriod: number | undefined;
  return (number) => {
    const day = dayOf(number);
    if (isYearly && day.month + 1 !== pattern.month) return false;
    const wanted = isAbsolute
      ? Math.min(pattern.dayOfMonth, day.monthLength)
      : dayAtIndex(day, weekdays, pattern.index);
    if (day.dayOfMonth !== wanted) return false;
    const period = isYearly ? day.year : day.year * 12 + day.month;
    firstPeriod ??= period;
    return (period - firstPeriod) % interval === 0;
  };
}

/** The day of this month that is the first, second, … or last of those weekdays, all taken together. */
function dayAtIndex(
  { day, dayOfMonth, monthLength }: Day,
  weekdays: ReadonlySet<number>,
  index: WeekIndex,
): number | undefined {
  const before = day - dayOfMonth;
  const fitting = Array.from({ length: monthLength }, (_, at) => at + 1).filter((date) =>
    weekdays.has(weekday(before + date)),
  );
  return index === 'last' ? fitting.at(-1) : fitting[INDEXES.indexOf(index)];
}

function dayOf(day: number): Day {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const monthLength = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return { day, year, month, dayOfMonth: date.getUTCDate(), monthLength };
}

/** 1970-01-01 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function weekOf(day: number, weekStart: number): number {
  return Math.floor((day + 4 - weekStart) / 7);
}
