import type { CallContext } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import type { ExternalId, Side } from '../model/ids.ts';
import type { Snapshot, SnapshotItem, Window } from '../model/snapshot.ts';
import type { PlanState } from './plan/state.ts';
import { onBothSides, SideError, type SideAccess } from './reading.ts';

/** Items of a side that are read by id for what a list does not show. */
const DEEP_MAX = 1000;

/** @throws SideError, LeaseLostError */
export async function readWhole(
  side: Side,
  { bridge, resource }: SideAccess,
  window: Window,
  context: CallContext,
): Promise<Snapshot> {
  try {
    return await bridge.readChanges(resource, undefined, window, context);
  } catch (error) {
    throw error instanceof BridgeError ? new SideError(side, error) : error;
  }
}

type Deep = Readonly<Record<Side, ReadonlyMap<ExternalId, SnapshotItem>>>;

/**
 * Mapped items of which the list shows only a part, read by id.
 * @throws SideError, LeaseLostError
 */
export async function deepItems(
  { snapshots, mappings, capabilities }: PlanState,
  sides: Readonly<Record<Side, SideAccess>>,
  context: CallContext,
): Promise<Deep> {
  return await onBothSides(async (side) => {
    const mapped = new Set(mappings.map((mapping) => mapping[side]?.id));
    const { readable } = capabilities[side];
    const ids = snapshots[side].items
      .filter(({ id, shown }) => mapped.has(id) && !readable.every((one) => shown.includes(one)))
      .map(({ id }) => id)
      .slice(0, DEEP_MAX);
    if (ids.length === 0) return new Map();
    const { bridge, resource } = sides[side];
    try {
      const verdicts = await bridge.readItems(resource, ids, context);
      return new Map(
        verdicts.flatMap((one) => (one.kind === 'alive' ? [[one.item.id, one.item]] : [])),
      );
    } catch (error) {
      throw error instanceof BridgeError ? new SideError(side, error) : error;
    }
  });
}
