import { FIELDS, type Field } from '../../model/fields.ts';
import type { HoldId } from '../../model/hold.ts';
import { otherSide, SIDES, type ExternalId, type Side } from '../../model/ids.ts';
import type { CalendarEvent } from '../../model/event.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem, UnsupportedReason } from '../../model/snapshot.ts';
import { overlaps } from '../../model/time.ts';
import { asComparedIn, normalised } from './normalise.ts';
import { floodedOf } from './flooded.ts';
import { lossesOf, type SideLosses } from './losses.ts';
import { removedOn } from './occurrences.ts';
import type { PlanState, Question, QuestionReason } from './state.ts';

/** What one side of a mapping is, compared with what we last knew of it. */
export type View =
  /** No copy so far, or none since the former one was answered for. */
  | { readonly is: 'none' }
  /** As it was; `item` where the read showed it. `moved`: only its native version differs. */
  | { readonly is: 'unchanged'; readonly item?: SnapshotItem; readonly moved?: true }
  | { readonly is: 'changed'; readonly item: SnapshotItem; readonly fields: readonly Field[] }
  /** Fingerprints of another version or key, and the item did move: only content can tell. */
  | { readonly is: 'incomparable'; readonly item: SnapshotItem }
  | { readonly is: 'gone' }
  | { readonly is: 'returned'; readonly item: SnapshotItem }
  | { readonly is: 'refused'; readonly item: SnapshotItem; readonly reason: UnsupportedReason }
  | { readonly is: 'asking' }
  | { readonly is: 'unknown'; readonly reason: string };

/** The state with its look-ups made fast, and a place for the questions that come up. */
export interface Inquiry {
  readonly state: PlanState;
  readonly questions: Question[];
  /** A side's items by id, as the snapshot shows them. */
  readonly items: Readonly<Record<Side, ReadonlyMap<ExternalId, SnapshotItem>>>;
  readonly removed: Readonly<Record<Side, ReadonlySet<ExternalId>>>;
  /** Sides whose read contradicts what is known: nothing is ended on their account. */
  readonly distrusted: ReadonlySet<Side>;
  readonly losses: Readonly<Record<Side, SideLosses>>;
  /** Open holds of copies whose events go on waiting. */
  readonly flooded: ReadonlySet<HoldId>;
}

/** It went away on that side, among so many that all of them wait. */
export function isHeld({ losses }: Inquiry, { id }: EventMapping, side: Side): boolean {
  return losses[side].hold !== undefined && losses[side].lost.has(id);
}

export function inquire(state: PlanState, distrusted: ReadonlySet<Side>): Inquiry {
  const byId = (side: Side): ReadonlyMap<ExternalId, SnapshotItem> =>
    new Map(state.snapshots[side].items.map((item) => [item.id, item]));
  return {
    state,
    questions: [],
    items: { a: byId('a'), b: byId('b') },
    removed: { a: removedOn(state, 'a'), b: removedOn(state, 'b') },
    distrusted,
    losses: lossesOf(state),
    flooded: floodedOf(state),
  };
}

export function ask(
  inquiry: Inquiry,
  side: Side,
  id: ExternalId,
  why: QuestionReason,
  missingSince?: SideState['missingSince'],
): { is: 'asking' } {
  inquiry.questions.push({
    side,
    id,
    why,
    ...(missingSince === undefined ? {} : { missingSince }),
  });
  return { is: 'asking' };
}

/** Rows of earlier code say so by their open intent alone. */
function isWanted({ wanted, createIntent }: EventMapping, side: Side): boolean {
  return wanted === side || createIntent?.target === side;
}

/** A read that contradicts what is known ends nothing, whatever else speaks for it. */
const NOT_BELIEVED: View = {
  is: 'unknown',
  reason: 'what the list shows contradicts what is known',
};

export function viewOf(inquiry: Inquiry, mapping: EventMapping, side: Side): View {
  const known = mapping[side];
  if (known === undefined) return { is: 'none' };
  const answer = inquiry.state.answers[side].get(known.id);
  const isSettled = known.gone === true && isWanted(mapping, side);
  switch (answer?.kind) {
    case 'gone':
    case 'elsewhere':
      if (isSettled) return { is: 'none' };
      return inquiry.distrusted.has(side) ? NOT_BELIEVED : { is: 'gone' };
    case 'unknown':
      return { is: 'unknown', reason: answer.reason };
    case 'alive':
      if (known.gone === true && answer.item.unsupported === undefined)
        return { is: 'returned', item: answer.item };
      return compare(inquiry, known, answer.item, true, side);
    case undefined:
      return viewWithoutAnswer(inquiry, mapping, known, side);
  }
}

function viewWithoutAnswer(
  inquiry: Inquiry,
  mapping: EventMapping,
  known: SideState,
  side: Side,
): View {
  const snapshot = inquiry.state.snapshots[side];
  const item = inquiry.items[side].get(known.id);
  if (item !== undefined) {
    if (known.gone !== true) return compare(inquiry, known, item, false, side);
    // Only a complete read shows what is there now; a list of changes may repeat what was.
    return snapshot.kind === 'complete' && isWhole(inquiry, item, side)
      ? { is: 'returned', item }
      : ask(inquiry, side, known.id, 'returned');
  }
  if (known.gone === true) return { is: isWanted(mapping, side) ? 'none' : 'gone' };
  if (mapping.suspended === side) return ask(inquiry, side, known.id, 'suspended');
  if (inquiry.removed[side].has(known.id) || known.held !== undefined)
    return ask(inquiry, side, known.id, 'missing', known.missingSince);
  if (snapshot.kind === 'complete' && overlaps(known, snapshot.window)) {
    return inquiry.distrusted.has(side)
      ? NOT_BELIEVED
      : ask(inquiry, side, known.id, 'missing', known.missingSince);
  }
  if (inquiry.state.look.has(mapping.id))
    return ask(inquiry, side, known.id, 'missing', known.missingSince);
  if (mapping.owed.includes(side)) return ask(inquiry, side, known.id, 'owed');
  return { is: 'unchanged' };
}

