import type { Field } from '../../model/fields.ts';
import {
  mappingIdOf,
  otherSide,
  SIDES,
  type ExternalId,
  type MappingId,
  type Side,
} from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem, Stamp } from '../../model/snapshot.ts';
import { asHeldBy } from './normalise.ts';
import { seed } from './side-state.ts';
import type { Refusal, SyncAction, Undecided } from './state.ts';
import { isHeld, isWhole, type Inquiry } from './view.ts';

/** What became of the items that no mapping names. */
export interface Matching {
  /** Items found to be the other copy of a known event, or of each other. */
  readonly actions: readonly SyncAction[];
  readonly refusals: readonly Refusal[];
  readonly undecided: readonly Undecided[];
  /** New events, as mappings without a second copy: to be decided like any other. */
  readonly fresh: readonly EventMapping[];
  /** Mappings that an action above settles: not to be decided again. */
  readonly settled: ReadonlySet<MappingId>;
}

interface Workbench {
  readonly inquiry: Inquiry;
  readonly actions: SyncAction[];
  readonly refusals: Refusal[];
  readonly undecided: Undecided[];
  readonly settled: Set<MappingId>;
  /** Items nothing has claimed yet. */
  readonly open: Record<Side, Map<ExternalId, SnapshotItem>>;
  /** Copies of ours whose event was not found by their stamp. */
  readonly strays: Set<SnapshotItem>;
  /** Items that were refused for the pair's direction: the owner's copy may be there all the same. */
  readonly refused: Record<Side, readonly Loner[]>;
}

interface Loner {
  readonly item: SnapshotItem;
  readonly mapping: EventMapping;
}

/**
 * Finds out whether unmapped items are copies that we know of after all, before any create is
 * planned (rules 4 and 7): by stamp, by the fingerprints of an open intent, by equal content.
 */
export function matchUnmapped(inquiry: Inquiry): Matching {
  const bench: Workbench = {
    inquiry,
    actions: [],
    refusals: [],
    undecided: [],
    settled: new Set(),
    open: { a: unmapped(inquiry, 'a'), b: unmapped(inquiry, 'b') },
    strays: new Set(),
    refused: { a: refusedOn(inquiry, 'a'), b: refusedOn(inquiry, 'b') },
  };
  for (const side of SIDES) {
    setAsideOldIds(bench, side);
    setAsideUnready(bench, side);
    matchStamps(bench, side);
    matchIntents(bench, side);
  }
  adoptEqual(bench);
  for (const side of SIDES) {
    adoptRefused(bench, side);
    flagStrays(bench, side);
  }
  const fresh = SIDES.flatMap((side) =>
    [...bench.open[side].values()].map((item) => seed(inquiry.state, side, item)),
  );
  return { ...bench, fresh };
}

function unmapped(inquiry: Inquiry, side: Side): Map<ExternalId, SnapshotItem> {
  const mapped = new Set(inquiry.state.mappings.map((mapping) => mapping[side]?.id));
  const concerned = inquiry.state.concerned[side];
  const open = new Map<ExternalId, SnapshotItem>();
  for (const [id, item] of inquiry.items[side]) {
    if (mapped.has(id) || (concerned !== 'all' && !concerned.has(id))) continue;
    const answer = inquiry.state.answers[side].get(id);
    if (answer === undefined || answer.kind === 'unknown') open.set(id, item);
    else if (answer.kind === 'alive') open.set(id, answer.item);
  }
  return open;
}

function refusedOn({ state, items }: Inquiry, side: Side): readonly Loner[] {
  return state.mappings.flatMap((mapping) => {
    const isRefused = mapping.state === 'refused' && mapping.reason === 'one-way';
    const item = items[side].get(mapping[side]?.id ?? ('' as ExternalId));
    const isAlone = mapping[otherSide(side)] === undefined;
    return isRefused && isAlone && item !== undefined ? [{ item, mapping }] : [];
  });
}

