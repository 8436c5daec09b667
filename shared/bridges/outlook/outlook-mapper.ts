import { BridgeError } from '../../model/errors.ts';
import { datesOf, slotOf, allDayTimes, type CalendarEvent } from '../../model/event.ts';
import type { EventContent, Field } from '../../model/fields.ts';
import type { ExternalId } from '../../model/ids.ts';
import type {
  Rights,
  SnapshotItem,
  StampReading,
  UnsupportedReason,
} from '../../model/snapshot.ts';
import {
  daysBetween,
  durationBetween,
  formatInstant,
  midnight,
  parseInstant,
  parseLocalDate,
  parseLocalDateTime,
  toInstant,
  toLocal,
  type InstantRange,
  type TimeZoneId,
} from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { assertNever } from '../../util/invariant.ts';
import { cutText, normaliseText } from '../text.ts';
import { isEnum, type GraphEvent } from './graph-schemas.ts';
import { isOfSeries, seriesKeyOf } from './outlook-series.ts';
import { stampUnread } from './stamp-properties.ts';
import { ianaZoneOf, windowsZoneOf } from './windows-zones.ts';

/** Moves when the mapping below reads or writes differently. */
export const MAPPER_VERSION = 2;

export const TITLE_CHARS_MAX = 255;
/** Exchange takes more, but no schedule shows it, and a batch of 20 has to stay under 4 MB. */
export const DESCRIPTION_CHARS_MAX = 32_768;

const UTC = 'UTC' as TimeZoneId;

/**
 * One event of Graph's as the engine sees it. Personal and private ones show their slot and nothing
 * else, so that nothing of them can cross.
 * @param zone The tenant's: of all-day events, and what a Windows zone of many countries stands for.
 * @param stamp What is known of the stamp, where the event was read or written with it.
 * @throws BridgeError `invalid-response` where a time is none.
 */