function compare(
  inquiry: Inquiry,
  known: SideState,
  item: SnapshotItem,
  answered: boolean,
  side: Side,
): View {
  if (item.unsupported !== undefined) return { is: 'refused', item, reason: item.unsupported };
  const { fingerprints } = inquiry.state;
  const tag = fingerprints.versionTag(item.version);
  if (tag === known.version && known.missingSince === undefined) return { is: 'unchanged', item };
  const comparable = isComparable(inquiry, known);
  if (!answered && isReplay(known, item)) {
    if (item.lastModified !== known.lastModified) return { is: 'unchanged' };
    if (comparable && changedFields(inquiry, known, item, side).length > 0)
      return ask(inquiry, side, item.id, 'replay');
  }
  if (!comparable) {
    // The same etag was handled above; what is left did move, or cannot be told.
    if (!answered && !isWhole(inquiry, item, side)) return ask(inquiry, side, item.id, 'hidden');
    return { is: 'incomparable', item };
  }
  const fields = changedFields(inquiry, known, item, side);
  if (fields.length === 0) return { is: 'unchanged', item, moved: true };
  if (!answered && !isWhole(inquiry, item, side)) return ask(inquiry, side, item.id, 'hidden');
  return { is: 'changed', item, fields };
}

/** Its fingerprints are of the present version and key. */
export function isComparable({ state: { fingerprints } }: Inquiry, known: SideState): boolean {
  return known.fpVersion === fingerprints.fpVersion && known.keyVersion === fingerprints.keyVersion;
}

/** Older than, or as old as, a version that was already known (rule 10). */
function isReplay(known: SideState, item: SnapshotItem): boolean {
  return (
    item.lastModified !== undefined &&
    known.lastModified !== undefined &&
    item.lastModified <= known.lastModified
  );
}

/** The read showed every field this system can show at all. */
export function isWhole(inquiry: Inquiry, item: SnapshotItem, side: Side): boolean {
  return (
    item.event.privacy !== 'public' ||
    inquiry.state.capabilities[side].readable.every((field) => item.shown.includes(field))
  );
}

/**
 * A field that was never seen before is news to us, not a change; and what we sent ourselves, and were
 * not answered, is no change of anybody's.
 */
export function changedFields(
  inquiry: Inquiry,
  known: SideState,
  item: SnapshotItem,
  side: Side,
): readonly Field[] {
  const now = inquiry.state.fingerprints.of(item.event, item.shown);
  return FIELDS.filter(
    (field) =>
      carried(inquiry, field, side) &&
      now[field] !== undefined &&
      known.fingerprint[field] !== undefined &&
      now[field] !== known.fingerprint[field] &&
      now[field] !== known.sent?.[field],
  );
}

/** A change of the field on `from` can be written on the other side. */
export function carried(inquiry: Inquiry, field: Field, from: Side): boolean {
  const { capabilities } = inquiry.state;
  return (
    capabilities[from].readable.includes(field) &&
    capabilities[otherSide(from)].writable.includes(field)
  );
}

/** Fields that both systems can show and set, so that both copies can be held equal in them. */
export function mutualFields(inquiry: Inquiry): readonly Field[] {
  return FIELDS.filter((field) => SIDES.every((side) => carried(inquiry, field, side)));
}

/** Those of `fields` that differ, once each is cut to what the other system can hold. */
export function differingFields(
  inquiry: Inquiry,
  a: SnapshotItem,
  b: SnapshotItem,
  fields: readonly Field[],
): readonly Field[] {
  const { capabilities, policy } = inquiry.state;
  const pairs = SIDES.map((side) =>
    [a, b].map(({ event }) => asComparedIn(capabilities[side], event, policy.defaultTitle)),
  );
  const text = (event: CalendarEvent | undefined, field: Field): string =>
    event === undefined ? '' : normalised(event, field, policy.timeZone);
  return fields.filter(
    (field) =>
      a.shown.includes(field) &&
      b.shown.includes(field) &&
      pairs.every(([one, other]) => text(one, field) !== text(other, field)),
  );
}

/** The item behind a view; asks for it where the reads were silent. */
export function itemOf(
  inquiry: Inquiry,
  mapping: EventMapping,
  view: View,
  side: Side,
): SnapshotItem | undefined {
  if ('item' in view && view.item !== undefined && isWholeEnough(inquiry, view.item, side))
    return view.item;
  const id = mapping[side]?.id;
  if (id !== undefined) ask(inquiry, side, id, 'content');
  return undefined;
}

function isWholeEnough(inquiry: Inquiry, item: SnapshotItem, side: Side): boolean {
  return isWhole(inquiry, item, side) || inquiry.state.answers[side].has(item.id);
}
