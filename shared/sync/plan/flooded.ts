import type { Hold, HoldId } from '../../model/hold.ts';
import { SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { stillTrips } from './brake.ts';
import type { PlanState } from './state.ts';

/** The open holds of copies that are still too many. */
export function floodedOf(state: PlanState): ReadonlySet<HoldId> {
  const open = SIDES.flatMap((side) => openFlood(state, side) ?? []);
  return new Set(
    open.filter(({ id, why }) => stillTrips(why, heldIn(state, id).length)).map(({ id }) => id),
  );
}

/** The one in which copies on that side wait for a person. */
export function openFlood({ brake }: PlanState, side: Side): Hold | undefined {
  return brake.sides[side].holds.find(({ kind, state }) => kind === 'creates' && state === 'open');
}

/** The events whose copies wait in it. */
export function heldIn(state: PlanState, id: HoldId): readonly EventMapping[] {
  return state.mappings.filter(({ a, b }) => a?.held === id || b?.held === id);
}
