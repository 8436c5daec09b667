import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { slotOf } from '../../model/event.ts';
import { otherSide, type ExternalId, type PairId, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { RemovalItem, RemovalRule } from '../../model/removal.ts';
import type { SnapshotItem, Verdict } from '../../model/snapshot.ts';
import type { TimeZoneId } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { change, ending, type MappingChange } from './mapping-change.ts';

/** Everything the removal of a pair's copies may rest on. */
export interface RemovalState {
  readonly pairId: PairId;
  readonly capabilities: Readonly<Record<Side, BridgeCapabilities>>;
  /** All of the pair. */
  readonly mappings: readonly EventMapping[];
  /** What a look at each copy and each original found just now. */
  readonly looks: Readonly<Record<Side, ReadonlyMap<ExternalId, Verdict>>>;
  readonly fingerprints: Fingerprinter;
  readonly timeZone: TimeZoneId;
  readonly now: Instant;
}

/** Rule of a mapping whose copy was ended with its pair. */
const REMOVED = 'removed';

/**
 * What ending a pair does to the copies it made, in the order of their mappings: each is removed that
 * is surely ours, as we wrote it, and of an original that is still there. A mapping without a copy
 * has no item.
 */
export function planRemoval(state: RemovalState): readonly RemovalItem[] {
  return [...state.mappings]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .flatMap((mapping) => itemOf(state, mapping) ?? []);
}

/** The same for two plans that remove and keep the same copies, whatever is done of them already. */
export function confirmationOf(
  { pairId, fingerprints }: Pick<RemovalState, 'pairId' | 'fingerprints'>,
  items: readonly RemovalItem[],
): string {
  const rows = items.map(({ mappingId, side, eventId, action }) => [
    mappingId,
    side,
    eventId ?? null,
    action,
  ]);
  return fingerprints.digest(JSON.stringify(['removal', pairId, rows]));
}

/** Whether an earlier try ended the copy, or was about to. */
export function isRemoved(mapping: EventMapping): boolean {
  return mapping.wanted === otherSide(mapping.origin) && mapping.rule === REMOVED;
}

/** The copy that the mapping has, as far as its row knows; one that may be removed already included. */
export function copyOf(mapping: EventMapping): SideState | undefined {
  const copy = mapping[otherSide(mapping.origin)];
  return copy?.gone === true && !isRemoved(mapping) ? undefined : copy;
}

/**
 * The row before the copy is removed: as if it were gone, and another wanted. Whether the write comes
 * to be done or not, a pass of the revived pair finds out: a copy that is there is compared, one that
 * is not is made again; that it is gone is nobody's deletion.
 */
export function removing({ now }: Pick<RemovalState, 'now'>, mapping: EventMapping): MappingChange {
  const side = otherSide(mapping.origin);
  return change(mapping, {
    ...ending(mapping, side),
    wanted: side,
    state: 'pending',
    owed: [],
    rule: REMOVED,
    reason: 'the copy was removed when the pair ended',
    updatedAt: now,
  });
}

/** The row of a copy that was not removed after all: as it was, and to be looked at. */
export function notRemoved(
  { now }: Pick<RemovalState, 'now'>,
  before: EventMapping,
  removed: EventMapping,
): MappingChange {
  const { generation } = removed;
  return change(removed, { ...before, generation, owed: ['a', 'b'], updatedAt: now });
}

type Finding = Pick<RemovalItem, 'action' | 'rule' | 'reason' | 'done'>;

function itemOf(state: RemovalState, mapping: EventMapping): RemovalItem | undefined {
  const side = otherSide(mapping.origin);
  const base = { mappingId: mapping.id, side };
  const copy = copyOf(mapping);
  if (copy === undefined)
    return mapping.createIntent?.target === side
      ? { ...base, ...keep('unanswered', 'it is not known whether the copy was made; sync first') }
      : undefined;
  const verdict = state.looks[side].get(copy.id);
  const finding = keptByItsRow(mapping, side) ??
    keptByTheLook(verdict, mapping) ??
    (verdict?.kind === 'alive' ? keptByContent(state, mapping, copy, verdict.item) : undefined) ??
    keptForItsOriginal(state, mapping, verdict) ?? {
      action: 'remove',
      rule: 'made-by-us',
      reason: 'a copy of ours, as it was written',
    };
  const isDone = finding.action === 'remove' && verdict?.kind === 'gone';
  return { ...base, eventId: copy.id, ...finding, ...(isDone ? { done: true } : {}) };
}

function keep(rule: RemovalRule, reason: string): Finding {
  return { action: 'keep', rule, reason };
}

function keptByItsRow(mapping: EventMapping, side: Side): Finding | undefined {
  if (mapping.adopted === true)
    return keep('not-ours', 'it was there before it was found equal to the other one');
  if (mapping.createIntent?.target === side)
    return keep('unanswered', 'it is not known whether another copy was made; sync first');
  if (mapping.suspended !== undefined)
    return keep('suspended', `the item on side ${mapping.suspended} is inactive; sync first`);
  return undefined;
}

function keptByTheLook(verdict: Verdict | undefined, mapping: EventMapping): Finding | undefined {
  switch (verdict?.kind) {
    case undefined:
      return keep('unconfirmed', 'it was not looked at');
    case 'unknown':
      return keep('unconfirmed', verdict.reason);
    case 'elsewhere':
      return keep('elsewhere', 'it was moved to another calendar');
    case 'gone':
      return isRemoved(mapping) ? undefined : keep('gone', 'it is not there any more');
    case 'alive':
      return undefined;
  }
}

function keptByContent(
  state: RemovalState,
  mapping: EventMapping,
  copy: SideState,
  item: SnapshotItem,
): Finding | undefined {
  const side = otherSide(mapping.origin);
  if (item.rights !== 'full') return keep('rights', 'it is not for the bridge to end');
  if (state.capabilities[side].stamps && !isStamped(state, mapping, item))
    return keep('not-ours', 'it does not carry the stamp of this event');
  if (item.sharedWith === undefined)
    return keep('unconfirmed', 'it cannot be seen whether it holds other rooms too');
  if (item.sharedWith.length > 0) return keep('shared', 'it holds other rooms too');
  if (slotOf(item.event, state.timeZone).end <= state.now)
    return keep('past', 'what is past is never deleted');
  return keptForAChange(state, side, copy, item);
}

function isStamped(
  { pairId }: RemovalState,
  { id }: EventMapping,
  { stamp }: SnapshotItem,
): boolean {
  return stamp.state === 'read' && stamp.stamp.pairId === pairId && stamp.stamp.mappingId === id;
}

/** A copy is only as we wrote it where everything we know of it can be seen, and is the same. */
function keptForAChange(
  { fingerprints, capabilities }: RemovalState,
  side: Side,
  copy: SideState,
  item: SnapshotItem,
): Finding | undefined {
  if (item.unsupported !== undefined || item.event.privacy !== 'public')
    return keep('changed', 'it was changed since it was written');
  if (fingerprints.versionTag(item.version) === copy.version) return undefined;
  if (copy.fpVersion !== fingerprints.fpVersion || copy.keyVersion !== fingerprints.keyVersion)
    return keep('unconfirmed', 'it cannot be compared with what was written; sync first');
  const now = fingerprints.of(item.event, item.shown);
  const known = capabilities[side].readable.filter(
    (field) => copy.fingerprint[field] !== undefined,
  );
  if (known.some((field) => now[field] === undefined))
    return keep('unconfirmed', 'not all of it can be seen');
  return known.some((field) => now[field] !== copy.fingerprint[field])
    ? keep('changed', 'it was changed since it was written')
    : undefined;
}

function keptForItsOriginal(
  { looks }: RemovalState,
  mapping: EventMapping,
  copy: Verdict | undefined,
): Finding | undefined {
  // What is removed already stays so, whatever became of its original.
  if (copy?.kind === 'gone') return undefined;
  const original = mapping[mapping.origin];
  const gone = keep('original-gone', 'its original is not there any more');
  if (original === undefined || original.gone === true) return gone;
  const verdict = looks[mapping.origin].get(original.id);
  switch (verdict?.kind) {
    case 'alive':
      return undefined;
    case 'gone':
    case 'elsewhere':
      return gone;
    case 'unknown':
      return keep('unconfirmed', `its original cannot be seen: ${verdict.reason}`);
    case undefined:
      return keep('unconfirmed', 'its original was not looked at');
  }
}
