import type { BridgeWrite } from '../bridges/bridge.ts';
import type { BridgeKey, Side } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import type { NativeVersion, SnapshotItem, Stamp } from '../model/snapshot.ts';
import { invariant } from '../util/invariant.ts';
import { contentFor, idempotencyKeyOf } from './plan/content.ts';
import type { CreateAction, DeleteAction, PlanState, UpdateAction } from './plan/state.ts';

/** What an action asks of the bridge. `source` is the key of the bridge the content comes from. */
export function updateWrite(
  state: PlanState,
  action: UpdateAction,
  mapping: EventMapping,
  source: BridgeKey,
): BridgeWrite {
  const { target, fields, present } = action;
  const known = mapping[target];
  invariant(known !== undefined, 'an update has a copy to write to');
  const version = present?.version ?? versionOf(known.version);
  return {
    kind: 'update',
    mappingId: mapping.id,
    id: known.id,
    fields,
    content: contentOn(state, target, action.source),
    ...(version === undefined ? {} : { version }),
    stamp: stampOf(state, mapping, action.source, source),
    ...(mapping.suspended === target ? { suspended: true as const } : {}),
  };
}

/** @param mapping with the intent of this create. */
export function createWrite(
  state: PlanState,
  action: CreateAction,
  mapping: EventMapping,
  source: BridgeKey,
): BridgeWrite {
  return {
    kind: 'create',
    mappingId: mapping.id,
    content: contentOn(state, action.target, action.source),
    idempotencyKey: idempotencyKeyOf(state, mapping),
    stamp: stampOf(state, mapping, action.source, source),
  };
}

export function cancelWrite({ mapping, target, present }: DeleteAction): BridgeWrite {
  const known = mapping[target];
  invariant(known !== undefined, 'a delete has a copy to end');
  const version = present?.version ?? versionOf(known.version);
  return {
    kind: 'cancel',
    mappingId: mapping.id,
    id: known.id,
    ...(version === undefined ? {} : { version }),
  };
}

/** The ETag in a stored version; of a raw row only a hash is kept, which no system would take. */
function versionOf(stored: string | undefined): NativeVersion | undefined {
  return stored?.startsWith('e:') === true ? { etag: stored.slice(2) } : undefined;
}

function contentOn(state: PlanState, target: Side, source: SnapshotItem) {
  return contentFor(state.capabilities[target], source, state.policy.defaultTitle);
}

function stampOf(
  state: PlanState,
  mapping: EventMapping,
  item: SnapshotItem,
  source: BridgeKey,
): Stamp {
  return { source, sourceId: item.id, pairId: state.pairId, mappingId: mapping.id };
}
