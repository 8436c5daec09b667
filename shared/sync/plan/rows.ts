import type { Field } from '../../model/fields.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';
import {
  create,
  endOfCopy,
  flag,
  flagRights,
  isPast,
  link,
  unlinkAs,
  write,
  type Case,
  type Decision,
} from './case.ts';
import type { Rule } from './state.ts';
import {
  carried,
  changedFields,
  differingFields,
  isComparable,
  itemOf,
  mutualFields,
} from './view.ts';

/** Both as they were: nothing, or an earlier flag, error or stale version is cleared. */
export function settle(c: Case): Decision {
  const { mapping, views } = c;
  const moved = SIDES.some((side) => {
    const view = views[side];
    return view.is === 'unchanged' && view.moved === true;
  });
  // An item that could not be made active again keeps saying so.
  if (mapping.suspended !== undefined) return undefined;
  if (mapping.state === 'synced' && !moved && mapping.owed.length === 0) return undefined;
  return link(c, moved ? 'echo' : 'settled', 'both copies are as they were');
}

/** `from` changed, the other side did not: carry it over, or put `from` back where it is not its to say. */
export function carry(c: Case, from: Side): Decision {
  const { inquiry, mapping, views, may } = c;
  const to = otherSide(from);
  const view = views[from];
  if (view.is !== 'changed') return undefined;
  if (!may[to]) return may[from] ? restore(c, from, view.fields) : flagRights(c, [from]);
  const item = itemOf(inquiry, mapping, view, from);
  if (item === undefined) return undefined;
  const fields =
    mapping.withheld === true
      ? item.shown.filter((field) => carried(inquiry, field, from))
      : view.fields;
  if (isHeld(c, to, item, fields)) return link(c, 'agreement', 'the copy has the change already');
  return write(c, 'update', to, item, fields, 'changed', `side ${from} changed`);
}

/** The copy shows what it is to be set to: our write arrived, and its answer did not. */
function isHeld(c: Case, to: Side, item: SnapshotItem, fields: readonly Field[]): boolean {
  const view = c.views[to];
  if (view.is !== 'unchanged' || view.moved !== true || view.item === undefined) return false;
  const copy = view.item;
  if (!fields.every((field) => copy.shown.includes(field))) return false;
  const [a, b] = to === 'a' ? [copy, item] : [item, copy];
  return differingFields(c.inquiry, a, b, fields).length === 0;
}

/** The follower's copy was changed: its owner's content is written back, once. */
function restore(c: Case, follower: Side, changed: readonly Field[]): Decision {
  const { inquiry, mapping, views } = c;
  const owner = otherSide(follower);
  if (mapping.restores > 0)
    return flag(c, 'owner-restored-once', [follower], {
      reason: `the copy on side ${follower} was changed again after it had been put back once`,
    });
  const item = itemOf(inquiry, mapping, views[owner], owner);
  if (item === undefined) return undefined;
  const fields = changed.filter(
    (field) => carried(inquiry, field, owner) && item.shown.includes(field),
  );
  const reason = `side ${owner} owns the event`;
  return write(c, 'restore', follower, item, fields, 'owner-restores', reason);
}

/** Both moved. The same content is agreement; else the owner, or the pair's policy, decides. */
export function reconcile(c: Case): Decision {
  const { inquiry, mapping, views, may } = c;
  const a = itemOf(inquiry, mapping, views.a, 'a');
  const b = itemOf(inquiry, mapping, views.b, 'b');
  if (a === undefined || b === undefined) return undefined;
  const moved = [views.a, views.b].flatMap((view) => (view.is === 'changed' ? view.fields : []));
  const returned = views.a.is === 'returned' || views.b.is === 'returned';
  const all = returned || mapping.withheld === true;
  const considered = new Set([...moved, ...(all ? mutualFields(inquiry) : [])]);
  const fields = differingFields(inquiry, a, b, [...considered]);
  if (fields.length === 0) return link(c, 'agreement', 'both copies say the same');
  const alone = may.a && may.b ? changedAlone(c, { a, b }, fields) : undefined;
  if (alone !== undefined) {
    const item = alone === 'a' ? a : b;
    const reason = `side ${alone} is back, and was changed`;
    return write(c, 'update', otherSide(alone), item, fields, 'changed', reason);
  }
  const winner = winnerOf(c, a, b);
  if (winner === undefined)
    return flag(c, may.a || may.b ? 'conflict-flagged' : 'rights', ['a', 'b'], {
      reason: 'both copies were changed, and differ',
    });
  const item = winner === 'a' ? a : b;
  const owned = may.a !== may.b;
  return write(
    c,
    'update',
    otherSide(winner),
    item,
    fields,
    owned ? 'changed' : 'conflict-policy',
    owned ? `side ${winner} owns the event` : `both changed; side ${winner} wins by policy`,
  );
}

