import type { Instant } from '../util/clock.ts';
import {
  addDays,
  dateOf,
  daysOf,
  endOf,
  toInstant,
  type Duration,
  type InstantRange,
  type LocalDate,
  type LocalDateTime,
  type TimeZoneId,
  midnight,
} from './time.ts';

/**
 * An event in JSCalendar's terms: each member has the name and the meaning of RFC 8984 (section in
 * its comment). Text is plain text; mappers turn HTML into it.
 */
export interface CalendarEvent {
  /** 4.1.2. The iCalendar UID, where the system shows one. */
  readonly uid?: string;
  /** 4.2.1. */
  readonly title: string;
  /** 4.2.2, with `descriptionContentType` text/plain; lines end with `\n`. */
  readonly description: string;
  /** 5.1.1. Midnight where `showWithoutTime`. */
  readonly start: LocalDateTime;
  /** 4.7.1. Null for all-day events: they are dates and belong to no zone. */
  readonly timeZone: TimeZoneId | null;
  /** 5.1.2. Whole days where `showWithoutTime`. */
  readonly duration: Duration;
  /** 4.2.4. All-day. */
  readonly showWithoutTime: boolean;
  /** 5.1.3. */
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  /** 4.4.2. */
  readonly freeBusyStatus: 'free' | 'busy';
  /** 4.4.3. */
  readonly privacy: 'public' | 'private' | 'secret';
  /** 4.3.3. Present on the master of a series. */
  readonly recurrenceRules?: readonly RecurrenceRule[];
  /** 4.3.5. Keyed by the original start of the occurrence. */
  readonly recurrenceOverrides?: Readonly<Record<LocalDateTime, RecurrenceOverride>>;
  /** 4.4.6. Keyed by an id of no meaning. */
  readonly participants?: Readonly<Record<string, Participant>>;
  /** 4.2.5. Keyed by an id of no meaning. */
  readonly locations?: Readonly<Record<string, { readonly name: string }>>;
  /** 4.1.6. When the system says the event was last changed. */
  readonly updated?: Instant;
  /** 4.1.7. */
  readonly sequence?: number;
}

/** RFC 8984, 4.3.3: the parts of an RRULE that the systems we know can hold. */
export interface RecurrenceRule {
  readonly frequency: 'daily' | 'weekly' | 'monthly' | 'yearly';
  readonly interval?: number;
  readonly firstDayOfWeek?: Weekday;
  readonly byDay?: readonly { readonly day: Weekday; readonly nthOfPeriod?: number }[];
  readonly byMonthDay?: readonly number[];
  readonly byMonth?: readonly string[];
  readonly bySetPosition?: readonly number[];
  readonly skip?: 'omit' | 'backward' | 'forward';
  readonly count?: number;
  readonly until?: LocalDateTime;
}

export type Weekday = 'mo' | 'tu' | 'we' | 'th' | 'fr' | 'sa' | 'su';

/** RFC 8984, 4.3.5: an occurrence that is taken out, or the members in which it differs. */
export type RecurrenceOverride =
  | { readonly excluded: true }
  | Partial<Pick<CalendarEvent, 'title' | 'description' | 'start' | 'duration' | 'status'>>;

/** RFC 8984, 4.4.6. */
export interface Participant {
  readonly name?: string;
  readonly email?: string;
  readonly roles: Readonly<Partial<Record<'owner' | 'attendee' | 'contact', true>>>;
}

/** The person to ask about the event: its owner, else its contact. */
export function contactOf(event: CalendarEvent): Participant | undefined {
  const people = Object.values(event.participants ?? {});
  return (
    people.find(({ roles }) => roles.owner === true) ??
    people.find(({ roles }) => roles.contact === true)
  );
}

/**
 * The time the event takes, half-open. All-day events take whole days of `zone`, the zone of the
 * tenant, since they have none of their own.
 */
export function slotOf(event: CalendarEvent, zone: TimeZoneId): InstantRange {
  const eventZone = event.timeZone ?? zone;
  return {
    start: toInstant(event.start, eventZone),
    end: endOf(event.start, eventZone, event.duration),
  };
}

/** First and (exclusive) last day of an all-day event. */
export function datesOf(event: CalendarEvent): { start: LocalDate; end: LocalDate } {
  const start = dateOf(event.start);
  return { start, end: addDays(start, daysOf(event.duration)) };
}

/** The parts of `CalendarEvent` that say when an all-day event is. `end` is exclusive. */
export function allDayTimes(
  start: LocalDate,
  days: number,
): Pick<CalendarEvent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'> {
  return {
    start: midnight(start),
    timeZone: null,
    duration: `P${days}D` as Duration,
    showWithoutTime: true,
  };
}
