import type { SnapshotItem } from '../../model/snapshot.ts';
import { hasItem, withEachItem } from './each-item.ts';
import type { PlanState } from './state.ts';

/** The state in which what the tenant wants copied is not refused: events that are shown as free. */
export function admitted(state: PlanState): PlanState {
  if (!state.policy.copiesFree || !hasItem(state, isFreeAlone)) return state;
  return withEachItem(state, (_side, item) => (isFreeAlone(item) ? withoutRefusal(item) : item));
}

function isFreeAlone({ unsupported }: SnapshotItem): boolean {
  return unsupported === 'free';
}

function withoutRefusal(item: SnapshotItem): SnapshotItem {
  const { unsupported: _, ...rest } = item;
  return rest;
}
