import fc from 'fast-check';
import { RRule, type Weekday as RRuleDay } from 'rrule';
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { dateOfDay, dayNumber, slots } from '../../../../local/graph-simulator/slots.ts';
import { DAYS, type Recurrence } from '../../../../local/graph-simulator/model.ts';
import {
  patternOfRule,
  PatternedRecurrenceSchema,
  ruleOfPattern,
  type PatternedRecurrence,
} from '../../../../shared/bridges/outlook/graph-recurrence.ts';
import type { RecurrenceOverride } from '../../../../shared/model/event.ts';
import { occurrencesWithin } from '../../../../shared/model/recurrence.ts';
import type { LocalDateTime, TimeZoneId } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';

const SERIES = 20_000;
const DAY_MS = 86_400_000;

/** Zones of both hemispheres, of half an hour's change, of changes on other dates, and of none. */
const ZONES = [
  'Europe/Oslo',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
];

interface Drawn {
  readonly recurrence: Recurrence;
  readonly time: string;
  readonly zone: string;
  /** Days after the start date on which the look begins. */
  readonly from: number;
  /** Of the slots within the look: which are taken out, and which moved by so many minutes. */
  readonly excluded: readonly number[];
  readonly moved: readonly { readonly at: number; readonly minutes: number }[];
}

/** What a type does not use is answered all the same. */
const UNUSED = {
  month: 0,
  dayOfMonth: 0,
  daysOfWeek: [],
  firstDayOfWeek: 'sunday',
  index: 'first',
};

function asAnswered({ pattern: sent, range }: PatternedRecurrence): Recurrence {
  return { pattern: { ...UNUSED, ...sent }, range } as Recurrence;
}

const daysOfWeek = fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1, maxLength: 7 });
const index = fc.constantFrom('first', 'second', 'third', 'fourth', 'last');
const dayOfMonth = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 28, max: 31 }));
const month = fc.integer({ min: 1, max: 12 });
const few = fc.integer({ min: 1, max: 5 });
const pattern = fc
  .oneof(
    fc.record({ type: fc.constant('daily' as const), interval: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      type: fc.constant('weekly' as const),
      interval: few,
      daysOfWeek,
      firstDayOfWeek: fc.constantFrom(...DAYS),
    }),
    fc.record({
      type: fc.constant('absoluteMonthly' as const),
      interval: fc.integer({ min: 1, max: 14 }),
      dayOfMonth,
    }),
    fc.record({ type: fc.constant('relativeMonthly' as const), interval: few, daysOfWeek, index }),
    fc.record({ type: fc.constant('absoluteYearly' as const), interval: few, dayOfMonth, month }),
    fc.record({
      type: fc.constant('relativeYearly' as const),
      interval: few,
      daysOfWeek,
      index,
      month,
    }),
  )
  .map((one) => ({ ...UNUSED, ...one })) as fc.Arbitrary<Recurrence['pattern']>;

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    pattern,
    startDay: fc.integer({ min: dayNumber('2020-01-01'), max: dayNumber('2031-12-31') }),
    end: fc.oneof(
      fc.constant({ type: 'noEnd' as const }),
      fc.record({
        type: fc.constant('numbered' as const),
        numberOfOccurrences: fc.integer({ min: 1, max: 120 }),
      }),
      fc.record({ type: fc.constant('endDate' as const), days: fc.integer({ min: 0, max: 4000 }) }),
    ),
    time: fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
      // Most clocks change in these hours.
      .chain(([hour, minute]) => fc.constantFrom([hour, minute], [2, minute], [0, minute]))
      .map((parts) => `${parts.map(pad).join(':')}:00`),
    zone: fc.constantFrom(...ZONES),
    from: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1200 })),
    excluded: fc.array(fc.nat(20), { maxLength: 4 }),
    moved: fc.array(fc.record({ at: fc.nat(20), minutes: fc.integer({ min: -3000, max: 3000 }) }), {
      maxLength: 4,
    }),
  })
  .map(({ pattern: p, startDay, end, zone, ...rest }) => {
    const ending =
      end.type === 'endDate' ? { type: end.type, endDate: dateOfDay(startDay + end.days) } : end;
    const range = { ...ending, startDate: dateOfDay(startDay), recurrenceTimeZone: zone };
    return { ...rest, zone, recurrence: { pattern: p, range } };
  });

/** How long to look: some twenty slots. */
function lookOf({ pattern: { type, interval } }: Recurrence): number {
  if (type === 'daily') return 20 * interval + 10;
  if (type === 'weekly') return 35 * interval + 10;
  return type.endsWith('Monthly') ? 400 * Math.min(interval, 4) : 366 * 6;
}

/**
 * One series of Graph's, as the rule of ours that it becomes, and as the recurrence of Graph's that the
 * rule becomes again, expanded by three that know nothing of each other: what the product uses, the
 * simulator's days, and rrule. Exceptions are laid over each in the same way.
 */