/** An id that a mapping had before its present one is there again: a person must look (table). */
function setAsideOldIds(bench: Workbench, side: Side): void {
  const { state } = bench.inquiry;
  const byId = new Map(state.mappings.map((mapping) => [mapping.id, mapping]));
  const old = new Map(
    state.old.filter((row) => row.side === side).map(({ id, mappingId }) => [id, mappingId]),
  );
  for (const id of bench.open[side].keys()) {
    const mapping = byId.get(old.get(id) ?? mappingIdOf(side, id));
    if (mapping === undefined) continue;
    bench.open[side].delete(id);
    const reason = `a former copy on side ${side} is there again`;
    flagMapping(bench, mapping, 'old-id-returned', reason);
  }
}

/** Items that cannot be carried are refused; items shown in part are looked at first. */
function setAsideUnready(bench: Workbench, side: Side): void {
  const { inquiry } = bench;
  for (const [id, item] of bench.open[side]) {
    const answer = inquiry.state.answers[side].get(id);
    const isPart = item.stamp.state === 'unread' || !isWhole(inquiry, item, side);
    if (item.unsupported !== undefined) {
      bench.refusals.push({ side, item, reason: item.unsupported });
      bench.open[side].delete(id);
    } else if (isPart && answer === undefined) {
      const why = item.stamp.state === 'unread' ? 'stamp' : 'hidden';
      inquiry.questions.push({ side, id, why });
      bench.open[side].delete(id);
    } else if (isPart && answer?.kind === 'unknown') {
      // It may be a copy of ours: made a new event of, it would be there twice.
      bench.undecided.push({ side, id, reason: answer.reason });
      bench.open[side].delete(id);
    }
  }
}

/** Items that carry our stamp for this pair. */
function matchStamps(bench: Workbench, side: Side): void {
  const { state } = bench.inquiry;
  for (const [id, item] of bench.open[side]) {
    if (item.stamp.state !== 'read') continue;
    const { stamp } = item.stamp;
    if (stamp.pairId !== state.pairId) continue;
    const mapping = state.mappings.find((candidate) => candidate.id === stamp.mappingId);
    if (mapping === undefined) {
      matchBySourceId(bench, side, item, stamp);
      continue;
    }
    // A person's copy of our copy has the stamp too: a new event.
    if (bench.settled.has(mapping.id) || !awaitsCopy(bench, mapping, side)) continue;
    bench.open[side].delete(id);
    linkFound(bench, mapping, side, item, 'stamp-found', 'the item carries the stamp of the event');
  }
}

/** A copy may turn up: none was ever known, it ended while the event lives on, or it is missed. */
function awaitsCopy({ inquiry }: Workbench, mapping: EventMapping, side: Side): boolean {
  const known = mapping[side];
  if (known === undefined || isHeld(inquiry, mapping, side)) return true;
  return known.gone === true && mapping.state !== 'cancelled';
}

/** Our stamp, but no mapping: the rows are lost. The stamp still names the event it copies. */
function matchBySourceId(bench: Workbench, side: Side, item: SnapshotItem, stamp: Stamp): void {
  const source = otherSide(side);
  const original = bench.open[source].get(stamp.sourceId);
  if (original === undefined) {
    // The event may have been made anew since, under another id: then its content tells.
    bench.strays.add(item);
    return;
  }
  bench.open[side].delete(item.id);
  bench.open[source].delete(original.id);
  const mapping = seed(bench.inquiry.state, source, original);
  linkFound(bench, mapping, side, item, 'stamp-found', 'the stamp names the event it copies');
}

function flagStrays(bench: Workbench, side: Side): void {
  for (const [id, item] of bench.open[side]) {
    if (!bench.strays.has(item)) continue;
    bench.open[side].delete(id);
    const mapping = seed(bench.inquiry.state, side, item);
    flagMapping(bench, mapping, 'stamp-unknown', 'it is a copy of ours whose event is not found');
  }
}

/**
 * Copies whose create was asked for and never answered, on a system that keeps no stamp: the row
 * that equals the intent is ours. Two such rows cannot be told apart.
 */
