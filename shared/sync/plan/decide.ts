import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { Rights } from '../../model/snapshot.ts';
import { arrivedFields, changedSince } from './arrived.ts';
import type { Case, Decision } from './case.ts';
import { decideHeld, keptFrom, staysRefused, waitsForCopy } from './held.ts';
import { decidedHold } from './losses.ts';
import { UNSURE_KEY_VERSION } from './fingerprint.ts';
import { restsParked } from './parked.ts';
import {
  carry,
  end,
  endAgainstEdit,
  firstCopy,
  keep,
  reconcile,
  revive,
  settle,
  unlink,
} from './rows.ts';
import { differingFields, itemOf, mutualFields, viewOf, type Inquiry, type View } from './view.ts';

type Row = (c: Case) => Decision;
/** What one side of a mapping with two copies can be: the rows and columns of the table. */
export type Seen = 'unchanged' | 'changed' | 'gone' | 'returned';

/**
 * The truth table. Row: what side a is; column: what side b is. A side that may not be written owns
 * the event: what it says holds, and the other side is put back (see `carry`, `end`).
 */
const TABLE: Readonly<Record<Seen, Readonly<Record<Seen, Row>>>> = {
  unchanged: {
    unchanged: (c) => settle(c),
    changed: (c) => carry(c, 'b'),
    gone: (c) => end(c, 'b'),
    returned: (c) => reconcile(c),
  },
  changed: {
    unchanged: (c) => carry(c, 'a'),
    changed: (c) => reconcile(c),
    gone: (c) => endAgainstEdit(c, 'b'),
    returned: (c) => reconcile(c),
  },
  gone: {
    unchanged: (c) => end(c, 'a'),
    changed: (c) => endAgainstEdit(c, 'a'),
    gone: (c) => unlink(c),
    returned: (c) => revive(c, 'b'),
  },
  returned: {
    unchanged: (c) => reconcile(c),
    changed: (c) => reconcile(c),
    gone: (c) => revive(c, 'a'),
    returned: (c) => reconcile(c),
  },
};

/** Decides on one mapping; questions that come up are left with the inquiry. */
export function decide(inquiry: Inquiry, mapping: EventMapping): Decision {
  const held = decideHeld(inquiry, mapping);
  if (held !== undefined) return held.decision;
  if (waitsForCopy(inquiry, mapping) || staysRefused(inquiry, mapping)) return undefined;
  if (restsParked(inquiry, mapping)) return undefined;
  const asked = inquiry.questions.length;
  const seen = { a: viewOf(inquiry, mapping, 'a'), b: viewOf(inquiry, mapping, 'b') };
  const early = decideEarly(mapping, seen);
  // Of what is not touched anyway, nothing need be known.
  if (early?.decision !== undefined) inquiry.questions.length = asked;
  if (early !== undefined) return early.decision;
  const views = levelled(inquiry, mapping, seen);
  if (views === undefined) return undefined;
  const c: Case = { inquiry, mapping, views, may: mayWrite(inquiry, mapping, views) };
  const { a, b } = views;
  const refusal = refusedCopy(c);
  if (refusal !== undefined) return refusal;
  if (a.is === 'none') return firstCopy(c, 'b');
  if (b.is === 'none') return firstCopy(c, 'a');
  if (!isSeen(a.is) || !isSeen(b.is)) return undefined;
  for (const lost of SIDES) {
    const left = otherSide(lost);
    if (views[lost].is !== 'gone' || views[left].is === 'gone') continue;
    const how = views[left].is === 'returned' ? undefined : keptFrom(inquiry, mapping, lost);
    if (how !== undefined) return keep(c, lost, how);
  }
  return TABLE[a.is][b.is](c);
}

/** Its copy was in a flood that was not let through: seen, and not copied until it changes. */
function refusedCopy({ inquiry, mapping, views }: Case): Decision {
  const decided = decidedHold(inquiry.state, mapping);
  if (decided === undefined || decided.hold.kind !== 'creates') return undefined;
  if (decided.hold.state === 'approved') return undefined;
  const { side } = decided;
  const view = views[side];
  if (!('item' in view) || view.item === undefined) return undefined;
  return { refusal: { side, item: view.item, mapping, reason: 'rejected' } };
}

