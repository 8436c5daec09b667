import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allDayTimes, datesOf, slotOf, type CalendarEvent } from '../../../shared/model/event.ts';
import {
  addDays,
  DAY_MS,
  daysBetween,
  daysOf,
  durationBetween,
  endOf,
  formatInstant,
  HOUR_MS,
  overlaps,
  parseInstant,
  parseLocalDate,
  parseLocalDateTime,
  parseTimeZone,
  toInstant,
  toLocal,
  type Duration,
  type LocalDate,
  type LocalDateTime,
  type TimeZoneId,
} from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const OSLO = 'Europe/Oslo' as TimeZoneId;
const utc = (text: string): Instant => {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`${text} is no instant`);
  return instant;
};
const local = (text: string): LocalDateTime => text as LocalDateTime;
const day = (text: string): LocalDate => text as LocalDate;

describe('the nights when clocks change in Oslo', () => {
  // 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
  it.each([
    ['2026-03-29T01:59:59', '2026-03-29T00:59:59Z'],
    ['2026-03-29T02:00:00', '2026-03-29T01:00:00Z'],
    ['2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
    ['2026-03-29T03:00:00', '2026-03-29T01:00:00Z'],
    ['2026-10-25T01:59:59', '2026-10-24T23:59:59Z'],
    ['2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
    ['2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
  ])('%s is %s', (wall, instant) => {
    expect(formatInstant(toInstant(local(wall), OSLO))).toBe(instant);
  });

  it.each([
    ['2026-03-29T00:59:59Z', '2026-03-29T01:59:59'],
    ['2026-03-29T01:00:00Z', '2026-03-29T03:00:00'],
    ['2026-10-25T00:30:00Z', '2026-10-25T02:30:00'],
    ['2026-10-25T01:30:00Z', '2026-10-25T02:30:00'],
  ])('%s reads %s on the wall', (instant, wall) => {
    expect(toLocal(utc(instant), OSLO)).toBe(wall);
  });

  it.each([
    ['2026-03-29', 23],
    ['2026-03-30', 24],
    ['2026-10-25', 25],
  ])('the day %s has %d hours', (date, hours) => {
    const event: CalendarEvent = {
      title: '',
      description: '',
      ...allDayTimes(day(date), 1),
      status: 'confirmed',
      freeBusyStatus: 'busy',
      privacy: 'public',
    };
    const { start, end } = slotOf(event, OSLO);
    expect((end - start) / HOUR_MS).toBe(hours);
    expect(durationBetween({ start, end })).toBe(`PT${hours}H`);
    expect(datesOf(event)).toEqual({ start: date, end: addDays(day(date), 1) });
  });

  it('days are counted on the calendar, hours are exact', () => {
    const eve = local('2026-03-28T12:00:00');
    expect(formatInstant(endOf(eve, OSLO, 'P1D' as Duration))).toBe('2026-03-29T10:00:00Z');
    expect(formatInstant(endOf(eve, OSLO, 'PT24H' as Duration))).toBe('2026-03-29T11:00:00Z');
    expect(formatInstant(endOf(eve, OSLO, 'P1DT1H' as Duration))).toBe('2026-03-29T11:00:00Z');
  });

  it('a meeting across the change keeps its end', () => {
    const start = utc('2026-10-25T00:30:00Z');
    const end = utc('2026-10-25T01:30:00Z');
    expect(durationBetween({ start, end })).toBe('PT1H');
    expect(endOf(toLocal(start, OSLO), OSLO, 'PT1H' as Duration)).toBe(end);
  });
});

describe('reading times', () => {
  it.each([
    ['2026-06-01T08:00:00Z', '2026-06-01T08:00:00Z'],
    ['2026-06-01T08:00:00+02:00', '2026-06-01T06:00:00Z'],
    ['2026-06-01T08:00:00.1234567Z', '2026-06-01T08:00:00.123Z'],
    ['2026-06-01T08:00Z', '2026-06-01T08:00:00Z'],
    ['2026-12-31T23:59:60Z', '2026-12-31T23:59:59Z'],
  ])('the instant %s', (text, expected) => {
    expect(formatInstant(utc(text))).toBe(expected);
  });

  it.each([
    '',
    '2026-06-01',
    '2026-06-01T08:00:00',
    '2026-02-30T08:00:00Z',
    '2026-06-01T25:00:00Z',
    'now',
    '1780300000000',
  ])('is refused: %j is no instant', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it.each([
    ['2026-06-01T08:00:00', '2026-06-01T08:00:00'],
    ['2026-06-01T08:00:00.9999999', '2026-06-01T08:00:00'],
    ['2026-06-01 08:00', '2026-06-01T08:00:00'],
    ['2024-02-29T00:00:00', '2024-02-29T00:00:00'],
  ])('the wall clock %s', (text, expected) => {
    expect(parseLocalDateTime(text)).toBe(expected);
  });

  it.each([
    '',
    '2026-06-01T08:00:00Z',
    '2026-06-01T08:00:00z',
    '2026-06-01T08:00:00+02:00',
    '2026-06-01T08:00:00-0200',
    '2026-02-29T08:00:00',
    '08:00',
  ])('is refused: %j is no wall clock', (text) => {
    expect(parseLocalDateTime(text)).toBeUndefined();
  });

  it.each(['', '2026-6-1', '2026-02-29', '2026-13-01', '2026-06-01T00:00:00', '20260601'])(
    'is refused: %j is no date',
    (text) => {
      expect(parseLocalDate(text)).toBeUndefined();
    },
  );

  it('a date', () => {
    expect(parseLocalDate('2024-02-29')).toBe('2024-02-29');
  });

  it('zones by their IANA name only', () => {
    expect(parseTimeZone('Europe/Oslo')).toBe('Europe/Oslo');
    expect(parseTimeZone('europe/oslo')).toBe('Europe/Oslo');
    expect(parseTimeZone('UTC')).toBe('UTC');
    for (const text of [
      '',
      'W. Europe Standard Time',
      'Mars/Olympus',
      '+02:00',
      '-0200',
      'tzone://Microsoft/Custom',
    ])
      expect(parseTimeZone(text)).toBeUndefined();
  });
});

describe('durations and days', () => {
  it.each([
    [0, 'PT0S'],
    [1000, 'PT1S'],
    [90 * 60_000, 'PT1H30M'],
    [25 * HOUR_MS, 'PT25H'],
    [1499, 'PT1S'],
  ])('%d ms is %s', (ms, expected) => {
    const start = utc('2026-06-01T08:00:00Z');
    expect(durationBetween({ start, end: (start + ms) as Instant })).toBe(expected);
  });

  it.each([
    ['P1D', 1],
    ['P2W', 14],
    ['P1W2D', 9],
    ['P0D', 0],
  ])('%s is %d whole days', (duration, days) => {
    expect(daysOf(duration as Duration)).toBe(days);
  });

  it.each(['PT24H', 'P1DT1H', 'P1M', 'PT0.5S'])('%s is not made of whole days', (duration) => {
    expect(() => daysOf(duration as Duration)).toThrow(RangeError);
  });

  it('days between dates, across months, leap days and backwards', () => {
    expect(daysBetween(day('2024-02-28'), day('2024-03-01'))).toBe(2);
    expect(daysBetween(day('2026-03-28'), day('2026-03-30'))).toBe(2);
    expect(daysBetween(day('2026-01-02'), day('2026-01-01'))).toBe(-1);
    expect(addDays(day('2026-12-31'), 1)).toBe('2027-01-01');
  });

  it('ranges are half-open: touching ones do not overlap', () => {
    const range = (start: number, end: number) => ({
      start: start as Instant,
      end: end as Instant,
    });
    expect(overlaps(range(0, 1), range(1, 2))).toBe(false);
    expect(overlaps(range(0, 2), range(1, 3))).toBe(true);
    expect(overlaps(range(0, 9), range(3, 4))).toBe(true);
  });
});

describe('any time', () => {
  const zone = fc.constantFrom(
    'Europe/Oslo',
    'UTC',
    'America/New_York',
    'Pacific/Chatham',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
  );
  const seconds = fc.integer({
    min: utc('2020-01-01T00:00:00Z') / 1000,
    max: utc('2035-01-01T00:00:00Z') / 1000,
  });

  it('is written and read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(parseInstant(formatInstant(ms as Instant))).toBe(ms);
      }),
    );
  });

  it('comes back from the wall clock, but for the hour that autumn repeats', () => {
    fc.assert(
      fc.property(seconds, zone, (second, name) => {
        const instant = (second * 1000) as Instant;
        const wall = toLocal(instant, name as TimeZoneId);
        const back = toInstant(wall, name as TimeZoneId);
        expect(toLocal(back, name as TimeZoneId)).toBe(wall);
        expect([0, HOUR_MS, HOUR_MS / 2]).toContain(instant - back);
      }),
    );
  });

  it('ends where its duration says', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: (3 * DAY_MS) / 1000 }), (second, length) => {
        const start = (second * 1000) as Instant;
        const end = (start + length * 1000) as Instant;
        const zone = 'UTC' as TimeZoneId;
        expect(endOf(toLocal(start, zone), zone, durationBetween({ start, end }))).toBe(end);
      }),
    );
  });
});
