import { DAYS, type Recurrence, type WeekIndex } from './model.ts';

const INDEXES: readonly WeekIndex[] = ['first', 'second', 'third', 'fourth'];
export const DAY_MS = 86_400_000;
/** Slots looked at for one answer; some 27 years of a daily series. */
const SLOTS_MAX = 10_000;

type Pattern = Recurrence['pattern'];

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
  let count = 0;
  for (const day of daysOf(pattern, start, end)) {
    if (count === countMax) return;
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

/** Days that fit the pattern, both inclusive, in order. */
function* daysOf(pattern: Pattern, start: number, end: number): Generator<number> {
  const { type, interval } = pattern;
  if (type === 'daily') {
    for (let day = start; day <= end; day += interval) yield day;
    return;
  }
  const weekdays = new Set(pattern.daysOfWeek.map((day) => DAYS.indexOf(day)));
  if (type === 'weekly') {
    const weekStart = DAYS.indexOf(pattern.firstDayOfWeek);
    const firstWeek = weekOf(start, weekStart);
    for (let day = start; day <= end; day += 1)
      if (weekdays.has(weekday(day)) && (weekOf(day, weekStart) - firstWeek) % interval === 0)
        yield day;
    return;
  }
  const isYearly = type === 'absoluteYearly' || type === 'relativeYearly';
  const isAbsolute = type === 'absoluteMonthly' || type === 'absoluteYearly';
  const startDate = new Date(start * DAY_MS);
  const months = isYearly ? 12 : 1;
  let step = months;
  // Since 1970.
  let month = (startDate.getUTCFullYear() - 1970) * 12;
  month += isYearly ? pattern.month - 1 : startDate.getUTCMonth();
  for (; firstDayOf(month) <= end; month += step) {
    const firstDay = firstDayOf(month);
    const length = firstDayOf(month + 1) - firstDay;
    const dayOfMonth = isAbsolute
      ? Math.min(pattern.dayOfMonth, length)
      : dayAtIndex(firstDay, length, weekdays, pattern.index);
    if (dayOfMonth === undefined) continue;
    const day = firstDay + dayOfMonth - 1;
    if (day < start) continue;
    if (day > end) return;
    yield day;
    step = months * interval;
  }
}

/** The day of this month that is the first, second, … or last of those weekdays, all taken together. */
function dayAtIndex(
  firstDay: number,
  length: number,
  weekdays: ReadonlySet<number>,
  index: WeekIndex,
): number | undefined {
  const fitting = Array.from({ length }, (_, at) => at + 1).filter((date) =>
    weekdays.has(weekday(firstDay + date - 1)),
  );
  return index === 'last' ? fitting.at(-1) : fitting[INDEXES.indexOf(index)];
}

/** NaN where no calendar reaches so far. */
function firstDayOf(month: number): number {
  return Date.UTC(1970, month) / DAY_MS;
}

/** 1970-01-01 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function weekOf(day: number, weekStart: number): number {
  return Math.floor((day + 4 - weekStart) / 7);
}
