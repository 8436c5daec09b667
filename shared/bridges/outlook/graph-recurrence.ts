import * as z from 'zod';
import type { RecurrenceRule, Weekday } from '../../model/event.ts';
import { DAYS_OF_EACH_MONTH, ruledStarts } from '../../model/recurrence.ts';
import { addDays, dateOf, type LocalDateTime } from '../../model/time.ts';
import { isEnum } from './graph-schemas.ts';

const TYPES = [
  'daily',
  'weekly',
  'absoluteMonthly',
  'relativeMonthly',
  'absoluteYearly',
  'relativeYearly',
] as const;
const DAYS = {
  monday: 'mo',
  tuesday: 'tu',
  wednesday: 'we',
  thursday: 'th',
  friday: 'fr',
  saturday: 'sa',
  sunday: 'su',
} as const satisfies Record<string, Weekday>;
type GraphDay = keyof typeof DAYS;
const GRAPH_DAYS = Object.keys(DAYS) as readonly GraphDay[];
const INDEXES = { first: 1, second: 2, third: 3, fourth: 4, last: -1 } as const;
type Index = keyof typeof INDEXES;
const INDEX_NAMES = Object.keys(INDEXES) as readonly Index[];

/** Graph is free with the case of its enumerations' members, its pages as well. */
function oneOf<const T extends readonly string[]>(names: T) {
  return z.preprocess(
    (value) =>
      (typeof value === 'string' ? names.find((name) => isEnum(value, name)) : undefined) ?? value,
    z.enum(names),
  );
}

/**
 * `patternedRecurrence`, with `recurrencePattern` and `recurrenceRange`. What a type does not use comes
 * back as 0, "first" or an empty list, and is not read.
 */
export const PatternedRecurrenceSchema = z.object({
  pattern: z.object({
    type: oneOf(TYPES),
    interval: z.int().positive(),
    daysOfWeek: z.array(oneOf(GRAPH_DAYS)).nullish(),
    dayOfMonth: z.int().nullish(),
    month: z.int().nullish(),
    index: oneOf(INDEX_NAMES).nullish(),
    firstDayOfWeek: oneOf(GRAPH_DAYS).nullish(),
  }),
  range: z.object({
    type: oneOf(['endDate', 'numbered', 'noEnd']),
    startDate: z.iso.date(),
    endDate: z.iso.date().nullish(),
    numberOfOccurrences: z.int().nullish(),
    recurrenceTimeZone: z.string().nullish(),
  }),
});
export type PatternedRecurrence = z.infer<typeof PatternedRecurrenceSchema>;
type Pattern = PatternedRecurrence['pattern'];

/** JSCalendar's form of a recurrence: its `start` is the first occurrence. */
export interface RuledStart {
  readonly start: LocalDateTime;
  readonly rule: RecurrenceRule;
}

