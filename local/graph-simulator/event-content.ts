import { badRequest } from './errors.ts';
import type { DateTimeTimeZoneInput, EventInput } from './event-schema.ts';
import type { Attendee, EventContent, EventTime, Recurrence } from './model.ts';
import { recurrenceOf } from './recurrence.ts';
import { checkEventTime, instantOf, wallOf, zoneOf } from './time.ts';

const DEFAULTS: Omit<EventContent, 'time'> = {
  subject: null,
  body: { contentType: 'html', content: '' },
  locations: [],
  attendees: [],
  recurrence: null,
  showAs: 'busy',
  sensitivity: 'normal',
  importance: 'normal',
  categories: [],
  isReminderOn: true,
  reminderMinutesBeforeStart: 15,
  responseRequested: true,
  hideAttendees: false,
  allowNewTimeProposals: true,
  isOnlineMeeting: false,
  onlineMeetingProvider: 'unknown',
};

/** The content of a new event. @throws GraphError 400 */
export function newContent(input: EventInput): EventContent {
  return merge({ ...DEFAULTS, time: newTime(input) }, input);
}

/** The content after a PATCH: what was not sent stays. @throws GraphError 400 */
export function patchedContent(existing: EventContent, input: EventInput): EventContent {
  if (existing.isOnlineMeeting && input.isOnlineMeeting === false)
    throw badRequest(
      'ErrorInvalidRequest',
      'isOnlineMeeting can not be changed once an event is an online meeting.',
    );
  const content = merge({ ...existing, time: patchedTime(existing.time, input) }, input);
  return isSameSeries(existing, content) ? content : { ...content, seriesChanges: undefined };
}

/** Other times, or another rule, make other slots: what was done to the former ones ends. */
function isSameSeries(before: EventContent, after: EventContent): boolean {
  const slotsOf = ({ time, recurrence }: EventContent): string =>
    JSON.stringify([time, recurrence]);
  return slotsOf(before) === slotsOf(after);
}

function merge(base: EventContent, input: EventInput): EventContent {
  return {
    time: base.time,
    recurrence:
      input.recurrence === undefined
        ? movedWith(base.time, base.recurrence)
        : input.recurrence && recurrenceOf(input.recurrence, base.time),
    seriesChanges: base.seriesChanges,
    subject: input.subject === undefined ? base.subject : input.subject,
    body: input.body === undefined ? base.body : bodyOf(input.body),
    locations: locationsOf(base, input),
    attendees: input.attendees === undefined ? base.attendees : attendeesOf(base, input.attendees),
    showAs: input.showAs ?? base.showAs,
    sensitivity: input.sensitivity ?? base.sensitivity,
    importance: input.importance ?? base.importance,
    categories: input.categories ?? base.categories,
    isReminderOn: input.isReminderOn ?? base.isReminderOn,
    reminderMinutesBeforeStart: input.reminderMinutesBeforeStart ?? base.reminderMinutesBeforeStart,
    responseRequested: input.responseRequested ?? base.responseRequested,
    hideAttendees: input.hideAttendees ?? base.hideAttendees,
    allowNewTimeProposals: input.allowNewTimeProposals ?? base.allowNewTimeProposals,
    isOnlineMeeting: input.isOnlineMeeting ?? base.isOnlineMeeting,
    onlineMeetingProvider: input.onlineMeetingProvider ?? base.onlineMeetingProvider,
  };
}

/** A series whose start moves to another day begins on that day. */
function movedWith(time: EventTime, recurrence: Recurrence | null): Recurrence | null {
  if (recurrence === null) return null;
  const startDate = wallOf(time.startMs, zoneOf(time.startZone)).toPlainDate().toString();
  return { ...recurrence, range: { ...recurrence.range, startDate } };
}

function bodyOf(body: EventInput['body']): EventContent['body'] {
  return { contentType: body?.contentType ?? 'text', content: body?.content ?? '' };
}

/** `location` replaces `locations`; with both, `locations` is the one that counts. */
function locationsOf(base: EventContent, input: EventInput): EventContent['locations'] {
  if (input.locations !== undefined) return input.locations;
  if (input.location === undefined) return base.locations;
  return input.location === null || isEmpty(input.location.displayName) ? [] : [input.location];
}

function isEmpty(text: string | null | undefined): boolean {
  return text === undefined || text === null || text === '';
}

/** Those who were invited before keep their answer. */
function attendeesOf(
  base: EventContent,
  attendees: NonNullable<EventInput['attendees']>,
): Attendee[] {
  return attendees.map(({ emailAddress: { address, name }, type }) => {
    const before = base.attendees.find((other) => sameAddress(other.emailAddress.address, address));
    return {
      type: type ?? 'required',
      emailAddress: { name: name ?? before?.emailAddress.name ?? address, address },
      response: before?.response ?? 'none',
      responseMs: before?.responseMs ?? null,
    };
  });
}

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function newTime({ start, end, isAllDay }: EventInput): EventTime {
  if (start === undefined || end === undefined)
    throw badRequest(
      'ErrorPropertyValidationFailure',
      'At least one property failed validation: start and end are required.',
    );
  const from = timeEnd(start, 'start');
  const to = timeEnd(end, 'end');
  return checked({
    isAllDay: isAllDay ?? false,
    startMs: from.ms,
    startZone: from.zone,
    endMs: to.ms,
    endZone: to.zone,
  });
}

function patchedTime(existing: EventTime, { start, end, isAllDay }: EventInput): EventTime {
  if (start === undefined && end === undefined && typeof isAllDay !== 'boolean') return existing;
  if (existing.isAllDay && isAllDay === false && (start === undefined || end === undefined))
    throw badRequest(
      'ErrorPropertyValidationFailure',
      'An all-day event becomes a timed one only with new values for start and end.',
    );
  const from = start === undefined ? undefined : timeEnd(start, 'start');
  const to = end === undefined ? undefined : timeEnd(end, 'end');
  return checked({
    isAllDay: isAllDay ?? existing.isAllDay,
    startMs: from?.ms ?? existing.startMs,
    startZone: from?.zone ?? existing.startZone,
    endMs: to?.ms ?? existing.endMs,
    endZone: to?.zone ?? existing.endZone,
  });
}

function checked(time: EventTime): EventTime {
  checkEventTime(time);
  return time;
}

function timeEnd(value: DateTimeTimeZoneInput, member: string): { ms: number; zone: string } {
  const zone = zoneOf(value.timeZone ?? 'UTC');
  return {
    ms: instantOf({ dateTime: value.dateTime, timeZone: zone }, member),
    zone: zone.name,
  };
}
