import { slotOf } from '../../model/event.ts';
import type { Field } from '../../model/fields.ts';
import { SIDES, type ExternalId, type MappingId, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { Difference, Verification } from '../../model/verification.ts';
import { admitted } from './admit.ts';
import { concealed, isPrivate } from './conceal.ts';
import { explainedBy, type Explanation } from './explain.ts';
import type { PlanState, SyncAction, SyncPlan } from './state.ts';
import { differingFields, inquire, mutualFields, type Inquiry } from './view.ts';

type Items = Readonly<Record<Side, ReadonlyMap<ExternalId, SnapshotItem>>>;

/** What is verified: complete reads of both sides with every answer, and what would be done. */
export interface Verified {
  readonly state: PlanState;
  readonly plan: SyncPlan;
  readonly isPaused: boolean;
  /** Items that were read by id only for this. */
  readonly deep?: Items;
}

interface Bench {
  readonly verified: Verified;
  readonly raw: Inquiry;
  readonly masked: Inquiry;
  readonly items: { readonly raw: Items; readonly masked: Items };
  readonly actions: ReadonlyMap<MappingId, SyncAction>;
  readonly differences: Difference[];
  readonly hidden: Set<Field>;
}

/**
 * Pairs the items of two complete reads through the mappings, compares their content as the plan
 * would, and asks what explains each difference: an action of the plan that does away with it, a
 * refusal, or what stands in the row. It does not ask whether the plan takes a copy for unchanged:
 * a difference that no decision is about is `unexplained`.
 */
export function verifyPair(verified: Verified): Verification {
  const bench = benchOf(verified);
  const { state } = verified;
  const seen = { a: new Set<ExternalId>(), b: new Set<ExternalId>() };
  let equal = 0;
  for (const mapping of state.mappings) {
    const copies = copiesOf(bench.items.raw, mapping);
    for (const side of SIDES) {
      const id = copies[side]?.id;
      if (id !== undefined) seen[side].add(id);
    }
    if (copies.a === undefined && copies.b === undefined) continue;
    const difference = differenceOf(bench, mapping, copies);
    if (difference === undefined) equal += 1;
    else bench.differences.push(difference);
  }
  const linked = new Set<SyncAction>();
  for (const side of SIDES)
    for (const item of bench.items.raw[side].values())
      if (!seen[side].has(item.id)) addUnmapped(bench, side, item, linked);
  const { differences, hidden, raw } = bench;
  const isOpen = ({ rule }: Difference): boolean => rule === UNEXPLAINED;
  const unexplained = differences.filter(isOpen).length;
  const shown = (side: Side): number => state.snapshots[side].items.length;
  return {
    verdict: differences.length === 0 ? 'equal' : unexplained === 0 ? 'explained' : 'unexplained',
    equal,
    explained: differences.length - unexplained,
    unexplained,
    pending: differences.filter(({ isPending }) => isPending).length,
    held: differences.filter(({ rule }) => rule === 'held').length,
    shown: { a: shown('a'), b: shown('b') },
    compared: mutualFields(raw),
    hidden: mutualFields(raw).filter((field) => hidden.has(field)),
    byRule: countBy(differences),
    differences: [
      ...differences.filter(isOpen),
      ...differences.filter((difference) => !isOpen(difference)),
    ],
  };
}

const UNEXPLAINED = 'unexplained';
const PRIVATE: Explanation = {
  rule: 'private',
  reason: 'of a private event only its time is carried over',
};

function benchOf(verified: Verified): Bench {
  const { state, plan, deep } = verified;
  const masked = concealed(admitted(withDeep(state, deep)));
  const rawState = withDeep(state, deep);
  return {
    verified,
    raw: inquire(rawState, new Set()),
    masked: inquire(masked, new Set()),
    items: { raw: itemsOf(rawState), masked: itemsOf(masked) },
    actions: new Map(plan.actions.map((action) => [action.mappingId, action])),
    differences: [],
    hidden: new Set(),
  };
}

/** What was read by id alone for this counts as an answer, and never for the plan. */
function withDeep(state: PlanState, deep: Items | undefined): PlanState {
  if (deep === undefined) return state;
  const answersOn = (side: Side): PlanState['answers'][Side] =>
    new Map([
      ...[...deep[side]].map(([id, item]) => [id, { kind: 'alive', item }] as const),
      ...state.answers[side],
    ]);
  return Object.assign({}, state, { answers: { a: answersOn('a'), b: answersOn('b') } });
}

/** What is there on each side: what the read shows, and what looks by id found or did not find. */
function itemsOf({ snapshots, answers }: PlanState): Items {
  const itemsOn = (side: Side): ReadonlyMap<ExternalId, SnapshotItem> => {
    const items = new Map(snapshots[side].items.map((item) => [item.id, item]));
    for (const [id, answer] of answers[side])
      if (answer.kind === 'alive') items.set(id, answer.item);
      else if (answer.kind !== 'unknown') items.delete(id);
    return items;
  };
  return { a: itemsOn('a'), b: itemsOn('b') };
}

type Copies = Readonly<Partial<Record<Side, SnapshotItem>>>;

function copiesOf(items: Items, mapping: EventMapping): Copies {
  return Object.fromEntries(
    SIDES.flatMap((side) => {
      const id = mapping[side]?.id;
      const item = id === undefined ? undefined : items[side].get(id);
      return item === undefined ? [] : [[side, item]];
    }),
  );
}

function differenceOf(bench: Bench, mapping: EventMapping, copies: Copies): Difference | undefined {
  const { a, b } = copies;
  if (a === undefined || b === undefined) {
    const side: Side = a === undefined ? 'b' : 'a';
    return differing(bench, mapping, { lone: side, copies, fields: [] });
  }
  const fields = mutualFields(bench.raw);
  for (const field of fields)
    if (!a.shown.includes(field) || !b.shown.includes(field)) bench.hidden.add(field);
  const masked = copiesOf(bench.items.masked, mapping);
  const seen =
    masked.a === undefined || masked.b === undefined
      ? []
      : differingFields(bench.masked, masked.a, masked.b, fields);
  if (seen.length > 0) return differing(bench, mapping, { copies, fields: seen });
  // Whether its system shows us what it says or not, the copy does not say it.
  if (isPrivate(a) === isPrivate(b)) return undefined;
  return told(mapping, { copies, fields: fields.filter((field) => field !== 'slot') }, PRIVATE);
}

interface Found {
  /** The only side that has a copy. */
  readonly lone?: Side;
  readonly copies: Copies;
  readonly fields: readonly Field[];
}

function differing(bench: Bench, mapping: EventMapping, found: Found): Difference {
  const { plan, isPaused, state } = bench.verified;
  const action = bench.actions.get(mapping.id);
  const explanation =
    explainedBy({ mapping, action, plan, ...found }) ?? ofItems(found, state) ?? NOTHING;
  return told(mapping, found, isPaused ? asPaused(explanation) : explanation);
}

const NOTHING: Explanation = {
  rule: UNEXPLAINED,
  reason: 'no decision, flag or refusal is about it: read both sides completely, and tell the log',
};

/** What the items themselves say, where no decision is about them. */
function ofItems(
  { lone, copies, fields }: Found,
  { policy, now }: PlanState,
): Explanation | undefined {
  const items = SIDES.flatMap((side) => copies[side] ?? []);
  if (items.some(({ suspended }) => suspended === true))
    return { rule: 'suspended', reason: 'it is inactive while times are exchanged' };
  if (items.every((item) => slotOf(item.event, policy.timeZone).end <= now))
    return { rule: 'past', reason: 'what is past is not copied, rewritten or deleted' };
  if (lone === undefined && items.some(isPrivate) && !fields.includes('slot')) return PRIVATE;
  return undefined;
}

function asPaused(explanation: Explanation): Explanation {
  if (explanation.isPending !== true) return explanation;
  const { rule, reason } = explanation;
  return { rule: 'paused', reason: `the pair is paused; once resumed: ${reason} (${rule})` };
}

function told(
  mapping: EventMapping | undefined,
  found: Found,
  explanation: Explanation,
): Difference {
  const { lone, copies, fields } = found;
  const { a, b } = copies;
  const idOf = (side: Side, item: SnapshotItem | undefined): ExternalId | undefined =>
    item?.id ?? mapping?.[side]?.id;
  const [idA, idB] = [idOf('a', a), idOf('b', b)];
  return {
    kind: lone === undefined ? 'fields' : `only-${lone}`,
    ...(mapping === undefined ? {} : { mappingId: mapping.id }),
    ...(idA === undefined ? {} : { a: idA }),
    ...(idB === undefined ? {} : { b: idB }),
    fields,
    rule: explanation.rule,
    reason: explanation.reason,
    isPending: explanation.isPending === true,
  };
}

/** An item that no mapping names: the plan is about to map or refuse it, or nobody knows of it. */
function addUnmapped(bench: Bench, side: Side, item: SnapshotItem, linked: Set<SyncAction>): void {
  const { plan, state, isPaused } = bench.verified;
  const found: Found = { lone: side, copies: { [side]: item }, fields: [] };
  const action = plan.actions.find(
    (one) =>
      one.mapping[side]?.id === item.id || (one.kind === 'link' && one.items[side]?.id === item.id),
  );
  // Two items that are about to be known as one event are told once.
  if (action !== undefined && linked.has(action)) return;
  if (action?.kind === 'link') linked.add(action);
  const explanation = explainedBy({ action, plan, ...found }) ?? ofItems(found, state) ?? NOTHING;
  bench.differences.push(
    told(action?.mapping, found, isPaused ? asPaused(explanation) : explanation),
  );
}

function countBy(differences: readonly Difference[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { rule } of differences) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}