/** A rule in the form of the other system, or why it cannot be put so. */
export type Converted<T> =
  | { readonly kind: 'held'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * A recurrence of Graph's as a rule of JSCalendar's. Graph's series begins with the first day at or
 * after its start date that fits, and the interval of its months and years counts from there; a day that
 * a month lacks is its last one.
 * @param start of the series, as wall time of its recurrence's zone
 */
export function ruleOfPattern(
  recurrence: PatternedRecurrence,
  start: LocalDateTime,
): Converted<RuledStart> {
  const { pattern, range } = recurrence;
  const base = ruleOf(pattern);
  if (base === undefined) return refused(`the pattern of type ${pattern.type} lacks a member`);
  const first = firstOf(base, start);
  if (first === undefined) return refused('no day fits the pattern');
  const rule = { ...base, ...endOfRange(range) };
  if (rule.until !== undefined && rule.until < first)
    return refused('the series ends before its first day');
  return { kind: 'held', value: { start: first, rule } };
}

/** Without its end. */
function ruleOf(pattern: Pattern): RecurrenceRule | undefined {
  const { type, interval } = pattern;
  const every = interval === 1 ? {} : { interval };
  const days = [...new Set(pattern.daysOfWeek ?? [])].map((day) => DAYS[day]);
  const dayOfMonth = pattern.dayOfMonth ?? 0;
  const month = pattern.month ?? 0;
  switch (type) {
    case 'daily':
      return { frequency: 'daily', ...every };
    case 'weekly':
      if (days.length === 0) return undefined;
      return {
        frequency: 'weekly',
        ...every,
        // RFC 8984's default is Monday, Graph's is Sunday.
        firstDayOfWeek: DAYS[pattern.firstDayOfWeek ?? 'sunday'],
        byDay: days.map((day) => ({ day })),
      };
    case 'absoluteMonthly':
      if (dayOfMonth < 1) return undefined;
      return { frequency: 'monthly', ...every, ...onDay(dayOfMonth) };
    case 'absoluteYearly':
      if (dayOfMonth < 1 || month < 1) return undefined;
      return { frequency: 'yearly', ...every, byMonth: [String(month)], ...onDay(dayOfMonth) };
    case 'relativeMonthly':
      if (days.length === 0) return undefined;
      return { frequency: 'monthly', ...every, ...onWeekday(days, pattern.index ?? 'first') };
    case 'relativeYearly':
      if (days.length === 0 || month < 1) return undefined;
      return {
        frequency: 'yearly',
        ...every,
        byMonth: [String(month)],
        ...onWeekday(days, pattern.index ?? 'first'),
      };
  }
}

function onDay(dayOfMonth: number): Pick<RecurrenceRule, 'byMonthDay' | 'skip'> {
  return {
    byMonthDay: [dayOfMonth],
    ...(dayOfMonth > DAYS_OF_EACH_MONTH ? { skip: 'backward' } : {}),
  };
}

/** Of several weekdays Graph means one day: the first, second … of them all taken together. */
function onWeekday(
  days: readonly Weekday[],
  index: Index,
): Pick<RecurrenceRule, 'byDay' | 'bySetPosition'> {
  const [day] = days;
  if (days.length === 1 && day !== undefined)
    return { byDay: [{ day, nthOfPeriod: INDEXES[index] }] };
  return { byDay: days.map((one) => ({ day: one })), bySetPosition: [INDEXES[index]] };
}

/** The first day at or after the start that fits; each pattern has one within two years, or an interval of weeks. */
function firstOf(rule: RecurrenceRule, start: LocalDateTime): LocalDateTime | undefined {
  const { frequency, interval = 1 } = rule;
  // Months and years are counted from the first occurrence: until then each one counts.
  const isCountedLater = frequency === 'monthly' || frequency === 'yearly';
  const counted = { ...rule, interval: isCountedLater ? 1 : interval };
  const last = addDays(dateOf(start), 2 * 366 + 7 * interval);
  const end = `${last}T23:59:59` as LocalDateTime;
  return ruledStarts({ ...counted, count: 1 }, start, { start, end })[0];
}

function endOfRange({
  type,
  endDate,
  numberOfOccurrences,
}: PatternedRecurrence['range']): Pick<RecurrenceRule, 'count' | 'until'> {
  if (type === 'numbered') return { count: numberOfOccurrences ?? 1 };
  if (type === 'endDate' && endDate !== undefined && endDate !== null)
    return { until: `${endDate}T23:59:59` as LocalDateTime };
  return {};
}

/**
 * A rule of JSCalendar's in Graph's form, where Graph can hold it: no other part than the six patterns
 * have, one day a month or a year, and a day 29 to 31 only with `skip: backward`.
 * @param start the first occurrence, as wall time of the zone that Graph names `recurrenceTimeZone`
 */
export function patternOfRule(
  { start, rule }: RuledStart,
  recurrenceTimeZone: string,
): Converted<PatternedRecurrence> {
  const pattern = patternOf(rule, start);
  if (typeof pattern === 'string') return refused(pattern);
  const { interval = 1 } = rule;
  const range = { ...rangeOf(rule, start), startDate: dateOf(start), recurrenceTimeZone };
  return { kind: 'held', value: { pattern: { ...pattern, interval }, range } };
}

/** Or why there is none. */
function patternOf(rule: RecurrenceRule, start: LocalDateTime): Omit<Pattern, 'interval'> | string {
  const { frequency, byDay = [], byMonthDay = [], byMonth = [], bySetPosition = [] } = rule;
  const firstDayOfWeek = graphDay(rule.firstDayOfWeek ?? 'mo');
  const isNth = byDay.some(({ nthOfPeriod }) => nthOfPeriod !== undefined);
  if (frequency === 'daily' || frequency === 'weekly') {
    if (byMonthDay.length + byMonth.length + bySetPosition.length > 0 || isNth)
      return `a ${frequency} series cannot be limited to days of months, or to months`;
    if (frequency === 'weekly') {
      const days = byDay.length > 0 ? byDay.map(({ day }) => day) : [weekdayOf(start)];
      return { type: 'weekly', daysOfWeek: days.map(graphDay), firstDayOfWeek };
    }
    if (byDay.length === 0) return { type: 'daily' };
    // Each of some weekdays is each week; with an interval it is not.
    if ((rule.interval ?? 1) > 1)
      return 'a series of every so many days cannot be limited to weekdays';
    return { type: 'weekly', daysOfWeek: byDay.map(({ day }) => graphDay(day)), firstDayOfWeek };
  }
  const month = monthOf(rule, start);
  if (month === undefined) return `a ${frequency} series is of one month, or of each`;
  const ofYear = month === 0 ? {} : { month };
  if (byDay.length === 0) {
    const [dayOfMonth = dayOf(start), ...more] = byMonthDay;
    if (more.length > 0 || dayOfMonth < 1 || bySetPosition.length > 0)
      return 'a series is on one day of the month, counted from its first';
    if (dayOfMonth > DAYS_OF_EACH_MONTH && rule.skip !== 'backward' && !isInEach(month, dayOfMonth))
      return `months without a day ${dayOfMonth} would have the series on their last day`;
    return { type: month === 0 ? 'absoluteMonthly' : 'absoluteYearly', ...ofYear, dayOfMonth };
  }
  const index = indexOf(rule);
  if (byMonthDay.length > 0 || index === undefined)
    return 'a series by weekdays is on the first to fourth or the last of them in a month';
  const daysOfWeek = byDay.map(({ day }) => graphDay(day));
  return { type: month === 0 ? 'relativeMonthly' : 'relativeYearly', ...ofYear, daysOfWeek, index };
}

/** 0 for a monthly series, which has none; undefined where there are several. */
function monthOf(
  { frequency, byMonth = [], byDay = [] }: RecurrenceRule,
  start: LocalDateTime,
): number | undefined {
  if (frequency === 'monthly') return byMonth.length === 0 ? 0 : undefined;
  if (byMonth.length > 1) return undefined;
  const [month] = byMonth;
  if (month !== undefined) return Number(month);
  // Without a month a weekday is counted in the whole year.
  return byDay.length > 0 ? undefined : Number(start.slice(5, 7));
}

/** Which of its weekdays, taken together, a rule means; undefined where Graph has no word for it. */
function indexOf({ byDay = [], bySetPosition = [] }: RecurrenceRule): Index | undefined {
  const nths = [...new Set(byDay.map(({ nthOfPeriod }) => nthOfPeriod))];
  const [nth] = nths;
  const [position, ...more] = bySetPosition;
  const isByPosition = nths.length === 1 && nth === undefined && more.length === 0;
  const wanted = isByPosition
    ? position
    : byDay.length === 1 && position === undefined
      ? nth
      : undefined;
  return INDEX_NAMES.find((name) => INDEXES[name] === wanted);
}

function rangeOf(
  { count, until }: RecurrenceRule,
  start: LocalDateTime,
): Pick<PatternedRecurrence['range'], 'type' | 'endDate' | 'numberOfOccurrences'> {
  if (count !== undefined) return { type: 'numbered', numberOfOccurrences: count };
  if (until === undefined) return { type: 'noEnd' };
  // Graph's last day is included whole: where the rule ends before its hour, it is the day before.
  const isWhole = until.slice(11) >= start.slice(11);
  return { type: 'endDate', endDate: addDays(dateOf(until), isWhole ? 0 : -1) };
}

function graphDay(day: Weekday): GraphDay {
  const found = GRAPH_DAYS.find((name) => DAYS[name] === day);
  if (found === undefined) throw new RangeError(`${day} is no day of the week`);
  return found;
}

/** Of a month, where 0 is each of them; February is not taken for longer than it mostly is. */
function isInEach(month: number, day: number): boolean {
  return month > 0 && day <= new Date(Date.UTC(2001, month, 0)).getUTCDate();
}

function dayOf(local: LocalDateTime): number {
  return Number(local.slice(8, 10));
}

function weekdayOf(local: LocalDateTime): Weekday {
  const sundayFirst = new Date(`${dateOf(local)}T00:00:00Z`).getUTCDay();
  const name = GRAPH_DAYS[(sundayFirst + 6) % 7] ?? 'monday';
  return DAYS[name];
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}
