import { SIDES } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { PlanState, UnlinkAction } from './state.ts';

/**
 * Mappings of one copy alone whose item is a copy in another mapping by now: a create that met it there
 * was answered with it. The other one decides; these end, and nothing is ever made of them.
 */
export function orphansOf({ mappings }: Pick<PlanState, 'mappings'>): ReadonlySet<EventMapping> {
  const lone = mappings.filter(({ a, b }) => (a === undefined) !== (b === undefined));
  if (lone.length === 0) return new Set();
  const paired = mappings.filter(({ a, b }) => a !== undefined && b !== undefined);
  const known = SIDES.map((side) => [side, new Set(paired.map((one) => one[side]?.id))] as const);
  return new Set(
    lone.filter((one) =>
      known.some(([side, ids]) => one[side] !== undefined && ids.has(one[side].id)),
    ),
  );
}

/** Once: an ended one stays as it is. */
export function endOfOrphans(orphans: ReadonlySet<EventMapping>): readonly UnlinkAction[] {
  return [...orphans]
    .filter(({ state }) => state !== 'cancelled')
    .map((mapping) => ({
      kind: 'unlink',
      mapping,
      mappingId: mapping.id,
      gone: [],
      rule: 'adopt',
      reason: 'its event is a copy in another mapping',
    }));
}
