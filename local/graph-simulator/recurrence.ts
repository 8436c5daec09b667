import { badRequest } from './errors.ts';
import type { RecurrenceInput } from './event-schema.ts';
import type { EventTime, PatternType, Recurrence } from './model.ts';
import { wallOf, zoneOf } from './time.ts';

type Pattern = Recurrence['pattern'];

/** What each type needs besides its interval (recurrencePattern). */
const NEEDS: Readonly<Record<PatternType, readonly ('daysOfWeek' | 'dayOfMonth' | 'month')[]>> = {
  daily: [],
  weekly: ['daysOfWeek'],
  absoluteMonthly: ['dayOfMonth'],
  relativeMonthly: ['daysOfWeek'],
  absoluteYearly: ['dayOfMonth', 'month'],
  relativeYearly: ['daysOfWeek', 'month'],
};

/** @throws GraphError 400 for a rule that lacks what its type needs, or does not fit the start. */
export function recurrenceOf({ pattern, range }: RecurrenceInput, time: EventTime): Recurrence {
  const recurrenceTimeZone = zoneOf(range.recurrenceTimeZone || time.startZone).name;
  const startDate = wallOf(time.startMs, zoneOf(time.startZone)).toPlainDate().toString();
  if (range.startDate !== startDate)
    throw invalidRule(`range.startDate must be the date of start, ${startDate}`);
  return {
    pattern: patternOf(pattern),
    range: { ...rangeEnd(range), startDate, recurrenceTimeZone },
  };
}

function patternOf(input: RecurrenceInput['pattern']): Pattern {
  const { type, interval } = input;
  if (type === undefined) throw invalidRule('pattern.type is missing');
  const needs = NEEDS[type];
  const pattern: Pattern = {
    type,
    interval,
    month: needs.includes('month') ? (input.month ?? 0) : 0,
    dayOfMonth: needs.includes('dayOfMonth') ? (input.dayOfMonth ?? 0) : 0,
    daysOfWeek: needs.includes('daysOfWeek') ? (input.daysOfWeek ?? []) : [],
    firstDayOfWeek: input.firstDayOfWeek ?? 'sunday',
    index: needs.includes('daysOfWeek') && type !== 'weekly' ? (input.index ?? 'first') : 'first',
  };
  for (const member of needs) {
    const value = pattern[member];
    if (value === 0 || (Array.isArray(value) && value.length === 0))
      throw invalidRule(`a pattern of type ${type} needs ${member}`);
  }
  return pattern;
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
