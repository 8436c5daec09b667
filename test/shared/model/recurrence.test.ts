import { describe, expect, it } from 'vitest';
import type { RecurrenceRule } from '../../../shared/model/event.ts';
import { occurrencesWithin, type Series } from '../../../shared/model/recurrence.ts';
import type { LocalDateTime, TimeZoneId } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const OSLO = 'Europe/Oslo' as TimeZoneId;

function series(start: string, rule: RecurrenceRule, more: Partial<Series> = {}): Series {
  return { start: start as LocalDateTime, timeZone: OSLO, recurrenceRules: [rule], ...more };
}

function starts(of: Series, from: string, to: string, zone = OSLO): readonly string[] {
  const range = { start: Date.parse(from) as Instant, end: Date.parse(to) as Instant };
  return occurrencesWithin(of, range, zone).map(({ start }) =>
    new Date(start).toISOString().replace(':00.000Z', 'Z'),
  );
}

describe('the occurrences of a series', () => {
  it('keep their wall time through a change of the clock', () => {
    const weekly = series('2026-03-19T09:00:00', { frequency: 'weekly' });
    expect(starts(weekly, '2026-03-19T00:00Z', '2026-04-03T00:00Z')).toEqual([
      '2026-03-19T08:00Z',
      '2026-03-26T08:00Z',
      '2026-04-02T07:00Z',
    ]);
  });

  it('are there in the night that lacks their hour, with the offset before it', () => {
    const daily = series('2026-03-28T02:30:00', { frequency: 'daily', count: 3 });
    expect(starts(daily, '2026-03-27T00:00Z', '2026-04-03T00:00Z')).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:30Z',
      '2026-03-30T00:30Z',
    ]);
  });

  it('are once in the night that repeats their hour, at the first of the two', () => {
    const daily = series('2026-10-24T02:30:00', { frequency: 'daily', count: 3 });
    expect(starts(daily, '2026-10-23T00:00Z', '2026-11-03T00:00Z')).toEqual([
      '2026-10-24T00:30Z',
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it.each([
    ['America/New_York', '2026-03-07T02:30:00', ['03-07T07:30', '03-08T07:30', '03-09T06:30']],
    ['Australia/Lord_Howe', '2026-04-04T01:45:00', ['04-03T14:45', '04-04T14:45', '04-05T15:15']],
    ['Asia/Tokyo', '2026-03-28T02:30:00', ['03-27T17:30', '03-28T17:30', '03-29T17:30']],
  ])('follow the clock of %s', (timeZone, start, expected) => {
    const daily = series(
      start,
      { frequency: 'daily', count: 3 },
      {
        timeZone: timeZone as TimeZoneId,
      },
    );
    expect(starts(daily, '2026-03-01T00:00Z', '2026-05-01T00:00Z')).toEqual(
      expected.map((at) => `2026-${at}Z`),
    );
  });

  it('of whole days are in the zone that is asked for', () => {
    const daily = series(
      '2026-03-28T00:00:00',
      { frequency: 'daily', count: 2 },
      {
        timeZone: null,
      },
    );
    expect(starts(daily, '2026-03-01T00:00Z', '2026-05-01T00:00Z')).toEqual([
      '2026-03-27T23:00Z',
      '2026-03-28T23:00Z',
    ]);
  });

  it('begin with its start, whether the rule has it or not', () => {
    const mondays = series('2026-02-10T09:00:00', {
      frequency: 'weekly',
      byDay: [{ day: 'mo' }],
      until: '2026-02-23T09:00:00' as LocalDateTime,
    });
    expect(starts(mondays, '2026-02-01T00:00Z', '2026-05-01T00:00Z')).toEqual([
      '2026-02-10T08:00Z',
      '2026-02-16T08:00Z',
      '2026-02-23T08:00Z',
    ]);
  });

  it('leave out what is excluded, and follow what was moved, into the range and out of it', () => {
    const daily = series(
      '2026-06-01T09:00:00',
      { frequency: 'daily', count: 5 },
      {
        recurrenceOverrides: {
          ['2026-06-02T09:00:00' as LocalDateTime]: { excluded: true },
          ['2026-06-03T09:00:00' as LocalDateTime]: {
            start: '2026-07-03T10:00:00' as LocalDateTime,
          },
          ['2026-06-04T09:00:00' as LocalDateTime]: { title: 'Another title' },
          ['2026-06-20T09:00:00' as LocalDateTime]: {},
        },
      },
    );
    expect(starts(daily, '2026-06-01T00:00Z', '2026-07-01T00:00Z')).toEqual([
      '2026-06-01T07:00Z',
      '2026-06-04T07:00Z',
      '2026-06-05T07:00Z',
      '2026-06-20T07:00Z',
    ]);
    expect(starts(daily, '2026-07-01T00:00Z', '2026-08-01T00:00Z')).toEqual(['2026-07-03T08:00Z']);
  });

  it('are on the last day of a month that lacks theirs where the rule says so, else not in it', () => {
    const rule: RecurrenceRule = { frequency: 'monthly', byMonthDay: [31] };
    const range = ['2026-01-01T00:00Z', '2026-05-31T23:00Z'] as const;
    const last = series('2026-01-31T12:00:00', { ...rule, skip: 'backward' });
    expect(starts(last, ...range)).toEqual([
      '2026-01-31T11:00Z',
      '2026-02-28T11:00Z',
      '2026-03-31T10:00Z',
      '2026-04-30T10:00Z',
      '2026-05-31T10:00Z',
    ]);
    expect(starts(series('2026-01-31T12:00:00', rule), ...range)).toHaveLength(3);
    const leap = series('2028-02-29T12:00:00', {
      frequency: 'yearly',
      byMonth: ['2'],
      byMonthDay: [29],
      skip: 'backward',
      count: 3,
    });
    expect(starts(leap, '2028-01-01T00:00Z', '2035-01-01T00:00Z')).toEqual([
      '2028-02-29T11:00Z',
      '2029-02-28T11:00Z',
      '2030-02-28T11:00Z',
    ]);
  });

  it.each<RecurrenceRule>([
    { frequency: 'monthly', byMonthDay: [30, 31], skip: 'backward' },
    { frequency: 'monthly', byMonthDay: [31], skip: 'forward' },
    { frequency: 'weekly', byDay: [{ day: 'mo', nthOfPeriod: 2 }] },
  ])('of a rule that cannot be followed are an error: %o', (rule) => {
    expect(() => starts(series('2026-01-05T09:00:00', rule), '2026-01-01', '2026-06-01')).toThrow(
      RangeError,
    );
  });
});
