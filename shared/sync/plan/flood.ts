import { holdIdOf, type HoldId, type Trip } from '../../model/hold.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import { createTrip } from './brake.ts';
import { stillWanted } from './case.ts';
import { heldIn, openFlood } from './flooded.ts';
import { decidedHold, type SideLosses } from './losses.ts';
import type { CreateAction, FlagAction, Holding, PlanState, SyncAction } from './state.ts';

/**
 * Copies that are more than all there was become flags in one hold a side: a ring of pairs makes
 * copies of copies without end.
 */
export function withoutFlood(
  state: PlanState,
  losses: Readonly<Record<Side, SideLosses>>,
  flooded: ReadonlySet<HoldId>,
  planned: readonly SyncAction[],
): { readonly actions: readonly SyncAction[]; readonly holdings: readonly Holding[] } {
  const holdings: Holding[] = [];
  let actions = planned.map((action) => withExemption(state, action));
  for (const target of SIDES) {
    const creates = actions.filter(
      (action): action is CreateAction => isCreate(action, target) && action.exempt !== true,
    );
    const hold = holdOn(state, losses, flooded, target, countOf(creates));
    if (hold === undefined) continue;
    actions = actions.map((action) =>
      isCreate(action, target) && action.exempt !== true ? heldCopy(action, hold.id) : action,
    );
    const before = heldIn(state, hold.id);
    const known = new Set(before.map(({ id }) => id));
    const joined = creates.map(({ mapping }) => mapping).filter(({ id }) => !known.has(id));
    const mappings = [...before, ...joined];
    holdings.push({ ...hold, side: target, kind: 'creates', mappings });
  }
  return { actions, holdings };
}

function holdOn(
  state: PlanState,
  losses: Readonly<Record<Side, SideLosses>>,
  flooded: ReadonlySet<HoldId>,
  target: Side,
  planned: number,
): { readonly id: HoldId; readonly trip: Trip; readonly isNew: boolean } | undefined {
  const open = openFlood(state, target);
  if (open !== undefined && flooded.has(open.id))
    return { id: open.id, trip: open.why, isNew: false };
  const { recentCreates: recent, known: stored } = state.brake.sides[target];
  const loaded = losses[target].known;
  const known = state.concerned[target] === 'all' ? loaded : (stored ?? loaded);
  const share = { recent, known: Math.max(0, known - recent) };
  const trip = createTrip(planned, share, state.brake.limits);
  if (trip === undefined) return undefined;
  const id = open?.id ?? holdIdOf(state.pairId, target, 'creates', state.now);
  return { id, trip, isNew: open === undefined };
}

/** All of a series are one. */
function countOf(creates: readonly CreateAction[]): number {
  return new Set(creates.map(({ source, mappingId }) => source.masterId ?? mappingId)).size;
}

function isCreate(action: SyncAction, target: Side): action is CreateAction {
  return action.kind === 'create' && action.target === target;
}

function withExemption(state: PlanState, action: SyncAction): SyncAction {
  if (action.kind !== 'create') return action;
  const isApproved = decidedHold(state, action.mapping)?.hold.state === 'approved';
  const isExempt = isApproved || action.keeps === true || state.brake.isFilling;
  return isExempt ? { ...action, exempt: true } : action;
}

function heldCopy(action: CreateAction, id: HoldId): FlagAction {
  const from = otherSide(action.target);
  const { mapping, mappingId, target } = action;
  return {
    kind: 'flag',
    mapping,
    mappingId,
    owed: [from],
    ...stillWanted(action),
    held: { [from]: id },
    rule: 'held',
    reason: `more copies were to be made on side ${target} than there are events; a person decides`,
  };
}
