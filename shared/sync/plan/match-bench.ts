import type { ExternalId, MappingId, Side } from '../../model/ids.ts';
import { SIDES } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem, Stamp } from '../../model/snapshot.ts';
import type { FlagAction, Refusal, SyncAction, Undecided } from './state.ts';
import type { Inquiry } from './view.ts';

/** What the steps of matching hand on to each other. */
export interface Workbench {
  readonly inquiry: Inquiry;
  readonly actions: SyncAction[];
  readonly refusals: Refusal[];
  readonly undecided: Undecided[];
  /** Items that may be copies of ours: they could not be looked at. */
  readonly doubtful: Record<Side, SnapshotItem[]>;
  readonly settled: Set<MappingId>;
  /** Items nothing has claimed yet. */
  readonly open: Record<Side, Map<ExternalId, SnapshotItem>>;
  /** Copies of ours whose event was not found by their stamp. */
  readonly strays: Map<SnapshotItem, Stamp>;
}

/** The item on `side` is a copy of the mapping's event. */
export function linkFound(
  bench: Workbench,
  mapping: EventMapping,
  side: Side,
  item: SnapshotItem,
  rule: 'adopt' | 'stamp-found' | 'intent-found',
  reason: string,
  // Adopted items were compared; a found copy may have been edited since it was made.
  isUnsure = rule !== 'adopt',
): void {
  bench.settled.add(mapping.id);
  bench.actions.push({
    kind: 'link',
    mapping,
    mappingId: mapping.id,
    items: { [side]: item },
    rule,
    reason,
    ...(isUnsure ? { unsure: true as const } : {}),
  });
}

/** A person must decide on the mapping. */
export function flagMapping(
  bench: Workbench,
  mapping: EventMapping,
  rule: 'old-id-returned' | 'stamp-unknown' | 'intent-ambiguous',
  reason: string,
  more: Pick<FlagAction, 'original'> = {},
): void {
  bench.settled.add(mapping.id);
  bench.actions.push({
    kind: 'flag',
    mapping,
    mappingId: mapping.id,
    // While the flag stands the mapping is not decided on, but the cursors pass its changes.
    owed: SIDES.filter((side) => mapping[side] !== undefined && mapping[side].gone !== true),
    gone: [],
    rule,
    reason,
    ...more,
  });
}
