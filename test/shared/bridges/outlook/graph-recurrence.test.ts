import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  patternOfRule,
  PatternedRecurrenceSchema,
  ruleOfPattern,
  type PatternedRecurrence,
} from '../../../../shared/bridges/outlook/graph-recurrence.ts';
import type { RecurrenceRule } from '../../../../shared/model/event.ts';
import type { LocalDateTime } from '../../../../shared/model/time.ts';
import {
  GRAPH_FOLDER,
  graphMissing,
  needsGraph,
} from '../../../support/graph-contract/description.ts';

const ZONE = 'Europe/Oslo';
const NO_END = { type: 'noEnd', startDate: '2026-01-01' } as const;

/** @param pattern as Graph's pages write it */
function ruleOf(
  pattern: object,
  start = '2026-01-01T09:00:00',
  range: object = { ...NO_END, startDate: start.slice(0, 10) },
) {
  return ruleOfPattern(PatternedRecurrenceSchema.parse({ pattern, range }), start as LocalDateTime);
}

function patternOf(rule: RecurrenceRule, start = '2026-01-01T09:00:00') {
  return patternOfRule({ start: start as LocalDateTime, rule }, ZONE);
}

describe('a recurrence of Outlook', () => {
  it.each([
    [
      { type: 'daily', interval: 3 },
      { frequency: 'daily', interval: 3 },
    ],
    [
      { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
      { frequency: 'weekly', firstDayOfWeek: 'su', byDay: [{ day: 'th' }] },
    ],
    [
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
      { frequency: 'monthly', byMonthDay: [31], skip: 'backward' },
    ],
    [
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['thursday'], index: 'last' },
      { frequency: 'monthly', byDay: [{ day: 'th', nthOfPeriod: -1 }] },
    ],
    [
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['thursday', 'friday'] },
      { frequency: 'monthly', byDay: [{ day: 'th' }, { day: 'fr' }], bySetPosition: [1] },
    ],
    [
      { type: 'absoluteYearly', interval: 1, dayOfMonth: 15, month: 4 },
      { frequency: 'yearly', byMonth: ['4'], byMonthDay: [15] },
    ],
    [
      { type: 'relativeYearly', interval: 2, daysOfWeek: ['monday'], month: 11, index: 'third' },
      { frequency: 'yearly', interval: 2, byMonth: ['11'], byDay: [{ day: 'mo', nthOfPeriod: 3 }] },
    ],
  ])('becomes a rule: %o', (pattern, rule) => {
    expect(ruleOf(pattern)).toMatchObject({ kind: 'held', value: { rule } });
  });

  it('starts with its first day that fits, from which months are counted', () => {
    const everyOtherMonth = { type: 'relativeMonthly', interval: 2, daysOfWeek: ['Thursday'] };
    expect(ruleOf(everyOtherMonth, '2017-08-29T14:00:00')).toMatchObject({
      kind: 'held',
      value: { start: '2017-09-07T14:00:00' },
    });
    const everyOtherWeek = { type: 'weekly', interval: 2, daysOfWeek: ['monday'] };
    expect(ruleOf(everyOtherWeek, '2026-02-11T09:00:00')).toMatchObject({
      kind: 'held',
      value: { start: '2026-02-23T09:00:00' },
    });
  });

  it('ends with its last day, or after so many', () => {
    const daily = { type: 'daily', interval: 1 };
    const start = '2026-01-01T09:00:00';
    const range = { startDate: '2026-01-01' };
    expect(ruleOf(daily, start, { ...range, type: 'numbered', numberOfOccurrences: 5 })).toEqual({
      kind: 'held',
      value: { start, rule: { frequency: 'daily', count: 5 } },
    });
    expect(ruleOf(daily, start, { ...range, type: 'endDate', endDate: '2026-01-05' })).toEqual({
      kind: 'held',
      value: { start, rule: { frequency: 'daily', until: '2026-01-05T23:59:59' } },
    });
  });

  it('that has no day, or lacks what its type needs, is refused with the reason', () => {
    const mondays = { type: 'weekly', interval: 1, daysOfWeek: ['monday'] };
    const range = { type: 'endDate', startDate: '2026-01-06', endDate: '2026-01-11' };
    expect(ruleOf(mondays, '2026-01-06T09:00:00', range)).toEqual({
      kind: 'refused',
      reason: 'the series ends before its first day',
    });
    for (const type of [
      'weekly',
      'absoluteMonthly',
      'relativeMonthly',
      'absoluteYearly',
      'relativeYearly',
    ])
      expect(ruleOf({ type, interval: 1, month: 0, dayOfMonth: 0, daysOfWeek: [] })).toEqual({
        kind: 'refused',
        reason: `the pattern of type ${type} lacks a member`,
      });
  });
});

