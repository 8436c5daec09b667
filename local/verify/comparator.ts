/**
 * Says whether rooms hold the same events in Graph and in the booking system, one to one. It knows
 * nothing of the bridge: it asks the two systems by their published calls, as a person with both
 * calendars open would, and has its own idea of what "the same" is.
 */

import { bookingReader, osloMinutes, type BookingSystem, type Days } from './booking-reader.ts';

export interface ComparedSystems extends BookingSystem {
  /** Base with version, e.g. `http://127.0.0.1:7080/v1.0`. */
  readonly graphUrl: string;
  readonly graphToken: string;
}

export interface ComparedRoom {
  readonly resourceId: string;
  readonly mailbox: string;
}

export interface RoomComparison {
  readonly room: ComparedRoom;
  readonly inOutlook: number;
  readonly inBooking: number;
  /** Lines that only one side has; equal rooms have none. */
  readonly onlyInOutlook: readonly string[];
  readonly onlyInBooking: readonly string[];
}

interface GraphEvent {
  readonly subject: string | null;
  readonly isAllDay: boolean;
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
  readonly body?: { readonly content: string };
}

/**
 * Compares rooms over days (`YYYY-MM-DD`, both whole). `descriptions` costs a call an event where the
 * booking system is read by the Portico contract.
 */
export async function compareRooms(
  systems: ComparedSystems,
  rooms: readonly ComparedRoom[],
  days: Days,
  { descriptions = false }: { readonly descriptions?: boolean } = {},
): Promise<readonly RoomComparison[]> {
  const readBooking = await bookingReader(systems);
  const results: RoomComparison[] = [];
  for (const room of rooms) {
    const outlook = await outlookLines(systems, room.mailbox, days, descriptions);
    const booking = await readBooking(room.resourceId, days, descriptions);
    results.push({
      room,
      inOutlook: outlook.length,
      inBooking: booking.length,
      onlyInOutlook: without(outlook, booking),
      onlyInBooking: without(booking, outlook),
    });
  }
  return results;
}

export function areEqual(comparisons: readonly RoomComparison[]): boolean {
  return comparisons.every(
    ({ onlyInOutlook, onlyInBooking }) => onlyInOutlook.length + onlyInBooking.length === 0,
  );
}

/** As many of each line as are left over: two equal events need two equal partners. */
export function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

async function outlookLines(
  { fetch, graphUrl, graphToken }: ComparedSystems,
  mailbox: string,
  days: Days,
  descriptions: boolean,
): Promise<string[]> {
  const range = `startDateTime=${days.from}T00:00:00Z&endDateTime=${days.to}T23:59:59Z&$top=200`;
  let url: string | undefined =
    `${graphUrl}/users/${encodeURIComponent(mailbox)}/calendarView?${range}`;
  const lines: string[] = [];
  while (url !== undefined) {
    const answer = await fetch(
      new Request(url, {
        headers: {
          authorization: `Bearer ${graphToken}`,
          prefer: 'outlook.timezone="UTC", outlook.body-content-type="text"',
        },
      }),
    );
    if (!answer.ok) throw new Error(`Graph answered ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { value: GraphEvent[]; '@odata.nextLink'?: string };
    for (const event of page.value) {
      const text = descriptions ? ` | ${(event.body?.content ?? '').trim()}` : '';
      lines.push(`${event.subject ?? ''} | ${graphTimes(event)}${text}`);
    }
    url = page['@odata.nextLink'];
  }
  return lines;
}

/** Whole days by their dates; else minutes in Oslo. */
function graphTimes({ isAllDay, start, end }: GraphEvent): string {
  if (isAllDay) return `${start.dateTime.slice(0, 10)} 00:00 - ${end.dateTime.slice(0, 10)} 00:00`;
  const minutes = (text: string): string => osloMinutes(`${text.slice(0, 19)}Z`);
  return `${minutes(start.dateTime)} - ${minutes(end.dateTime)}`;
}