function isSeen(is: View['is']): is is Seen {
  return is === 'unchanged' || is === 'changed' || is === 'gone' || is === 'returned';
}

/** The cell of the table that decides on a mapping, or none: for counting, it decides nothing. */
export function cellOf(
  inquiry: Inquiry,
  mapping: EventMapping,
): Readonly<Record<Side, Seen>> | undefined {
  const seen = { a: viewOf(inquiry, mapping, 'a'), b: viewOf(inquiry, mapping, 'b') };
  const views = decideEarly(mapping, seen) ? undefined : levelled(inquiry, mapping, seen);
  if (views === undefined || !isSeen(views.a.is) || !isSeen(views.b.is)) return undefined;
  return { a: views.a.is, b: views.b.is };
}

/** What is settled before the table: open questions, silence that says nothing, refusals. */
function decideEarly(
  mapping: EventMapping,
  views: Readonly<Record<Side, View>>,
): { decision: Decision } | undefined {
  for (const side of SIDES) {
    const view = views[side];
    if (view.is === 'refused')
      return { decision: { refusal: { side, item: view.item, mapping, reason: view.reason } } };
  }
  for (const side of SIDES) {
    const view = views[side];
    const id = mapping[side]?.id;
    if (view.is === 'unknown' && id !== undefined)
      return { decision: { undecided: { side, id, mapping, reason: view.reason } } };
  }
  return views.a.is === 'asking' || views.b.is === 'asking' ? { decision: undefined } : undefined;
}

/**
 * Fingerprints of another version or key cannot be compared, so the copies themselves are: equal is
 * unchanged; different is a change on the side that moved (rule 2).
 */
function levelled(
  inquiry: Inquiry,
  mapping: EventMapping,
  views: Readonly<Record<Side, View>>,
): Readonly<Record<Side, View>> | undefined {
  if (views.a.is !== 'incomparable' && views.b.is !== 'incomparable')
    return changedSince(inquiry, mapping, views);
  const other = views.a.is === 'incomparable' ? views.b : views.a;
  if (other.is === 'gone' || other.is === 'none')
    return { a: asUnchanged(views.a), b: asUnchanged(views.b) };
  const a = itemOf(inquiry, mapping, views.a, 'a');
  const b = itemOf(inquiry, mapping, views.b, 'b');
  if (a === undefined || b === undefined) return undefined;
  const fields = differingFields(inquiry, a, b, mutualFields(inquiry));
  const level = (view: View, side: Side): View => {
    if (view.is !== 'incomparable') return view;
    // A found copy differs in what the other side changed since; only the rest is its own change.
    const isFound = mapping[side]?.keyVersion === UNSURE_KEY_VERSION;
    const explained = isFound && other.is === 'changed' ? other.fields : [];
    const ours = arrivedFields(inquiry, mapping, side, view.item);
    const own = fields.filter((field) => !explained.includes(field) && !ours.includes(field));
    return own.length === 0 ? asUnchanged(view) : { is: 'changed', item: view.item, fields: own };
  };
  const both = { a: level(views.a, 'a'), b: level(views.b, 'b') };
  return changedSince(inquiry, mapping, both);
}

function asUnchanged(view: View): View {
  return view.is === 'incomparable' ? { is: 'unchanged', item: view.item, moved: true } : view;
}

function mayWrite(
  inquiry: Inquiry,
  mapping: EventMapping,
  views: Readonly<Record<Side, View>>,
): Record<Side, boolean> {
  const { direction } = inquiry.state.policy;
  const full = (side: Side): boolean => rightsOn(mapping, views[side], side) === 'full';
  return { a: direction !== 'aToB' && full('a'), b: direction !== 'bToA' && full('b') };
}

function rightsOn(mapping: EventMapping, view: View, side: Side): Rights {
  if ('item' in view && view.item !== undefined) return view.item.rights;
  return mapping[side]?.rights ?? 'full';
}