/** The side that is back with what differs, where the other one is as it was: that is no conflict. */
function changedAlone(
  { inquiry, mapping, views }: Case,
  items: Readonly<Record<Side, SnapshotItem>>,
  fields: readonly Field[],
): Side | undefined {
  return SIDES.find((side) => {
    const known = mapping[side];
    if (views[otherSide(side)].is !== 'unchanged') return false;
    if (known === undefined || !isComparable(inquiry, known)) return false;
    const changed = changedFields(inquiry, known, items[side], side);
    return fields.every((field) => changed.includes(field));
  });
}

function winnerOf(c: Case, a: SnapshotItem, b: SnapshotItem): Side | undefined {
  if (c.may.a !== c.may.b) return c.may.a ? 'b' : 'a';
  if (!c.may.a) return undefined;
  const { conflictPolicy } = c.inquiry.state.policy;
  switch (conflictPolicy) {
    case 'a':
    case 'b':
      return conflictPolicy;
    case 'flag':
      return undefined;
    case 'lastModified': {
      const atA = changedAt(c, a, 'a');
      const atB = changedAt(c, b, 'b');
      if (atA === atB) return undefined;
      return atA > atB ? 'a' : 'b';
    }
  }
}

/** When the item was changed: by its system, else when we first saw it, which may be now. */
function changedAt(c: Case, item: SnapshotItem, side: Side): Instant {
  return item.lastModified ?? c.mapping[side]?.firstSeenChangedAt ?? c.inquiry.state.now;
}

/** `lost` is confirmed gone, the other side as it was: it ends too, unless it owns the event. */
export function end(c: Case, lost: Side): Decision {
  const { mapping, may } = c;
  const left = otherSide(lost);
  if (!may[left]) return may[lost] ? recreate(c, lost, 'recreate') : flagRights(c, [], [lost]);
  const end = endOfCopy(c, left);
  if (end !== undefined && end <= c.inquiry.state.now)
    return mapping.state === 'cancelled' && mapping.rule === 'past-kept'
      ? undefined
      : unlinkAs(c, 'past-kept', [lost], 'what is past is never deleted');
  const item = itemToEnd(c, left);
  if (item === undefined) return undefined;
  if (item !== 'unseen' && (item.sharedWith ?? []).length > 0)
    return flag(c, 'shared', [], {
      gone: [lost],
      reason: `the item on side ${left} holds other rooms too; it was not cancelled`,
    });
  return {
    action: {
      kind: 'delete',
      target: left,
      ...(item === 'unseen' ? {} : { present: item }),
      mapping,
      mappingId: mapping.id,
      rule: 'deleted',
      reason: `the event was ended on side ${lost}`,
    },
  };
}

/**
 * The item that is about to end, asked for by id where its reads so far could not show whether other
 * rooms hold it too. A delta that is silent about it leaves it `unseen`: such systems show sharing
 * with each item, so what was known when it was last told still holds.
 */
function itemToEnd(c: Case, left: Side): SnapshotItem | 'unseen' | undefined {
  const { inquiry, mapping, views } = c;
  const { answers, capabilities } = inquiry.state;
  const view = views[left];
  const seen = 'item' in view ? view.item : undefined;
  if (seen === undefined && capabilities[left].changes === 'delta') return 'unseen';
  if (seen !== undefined && (seen.sharedWith !== undefined || answers[left].has(seen.id)))
    return seen;
  const id = mapping[left]?.id;
  if (id !== undefined) inquiry.questions.push({ side: left, id, why: 'content' });
  return undefined;
}

