import { slotOf } from '../../model/event.ts';
import type { MappingId, Side } from '../../model/ids.ts';
import { overlaps, type InstantRange, type TimeZoneId } from '../../model/time.ts';
import type { UpdateAction } from './state.ts';

/** Where the item stands: where it was seen, which may be elsewhere than it was last known. */
export function slotHeld(
  { mapping, present }: UpdateAction,
  target: Side,
  zone: TimeZoneId,
): InstantRange | undefined {
  return present === undefined ? mapping[target] : slotOf(present.event, zone);
}

/** Those of `others` that hold the slot this update moves into; none where it does not move. */
export function blockersOf(
  action: UpdateAction,
  others: readonly UpdateAction[],
  heldBy: (other: UpdateAction) => InstantRange | undefined,
  zone: TimeZoneId,
): readonly UpdateAction[] {
  if (!action.fields.includes('slot')) return [];
  const wanted = slotOf(action.source.event, zone);
  return others.filter((other) => {
    const range = other === action ? undefined : heldBy(other);
    return range !== undefined && overlaps(range, wanted);
  });
}

/**
 * Updates that cannot be put in any order, since each waits for the next and the last for the first.
 * What only waits for such a ring is in none.
 */
export function ringsAmong(
  updates: readonly UpdateAction[],
  target: Side,
  zone: TimeZoneId,
): readonly (readonly UpdateAction[])[] {
  const blockers = new Map(
    updates.map((action) => [
      action,
      blockersOf(action, updates, (other) => slotHeld(other, target, zone), zone),
    ]),
  );
  const waitedFor = new Map(updates.map((action) => [action, reachable(action, blockers)]));
  const placed = new Set<MappingId>();
  return updates.flatMap((action) => {
    const waits = waitedFor.get(action);
    if (placed.has(action.mappingId) || waits?.has(action) !== true) return [];
    const ring = updates.filter(
      (other) => waits.has(other) && waitedFor.get(other)?.has(action) === true,
    );
    for (const { mappingId } of ring) placed.add(mappingId);
    return [ring];
  });
}

/** What `start` waits for, and what that waits for, and so on; itself only where it is in a ring. */
function reachable(
  start: UpdateAction,
  blockers: ReadonlyMap<UpdateAction, readonly UpdateAction[]>,
): ReadonlySet<UpdateAction> {
  const found = new Set<UpdateAction>();
  const open = [start];
  for (let action = open.pop(); action !== undefined; action = open.pop())
    for (const blocker of blockers.get(action) ?? []) {
      if (found.has(blocker)) continue;
      found.add(blocker);
      open.push(blocker);
    }
  return found;
}
