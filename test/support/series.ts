import { formatInstant, parseInstant } from '../../shared/model/time.ts';
import { graphEvent, type Json, type Town, type TownOptions } from './town.ts';

export const OSLO = 'W. Europe Standard Time';
export const YEAR: TownOptions = { windowFutureDays: 370 };
export const NOTHING: Written = { creates: 0, updates: 0, cancels: 0 };
export const NEXT_YEAR = '2027-12-31';

/** Thursdays at 09:00 UTC, the first of them on 26 November 2026. */
export async function weekly(town: Town, count: number, more: Json = {}): Promise<string> {
  return await town.meet(1, {
    ...graphEvent('Choir', 2, 9),
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
      range: { type: 'numbered', startDate: '2026-11-26', numberOfOccurrences: count },
    },
    ...more,
  });
}

/** What the booking system has, as `name at instant`, in order. */
export async function booked(town: Town, until?: string): Promise<string[]> {
  const rows = await town.schedule(1, until);
  return rows.map((row) => `${String(row['name'])} at ${startOf(row)}`).toSorted();
}

export function startOf(row: Json): string {
  const at = parseInstant(String(row['from_']));
  if (at === undefined) throw new Error('a row of the schedule has no start');
  return formatInstant(at);
}

export async function occurrences(town: Town, until?: string): Promise<Json[]> {
  const all = await town.calendar(1, until);
  return all.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

export function textOf(event: Json): string {
  return String((event['start'] as Json)['dateTime']);
}

/** The starts of what Outlook has of the series, in order. */
export async function occurrenceTimes(town: Town): Promise<string[]> {
  const found = await occurrences(town, NEXT_YEAR);
  return found.map((event) => `${textOf(event).slice(0, 19)}Z`);
}

/** Graph answers 410 to the next read of changes. */
export async function forgetCursor(town: Town): Promise<void> {
  const [room] = town.rooms;
  const body = JSON.stringify({ mailbox: room?.mailbox });
  await town.graph.fetch(
    new Request('http://graph.test/__sim/expire-delta', { method: 'POST', body }),
  );
}

export async function occurrence(town: Town, index: number): Promise<string> {
  const id = (await occurrences(town))[index]?.['id'];
  if (typeof id !== 'string') throw new Error(`there is no occurrence ${index}`);
  return id;
}

export async function copyOf(town: Town, index: number): Promise<number> {
  const rows = (await town.schedule()).toSorted((one, other) =>
    startOf(one) < startOf(other) ? -1 : 1,
  );
  return Number(rows[index]?.['id']);
}

interface Written {
  readonly creates: number;
  readonly updates: number;
  readonly cancels: number;
}

/** Writes to the booking system since they were last forgotten; a cancellation comes with its note. */
function written(town: Town): Written {
  const own = town.writes().filter(({ path }) => !path.startsWith('/v1.0'));
  const idOf = (path: string): string | undefined => /\/events\/(\d+)/.exec(path)?.[1];
  const cancelled = own.filter(({ path }) => path.includes('toggle')).map(({ path }) => idOf(path));
  const put = own.filter(({ method }) => method === 'PUT').map(({ path }) => idOf(path));
  return {
    creates: own.filter(({ method }) => method === 'POST').length,
    updates: put.filter((id) => !cancelled.includes(id)).length,
    cancels: cancelled.length,
  };
}

/** One tick, and what it wrote to the booking system. */
export async function tick(town: Town): Promise<Written> {
  town.forgetRequests();
  await town.tick();
  return written(town);
}
