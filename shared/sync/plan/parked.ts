import { SIDES, type MappingId, type Side } from '../../model/ids.ts';
import { parkedOf, type EventMapping, type Parked } from '../../model/mapping.ts';
import { overlaps } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { change, type MappingChange } from './mapping-change.ts';
import { LOST_COPY_MS } from './setbacks.ts';
import type { PlanState } from './state.ts';
import type { Inquiry } from './view.ts';

/** A person wants it tried again now. */
export function isRetried({ retry }: Pick<PlanState, 'retry'>, id: MappingId): boolean {
  return retry === 'all' || retry.has(id);
}

/**
 * Its last try failed by itself, the next is not due, and neither side shows anything new of it: it is
 * left alone, and the rest of the pair goes on.
 */
export function restsParked(inquiry: Inquiry, mapping: EventMapping): boolean {
  const { state } = inquiry;
  const parked = parkedOf(mapping);
  if (parked === undefined || parked.nextTryAt <= state.now || isRetried(state, mapping.id))
    return false;
  return (
    !state.look.has(mapping.id) && !SIDES.some((side) => isNews(inquiry, mapping, side, parked))
  );
}

function isNews(
  { state, items, removed }: Inquiry,
  mapping: EventMapping,
  side: Side,
  { seen }: Parked,
): boolean {
  const known = mapping[side];
  if (known === undefined) return false;
  const item = items[side].get(known.id);
  if (item !== undefined) return state.fingerprints.versionTag(item.version) !== seen[side];
  if (known.gone === true) return false;
  const { kind, window } = state.snapshots[side];
  return removed[side].has(known.id) || (kind === 'complete' && overlaps(known, window));
}

/**
 * What failed by itself, as `failed` has noted it, rests. Cursors pass what becomes of either copy
 * meanwhile, so that both are owed.
 * @param backoff how long after so many failures in a row, in ms
 */
export function parkedAfterFailure(
  state: PlanState,
  failure: MappingChange,
  backoff: (failures: number) => number,
): MappingChange {
  const { mapping } = failure;
  const before = parkedOf(mapping);
  const attempts = (before?.attempts ?? 0) + 1;
  const parked: Parked = {
    attempts,
    since: before?.since ?? state.now,
    nextTryAt: nextTryOf(state, mapping, backoff(attempts)),
    seen: seenOf(state, mapping),
  };
  const parkedMapping = { ...mapping, owed: SIDES, parked };
  return { ...change(mapping, parkedMapping), index: failure.index };
}

/** Of a copy that was made and is not found, the second look is due after a minute, however often it failed. */
function nextTryOf({ now }: PlanState, { createIntent }: EventMapping, restMs: number): Instant {
  const lookAt = (createIntent?.lostSince ?? Infinity) + LOST_COPY_MS;
  return Math.min(now + restMs, Math.max(now, lookAt)) as Instant;
}

function seenOf({ snapshots, fingerprints }: PlanState, mapping: EventMapping): Parked['seen'] {
  const tags = SIDES.flatMap((side) => {
    const item = snapshots[side].items.find(({ id }) => id === mapping[side]?.id);
    return item === undefined ? [] : [[side, fingerprints.versionTag(item.version)] as const];
  });
  return Object.fromEntries(tags);
}
