import type { Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { withoutSent, type MappingChange } from './mapping-change.ts';
import type { PlanState } from './state.ts';

/**
 * A write found the copy moved or missing. The reads may never tell so again, so that it is looked
 * at by id before the next decision.
 */
export function overtakenOn(
  { now }: Pick<PlanState, 'now'>,
  mapping: EventMapping,
  side: Side,
): MappingChange {
  const owed = mapping.owed.includes(side) ? mapping.owed : [...mapping.owed, side];
  return { mapping: { ...withoutSent(mapping, side), owed, updatedAt: now }, index: [] };
}

/**
 * The slot of an item that was made inactive is taken, so that it cannot be made active again.
 * Every pass tries; undefined where that is noted already.
 */
export function slotLost(
  { now }: Pick<PlanState, 'now'>,
  mapping: EventMapping,
  side: Side,
): MappingChange | undefined {
  const reason = `its time was taken on side ${side} while it was being moved`;
  if (mapping.state === 'conflict' && mapping.reason === reason) return undefined;
  const more = { state: 'conflict', rule: 'slot-taken', reason, updatedAt: now } as const;
  return { mapping: { ...mapping, ...more }, index: [] };
}
