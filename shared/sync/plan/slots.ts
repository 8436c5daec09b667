import { slotOf } from '../../model/event.ts';
import { otherSide, SIDES, type ExternalId, type MappingId, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { overlaps, type InstantRange } from '../../model/time.ts';
import { stillWanted } from './case.ts';
import { blockersOf, ringsAmong, slotHeld } from './rings.ts';
import type { CreateAction, FlagAction, PlanState, SyncAction, UpdateAction } from './state.ts';

type Placing = CreateAction | UpdateAction;

/** Writes in an order in which no two items of one resource ever overlap (rule 9). */
export type Step =
  | { readonly kind: 'write'; readonly action: UpdateAction }
  /** The item gives up its slot until `resume`, to untie an exchange. */
  | { readonly kind: 'suspend' | 'resume'; readonly mapping: EventMapping; readonly target: Side };

/**
 * Where a system refuses overlapping items, a write into a slot that something else keeps is a
 * conflict already known: it becomes a flag, and no request is spent on a refusal. So does a ring of
 * moves where no item can give up its slot: nothing is deleted and made again to untie it.
 */
export function withoutCollisions(
  state: PlanState,
  actions: readonly SyncAction[],
): readonly SyncAction[] {
  return SIDES.reduce((left, side) => {
    if (!state.capabilities[side].exclusiveSlots) return left;
    const flags = flagsOn(state, left, side);
    return left.map((action) => (isPlacing(action, side) && flags.get(action.mappingId)) || action);
  }, actions);
}

function flagsOn(
  state: PlanState,
  actions: readonly SyncAction[],
  side: Side,
): ReadonlyMap<MappingId, FlagAction> {
  const flags = new Map<MappingId, FlagAction>();
  // What is in a ring stays where it is, so that others may be blocked by it.
  for (;;) {
    const left = actions.filter(
      (action) => !isPlacing(action, side) || !flags.has(action.mappingId),
    );
    const blocked = collisionsOn(state, left, side);
    const moving = left.filter(
      (action): action is UpdateAction =>
        action.kind !== 'create' && isPlacing(action, side) && !blocked.has(action.mappingId),
    );
    const rings = state.capabilities[side].suspends
      ? []
      : ringsAmong(moving, side, state.policy.timeZone);
    for (const ring of rings)
      for (const action of ring) flags.set(action.mappingId, slotsExchanged(action, ring));
    if (rings.length > 0) continue;
    for (const action of left) {
      const holder = isPlacing(action, side) ? blocked.get(action.mappingId) : undefined;
      if (holder !== undefined) flags.set(action.mappingId, slotTaken(action as Placing, holder));
    }
    return flags;
  }
}

/** The placings on one side that cannot have their slot, with the id of what holds it. */
function collisionsOn(
  state: PlanState,
  actions: readonly SyncAction[],
  side: Side,
): ReadonlyMap<MappingId, ExternalId> {
  const zone = state.policy.timeZone;
  const ending = new Set(
    actions.flatMap((a) => (a.kind === 'delete' && a.target === side ? [a.mapping[side]?.id] : [])),
  );
  const placings = actions.filter((action): action is Placing => isPlacing(action, side));
  const blocked = new Map<MappingId, ExternalId>();
  for (let round = 0; round <= placings.length; round += 1) {
    const moving = placings.filter(({ mappingId }) => !blocked.has(mappingId));
    const movingIds = new Set(moving.map(({ mapping }) => liveId(mapping, side)));
    const taken: { id: ExternalId; range: InstantRange }[] = state.snapshots[side].items
      .filter(({ id, rights }) => rights === 'full' && !ending.has(id) && !movingIds.has(id))
      .map((item) => ({ id: item.id, range: slotOf(item.event, zone) }));
    const before = blocked.size;
    for (const action of moving) {
      const range = slotOf(action.source.event, zone);
      const holder = taken.find((other) => overlaps(other.range, range));
      if (holder !== undefined) blocked.set(action.mappingId, holder.id);
      else taken.push({ id: liveId(action.mapping, side) ?? action.source.id, range });
    }
    if (blocked.size === before) break;
  }
  return blocked;
}

function isPlacing(action: SyncAction, side: Side): action is Placing {
  if (action.kind === 'create') return action.target === side;
  if (action.kind !== 'update' && action.kind !== 'restore') return false;
  return action.target === side && action.fields.includes('slot');
}

function liveId(mapping: EventMapping, side: Side): ExternalId | undefined {
  return mapping[side]?.gone === true ? undefined : mapping[side]?.id;
}

function slotTaken(action: Placing, holder: ExternalId): FlagAction {
  const reason = `its time is taken on side ${action.target} by ${holder}`;
  return flagged(action, 'slot-taken', reason);
}

/** The same words in every pass, whatever the order, so that the row is written once. */
function slotsExchanged(action: UpdateAction, ring: readonly UpdateAction[]): FlagAction {
  const { target } = action;
  const ids = ring.map(({ mapping }) => mapping[target]?.id ?? '').sort();
  const reason =
    `side ${target} cannot exchange the times of ${ids.join(', ')}: move one of them to a free ` +
    `time on side ${otherSide(target)}, and to where it belongs when the others have followed`;
  return flagged(action, 'slots-exchanged', reason);
}

function flagged(action: Placing, rule: FlagAction['rule'], reason: string): FlagAction {
  const { mapping, mappingId, target } = action;
  return {
    kind: 'flag',
    mapping,
    mappingId,
    owed: [otherSide(target)],
    ...stillWanted(action),
    ...(action.kind === 'create' && action.keeps === true ? { keeps: true } : {}),
    rule,
    reason,
  };
}

/**
 * Orders updates so that each slot is free when it is moved into; a ring of moves is untied by
 * making one of its items inactive until the others have moved. Where items cannot be suspended
 * `withoutCollisions` leaves no ring.
 */
export function orderSteps(
  state: Pick<PlanState, 'policy'>,
  updates: readonly UpdateAction[],
  target: Side,
): readonly Step[] {
  const zone = state.policy.timeZone;
  const waiting = new Map(updates.map((action) => [action.mappingId, action]));
  const freed = new Set<MappingId>();
  const steps: Step[] = [];
  const resumes: Step[] = [];
  // Noted as suspended before it is: after a crash the item may hold its slot all the same.
  const isOut = ({ mapping, present }: UpdateAction): boolean =>
    freed.has(mapping.id) || (mapping.suspended === target && present?.suspended === true);
  const present = (action: UpdateAction): InstantRange | undefined =>
    isOut(action) ? undefined : slotHeld(action, target, zone);
  const blockerOf = (action: UpdateAction): UpdateAction | undefined =>
    blockersOf(action, [...waiting.values()], present, zone)[0];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((action) => blockerOf(action) === undefined);
    for (const action of ready) {
      steps.push({ kind: 'write', action });
      waiting.delete(action.mappingId);
    }
    const [stuck] = ready.length === 0 ? waiting.values() : [];
    if (stuck === undefined) continue;
    const { mapping } = inRing(stuck, blockerOf);
    steps.push({ kind: 'suspend', mapping, target });
    resumes.push({ kind: 'resume', mapping, target });
    freed.add(mapping.id);
  }
  return [...steps, ...resumes];
}

/** Follows blockers until one comes twice: that one is part of the ring. */
function inRing(
  start: UpdateAction,
  blockerOf: (action: UpdateAction) => UpdateAction | undefined,
): UpdateAction {
  const passed = new Set<UpdateAction>();
  let action = start;
  while (!passed.has(action)) {
    passed.add(action);
    action = blockerOf(action) ?? action;
  }
  return action;
}
