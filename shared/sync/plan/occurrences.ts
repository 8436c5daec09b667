import { slotOf } from '../../model/event.ts';
import { otherSide, SIDES, type ExternalId, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { overlaps, type TimeZoneId } from '../../model/time.ts';
import { unheld } from './mapping-change.ts';
import { seriesKeyOf } from './side-state.ts';
import type { LinkAction, PlanState } from './state.ts';

/** An occurrence of a known event that goes by another id than before. */
export interface Rename {
  /** The mapping under the present id. */
  readonly mapping: EventMapping;
  readonly action: LinkAction;
}

/**
 * Ids that a list of changes says are gone, or does not tell any more where it tells their series: the
 * occurrences of a series that was removed, or is a single event now, and those that are missing in a
 * series that was told again. A hint, to be confirmed by id like any other.
 */
export function removedOn({ snapshots, mappings }: PlanState, side: Side): ReadonlySet<ExternalId> {
  const snapshot = snapshots[side];
  if (snapshot.kind === 'complete') return new Set();
  const removed = new Set(snapshot.removed);
  const gone = new Set(snapshot.removed);
  const shown = new Set(snapshot.items.map(({ id }) => id));
  const scopes = new Map(snapshot.seriesScopes.map((scope) => [scope.masterId, scope]));
  for (const mapping of mappings) {
    const known = mapping[side];
    if (known === undefined || known.gone === true || shown.has(known.id)) continue;
    const series = known.masterId ?? known.id;
    const scope = scopes.get(series);
    const isUntold = scope !== undefined && overlaps(known, scope.window);
    if (isUntold || (known.masterId !== undefined && (gone.has(series) || shown.has(series))))
      removed.add(known.id);
  }
  return removed;
}

/**
 * When a series changes, its system may give its occurrences new ids. Former and new ones are matched
 * before any is called gone: by their original start, what is left in the order in which both follow
 * each other, so that a series that was moved is moved, and not deleted and made again.
 */
export function renamesOf(state: PlanState): readonly Rename[] {
  return SIDES.flatMap((side) => {
    const fresh = freshBySeries(state, side);
    if (fresh.size === 0) return [];
    const former = formerBySeries(state, side, fresh);
    return [...former].flatMap(([series, mappings]) =>
      matched(mappings, fresh.get(series) ?? [], side, state.policy.timeZone).map(
        ([mapping, item]) => renameOf(mapping, side, item),
      ),
    );
  });
}

/** The same occurrence under the id that it has now. What it shows is still to be compared. */
export function withOccurrence(
  mapping: EventMapping,
  side: Side,
  item: SnapshotItem,
): EventMapping {
  const free = unheld(mapping);
  const known = free[side];
  if (known === undefined) return mapping;
  const {
    version: _version,
    lastModified: _modified,
    missingSince: _missing,
    masterId: _master,
    originalStart: _original,
    ...rest
  } = known;
  const next: SideState = { ...rest, id: item.id, rights: item.rights, ...seriesKeyOf(item) };
  return { ...free, [side]: next };
}

function renameOf(mapping: EventMapping, side: Side, item: SnapshotItem): Rename {
  return {
    mapping: withOccurrence(mapping, side, item),
    action: {
      kind: 'link',
      mapping,
      mappingId: mapping.id,
      items: { [side]: item },
      rule: 'occurrence-matched',
      reason: 'its series has changed, and it goes by another id',
    },
  };
}

/** Items that nobody knows and that are not over, by their series; a single event may have been one. */
function freshBySeries(
  { mappings, snapshots, concerned, policy, now }: PlanState,
  side: Side,
): ReadonlyMap<ExternalId, SnapshotItem[]> {
  const snapshot = snapshots[side];
  const mapped = new Set(mappings.map((mapping) => mapping[side]?.id));
  const series = new Set(mappings.flatMap((mapping) => mapping[side]?.masterId ?? []));
  const told = new Set(
    snapshot.kind === 'complete' ? [] : snapshot.seriesScopes.map(({ masterId }) => masterId),
  );
  const ids = concerned[side];
  const fresh = new Map<ExternalId, SnapshotItem[]>();
  for (const item of snapshot.items) {
    if (mapped.has(item.id) || item.unsupported !== undefined) continue;
    if (ids !== 'all' && !ids.has(item.id)) continue;
    if (item.masterId === undefined && !series.has(item.id)) continue;
    // Unless the whole series was told, what is silent may well be there.
    if (item.masterId !== undefined && snapshot.kind === 'changes' && !told.has(item.masterId))
      continue;
    if (slotOf(item.event, policy.timeZone).end <= now) continue;
    const key = item.masterId ?? item.id;
    fresh.set(key, [...(fresh.get(key) ?? []), item]);
  }
  return fresh;
}

/** Events with both copies that are told of no more, by the series that they are, or have become, of. */
function formerBySeries(
  { mappings, snapshots, answers, now }: PlanState,
  side: Side,
  fresh: ReadonlyMap<ExternalId, unknown>,
): ReadonlyMap<ExternalId, EventMapping[]> {
  const { items, window } = snapshots[side];
  const shown = new Set(items.map(({ id }) => id));
  const former = new Map<ExternalId, EventMapping[]>();
  for (const mapping of mappings) {
    const known = mapping[side];
    const other = mapping[otherSide(side)];
    if (known === undefined || known.gone === true || shown.has(known.id)) continue;
    if (other === undefined || other.gone === true) continue;
    const series = known.masterId ?? known.id;
    if (!fresh.has(series) || known.end <= now || !overlaps(known, window)) continue;
    if (answers[side].get(known.id)?.kind === 'alive') continue;
    former.set(series, [...(former.get(series) ?? []), mapping]);
  }
  return former;
}

type Pairing = readonly [EventMapping, SnapshotItem];

function matched(
  mappings: readonly EventMapping[],
  items: readonly SnapshotItem[],
  side: Side,
  zone: TimeZoneId,
): readonly Pairing[] {
  const startOf = (mapping: EventMapping): number =>
    mapping[side]?.originalStart ?? mapping[side]?.start ?? 0;
  const originalOf = ({ originalStart, event }: SnapshotItem): number =>
    originalStart ?? slotOf(event, zone).start;
  const byStart = new Map(items.map((item) => [originalOf(item), item]));
  const same = mappings.flatMap((mapping): Pairing[] => {
    const item = byStart.get(startOf(mapping));
    return item === undefined ? [] : [[mapping, item]];
  });
  const taken = new Set<unknown>(same.flat());
  const former = mappings
    .filter((mapping) => !taken.has(mapping))
    .toSorted((one, other) => startOf(one) - startOf(other));
  const fresh = items
    .filter((item) => !taken.has(item))
    .toSorted((one, other) => originalOf(one) - originalOf(other));
  const pairs = inOrder(former.map(startOf), fresh.map(originalOf));
  const rest = pairs.flatMap(([at, to]): Pairing[] => {
    const [mapping, item] = [former[at], fresh[to]];
    return mapping === undefined || item === undefined ? [] : [[mapping, item]];
  });
  return [...same, ...rest];
}

/**
 * As many pairs as the shorter list has members, none crossing another, with the least distance in all.
 * @param former Ascending, as `fresh`.
 * @returns Indexes into both.
 */
function inOrder(
  former: readonly number[],
  fresh: readonly number[],
): readonly (readonly [number, number])[] {
  if (former.length > fresh.length)
    return inOrder(fresh, former).map(([at, to]) => [to, at] as const);
  const spare = fresh.length - former.length;
  // Of each member, with how many of `fresh` passed over so far: the least cost up to it, and whence.
  const costs: number[][] = [];
  const from: number[][] = [];
  for (const [at, start] of former.entries()) {
    const row: number[] = [];
    const whence: number[] = [];
    let best = 0;
    for (let passed = 0; passed <= spare; passed += 1) {
      const before = costs[at - 1];
      if (before !== undefined && (before[passed] ?? 0) < (before[best] ?? 0)) best = passed;
      const distance = Math.abs(start - (fresh[at + passed] ?? 0));
      row.push((before?.[best] ?? 0) + distance);
      whence.push(best);
    }
    costs.push(row);
    from.push(whence);
  }
  const last = costs.at(-1) ?? [];
  let passed = last.indexOf(Math.min(...last));
  const pairs: [number, number][] = [];
  for (let at = former.length - 1; at >= 0; at -= 1) {
    pairs.unshift([at, at + passed]);
    passed = from[at]?.[passed] ?? 0;
  }
  return pairs;
}