/** Ended on one side, changed on the other: the edit wins, unless owner or policy say otherwise. */
export function endAgainstEdit(c: Case, lost: Side): Decision {
  const { may, inquiry } = c;
  const left = otherSide(lost);
  if (may.a && may.b) {
    const { conflictPolicy } = inquiry.state.policy;
    if (conflictPolicy === lost) return end(c, lost);
    if (conflictPolicy === 'flag')
      return flag(c, 'conflict-flagged', [left], {
        gone: [lost],
        reason: `ended on side ${lost}, changed on side ${left}`,
      });
    return recreate(c, lost, 'edit-beats-delete');
  }
  return may[left] ? end(c, lost) : recreate(c, lost, 'recreate');
}

/** The copy on `lost` must not take the other one with it: it is made again, or a person looks. */
export function keep(c: Case, lost: Side, how: 'restore' | 'flag'): Decision {
  if (how === 'flag' || (how === 'restore' && !c.may[lost]))
    return flag(c, 'kept', [], {
      gone: [lost],
      reason: `its copy on side ${lost} is gone, and its end was not approved: end it by hand`,
      ...(how === 'restore' ? { keeps: true as const } : {}),
    });
  const { mapping } = c;
  const isRestored =
    how === 'restore' || (mapping.kept === true && mapping.rule === 'hold-restored');
  const decision = recreate(c, lost, isRestored ? 'hold-restored' : 'recreate');
  if (!isRestored || decision === undefined || !('action' in decision)) return decision;
  const { action } = decision;
  return action.kind === 'create' ? { action: { ...action, keeps: true } } : decision;
}

/** The copy on `lost` is made again, as the next generation. */
function recreate(c: Case, lost: Side, rule: Rule): Decision {
  const { inquiry, mapping, views, may } = c;
  const left = otherSide(lost);
  if (!may[lost]) return flagRights(c, [left], [lost]);
  const item = itemOf(inquiry, mapping, views[left], left);
  if (item === undefined) return undefined;
  if (isPast(c, item))
    return mapping.rule === 'past-kept'
      ? undefined
      : unlinkAs(c, 'past-kept', [lost], 'a copy is not made again for what is past');
  return create(c, lost, item, rule, `the copy on side ${lost} is gone, the event is not`);
}

/** A cancelled mapping's item is there again on `back`: the other side gets a new copy. */
export function revive(c: Case, back: Side): Decision {
  const to = otherSide(back);
  if (!c.may[to]) return flagRights(c, [back], [to]);
  const item = itemOf(c.inquiry, c.mapping, c.views[back], back);
  if (item === undefined || isPast(c, item)) return undefined;
  return create(c, to, item, 'returned', `the event is back on side ${back}`);
}

export function unlink(c: Case): Decision {
  if (c.mapping.state === 'cancelled') return undefined;
  return unlinkAs(c, 'both-gone', ['a', 'b'], 'the event was ended on both sides');
}

/** The event has one copy, on `from`; another was never made, or is to be made again. */
export function firstCopy(c: Case, from: Side): Decision {
  const { inquiry, mapping, views, may } = c;
  const to = otherSide(from);
  const view = views[from];
  if (view.is === 'gone')
    return mapping.state === 'cancelled'
      ? undefined
      : unlinkAs(c, 'both-gone', [from], 'the event was ended before it had a copy');
  // A person has to say what such an item is; making a copy would answer for them.
  if (mapping.rule === 'stamp-unknown' || mapping.rule === 'intent-ambiguous') return undefined;
  if (mapping.state === 'refused' && view.is === 'unchanged' && view.item === undefined)
    return undefined;
  const item = itemOf(inquiry, mapping, view, from);
  if (item === undefined) return undefined;
  if (!may[to]) return { refusal: { side: from, item, mapping, reason: 'one-way' } };
  if (isPast(c, item)) return { refusal: { side: from, item, mapping, reason: 'past' } };
  return mapping[to] === undefined
    ? create(c, to, item, 'new', `new on side ${from}`)
    : create(c, to, item, 'recreate', `side ${to} has no copy of it any more`);
}
