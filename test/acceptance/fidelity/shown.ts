import { parseInstant } from '../../../shared/model/time.ts';
import type { Json, Town } from '../../support/town.ts';
import { dateAt, type Placed } from './case.ts';

/** As much of an event as a person sees in both systems. */
export interface Shown {
  readonly title: string;
  readonly description: string;
  /** Starts and ends in UTC to the minute, or dates, the last one exclusive. */
  readonly times: readonly string[];
  readonly contact: string;
}

const UNTIL = '2028-01-01';

export async function outlookOf(town: Town, one: Placed): Promise<readonly Json[]> {
  const events = await town.calendar(one.room, UNTIL);
  return events.filter((event) => isOf(one, String((event['start'] as Json)['dateTime'])));
}

/** As its pages show it; times as the contract has them, which may tell more than the pages can. */
export async function bookingOf(town: Town, one: Placed): Promise<readonly Json[]> {
  const rows = await town.schedule(one.room, UNTIL);
  const told = await genericTimes(town, one.room);
  return rows
    .filter((row) => isOf(one, String(row['from_'])))
    .map((row) => ({ ...row, ...(row['type'] === 'event' ? told.get(Number(row['id'])) : {}) }));
}

/** By number; none where the bridge does not use that contract. */
async function genericTimes(town: Town, room: number): Promise<ReadonlyMap<number, Json>> {
  const { booking, bookingUrl } = town.systems;
  if (booking.profile !== 'generic') return new Map();
  const url = `${bookingUrl}/api/resources/${room}/events?start_date=2026-11-01&end_date=${UNTIL}`;
  const headers = { authorization: `Bearer ${booking.apiKey}` };
  const answer = await town.fetch(new Request(url, { headers }));
  const { events } = (await answer.json()) as { events: Json[] };
  return new Map(
    events.map(({ id, start_time: from, end_time: to }) => [
      Number(id),
      { told_from: from, told_to: to },
    ]),
  );
}

/** Whether it begins on the days of the case: midnight of Oslo is the evening before in UTC. */
function isOf({ day, span, hour, otherHours }: Placed, time: string): boolean {
  const start = inUtc(time);
  const isOnDays = start >= `${dateAt(day - 1)}T22:00` && start < `${dateAt(day + span - 1)}T22:00`;
  const startsAt = Number(start.slice(11, 13));
  return isOnDays && (hour === undefined ? !otherHours.has(startsAt) : startsAt === hour);
}

/** To the minute; what has no offset is UTC, as the simulators say it. */
function inUtc(time: string): string {
  const at = parseInstant(/Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time.slice(0, 19)}Z`);
  return new Date(at ?? Number.NaN).toISOString().slice(0, 16);
}

export function shownInOutlook(events: readonly Json[]): Shown {
  const [first = {}] = events;
  const time = (event: Json, member: string): string => String((event[member] as Json)['dateTime']);
  const timesOf = (event: Json): string => {
    const [from, to] = [time(event, 'start'), time(event, 'end')];
    return event['isAllDay'] === true
      ? `${from.slice(0, 10)} to ${to.slice(0, 10)}`
      : `${inUtc(from)} to ${inUtc(to)}`;
  };
  return {
    title: textOf(first['subject']),
    description: textOf((first['body'] as Json | undefined)?.['content']).trimEnd(),
    times: events.map(timesOf).toSorted(),
    contact: organizerOf(first),
  };
}

/** The room itself is nobody to ask. */
function organizerOf({ isOrganizer, organizer }: Json): string {
  if (isOrganizer === true) return '';
  const { name, address } = ((organizer as Json | undefined)?.['emailAddress'] ?? {}) as Json;
  return [name, address].map(textOf).filter(Boolean).join(' ');
}

export async function shownInBooking(town: Town, rows: readonly Json[]): Promise<Shown> {
  const [row = {}] = rows;
  const first = row['type'] === 'event' ? await town.booked(Number(row['id'])) : row;
  const timesOf = (one: Json): string => {
    const [from, to] = [String(one['from_']), String(one['to_'])];
    const { told_from: toldFrom, told_to: toldTo } = one;
    const isWhole = [from, to].every((text) => text.includes('T00:00:00'));
    if (isWhole) return `${from.slice(0, 10)} to ${to.slice(0, 10)}`;
    return `${inUtc(textOf(toldFrom) || from)} to ${inUtc(textOf(toldTo) || to)}`;
  };
  const title = first['name'] ?? first['group_name'] ?? first['organization_name'];
  return {
    title: textOf(title),
    description: textOf(first['description']),
    times: rows.map(timesOf).toSorted(),
    contact: [first['contact_name'], first['contact_email']].map(textOf).filter(Boolean).join(' '),
  };
}

/** `-` stands for nothing where the booking system wants something. */
function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '-' ? value : '';
}
