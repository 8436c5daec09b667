import { SIDES, type ExternalId, type Side } from '../../model/ids.ts';
import type { SnapshotItem, Verdict } from '../../model/snapshot.ts';
import type { PlanState } from './state.ts';

/** The state with each item that a read or a look showed as `change` makes it. */
export function withEachItem(
  state: PlanState,
  change: (side: Side, item: SnapshotItem) => SnapshotItem,
): PlanState {
  const snapshotOf = (side: Side) => ({
    ...state.snapshots[side],
    items: state.snapshots[side].items.map((item) => change(side, item)),
  });
  const verdictOf = (side: Side, verdict: Verdict): Verdict =>
    verdict.kind === 'alive' ? { kind: 'alive', item: change(side, verdict.item) } : verdict;
  const answersOf = (side: Side): ReadonlyMap<ExternalId, Verdict> => {
    const answers = [...state.answers[side]];
    return new Map(answers.map(([id, verdict]) => [id, verdictOf(side, verdict)]));
  };
  return {
    ...state,
    snapshots: { a: snapshotOf('a'), b: snapshotOf('b') },
    answers: { a: answersOf('a'), b: answersOf('b') },
  };
}

/** Whether any item that a read or a look showed is such a one. */
export function hasItem(state: PlanState, isSuch: (item: SnapshotItem) => boolean): boolean {
  return SIDES.some(
    (side) =>
      state.snapshots[side].items.some(isSuch) ||
      [...state.answers[side].values()].some(
        (verdict) => verdict.kind === 'alive' && isSuch(verdict.item),
      ),
  );
}
