import { slotOf } from '../../model/event.ts';
import { SIDES, type Side } from '../../model/ids.ts';
import { overlaps } from '../../model/time.ts';
import type { Distrust, PlanState } from './state.ts';

/**
 * Complete reads that cannot be true: a list cut short has deleted whole calendars in other tools;
 * here its silence ends nothing.
 */
export function distrustOf(state: PlanState): readonly Distrust[] {
  return SIDES.flatMap((side) => short(state, side) ?? []);
}

function short(state: PlanState, side: Side): Distrust | undefined {
  const snapshot = state.snapshots[side];
  if (snapshot.kind !== 'complete') return undefined;
  const shown = new Set(snapshot.items.map(({ id }) => id));
  const items = knownInWindow(state, side).filter((known) => {
    if (shown.has(known.id)) return false;
    const answer = state.answers[side].get(known.id);
    return (
      answer?.kind === 'alive' &&
      answer.item.suspended !== true &&
      overlaps(slotOf(answer.item.event, state.policy.timeZone), snapshot.window)
    );
  }).length;
  return items > 0 ? { side, items } : undefined;
}

function knownInWindow(state: PlanState, side: Side) {
  const { window } = state.snapshots[side];
  return state.mappings.flatMap((mapping) => {
    const known = mapping[side];
    const there = known !== undefined && known.gone !== true && mapping.suspended !== side;
    return there && overlaps(known, window) ? [known] : [];
  });
}