it(`a series keeps all its instants from Graph to ours and back: ${SERIES} of them`, () => {
  let occurrences = 0;
  let exceptions = 0;
  let refused = 0;
  fc.assert(
    fc.property(drawn, ({ recurrence, time, zone, from, excluded, moved }) => {
      const { startDate } = recurrence.range;
      const converted = ruleOfPattern(
        PatternedRecurrenceSchema.parse(recurrence),
        `${startDate}T${time}` as LocalDateTime,
      );
      const first = dayNumber(startDate) + from;
      const last = first + lookOf(recurrence);
      const days = [...slots(recurrence, first, last)];
      if (converted.kind === 'refused') {
        // Only one that has no day at all.
        const whole = slots(recurrence, dayNumber(startDate), dayNumber(startDate) + 9000);
        if (whole.next().done !== true) throw new Error(converted.reason);
        refused += 1;
        return;
      }
      const { start, rule } = converted.value;
      const back = patternOfRule(converted.value, zone);
      if (back.kind === 'refused') throw new Error(back.reason);

      const overrides: Record<LocalDateTime, RecurrenceOverride> = {};
      const key = (at: number): LocalDateTime | undefined => {
        const day = days[at];
        return day === undefined ? undefined : (`${dateOfDay(day)}T${time}` as LocalDateTime);
      };
      for (const { at, minutes } of moved) {
        const original = key(at);
        if (original === undefined) continue;
        const other = Temporal.PlainDateTime.from(original).add({ minutes });
        overrides[original] = {
          start: other.toString({ smallestUnit: 'second' }) as LocalDateTime,
        };
      }
      for (const at of excluded) {
        const original = key(at);
        if (original !== undefined) overrides[original] = { excluded: true };
      }
      exceptions += Object.keys(overrides).length;

      /** By days, with the exceptions; in a look that no zone's offset reaches over. */
      const window = {
        start: ((first + 5) * DAY_MS) as Instant,
        end: ((last - 5) * DAY_MS) as Instant,
      };
      const instantsOf = (dates: Iterable<string>): readonly number[] =>
        [...dates]
          .flatMap((date) => {
            const original = `${date}T${time}` as LocalDateTime;
            const override = overrides[original] ?? {};
            if ('excluded' in override) return [];
            const wall = Temporal.PlainDateTime.from(override.start ?? original);
            return wall.toZonedDateTime(zone).epochMilliseconds;
          })
          .filter((at) => at >= window.start && at < window.end)
          .toSorted((one, other) => one - other);

      const ours = occurrencesWithin(
        {
          start,
          timeZone: zone as TimeZoneId,
          recurrenceRules: [rule],
          recurrenceOverrides: overrides,
        },
        window,
        zone as TimeZoneId,
      ).map((one) => one.start);
      occurrences += ours.length;
      const wanted = instantsOf(days.map(dateOfDay));
      expect(ours).toEqual(wanted);
      expect(instantsOf(byRRule(back.value, first, last))).toEqual(wanted);
      const again = [...slots(asAnswered(back.value), first, last)].map(dateOfDay);
      expect(instantsOf(again)).toEqual(wanted);
    }),
    { numRuns: SERIES },
  );
  console.info(
    `${occurrences} occurrences, ${exceptions} exceptions, ${refused} series without a day`,
  );
  expect(occurrences).toBeGreaterThan(SERIES * 5);
  expect(exceptions).toBeGreaterThan(SERIES);
  expect(refused).toBeLessThan(SERIES / 20);
}, 240_000);

/** Days of a recurrence of Graph's, by another library and another translation. */
function byRRule({ pattern, range }: PatternedRecurrence, first: number, last: number): string[] {
  const { type, interval } = pattern;
  const days = (pattern.daysOfWeek ?? []).map((name) => RRULE_DAYS[DAYS.indexOf(name)]);
  const day = pattern.dayOfMonth ?? 0;
  const upTo = [28, 29, 30, 31].filter((one) => one <= day);
  const onDay = upTo.length > 1 ? { bymonthday: upTo, bysetpos: -1 } : { bymonthday: day };
  const position =
    ['last', '', 'first', 'second', 'third', 'fourth'].indexOf(pattern.index ?? '') - 1;
  const onWeekday = { byweekday: days as RRuleDay[], bysetpos: position };
  const parts = {
    daily: { freq: RRule.DAILY },
    weekly: {
      freq: RRule.WEEKLY,
      byweekday: days as RRuleDay[],
      wkst: RRULE_DAYS[DAYS.indexOf(pattern.firstDayOfWeek ?? 'sunday')] as RRuleDay,
    },
    absoluteMonthly: { freq: RRule.MONTHLY, ...onDay },
    relativeMonthly: { freq: RRule.MONTHLY, ...onWeekday },
    absoluteYearly: { freq: RRule.YEARLY, bymonth: pattern.month ?? 0, ...onDay },
    relativeYearly: { freq: RRule.YEARLY, bymonth: pattern.month ?? 0, ...onWeekday },
  };
  const rule = new RRule({
    ...parts[type],
    interval,
    dtstart: new Date(`${range.startDate}T00:00:00Z`),
    ...(range.type === 'numbered' ? { count: range.numberOfOccurrences ?? 0 } : {}),
    ...(range.type === 'endDate' ? { until: new Date(`${range.endDate}T00:00:00Z`) } : {}),
  });
  return rule
    .between(new Date(first * DAY_MS), new Date(last * DAY_MS), true)
    .map((at) => at.toISOString().slice(0, 10));
}

const RRULE_DAYS = [RRule.SU, RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA];

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
