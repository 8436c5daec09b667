import {
  mappingIdOf,
  otherSide,
  SIDES,
  type ExternalId,
  type MappingId,
  type Side,
} from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem, Stamp } from '../../model/snapshot.ts';
import { adoptEqual, adoptForLone } from './adopt.ts';
import { flagMapping, linkFound, type Workbench } from './match-bench.ts';
import { seed } from './side-state.ts';
import type { Refusal, SyncAction, Undecided } from './state.ts';
import { isHeld, isWhole, type Inquiry } from './view.ts';

/** What became of the items that no mapping names. */
export interface Matching {
  /** Items found to be the other copy of a known event, or of each other. */
  readonly actions: readonly SyncAction[];
  readonly refusals: readonly Refusal[];
  readonly undecided: readonly Undecided[];
  /** Items that may be copies of ours: what they could be a copy of is not copied meanwhile. */
  readonly doubtful: Readonly<Record<Side, readonly SnapshotItem[]>>;
  /** New events, as mappings without a second copy: to be decided like any other. */
  readonly fresh: readonly EventMapping[];
  /** Mappings that an action above settles: not to be decided again. */
  readonly settled: ReadonlySet<MappingId>;
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
    doubtful: { a: [], b: [] },
    settled: new Set(),
    open: { a: unmapped(inquiry, 'a'), b: unmapped(inquiry, 'b') },
    strays: new Map(),
  };
  for (const side of SIDES) {
    setAsideOldIds(bench, side);
    setAsideUnready(bench, side);
  }
  for (const side of SIDES) {
    matchStamps(bench, side);
    matchIntents(bench, side);
  }
  for (const side of SIDES) adoptForLone(bench, side);
  adoptEqual(bench);
  for (const side of SIDES) flagStrays(bench, side);
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

/**
 * An id that a mapping had before its present one is there again: a person must look (table). But the
 * event that a copy of ours had lost is linked with it again.
 */
function setAsideOldIds(bench: Workbench, side: Side): void {
  const { state } = bench.inquiry;
  const byId = new Map(state.mappings.map((mapping) => [mapping.id, mapping]));
  const old = new Map(
    state.old.filter((row) => row.side === side).map(({ id, mappingId }) => [id, mappingId]),
  );
  for (const [id, item] of bench.open[side]) {
    const mapping = byId.get(old.get(id) ?? mappingIdOf(side, id));
    if (mapping === undefined) continue;
    if (isStray(mapping, otherSide(side))) {
      // What cannot be carried is refused first; its copy waits on.
      if (item.unsupported !== undefined || bench.settled.has(mapping.id)) continue;
      bench.open[side].delete(id);
      linkFound(bench, mapping, side, item, 'stamp-found', 'the event of the copy is there again');
      continue;
    }
    bench.open[side].delete(id);
    const reason = `a former copy on side ${side} is there again`;
    flagMapping(bench, mapping, 'old-id-returned', reason);
  }
}

/** A copy of ours on `side` whose event was not found. */
function isStray(mapping: EventMapping, side: Side): boolean {
  const isAlone = mapping[side] !== undefined && mapping[otherSide(side)] === undefined;
  return isAlone && mapping[side]?.gone !== true && mapping.rule === 'stamp-unknown';
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
      bench.doubtful[side].push(item);
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
  const { state } = bench.inquiry;
  const source = otherSide(side);
  const original = bench.open[source].get(stamp.sourceId);
  const stray = state.mappings.find(
    (mapping) => mapping[source]?.id === stamp.sourceId && isStray(mapping, source),
  );
  const doubt = bench.doubtful[source].find(({ id }) => id === stamp.sourceId);
  if (original === undefined && stray === undefined && doubt === undefined) {
    // The event may have been made anew since, under another id: then its content tells.
    bench.strays.set(item, stamp);
    return;
  }
  bench.open[side].delete(item.id);
  if (original !== undefined) {
    bench.open[source].delete(original.id);
    const mapping = seed(state, source, original);
    linkFound(bench, mapping, side, item, 'stamp-found', 'the stamp names the event it copies');
  } else if (stray !== undefined)
    linkFound(bench, stray, side, item, 'stamp-found', 'each is a copy of the other');
  else {
    const reason = 'the event that it copies cannot be looked at';
    bench.undecided.push({ side, id: item.id, reason });
  }
}

function flagStrays(bench: Workbench, side: Side): void {
  for (const [id, item] of bench.open[side]) {
    const stamp = bench.strays.get(item);
    if (stamp === undefined) continue;
    bench.open[side].delete(id);
    const mapping = seed(bench.inquiry.state, side, item);
    const reason = 'it is a copy of ours whose event is not found';
    const original = { side: otherSide(side), id: stamp.sourceId };
    flagMapping(bench, mapping, 'stamp-unknown', reason, { original });
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