export function toItem(
  event: GraphEvent,
  zone: TimeZoneId,
  stamp: StampReading = stampUnread(event),
): SnapshotItem {
  const times = timesOf(event, zone);
  const privacy = privacyOf(event);
  const shown = shownOf(event, privacy);
  const unsupported = unsupportedOf(event, times);
  const modified = parseInstant(event.lastModifiedDateTime ?? '');
  const contact = contactMembers(event);
  return {
    id: event.id as ExternalId,
    event: {
      ...(event.iCalUId === undefined || event.iCalUId === null ? {} : { uid: event.iCalUId }),
      title: shown.includes('title') ? (event.subject ?? '') : '',
      description: shown.includes('description') ? normaliseText(event.body?.content ?? '') : '',
      ...times.members,
      status: isEnum(event.showAs, 'tentative') ? 'tentative' : 'confirmed',
      freeBusyStatus: isFree(event) ? 'free' : 'busy',
      privacy,
      ...(shown.includes('contact') ? contact : {}),
      ...(modified === undefined ? {} : { updated: modified }),
    },
    shown,
    version: { etag: event['@odata.etag'] },
    ...(modified === undefined ? {} : { lastModified: modified }),
    rights: rightsOf(event),
    sharedWith: [],
    // Copies of ours are single events: what an occurrence bears is its series'.
    stamp: isOfSeries(event) ? { state: 'none' } : stamp,
    ...seriesKeyOf(event, toInstant(times.members.start, times.members.timeZone ?? zone)),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

/** `toItem` for a tenant. */
export type ItemReader = (event: GraphEvent, stamp?: StampReading) => SnapshotItem;

/** @param tenant Whether it has private and confidential events copied like any other. */
export function itemReader({
  timeZone,
  copiesPrivate,
}: {
  readonly timeZone: TimeZoneId;
  readonly copiesPrivate: boolean;
}): ItemReader {
  return (event, stamp) =>
    toItem(copiesPrivate ? { ...event, sensitivity: 'normal' } : event, timeZone, stamp);
}

/** Cancelled by its organizer, and still in the calendar. */
export function isCancelled(event: GraphEvent): boolean {
  return event.isCancelled === true;
}

/**
 * Whether a timed item lies wholly outside a half-open range. All-day events are dates; which range
 * they touch is for the calendar to say, which knows their zone.
 */
export function isOutside({ event }: SnapshotItem, range: InstantRange, zone: TimeZoneId): boolean {
  if (event.showWithoutTime) return false;
  const { start, end } = slotOf(event, zone);
  return end <= range.start || start >= range.end;
}

/** The members of Graph's event resource that stand for the fields. Never attendees: they get mail. */
export function toGraphMembers(
  fields: readonly Field[],
  content: EventContent,
  zone: TimeZoneId,
): Record<string, unknown> {
  const members = fields.map((field): Record<string, unknown> => {
    switch (field) {
      case 'title':
        return { subject: titleOf(content) };
      case 'description':
        return { body: { contentType: 'text', content: descriptionOf(content) } };
      case 'slot':
        return slotMembers(content, zone);
      case 'contact':
        // The organizer is the mailbox itself and cannot be written.
        return {};
      default:
        return assertNever(field);
    }
  });
  return Object.assign({}, ...members) as Record<string, unknown>;
}

function titleOf({ title }: EventContent): string {
  return cutText(title.replaceAll(/\s*[\r\n]+\s*/g, ' '), TITLE_CHARS_MAX);
}

function descriptionOf({ description }: EventContent): string {
  return cutText(normaliseText(description), DESCRIPTION_CHARS_MAX);
}

function slotMembers(content: EventContent, zone: TimeZoneId): Record<string, unknown> {
  const event: CalendarEvent = { ...content, status: 'confirmed', privacy: 'public' };
  if (content.showWithoutTime) {
    // In the tenant's zone, so that the days take up the right hours in everybody's calendar.
    const timeZone = windowsZoneOf(zone) ?? UTC;
    const { start, end } = datesOf(event);
    return {
      isAllDay: true,
      start: { dateTime: midnight(start), timeZone },
      end: { dateTime: midnight(end), timeZone },
    };
  }
  const slot = slotOf(event, zone);
  // UTC, since a wall clock cannot tell the two hours of an autumn night apart.
  const inUtc = (instant: Instant): Record<string, string> => ({
    dateTime: formatInstant(instant).replace('Z', ''),
    timeZone: UTC,
  });
  return { isAllDay: false, start: inUtc(slot.start), end: inUtc(slot.end) };
}

interface Times {
  readonly members: Pick<CalendarEvent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'>;
  /** Below zero where the end lies before the start. */
  readonly length: number;
}

function timesOf(event: GraphEvent, zone: TimeZoneId): Times {
  return event.isAllDay === true ? allDay(event) : timed(event, zone);
}

/** Dates stay what they are whatever zone the answer is in. */
function allDay(event: GraphEvent): Times {
  const start = parseLocalDate(event.start.dateTime.slice(0, 10));
  const end = parseLocalDate(event.end.dateTime.slice(0, 10));
  if (start === undefined || end === undefined) throw noTime(event);
  const days = daysBetween(start, end);
  return { members: allDayTimes(start, Math.max(0, days)), length: days };
}

function timed(event: GraphEvent, tenantZone: TimeZoneId): Times {
  const start = instantOf(event, 'start');
  const end = instantOf(event, 'end');
  const own = ianaZoneOf(event.originalStartTimeZone ?? '', tenantZone) ?? UTC;
  const local = toLocal(start, own);
  // The second of two equal hours of an autumn night can only be told in UTC.
  const isTold = toInstant(local, own) === start - (start % 1000);
  const length = end - start;
  return {
    members: {
      start: isTold ? local : toLocal(start, UTC),
      timeZone: isTold ? own : UTC,
      duration: durationBetween({ start, end: Math.max(start, end) as Instant }),
      showWithoutTime: false,
    },
    length,
  };
}

function instantOf(event: GraphEvent, member: 'start' | 'end'): Instant {
  const { dateTime, timeZone } = event[member];
  const zone = ianaZoneOf(timeZone, UTC);
  if (zone === undefined) throw noTime(event);
  // An offset is not to be expected; where there is one, it says all.
  const withOffset = parseInstant(dateTime);
  if (withOffset !== undefined) return withOffset;
  const local = parseLocalDateTime(dateTime);
  if (local === undefined) throw noTime(event);
  return toInstant(local, zone);
}

function noTime({ id }: GraphEvent): BridgeError {
  return new BridgeError('invalid-response', `Graph's event ${id} has a start or end that is none`);
}

function unsupportedOf(event: GraphEvent, { length }: Times): UnsupportedReason | undefined {
  if (isEnum(event.type, 'seriesMaster')) return 'series';
  if (length < 0) return 'end-before-start';
  if (length === 0) return 'zero-length';
  return isFree(event) ? 'free' : undefined;
}

function isFree({ showAs }: GraphEvent): boolean {
  return isEnum(showAs, 'free') || isEnum(showAs, 'workingElsewhere');
}

/**
 * A person's meeting is not ours to change, and neither is one that the room itself invites people
 * to: each write of it would mail them.
 */
function rightsOf({ isOrganizer, attendees }: GraphEvent): Rights {
  return isOrganizer === false || (attendees ?? []).length > 0 ? 'decline' : 'full';
}

function privacyOf({ sensitivity }: GraphEvent): CalendarEvent['privacy'] {
  if (sensitivity === undefined || sensitivity === null || isEnum(sensitivity, 'normal'))
    return 'public';
  return isEnum(sensitivity, 'confidential') ? 'secret' : 'private';
}

function shownOf(event: GraphEvent, privacy: CalendarEvent['privacy']): readonly Field[] {
  // An occurrence without its series has times and ids only.
  const isBare = event.subject === undefined && event.body === undefined;
  if (privacy !== 'public' || isBare) return ['slot'];
  // Asked for as text; HTML in its place is no description that could be compared.
  const isText =
    isEnum(event.body?.contentType, 'text') || (event.body?.content ?? undefined) === '';
  return ['title', 'slot', ...(isText ? (['description'] as const) : []), 'contact'];
}

/** The mailbox is the organizer of what is made in it, and nobody to ask about the event. */
function contactMembers({
  isOrganizer,
  organizer,
}: GraphEvent): Pick<CalendarEvent, 'participants'> {
  if (isOrganizer === true) return {};
  const { name, address } = organizer?.emailAddress ?? {};
  if ((name ?? '') === '' && (address ?? '') === '') return {};
  return {
    participants: {
      organizer: {
        ...(name === undefined || name === null || name === '' ? {} : { name }),
        ...(address === undefined || address === null || address === '' ? {} : { email: address }),
        roles: { owner: true },
      },
    },
  };
}
