import type { Field } from '../../model/fields.ts';
import { otherSide, type ExternalId, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { linkFound, type Workbench } from './match-bench.ts';
import { asComparedIn } from './normalise.ts';
import { seed } from './side-state.ts';
import type { Inquiry } from './view.ts';

const ADOPTED_BY: readonly Field[] = ['title', 'slot', 'description'];

/** New on both sides with the same slot and content: one event, entered twice. */
export function adoptEqual(bench: Workbench): void {
  const waiting = openByKey(bench, 'b');
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

/**
 * An event without a copy on the other side, and an item there that is its like and that nobody knew,
 * are one: it may be the copy whose create was never answered, what the follower had before its owner
 * had it too, or what people took back on both sides.
 */
export function adoptForLone(bench: Workbench, side: Side): void {
  const { inquiry, settled } = bench;
  const other = otherSide(side);
  if (bench.open[other].size === 0) return;
  let waiting: Map<string, SnapshotItem[]> | undefined;
  for (const mapping of inquiry.state.mappings) {
    const item = settled.has(mapping.id) ? undefined : loneItem(inquiry, mapping, side);
    if (item === undefined) continue;
    waiting ??= openByKey(bench, other);
    const twin = waiting.get(keyOf(bench, item, side))?.shift();
    if (twin === undefined) continue;
    bench.open[other].delete(twin.id);
    linkFound(bench, mapping, other, twin, 'adopt', 'its like is on the other side', true);
  }
}

/** A person has to say what such items are. */
const FOR_A_PERSON: ReadonlySet<string | undefined> = new Set([
  'stamp-unknown',
  'intent-ambiguous',
]);

/** As the read shows it, where the event has no live copy on the other side. */
function loneItem(
  { state, items }: Inquiry,
  mapping: EventMapping,
  side: Side,
): SnapshotItem | undefined {
  const known = mapping[side];
  const there = mapping[otherSide(side)];
  if (known === undefined || (there !== undefined && there.gone !== true)) return undefined;
  if (mapping.state === 'conflict' && FOR_A_PERSON.has(mapping.rule)) return undefined;
  // A list of changes may repeat what was; only a complete read shows that it is back.
  if (known.gone === true && state.snapshots[side].kind !== 'complete') return undefined;
  const item = items[side].get(known.id);
  return item?.unsupported === undefined ? item : undefined;
}

/** Items that nobody knows, in the order of their ids. */
function openByKey(bench: Workbench, side: Side): Map<string, SnapshotItem[]> {
  const waiting = new Map<string, SnapshotItem[]>();
  for (const item of sorted(bench.open[side])) push(waiting, keyOf(bench, item, side), item);
  return waiting;
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
  const own = asComparedIn(capabilities[side], item.event, policy.defaultTitle);
  const both = asComparedIn(capabilities[otherSide(side)], own, policy.defaultTitle);
  return { fingerprint: fingerprints.of(both, ADOPTED_BY) };
}
