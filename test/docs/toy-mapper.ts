import * as z from 'zod';
import { contactOf, slotOf as slotOfEvent, type CalendarEvent } from '../../shared/model/event.ts';
import type { EventContent, Field } from '../../shared/model/fields.ts';
import type { ExternalId } from '../../shared/model/ids.ts';
import type { SnapshotItem } from '../../shared/model/snapshot.ts';
import type { InstantRange, TimeZoneId } from '../../shared/model/time.ts';
import { cutToFit } from '../../shared/bridges/plain-text.ts';
import { stableJson } from '../../shared/bridges/stable-json.ts';
import { timesOf, unsupportedReason } from '../../shared/bridges/wall-times.ts';
import type { Instant } from '../../shared/util/clock.ts';

/** What can be read and written there. */
export const FIELDS: readonly Field[] = ['title', 'slot', 'description', 'contact'];

/** A slot as the system sends it; members nobody asked for are dropped. */
export const SlotSchema = z.object({
  key: z.string().min(1),
  space: z.string(),
  what: z.object({ headline: z.string(), notes: z.string() }),
  when: z.object({ from: z.int(), until: z.int() }),
  who: z.object({ name: z.string(), mail: z.string() }),
  state: z.enum(['booked', 'held', 'cancelled']),
  touched: z.int(),
});
export type Slot = z.infer<typeof SlotSchema>;

export function slotOf({ when }: Pick<Slot, 'when'>): InstantRange {
  return { start: (when.from * 1000) as Instant, end: (when.until * 1000) as Instant };
}

/** Theirs to ours. */
export function toItem(slot: Slot, zone: TimeZoneId): SnapshotItem {
  const { what, who, touched } = slot;
  const range = slotOf(slot);
  const unsupported = unsupportedReason(range);
  const isKnown = who.name !== '' || who.mail !== '';
  const contact = {
    ...(who.name === '' ? {} : { name: who.name }),
    ...(who.mail === '' ? {} : { email: who.mail }),
    roles: { contact: true as const },
  };
  return {
    id: slot.key as ExternalId,
    event: {
      title: what.headline,
      description: what.notes,
      ...timesOf(range, zone),
      status: slot.state === 'held' ? 'tentative' : 'confirmed',
      freeBusyStatus: 'busy',
      privacy: 'public',
      ...(isKnown ? { participants: { contact } } : {}),
    },
    shown: FIELDS,
    version: { raw: stableJson(slot) },
    lastModified: (touched * 1000) as Instant,
    rights: 'full',
    sharedWith: [],
    stamp: { state: 'none' },
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

/** Ours to theirs: the members that set these fields. */
export function bodyOf(content: EventContent, fields: readonly Field[], zone: TimeZoneId) {
  const event: CalendarEvent = { ...content, status: 'confirmed', privacy: 'public' };
  const has = (field: Field): boolean => fields.includes(field);
  const { start, end } = slotOfEvent(event, zone);
  const { name = '', email = '' } = contactOf(event) ?? {};
  const title = cutToFit(event.title.replaceAll(/\s+/g, ' ').trim(), 80, Infinity);
  const what = {
    ...(has('title') ? { headline: title } : {}),
    ...(has('description') ? { notes: event.description } : {}),
  };
  return {
    ...(has('title') || has('description') ? { what } : {}),
    ...(has('slot') ? { when: { from: start / 1000, until: end / 1000 } } : {}),
    ...(has('contact') ? { who: { name, mail: email } } : {}),
  };
}