function matchIntents(bench: Workbench, side: Side): void {
  const { state } = bench.inquiry;
  if (state.capabilities[side].stamps) return;
  const open = state.mappings.filter(
    ({ createIntent, id }) => createIntent?.target === side && !bench.settled.has(id),
  );
  for (const mapping of open) {
    const intent = mapping.createIntent;
    if (intent === undefined) continue;
    const hits = [...bench.open[side].values()].filter((item) => {
      const fingerprint = state.fingerprints.of(item.event, ['title', 'slot']);
      return (
        fingerprint.title === intent.fingerprint.title &&
        fingerprint.slot === intent.fingerprint.slot
      );
    });
    const [hit, ...more] = hits;
    if (hit === undefined) continue;
    for (const { id } of hits) bench.open[side].delete(id);
    if (more.length === 0)
      linkFound(bench, mapping, side, hit, 'intent-found', 'it equals what was to be created');
    else
      flagMapping(
        bench,
        mapping,
        'intent-ambiguous',
        `${hits.length} items equal what was to be created`,
      );
  }
}

const ADOPTED_BY: readonly Field[] = ['title', 'slot', 'description'];

/** New on both sides with the same slot and content: one event, entered twice. */
function adoptEqual(bench: Workbench): void {
  const waiting = new Map<string, SnapshotItem[]>();
  for (const item of sorted(bench.open.b)) push(waiting, keyOf(bench, item, 'b'), item);
  for (const item of sorted(bench.open.a)) {
    const twins = waiting.get(keyOf(bench, item, 'a')) ?? [];
    const index = twins.findIndex((twin) => !descriptionsDiffer(bench, item, twin));
    const [twin] = index < 0 ? [] : twins.splice(index, 1);
    if (twin === undefined) continue;
    bench.open.a.delete(item.id);
    bench.open.b.delete(twin.id);
    const mapping = seed(bench.inquiry.state, 'a', item);
    linkFound(bench, mapping, 'b', twin, 'adopt', 'the same slot and content on both sides');
  }
}

/** What the follower had alone, and its owner has now too, is one event. */
function adoptRefused(bench: Workbench, side: Side): void {
  const owner = otherSide(side);
  for (const { item, mapping } of bench.refused[side]) {
    const key = keyOf(bench, item, side);
    const twin = sorted(bench.open[owner]).find((other) => keyOf(bench, other, owner) === key);
    if (twin === undefined) continue;
    bench.open[owner].delete(twin.id);
    linkFound(bench, mapping, owner, twin, 'adopt', 'the owner has the same event now', true);
  }
}

function sorted(items: ReadonlyMap<ExternalId, SnapshotItem>): SnapshotItem[] {
  return [...items.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Title and slot as both systems would hold them. */
function keyOf(bench: Workbench, item: SnapshotItem, side: Side): string {
  const { fingerprint } = held(bench, item, side);
  return `${fingerprint.title ?? ''} ${fingerprint.slot ?? ''}`;
}

function descriptionsDiffer(bench: Workbench, a: SnapshotItem, b: SnapshotItem): boolean {
  if (!a.shown.includes('description') || !b.shown.includes('description')) return false;
  const one = held(bench, a, 'a').fingerprint.description;
  return one !== held(bench, b, 'b').fingerprint.description;
}

function held(
  bench: Workbench,
  item: SnapshotItem,
  side: Side,
): { fingerprint: SideState['fingerprint'] } {
  const { capabilities, policy, fingerprints } = bench.inquiry.state;
  const own = asHeldBy(capabilities[side], item.event, policy.defaultTitle);
  const both = asHeldBy(capabilities[otherSide(side)], own, policy.defaultTitle);
  return { fingerprint: fingerprints.of(both, ADOPTED_BY) };
}

// ---- parts

function linkFound(
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

function flagMapping(
  bench: Workbench,
  mapping: EventMapping,
  rule: 'old-id-returned' | 'stamp-unknown' | 'intent-ambiguous',
  reason: string,
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
  });
}
