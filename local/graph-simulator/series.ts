import { Temporal } from 'temporal-polyfill';
import { badRequest } from './errors.ts';
import type { EventTime, StoredEvent } from './model.ts';
import { dateOfDay, dayNumber, DAY_MS, slots } from './slots.ts';
import { overlaps, wallOf, wallToInstant, zoneOf } from './time.ts';

/** One slot of a series, and where it lies now. */
export interface Occurrence {
  /** Wall date of the slot, `YYYY-MM-DD`; names the occurrence in its series. */
  date: string;
  originalStartMs: number;
  startMs: number;
  endMs: number;
}

/** An item of a list: a stored event, or one occurrence of a stored series. */
export interface Instance {
  /** Of an exception: with what it differs in. */
  event: StoredEvent;
  occurrence?: Occurrence | undefined;
  isException?: true;
}

export type InstanceOfSeries = Instance & { occurrence: Occurrence };

interface Range {
  startMs: number;
  endMs: number;
}

/** A single event where it touches the window; of a series its occurrences and exceptions that do. */
export function instancesIn(event: StoredEvent, window: Range): Instance[] {
  const { recurrence, time } = event;
  if (recurrence === null) return overlaps(time, window) ? [{ event }] : [];
  // A day more on both sides: slots are days of the series' zone, the window is in instants.
  const days = Math.ceil((time.endMs - time.startMs) / DAY_MS) + 1;
  const first = Math.floor(window.startMs / DAY_MS) - days;
  const last = Math.ceil(window.endMs / DAY_MS) + 1;
  const near = [...slots(recurrence, first, last)].map(dateOfDay);
  const dates = new Set([...near, ...Object.keys(event.seriesChanges?.exceptions ?? {})]);
  return [...dates]
    .toSorted()
    .flatMap((date) => instanceAt(event, date) ?? [])
    .filter(({ occurrence }) => overlaps(occurrence, window));
}

/** The occurrence of one date; undefined where the series has none on it, or has it no more. */
export function instanceOfDate(event: StoredEvent, date: string): InstanceOfSeries | undefined {
  if (event.recurrence === null) return undefined;
  const day = dayNumber(date);
  const isSlot = [...slots(event.recurrence, day, day)].length > 0;
  return isSlot ? instanceAt(event, date) : undefined;
}

/** The date must be one of the series' own. */
function instanceAt(event: StoredEvent, date: string): InstanceOfSeries | undefined {
  const { recurrence, time, seriesChanges } = event;
  if (recurrence === null || seriesChanges?.cancelled.includes(date)) return undefined;
  const slot = occurrenceOn(time, recurrence.range.recurrenceTimeZone, date);
  const exception = seriesChanges?.exceptions[date];
  if (exception === undefined) return { event, occurrence: slot };
  const { content, extendedProperties, modifiedMs } = exception;
  const { startMs, endMs } = content.time ?? slot;
  return {
    event: { ...event, ...content, extendedProperties, modifiedMs },
    occurrence: { ...slot, startMs, endMs },
    isException: true,
  };
}

/**
 * It keeps the wall time of the series' own zone. A start in the spring gap moves forward by the
 * gap, one in the autumn fold is the first of the two; an end that the gap puts before its start
 * comes the series' own length after it.
 */
function occurrenceOn(time: EventTime, zoneName: string, date: string): Occurrence {
  const zone = zoneOf(zoneName);
  const firstStart = wallOf(time.startMs, zone);
  const start = Temporal.PlainDate.from(date).toPlainDateTime(firstStart.toPlainTime());
  const end = start.add(firstStart.until(wallOf(time.endMs, zone)));
  const startMs = wallToInstant(start, zone);
  const endMs = wallToInstant(end, zone);
  const length = time.endMs - time.startMs;
  return {
    date,
    originalStartMs: startMs,
    startMs,
    endMs: endMs <= startMs && length > 0 ? startMs + length : endMs,
  };
}

/**
 * An occurrence stays between the days of its neighbours, and does not overlap them.
 * @throws GraphError 400 `ErrorOccurrenceCrossingBoundary`
 */
export function checkBoundaries(master: StoredEvent, date: string, moved: Range): void {
  const { recurrence } = master;
  if (recurrence === null) return;
  const zone = zoneOf(recurrence.range.recurrenceTimeZone);
  const dayOf = (ms: number): string => wallOf(ms, zone).toPlainDate().toString();
  const { before, after } = neighboursOf(master, date);
  const isFree =
    (before === undefined ||
      (dayOf(before.startMs) < dayOf(moved.startMs) && before.endMs <= moved.startMs)) &&
    (after === undefined ||
      (dayOf(after.startMs) > dayOf(moved.startMs) && after.startMs >= moved.endMs));
  if (!isFree)
    throw badRequest(
      'ErrorOccurrenceCrossingBoundary',
      'Modified occurrence is crossing or overlapping adjacent occurrence.',
    );
}

function neighboursOf(
  master: StoredEvent,
  date: string,
): { before?: Occurrence; after?: Occurrence } {
  const { recurrence } = master;
  let before: Occurrence | undefined;
  if (recurrence === null) return {};
  for (const day of slots(recurrence, -Infinity, Infinity)) {
    const other = dateOfDay(day);
    const occurrence = other === date ? undefined : instanceAt(master, other)?.occurrence;
    if (occurrence === undefined) continue;
    if (other > date) return { ...(before && { before }), after: occurrence };
    before = occurrence;
  }
  return before === undefined ? {} : { before };
}
