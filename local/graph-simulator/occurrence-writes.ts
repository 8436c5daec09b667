import { badRequest } from './errors.ts';
import { patchedContent } from './event-content.ts';
import type { EventInput } from './event-schema.ts';
import { mergeProperties } from './extended-properties.ts';
import type { EventContent, SeriesChanges, StoredEvent } from './model.ts';
import { checkBoundaries, type InstanceOfSeries } from './series.ts';

const NOTHING: SeriesChanges = { cancelled: [], exceptions: {} };

/**
 * The series after a PATCH of one of its occurrences: what was sent of it is its own from now on.
 * @throws GraphError 400
 */
export function withException(
  series: StoredEvent,
  { event, occurrence }: InstanceOfSeries,
  input: EventInput,
  nowMs: number,
): StoredEvent {
  if (input.recurrence !== undefined && input.recurrence !== null)
    throw badRequest('ErrorInvalidRequest', 'A single occurrence has no recurrence of its own.');
  const { date, startMs, endMs } = occurrence;
  const before: EventContent = {
    ...event,
    time: { ...event.time, startMs, endMs },
    recurrence: null,
    seriesChanges: undefined,
  };
  const after = patchedContent(before, input);
  checkBoundaries(series, date, after.time);
  const { cancelled, exceptions } = series.seriesChanges ?? NOTHING;
  const own = Object.entries(after).filter(
    ([name, value]) => value !== before[name as keyof EventContent],
  );
  const exception = {
    content: { ...exceptions[date]?.content, ...Object.fromEntries(own) },
    extendedProperties: mergeProperties(
      event.extendedProperties,
      input.singleValueExtendedProperties ?? [],
    ),
    modifiedMs: nowMs,
  };
  return {
    ...series,
    seriesChanges: { cancelled, exceptions: { ...exceptions, [date]: exception } },
  };
}

export function withoutOccurrence(series: StoredEvent, date: string): StoredEvent {
  const { cancelled, exceptions } = series.seriesChanges ?? NOTHING;
  const left = Object.entries(exceptions).filter(([other]) => other !== date);
  return {
    ...series,
    seriesChanges: { cancelled: [...cancelled, date], exceptions: Object.fromEntries(left) },
  };
}
