import type { CalendarEvent } from './event.ts';

/**
 * The parts of an event that are compared, fingerprinted and carried one by one. `slot` is start,
 * end and all-day in one, since no system can change them apart; `contact` is the name and address
 * of the person to ask (`contactOf`).
 */
export type Field = 'title' | 'slot' | 'description' | 'contact';

export const FIELDS: readonly Field[] = ['title', 'slot', 'description', 'contact'];

/** The members of an event that stand for its fields, for a write that sets only some. */
export type EventContent = Pick<
  CalendarEvent,
  | 'title'
  | 'description'
  | 'start'
  | 'timeZone'
  | 'duration'
  | 'showWithoutTime'
  | 'participants'
  | 'freeBusyStatus'
>;
