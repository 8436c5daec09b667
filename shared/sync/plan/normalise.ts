import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { contactOf, datesOf, slotOf, type CalendarEvent } from '../../model/event.ts';
import type { Field } from '../../model/fields.ts';
import { formatInstant, type TimeZoneId } from '../../model/time.ts';

/** Raised when a value below is normalised differently; old fingerprints are then not compared. */
export const FP_VERSION = 1;

/**
 * The text that stands for one field when events are compared. What systems change on their own
 * (Unicode form, line ends, space at the ends of lines) is levelled, or it would look like an edit.
 */
export function normalised(event: CalendarEvent, field: Field, zone: TimeZoneId): string {
  switch (field) {
    case 'title':
      return levelled(event.title).replaceAll('\n', ' ');
    case 'description':
      return levelled(event.description);
    case 'contact': {
      const contact = contactOf(event);
      return `${levelled(contact?.name ?? '')}\n${(contact?.email ?? '').trim().toLowerCase()}`;
    }
    case 'slot': {
      if (event.showWithoutTime) {
        const { start, end } = datesOf(event);
        return `${start}/${end}`;
      }
      const { start, end } = slotOf(event, zone);
      return `${formatInstant(start)}/${formatInstant(end)}`;
    }
  }
}

function levelled(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u00a0\t ]+$/gm, '')
    .trim();
}

/** Ends a text that goes on in the other system. */
const CUT_MARK = '…';

/**
 * The event as a system with these capabilities can hold it: text is cut at the system's limits, by
 * whole characters and with a mark, and an empty title becomes the tenant's own.
 */
export function asHeldBy(
  capabilities: BridgeCapabilities,
  event: CalendarEvent,
  defaultTitle: string,
): CalendarEvent {
  const title = levelled(event.title).replaceAll('\n', ' ') || defaultTitle;
  return {
    ...event,
    title: cut(title, capabilities.titleCharsMax, CUT_MARK),
    description: cut(levelled(event.description), capabilities.descriptionCharsMax, CUT_MARK),
    ...heldParticipants(capabilities, event),
  };
}

/**
 * The event as it is compared with one that such a system holds: whole, or cut at its limit by us, with
 * the mark, or by the system or another program, without.
 */
export function asComparedIn(
  capabilities: BridgeCapabilities,
  event: CalendarEvent,
  defaultTitle: string,
): CalendarEvent {
  const held = asHeldBy(capabilities, event, defaultTitle);
  return {
    ...held,
    title: stem(held.title, capabilities.titleCharsMax),
    description: stem(held.description, capabilities.descriptionCharsMax),
  };
}

/** What all forms of a text have in common that a limit may have cut. */
function stem(text: string, charsMax: number): string {
  const isMarked = text.endsWith(CUT_MARK);
  return cut(isMarked ? text.slice(0, -CUT_MARK.length) : text, charsMax - CUT_MARK.length);
}

function heldParticipants(
  capabilities: BridgeCapabilities,
  event: CalendarEvent,
): Pick<CalendarEvent, 'participants'> {
  const contact = contactOf(event);
  if (contact === undefined) return {};
  const name = contact.name === undefined ? {} : { name: heldName(capabilities, contact.name) };
  return { participants: { contact: { ...contact, ...name } } };
}

function heldName(capabilities: BridgeCapabilities, name: string): string {
  return cut(levelled(name), capabilities.contactNameCharsMax);
}

/** At most `charsMax` UTF-16 units with the mark, never half a surrogate pair. */
function cut(text: string, charsMax: number, mark = ''): string {
  if (text.length <= charsMax) return text;
  const room = charsMax - mark.length;
  const end = /[\ud800-\udbff]/.test(text[room - 1] ?? '') ? room - 1 : room;
  return text.slice(0, end).trimEnd() + mark;
}
