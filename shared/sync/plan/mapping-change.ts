import { mappingIdOf, SIDES, type ExternalId, type Side } from '../../model/ids.ts';
import { parkedOf, type EventMapping } from '../../model/mapping.ts';
import type { PlanState } from './state.ts';

/** A mapping as it is to be stored, with the ids that must lead to it. */
export interface MappingChange {
  readonly mapping: EventMapping;
  readonly index: readonly { readonly side: Side; readonly id: ExternalId; readonly old?: true }[];
}

/** What a row is made from, beside the action. */
export type Known = Pick<PlanState, 'fingerprints' | 'policy' | 'now'>;

export function synced(
  mapping: EventMapping,
  state: Known,
  { rule, reason }: { rule: string; reason: string },
): EventMapping {
  const { wanted: _, ...settled } = mapping;
  return {
    ...settled,
    state: 'synced',
    owed: [],
    rule,
    reason,
    lastSyncedAt: state.now,
    updatedAt: state.now,
  };
}

/** A copy that ends raises the generation, or its next create would be taken for a repeat. */
export function ending(mapping: EventMapping, side: Side): EventMapping {
  const known = mapping[side];
  if (known === undefined || known.gone === true) return mapping;
  const { suspended, ...rest } = mapping;
  // What is known to be gone is neither held nor missed, and need not be confirmed again.
  const { held: _held, missingSince: _missed, ...ended } = known;
  return {
    ...rest,
    // What has ended must not be made active again.
    ...(suspended === undefined || suspended === side ? {} : { suspended }),
    [side]: { ...ended, gone: true },
    generation: mapping.generation + 1,
  };
}

/** An update that was refused set nothing: what the copy shows later is not of our making. */
export function withoutSent(mapping: EventMapping, side: Side): EventMapping {
  const known = mapping[side];
  if (known?.sent === undefined) return mapping;
  const { sent: _, ...rest } = known;
  return { ...mapping, [side]: rest };
}

/** Out of every hold. */
export function unheld(mapping: EventMapping): EventMapping {
  const free = SIDES.flatMap((side) => {
    const known = mapping[side];
    if (known?.held === undefined) return [];
    const { held: _, ...rest } = known;
    return [[side, rest] as const];
  });
  return free.length === 0 ? mapping : { ...mapping, ...Object.fromEntries(free) };
}

/** Decided in another way than to try again, it is not parked any more. */
function settled(mapping: EventMapping): EventMapping {
  if (mapping.parked === undefined || parkedOf(mapping) !== undefined) return mapping;
  const { parked: _, ...rest } = mapping;
  return rest;
}

/**
 * With the ids the mapping did not have before. The first id of its origin needs no row of its own:
 * the mapping's key is made from it.
 */
export function change(
  before: EventMapping,
  mapping: EventMapping,
  old: readonly { readonly side: Side; readonly id: ExternalId; readonly old: true }[] = [],
): MappingChange {
  const fresh = SIDES.flatMap((side) => {
    const id = mapping[side]?.id;
    const known = id === undefined || id === before[side]?.id;
    return known || mappingIdOf(side, id) === mapping.id ? [] : [{ side, id }];
  });
  return { mapping: settled(mapping), index: [...fresh, ...old] };
}
