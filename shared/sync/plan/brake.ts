import type { BrakeLimits, Trip } from '../../model/hold.ts';
import { HOUR_MS } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';

/** From this many mapped events on, a side that shows none of them is not believed. */
export const EMPTIED_MIN = 3;

const REACH_HOURS = 24;

/** What went away, of how much. `recent`: within the 24 h before, and let pass. */
export interface Share {
  readonly recent: number;
  /** Without those of `recent`. */
  readonly known: number;
}

export interface Losses extends Share {
  /** Events of the side that this pass cannot see any more; a series counts as one. */
  readonly lost: number;
  /** The side shows nothing at all. */
  readonly isEmpty: boolean;
  /** The tenant's other pairs with the same bridge; absent where that is not known. */
  readonly others?: Share;
}

/** Whether so many losses must wait for a person (rule 14), and why; the first reason of three. */
export function deletionTrip(losses: Losses, limits: BrakeLimits): Trip | undefined {
  const { lost, recent, known, isEmpty, others } = losses;
  if (lost === 0) return undefined;
  const percentMax = limits.deletionsPercent;
  if (isEmpty && known >= EMPTIED_MIN)
    return tripOf({ rule: 'emptied', count: lost, recent: 0, known, min: EMPTIED_MIN, percentMax });
  const trips = (rule: 'pair' | 'tenant', share: Share): Trip | undefined => {
    const trip = tripOf({
      rule,
      count: lost,
      recent: share.recent,
      known: share.known + share.recent,
      min: limits.deletionsMin,
      percentMax,
    });
    return isOver(trip) ? trip : undefined;
  };
  const ofTenant = others && { recent: recent + others.recent, known: known + others.known };
  return trips('pair', { recent, known }) ?? (ofTenant && trips('tenant', ofTenant));
}

/** Whether the copies about to be made on one side are more than all that was there before. */
export function createTrip(
  planned: number,
  { recent, known }: Share,
  limits: BrakeLimits,
): Trip | undefined {
  if (planned === 0) return undefined;
  const trip = tripOf({
    rule: 'flood',
    count: planned,
    recent,
    known,
    min: limits.createsMin,
    percentMax: 100,
  });
  return isOver(trip) ? trip : undefined;
}

/**
 * Whether what is left of a held batch is still too much, measured as the batch was when the hold
 * began: neither new events nor time make it less, only events that come back. Of a side that was
 * empty nothing may have come back.
 */
export function stillTrips(trip: Trip, left: number): boolean {
  if (left === 0) return false;
  return trip.rule === 'emptied' ? left >= trip.count : isOver({ ...trip, count: left });
}

function tripOf(trip: Omit<Trip, 'percent'>): Trip {
  const gone = trip.count + trip.recent;
  return { ...trip, percent: trip.known === 0 ? 100 : Math.floor((gone * 100) / trip.known) };
}

function isOver({ count, recent, known, min, percentMax }: Omit<Trip, 'percent'>): boolean {
  const gone = count + recent;
  return gone > min && gone * 100 > percentMax * known;
}

/** `yyyymmddhh` of the hour in UTC. */
function hourOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 13).replaceAll(/[-T]/g, '');
}

type Counts = Readonly<Record<string, number>>;

/** What was counted within 24 h; of the hour that this cuts, everything. */
export function recentOf(counts: Counts, now: Instant): number {
  return Object.values(kept(counts, now)).reduce((sum, count) => sum + count, 0);
}

/** With `more` counted now, and without what no 24 h can reach any more. */
export function counted(counts: Counts, more: number, now: Instant): Counts {
  const hour = hourOf(now);
  return { ...kept(counts, now), [hour]: (counts[hour] ?? 0) + more };
}

function kept(counts: Counts, now: Instant): Counts {
  const first = hourOf((now - REACH_HOURS * HOUR_MS) as Instant);
  return Object.fromEntries(Object.entries(counts).filter(([hour]) => hour >= first));
}
