import { slotOf } from '../../model/event.ts';
import { SIDES, type ExternalId, type MappingId, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { overlaps, type InstantRange } from '../../model/time.ts';
import type { CreateAction, FlagAction, PlanState, SyncAction, UpdateAction } from './state.ts';

type Placing = CreateAction | UpdateAction;

/** Writes in an order in which no two items of one resource ever overlap (rule 9). */
export type Step =
  | { readonly kind: 'write'; readonly action: UpdateAction }
  /** The item gives up its slot until `resume`, to untie an exchange. */
  | { readonly kind: 'suspend' | 'resume'; readonly mapping: EventMapping; readonly target: Side };

/**
 * Where a system refuses overlapping items, a write into a slot that something else keeps is a
 * conflict already known: it becomes a flag, and no request is spent on a refusal.
 */
export function withoutCollisions(
  state: PlanState,
  actions: readonly SyncAction[],
): readonly SyncAction[] {
  return SIDES.reduce((left, side) => {
    if (!state.capabilities[side].exclusiveSlots) return left;
    const blocked = collisionsOn(state, left, side);
    return left.map((action) => {
      const holder = isPlacing(action, side) ? blocked.get(action.mappingId) : undefined;
      return holder === undefined ? action : slotTaken(action as Placing, holder);
    });
  }, actions);
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
  return {
    kind: 'flag',
    mapping: action.mapping,
    mappingId: action.mappingId,
    owed: [action.target === 'a' ? 'b' : 'a'],
    gone: [],
    rule: 'slot-taken',
    reason: `its time is taken on side ${action.target} by ${holder}`,
  };
}

/**
 * Orders updates so that each slot is free when it is moved into; a ring of moves is untied by
 * making one of its items inactive until the others have moved.
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
  // Where it was seen: what is put back stands elsewhere than where we last knew it.
  const present = (action: UpdateAction): InstantRange | undefined => {
    if (isOut(action)) return undefined;
    return action.present === undefined
      ? action.mapping[target]
      : slotOf(action.present.event, zone);
  };
  const blockerOf = (action: UpdateAction): UpdateAction | undefined => {
    if (!action.fields.includes('slot')) return undefined;
    const wanted = slotOf(action.source.event, zone);
    return [...waiting.values()].find((other) => {
      const range = other === action ? undefined : present(other);
      return range !== undefined && overlaps(range, wanted);
    });
  };
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
