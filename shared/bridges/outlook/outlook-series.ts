import type { ExternalId } from '../../model/ids.ts';
import type { SeriesScope, SnapshotItem } from '../../model/snapshot.ts';
import { parseInstant, type InstantRange } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { isEnum, type GraphEvent } from './graph-schemas.ts';
import { stampUnread } from './stamp-properties.ts';

export function isMaster({ type }: GraphEvent): boolean {
  return isEnum(type, 'seriesMaster');
}

/** An occurrence, or an exception: an event of its own to the engine. */
export function isOfSeries({ type }: GraphEvent): boolean {
  return isEnum(type, 'occurrence') || isEnum(type, 'exception');
}

/** A copy of ours that a person has made a series of: it is shown as what cannot be carried. */
export function isOwnMaster(event: GraphEvent): boolean {
  return isMaster(event) && stampUnread(event).state === 'unread';
}

/** @param start Of the event as it is, which is where its series put it unless Graph says otherwise. */
export function seriesKeyOf(
  event: GraphEvent,
  start: Instant,
): Pick<SnapshotItem, 'masterId' | 'originalStart'> {
  const { seriesMasterId, originalStart } = event;
  if (!isOfSeries(event) || seriesMasterId === undefined || seriesMasterId === null) return {};
  return {
    masterId: seriesMasterId as ExternalId,
    originalStart: parseInstant(originalStart ?? '') ?? start,
  };
}

/** The masters whose occurrences a round tells without telling them. */
export function absentMasters(events: readonly GraphEvent[]): readonly ExternalId[] {
  const told = new Set(events.map(({ id }) => id));
  const wanted = events.flatMap((event) => (isOfSeries(event) ? (event.seriesMasterId ?? []) : []));
  return [...new Set(wanted)].filter((id) => !told.has(id)) as ExternalId[];
}

/**
 * The events of a round, each as a whole: delta gives of an occurrence nothing but ids and times, the
 * rest is its master's (microsoft-graph-docs 7632). Masters are no events of their own. Of a series
 * whose master is gone nothing is left.
 * @param masters Those that the round does not tell.
 */
export function wholeEvents(
  events: readonly GraphEvent[],
  masters: readonly GraphEvent[],
): readonly GraphEvent[] {
  const byId = new Map([...events, ...masters].map((event) => [event.id, event]));
  return events.flatMap((event) => {
    if (isMaster(event)) return isOwnMaster(event) ? [event] : [];
    if (!isOfSeries(event)) return [event];
    const master = byId.get(event.seriesMasterId ?? '');
    if (master === undefined || isOwnMaster(master)) return [];
    // Each has an iCalUId of its own, which a bare one does not tell.
    const { iCalUId: _, transactionId: _key, ...common } = master;
    return [isEnum(event.type, 'exception') ? event : { ...common, ...event }];
  });
}

/** The series that were told again: what is not among their occurrences is gone. */
export function seriesScopesOf(
  events: readonly GraphEvent[],
  { start, end }: InstantRange,
): readonly SeriesScope[] {
  const masters = events.filter((event) => isMaster(event) && !isOwnMaster(event));
  return masters.map(({ id }) => ({
    masterId: id as ExternalId,
    window: { start, end },
    occurrences: events
      .filter(({ seriesMasterId }) => seriesMasterId === id)
      .map((event) => event.id as ExternalId),
  }));
}
