import * as z from 'zod';
import { contactOf, slotOf, type CalendarEvent, type Participant } from '../../model/event.ts';
import type { EventContent, Field } from '../../model/fields.ts';
import type { ExternalId, ResourceId } from '../../model/ids.ts';
import type { Rights, SnapshotItem } from '../../model/snapshot.ts';
import type { InstantRange } from '../../model/time.ts';
import { assertNever } from '../../util/invariant.ts';
import { cutToFit, plainText } from '../plain-text.ts';
import { timesOf, unsupportedReason, wallSlot } from '../wall-times.ts';
import type { FieldMappings, WrittenField } from './rest-fields.ts';
import type { JsonPath } from './rest-paths.ts';
import { versionOf, type LiveRow } from './rest-rows.ts';
import type { RestSettings } from './rest-settings.ts';
import { writtenTime, type TimeShape } from './rest-times.ts';

/** Told to the system of each event that we make. */
export const SOURCE = 'calendar_bridge';

/** Fields that rows can show. */
export function readableFields({ read }: FieldMappings): readonly Field[] {
  const optional: Field[] = [];
  if (read.description !== undefined) optional.push('description');
  if (read.contact_name !== undefined || read.contact_email !== undefined) optional.push('contact');
  return ['title', 'slot', ...optional];
}

/** Fields that members can set. */
export function writableFields({ written }: FieldMappings): readonly Field[] {
  const optional: Field[] = [];
  if (written.description !== undefined) optional.push('description');
  if (written.contact_name !== undefined || written.contact_email !== undefined)
    optional.push('contact');
  return ['title', 'slot', ...optional];
}

/** A row as an item of the resource it was read for. A member that it lacks is unknown, not empty. */
export function toItem(
  row: LiveRow,
  resource: ResourceId,
  { times, mappings }: RestSettings,
  rights: Rights = 'full',
): SnapshotItem {
  const unsupported = unsupportedReason(row.slot);
  const contact = contactIn(row);
  return {
    id: row.id as ExternalId,
    event: {
      title: row.title ?? '',
      description: plainText(row.description ?? ''),
      ...timesOf(row.slot, times.zone),
      status: row.isTentative ? 'tentative' : 'confirmed',
      freeBusyStatus: 'busy',
      privacy: 'public',
      ...(contact === undefined ? {} : { participants: { contact } }),
      ...(row.updatedAt === undefined ? {} : { updated: row.updatedAt }),
    },
    shown: readableFields(mappings).filter((field) => isShown(row, field)),
    version: { raw: versionOf(row) },
    ...(row.updatedAt === undefined ? {} : { lastModified: row.updatedAt }),
    rights,
    // The calls name an event by its resource, so that one that tells of no others has none.
    sharedWith: (row.resources ?? []).filter((id) => !isSameId(id, resource)) as ResourceId[],
    stamp: { state: 'none' },
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

function isShown(row: LiveRow, field: Field): boolean {
  switch (field) {
    case 'slot':
      return true;
    case 'title':
      return row.title !== undefined;
    case 'description':
      return row.description !== undefined;
    case 'contact':
      return row.contactName !== undefined || row.contactEmail !== undefined;
    default:
      return assertNever(field);
  }
}

function contactIn({ contactName = '', contactEmail = '' }: LiveRow): Participant | undefined {
  const [name, email] = [contactName.trim(), contactEmail.trim()];
  if (name === '' && email === '') return undefined;
  return {
    ...(name === '' ? {} : { name }),
    ...(email === '' ? {} : { email }),
    roles: { contact: true },
  };
}

/** Ids of resources are compared as those of pairs are. */
export function isSameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What the mapped members are set to. */
export type Written = Partial<Record<WrittenField, unknown>>;

/** The values that set the named fields; an empty one is an empty text. */
export function writtenOf(
  content: EventContent,
  fields: readonly Field[],
  settings: RestSettings,
): Written {
  const event: CalendarEvent = { ...content, status: 'confirmed', privacy: 'public' };
  const written: Written = {};
  for (const field of fields) Object.assign(written, writtenField(event, field, settings));
  return written;
}

/** The time that an event takes, as the system can be told it. */
export function writtenSlot(event: CalendarEvent, { format, zone }: TimeShape): InstantRange {
  const slot = slotOf(event, zone);
  return format === 'local' ? wallSlot(slot, zone) : slot;
}

function writtenField(event: CalendarEvent, field: Field, settings: RestSettings): Written {
  const { times } = settings;
  switch (field) {
    case 'title': {
      const title = event.title.replaceAll(/\s+/g, ' ').trim();
      return { title: cutToFit(title, settings.titleCharsMax, settings.titleBytesMax) };
    }
    case 'slot': {
      const { start, end } = writtenSlot(event, times);
      return { start: writtenTime(start, times), end: writtenTime(end, times) };
    }
    case 'description':
      return { description: cutToFit(event.description, settings.descriptionCharsMax, Infinity) };
    case 'contact': {
      const { name = '', email = '' } = contactOf(event) ?? {};
      const address = email.trim();
      return {
        contact_name: cutToFit(
          name.trim(),
          settings.contactNameCharsMax,
          settings.contactNameBytesMax,
        ),
        // What is no address would have the whole event refused.
        contact_email: z.email().safeParse(address).success ? address : '',
      };
    }
    default:
      return assertNever(field);
  }
}

/** Where a body is to hold which value, by the mapping; what is not mapped is left out. */
export function membersOf(
  written: Written,
  { written: paths }: FieldMappings,
): readonly (readonly [JsonPath, unknown])[] {
  return (Object.entries(paths) as [WrittenField, JsonPath][]).flatMap(([field, path]) =>
    written[field] === undefined ? [] : [[path, written[field]] as const],
  );
}
