import { slotOf } from '../../model/event.ts';
import { mappingIdOf, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { PlanState } from './state.ts';

/** A mapping for an event with one copy so far, on `side`. */
export function seed(
  state: Pick<PlanState, 'fingerprints' | 'policy' | 'now'>,
  side: Side,
  item: SnapshotItem,
): EventMapping {
  return {
    id: mappingIdOf(side, item.id),
    origin: side,
    state: 'pending',
    generation: 0,
    [side]: sideStateOf(state, item),
    owed: [],
    restores: 0,
    updatedAt: state.now,
  };
}

/** By which an occurrence is known in its series. */
export function seriesKeyOf({
  masterId,
  originalStart,
}: SnapshotItem): Pick<SideState, 'masterId' | 'originalStart'> {
  return {
    ...(masterId === undefined ? {} : { masterId }),
    ...(originalStart === undefined ? {} : { originalStart }),
  };
}

/** What is remembered of an item: ids, times and fingerprints. */
export function sideStateOf(
  state: Pick<PlanState, 'fingerprints' | 'policy'>,
  item: SnapshotItem,
  before?: SideState,
): SideState {
  const { fingerprints, policy } = state;
  const slot = slotOf(item.event, policy.timeZone);
  const comparable =
    before?.fpVersion === fingerprints.fpVersion && before.keyVersion === fingerprints.keyVersion;
  return {
    id: item.id,
    // A field this read could not show stays what we knew of it (rule 1).
    fingerprint: {
      ...(comparable ? before.fingerprint : {}),
      ...fingerprints.of(item.event, item.shown),
    },
    fpVersion: fingerprints.fpVersion,
    keyVersion: fingerprints.keyVersion,
    version: fingerprints.versionTag(item.version),
    ...(item.lastModified === undefined ? {} : { lastModified: item.lastModified }),
    start: slot.start,
    end: slot.end,
    rights: item.rights,
    ...seriesKeyOf(item),
  };
}
