import { isPending } from '../model/hold.ts';
import { SIDES } from '../model/ids.ts';
import type { InstantRange } from '../model/time.ts';
import type { BrakeRow } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import { closedBrakes, limitsOf, type Brakes } from './holding.ts';
import type { Ledger } from './ledger.ts';
import type { PassPorts } from './pass.ts';
import { recentOf } from './plan/brake.ts';
import { mappedOn } from './plan/losses.ts';
import type { BrakeState, SideBrake } from './plan/state.ts';
import type { LoadNeeds } from './planning.ts';

/** What the brake goes by in this pass. */
export function brakeStateOf(
  { pair, tenant }: Pick<PassPorts, 'pair' | 'tenant'>,
  brakes: Brakes,
  now: Instant,
): BrakeState {
  const sideOf = ({ deletions, creates, known, holds }: BrakeRow): SideBrake => ({
    recentDeletions: recentOf(deletions, now),
    recentCreates: recentOf(creates, now),
    ...(known === undefined ? {} : { known }),
    holds: holds.filter(isPending),
  });
  return {
    limits: limitsOf(pair, tenant),
    sides: { a: sideOf(brakes.a), b: sideOf(brakes.b) },
    isFilling: pair.lastSyncedAt === undefined,
  };
}

/** What must be loaded before the brake can be sure that nothing trips it. */
export function needsOf(
  { options, policy }: PassPorts,
  { limits, sides }: BrakeState,
  now: Instant,
): LoadNeeds {
  const { deletionsMin, createsMin } = limits;
  const room = SIDES.flatMap((side) => {
    const { known, recentDeletions, recentCreates } = sides[side];
    if (known === undefined) return [0];
    return [deletionsMin - recentDeletions, createsMin - recentCreates];
  });
  const isHolding = SIDES.some((side) => sides[side].holds.length > 0);
  return {
    whole: isHolding || options.retry !== undefined || options.look !== undefined,
    isOneWay: policy.direction !== 'both',
    now,
    toldMax: Math.max(0, Math.min(...room)),
  };
}

export function brakesAfter(ledger: Ledger, window: InstantRange, now: Instant): Brakes {
  const { brakes } = ledger;
  if (!ledger.isWhole) return brakes;
  const mappings = ledger.mappings();
  const { a, b } = closedBrakes(brakes, mappings, now);
  return {
    a: { ...a, known: mappedOn(mappings, 'a', window) },
    b: { ...b, known: mappedOn(mappings, 'b', window) },
  };
}

export function isCountedAlike(one: BrakeRow, other: BrakeRow): boolean {
  return (
    one.known === other.known && JSON.stringify(one.deletions) === JSON.stringify(other.deletions)
  );
}
