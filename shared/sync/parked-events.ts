import type { MappingId } from '../model/ids.ts';
import { parkedOf, type EventMapping } from '../model/mapping.ts';
import type { LeaseFacts, LeaseFactsPatch } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';

/** The parked events of a pair, as far as a pass knows them. */
export interface ParkedEvents {
  readonly count: number;
  /** When the first is to be tried again, or earlier. */
  readonly dueAt?: Instant;
  /** Each one's next try; absent until all marks, or rows, were seen. */
  readonly all?: ReadonlyMap<MappingId, Instant>;
}

export function parkedIn({ parked = 0, parkedDueAt }: LeaseFacts): ParkedEvents {
  return { count: parked, ...(parkedDueAt === undefined ? {} : { dueAt: parkedDueAt }) };
}

export function parkedAll(all: ReadonlyMap<MappingId, Instant>): ParkedEvents {
  const first = Math.min(...all.values());
  return { count: all.size, all, ...(all.size === 0 ? {} : { dueAt: first as Instant }) };
}

/** The next try of each that is parked. */
export function nextTries(mappings: readonly EventMapping[]): ReadonlyMap<MappingId, Instant> {
  return new Map(
    mappings.flatMap((mapping) => {
      const parked = parkedOf(mapping);
      return parked === undefined ? [] : [[mapping.id, parked.nextTryAt] as const];
    }),
  );
}

/** Once these are stored, in the place of what they were `before`. */
export function parkedAfter(
  events: ParkedEvents,
  mappings: readonly EventMapping[],
  before: readonly EventMapping[],
): ParkedEvents {
  const tries = nextTries(mappings);
  if (events.all !== undefined) {
    const changed = new Set(mappings.map(({ id }) => id));
    const others = [...events.all].filter(([id]) => !changed.has(id));
    return parkedAll(new Map([...others, ...tries]));
  }
  const count = events.count + tries.size - nextTries(before).size;
  if (count <= 0) return { count: 0 };
  const first = Math.min(events.dueAt ?? Infinity, ...tries.values());
  return { count, dueAt: first as Instant };
}

/** Nothing where nothing was ever parked: such a lease row says nothing of it. */
export function parkedFacts(
  { count, dueAt }: ParkedEvents,
  { parked, parkedDueAt }: LeaseFacts,
): Pick<LeaseFactsPatch, 'parked' | 'parkedDueAt'> {
  if (count === (parked ?? 0) && dueAt === parkedDueAt) return {};
  return { parked: count, parkedDueAt: dueAt };
}
