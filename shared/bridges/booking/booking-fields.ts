import * as z from 'zod';
import { contactOf, slotOf, type CalendarEvent, type Participant } from '../../model/event.ts';
import type { EventContent, Field } from '../../model/fields.ts';
import { toLocal, type TimeZoneId } from '../../model/time.ts';
import { assertNever } from '../../util/invariant.ts';
import { cutToFit, plainText } from '../plain-text.ts';
import { wallSlot } from '../wall-times.ts';

/** Limits of the booking system's event model (`maxLength`, in bytes) and columns (characters). */
const TITLE_BYTES_MAX = 255;
/** So that a title of any European script fits its bytes, and what is promised is what is kept. */
export const TITLE_MAX = 127;
export const CONTACT_NAME_MAX = 50;
const CONTACT_EMAIL_MAX = 50;
/** The column is an unbounded text; this is ours, so that one event cannot bloat every read. */
export const DESCRIPTION_MAX = 32_768;

/** Stands for "nothing", since an empty value counts as not sent and leaves the old one in place. */
const NOTHING = '-';
/** The same for an address, which is checked; `.invalid` (RFC 2606, 2) can reach nobody. */
const NO_ADDRESS = 'none@example.invalid';

/** Members of an event that we write, as its model names them (`title` is the create's own). */
export interface EventMembers {
  name?: string;
  /** Wall clock of the system without an offset, `YYYY-MM-DD HH:MM:SS`: it would ignore one. */
  from_?: string;
  to_?: string;
  description?: string;
  contact_name?: string;
  contact_email?: string;
}

/**
 * The members that set the named fields. A field that is empty becomes a placeholder, which
 * `readText` and `readContact` take for empty again. Of the hour that autumn repeats the system
 * knows the first run only: a time in the second comes back an hour earlier, or see `wallSlot`.
 */
export function membersOf(
  content: EventContent,
  fields: readonly Field[],
  zone: TimeZoneId,
): EventMembers {
  const members: EventMembers = {};
  for (const field of fields) Object.assign(members, membersOfField(asEvent(content), field, zone));
  return members;
}

function membersOfField(event: CalendarEvent, field: Field, zone: TimeZoneId): EventMembers {
  switch (field) {
    case 'title':
      return {
        name: written(
          cutToFit(event.title.replaceAll(/\s+/g, ' ').trim(), TITLE_MAX, TITLE_BYTES_MAX),
        ),
      };
    case 'slot': {
      const { start, end } = wallSlot(slotOf(event, zone), zone);
      return {
        from_: toLocal(start, zone).replace('T', ' '),
        to_: toLocal(end, zone).replace('T', ' '),
      };
    }
    case 'description':
      return { description: written(cutToFit(event.description, DESCRIPTION_MAX, Infinity)) };
    case 'contact':
      return contactMembers(contactOf(event));
    default:
      return assertNever(field);
  }
}

function contactMembers(contact: Participant | undefined): EventMembers {
  const name = cutToFit((contact?.name ?? '').trim(), CONTACT_NAME_MAX, CONTACT_NAME_MAX);
  const address = (contact?.email ?? '').trim();
  const isValid = z.email().max(CONTACT_EMAIL_MAX).safeParse(address).success;
  return { contact_name: written(name), contact_email: isValid ? address : NO_ADDRESS };
}

/** `0` is empty too: the system asks PHP's `empty()`. */
function written(text: string): string {
  return text === '' || text === '0' ? NOTHING : text;
}

/** The members of a new event: what is empty can be left out, except a name for the contact. */
export function membersOfNew(content: EventContent, zone: TimeZoneId): EventMembers {
  const members = membersOf(content, ['title', 'slot', 'description', 'contact'], zone);
  if (members.description === NOTHING) delete members.description;
  if (members.contact_email === NO_ADDRESS) delete members.contact_email;
  return members;
}

/** Appended to the description of what Outlook cancelled; the earlier service's own words. */
export const CANCELLATION_NOTE = '--- Cancelled from Outlook ---';
const NOTED = new RegExp(`(?:^|\\r?\\n)${CANCELLATION_NOTE}\\s*$`);

/**
 * A description as it was read, or empty where it is our placeholder. Our note is none of it: noted
 * and not yet deactivated, as a cut-off cancellation leaves an event, it was changed by nobody.
 */
export function readDescription(text: string): string {
  const plain = plainText(text.replace(NOTED, ''));
  return plain === NOTHING ? '' : plain;
}

/** The person to ask, or undefined where both members are empty or placeholders. */
export function readContact(name = '', email = ''): Participant | undefined {
  const isNamed = name !== '' && name !== NOTHING;
  const isReachable = email !== '' && email !== NO_ADDRESS;
  if (!isNamed && !isReachable) return undefined;
  return {
    ...(isNamed ? { name } : {}),
    ...(isReachable ? { email } : {}),
    roles: { contact: true },
  };
}

function asEvent(content: EventContent): CalendarEvent {
  return { ...content, status: 'confirmed', privacy: 'public' };
}
