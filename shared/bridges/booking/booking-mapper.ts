import { BridgeError } from '../../model/errors.ts';
import type { CalendarEvent } from '../../model/event.ts';
import type { Field } from '../../model/fields.ts';
import type { ExternalId, ResourceId } from '../../model/ids.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import {
  dateOf,
  toLocal,
  type InstantRange,
  type LocalDate,
  type TimeZoneId,
} from '../../model/time.ts';
import type { Locale } from '../../tenants/tenant-config.ts';
import type { Instant } from '../../util/clock.ts';
import { stableJson } from '../stable-json.ts';
import { readTime, timesOf, unsupportedReason } from '../wall-times.ts';
import { readContact, readDescription, type EventMembers } from './booking-fields.ts';
import type { Read, ScheduleRow } from './booking-schemas.ts';

/** Where a row was read from: which room it is shown for, the zone of its wall clock, its language. */
export interface Place {
  readonly resource: ResourceId;
  readonly zone: TimeZoneId;
  readonly locale: Locale;
}

/** What a row is, in the words of Portico's own pages; an event says so itself. */
const KINDS: Readonly<Record<Locale, Readonly<Record<'allocation' | 'booking', string>>>> = {
  nb: { allocation: 'Tildeling', booking: 'Booking' },
  nn: { allocation: 'Tildeling', booking: 'Booking' },
  en: { allocation: 'Allocation', booking: 'Booking' },
};

/** A row, and whether a room's schedule showed it or a read by id or a write. */
export interface ReadRow extends Read {
  readonly source: 'schedule' | 'id';
}

/** The type is part of the id: event 7 and booking 7 are two records. */
export function externalIdOf(type: ScheduleRow['type'], id: number): ExternalId {
  return `${type}:${id}` as ExternalId;
}

/** Undefined where the id is not one of this system's. */
export function parseExternalId(
  id: ExternalId,
): { type: ScheduleRow['type']; number: number } | undefined {
  const [, type, digits] = /^(event|allocation|booking):(\d+)$/.exec(id) ?? [];
  if (type === undefined) return undefined;
  return { type: type as ScheduleRow['type'], number: Number(digits) };
}

/** Whether the item is on the resource; undefined where the row names no resources at all. */
export function isOn(row: ScheduleRow, resource: ResourceId): boolean | undefined {
  if (row.resources === undefined || row.resources.length === 0) return undefined;
  return row.resources.some((id) => String(id) === resource);
}

/** The other resources of the item, as far as the row names them. */
export function othersOf(row: ScheduleRow, resource: ResourceId): readonly ResourceId[] {
  return (row.resources ?? []).map(String).filter((id) => id !== resource) as ResourceId[];
}

/** A schedule names the asked resource only, also where the item holds several: that says nothing. */
function sharing({ row, source }: ReadRow, resource: ResourceId): Pick<SnapshotItem, 'sharedWith'> {
  const sharedWith = othersOf(row, resource);
  const isTold = sharedWith.length > 0 || (source === 'id' && isOn(row, resource) === true);
  return isTold ? { sharedWith } : {};
}

/**
 * A row as an item. Members of an event that are not there are unknown, not empty: the schedule
 * leaves out description and contact of events that are not public. An inactive one is marked `suspended`.
 * @throws BridgeError `invalid-response` where a time is none.
 */
export function toItem(read: ReadRow, { resource, zone, locale }: Place): SnapshotItem {
  const { row, raw } = read;
  const slot = slotOfRow(row, zone);
  const unsupported = unsupportedReason(slot);
  return {
    id: externalIdOf(row.type, row.id),
    event: { ...contentOf(row, locale), ...timesOf(slot, zone) },
    shown: shownBy(row),
    version: { raw: stableJson(raw) },
    rights: row.type === 'event' ? 'full' : 'none',
    ...sharing(read, resource),
    stamp: { state: 'none' },
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(row.active ? {} : { suspended: true }),
  };
}

/** @throws BridgeError `invalid-response` where a time is none. */
export function slotOfRow(row: ScheduleRow, zone: TimeZoneId): InstantRange {
  const read = (member: 'from_' | 'to_'): Instant => {
    const instant = readTime(row[member], zone);
    if (instant !== undefined) return instant;
    const id = externalIdOf(row.type, row.id);
    throw new BridgeError('invalid-response', `booking system: ${member} of ${id} is no time`);
  };
  return { start: read('from_'), end: read('to_') };
}

/** Whether the row is the event these members make: the system keeps no reference of ours. */
export function isMadeOf(row: ScheduleRow, members: EventMembers, zone: TimeZoneId): boolean {
  if (row.type !== 'event' || row.name !== members.name) return false;
  const { start, end } = slotOfRow(row, zone);
  const sent = slotOfMembers(members, zone);
  return start === sent?.start && end === sent.end;
}

/** The time the members take, or undefined where they set none. */
export function slotOfMembers(
  { from_: from, to_: to }: EventMembers,
  zone: TimeZoneId,
): InstantRange | undefined {
  const start = from === undefined ? undefined : readTime(from, zone);
  const end = to === undefined ? undefined : readTime(to, zone);
  return start === undefined || end === undefined ? undefined : { start, end };
}

function contentOf(
  row: ScheduleRow,
  locale: Locale,
): Omit<CalendarEvent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'> {
  const contact =
    row.type === 'event' ? readContact(row.contact_name, row.contact_email) : undefined;
  return {
    title: titleOf(row) ?? '',
    description: descriptionOf(row, locale),
    status: 'confirmed',
    freeBusyStatus: 'busy',
    // `is_public` says what the public web shows, and REST forces 0: no wish of the person's.
    privacy: 'public',
    ...(contact === undefined ? {} : { participants: { contact } }),
  };
}

/** An event's own; else what it is and whose, since it has none. */
function descriptionOf(row: ScheduleRow, locale: Locale): string {
  if (row.type === 'event') return readDescription(row.description ?? '');
  return `${KINDS[locale][row.type]}: ${titleOf(row) ?? ''}`;
}

function titleOf(row: ScheduleRow): string | undefined {
  switch (row.type) {
    case 'event':
      return row.name;
    case 'booking':
      return row.group_name;
    case 'allocation':
      return row.organization_name;
  }
}

function shownBy(row: ScheduleRow): Field[] {
  const isNamed = titleOf(row) !== undefined;
  const shown: Field[] = isNamed ? ['title', 'slot'] : ['slot'];
  // Allocations and bookings are described by their name, and are known to have no contact.
  if (row.type !== 'event')
    return [...shown, ...(isNamed ? (['description'] as const) : []), 'contact'];
  if (row.description !== undefined) shown.push('description');
  if (row.contact_name !== undefined || row.contact_email !== undefined) shown.push('contact');
  return shown;
}

/** First and last whole day of the system that together cover the range. */
export function daysCovering(
  { start, end }: InstantRange,
  zone: TimeZoneId,
): { start_date: LocalDate; end_date: LocalDate } {
  return { start_date: dateOf(toLocal(start, zone)), end_date: dateOf(toLocal(end, zone)) };
}