describe('a rule', () => {
  it.each<[RecurrenceRule, Partial<PatternedRecurrence['pattern']>]>([
    [
      { frequency: 'weekly' },
      { type: 'weekly', daysOfWeek: ['thursday'], firstDayOfWeek: 'monday' },
    ],
    [
      { frequency: 'daily', byDay: [{ day: 'mo' }, { day: 'tu' }] },
      { type: 'weekly', daysOfWeek: ['monday', 'tuesday'] },
    ],
    [{ frequency: 'monthly' }, { type: 'absoluteMonthly', dayOfMonth: 1 }],
    [{ frequency: 'yearly' }, { type: 'absoluteYearly', dayOfMonth: 1, month: 1 }],
    [
      { frequency: 'yearly', byMonth: ['1'], byMonthDay: [31] },
      { type: 'absoluteYearly', dayOfMonth: 31, month: 1 },
    ],
  ])('that leaves out what its start says becomes a pattern: %o', (rule, pattern) => {
    expect(patternOf(rule)).toMatchObject({ kind: 'held', value: { pattern } });
  });

  it('that ends before its own hour ends the day before', () => {
    const until = (at: string) => patternOf({ frequency: 'daily', until: at as LocalDateTime });
    expect(until('2026-02-01T08:59:59')).toMatchObject({
      value: { range: { endDate: '2026-01-31' } },
    });
    expect(until('2026-02-01T09:00:00')).toMatchObject({
      value: { range: { endDate: '2026-02-01' } },
    });
  });

  it.each<[RecurrenceRule, RegExp]>([
    [{ frequency: 'daily', byMonth: ['6'] }, /cannot be limited/],
    [{ frequency: 'weekly', byDay: [{ day: 'mo', nthOfPeriod: 1 }] }, /cannot be limited/],
    [{ frequency: 'daily', interval: 2, byDay: [{ day: 'mo' }] }, /limited to weekdays/],
    [{ frequency: 'monthly', byMonth: ['6'], byMonthDay: [1] }, /of one month, or of each/],
    [{ frequency: 'yearly', byMonth: ['6', '7'], byMonthDay: [1] }, /of one month, or of each/],
    [{ frequency: 'yearly', byDay: [{ day: 'mo', nthOfPeriod: 20 }] }, /of one month, or of each/],
    [{ frequency: 'monthly', byMonthDay: [1, 15] }, /one day of the month/],
    [{ frequency: 'monthly', byMonthDay: [-1] }, /one day of the month/],
    [{ frequency: 'monthly', byMonthDay: [31] }, /without a day 31/],
    [{ frequency: 'yearly', byMonth: ['2'], byMonthDay: [29] }, /without a day 29/],
    [{ frequency: 'monthly', byDay: [{ day: 'mo', nthOfPeriod: 5 }] }, /first to fourth/],
    [{ frequency: 'monthly', byDay: [{ day: 'mo', nthOfPeriod: -2 }] }, /first to fourth/],
    [{ frequency: 'monthly', byDay: [{ day: 'mo' }] }, /first to fourth/],
    [{ frequency: 'monthly', byDay: [{ day: 'mo' }], bySetPosition: [1, 3] }, /first to fourth/],
    [
      {
        frequency: 'monthly',
        byDay: [
          { day: 'mo', nthOfPeriod: 1 },
          { day: 'tu', nthOfPeriod: 1 },
        ],
      },
      /first to fourth/,
    ],
    [{ frequency: 'monthly', byDay: [{ day: 'fr' }], byMonthDay: [13] }, /first to fourth/],
  ])('that Outlook has no pattern for is refused with the reason: %o', (rule, reason) => {
    const refused = patternOf(rule);
    expect(refused.kind === 'refused' && refused.reason).toMatch(reason);
  });
});

interface Documented {
  readonly text: string;
  readonly pattern?: object;
  readonly range?: { readonly startDate: string };
  readonly recurrence?: {
    readonly pattern: object;
    readonly range: { readonly startDate: string };
  };
}

function documentedRules(): readonly Documented[] {
  if (graphMissing !== undefined) return [];
  const text = readFileSync(`${GRAPH_FOLDER}examples/recurrence-rules.json`, 'utf8');
  return (JSON.parse(text) as { rules: readonly Documented[] }).rules;
}

describe('the recurrences of Graph’s own pages', () => {
  beforeEach(needsGraph);

  it('are all read', () => {
    expect(documentedRules().length).toBeGreaterThanOrEqual(15);
  });

  it.each(documentedRules().map((rule) => [rule.text, rule] as const))(
    'survive the way to a rule and back: %s',
    (_text, { pattern, range, recurrence }) => {
      const documented = PatternedRecurrenceSchema.parse(
        recurrence ?? {
          pattern: pattern ?? { type: 'daily', interval: 1 },
          range: range ?? NO_END,
        },
      );
      const start = `${documented.range.startDate}T14:00:00` as LocalDateTime;
      const there = ruleOfPattern(documented, start);
      if (there.kind === 'refused') throw new Error(there.reason);
      const back = patternOfRule(there.value, ZONE);
      expect(back).toMatchObject({
        kind: 'held',
        value: {
          pattern: documented.pattern,
          // The first day that fits is the start of the rule, and so of what it becomes again.
          range: { ...documented.range, startDate: there.value.start.slice(0, 10) },
        },
      });
      expect(
        ruleOfPattern((back as { value: PatternedRecurrence }).value, there.value.start),
      ).toEqual(there);
    },
  );
});
