import { slotOf } from '../../model/event.ts';
import type { Field } from '../../model/fields.ts';
import type { Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';
import type { FlagAction, Refusal, Rule, SyncAction, Undecided } from './state.ts';
import { isPrivate, mayBePrivate } from './conceal.ts';
import { itemOf, type Inquiry, type View } from './view.ts';

/** What was decided on one mapping: an action, a refusal, that nothing can be said, or nothing. */
export type Decision =
  | { readonly action: SyncAction }
  | { readonly refusal: Refusal }
  | { readonly undecided: Undecided }
  | undefined;

/** One mapping under decision. */
export interface Case {
  readonly inquiry: Inquiry;
  readonly mapping: EventMapping;
  readonly views: Readonly<Record<Side, View>>;
  /** We may write on this side, by the pair's direction and by the item's rights. */
  readonly may: Readonly<Record<Side, boolean>>;
}

export function create(
  c: Case,
  target: Side,
  source: SnapshotItem,
  rule: Rule,
  reason: string,
): Decision {
  const { mapping } = c;
  return {
    action: { kind: 'create', target, source, mapping, mappingId: mapping.id, rule, reason },
  };
}

/** An update, unless nothing of it can be written or it would only rewrite the past (rule 11). */
export function write(
  c: Case,
  kind: 'update' | 'restore',
  target: Side,
  source: SnapshotItem,
  wanted: readonly Field[],
  rule: Rule,
  reason: string,
): Decision {
  const { inquiry, mapping, views } = c;
  const writable = writableOn(c, target);
  if (writable === undefined) return undefined;
  const fields = wanted.filter((field) => writable.includes(field) && source.shown.includes(field));
  if (fields.length === 0) return link(c, 'agreement', 'nothing that changed can be carried over');
  const presentEnd = endOfCopy(c, target);
  if (presentEnd !== undefined && presentEnd <= inquiry.state.now && isPast(c, source))
    return link(c, 'past', 'what is past is not rewritten', true);
  const view = views[target];
  const present = 'item' in view ? view.item : undefined;
  return {
    action: {
      kind,
      target,
      source,
      ...(present === undefined ? {} : { present }),
      mapping,
      mappingId: mapping.id,
      fields,
      rule,
      reason,
    },
  };
}

/** A private item may be moved, and nothing else. Undefined while it is not known whether it is. */
function writableOn({ inquiry, mapping, views }: Case, target: Side): readonly Field[] | undefined {
  const { capabilities, fingerprints } = inquiry.state;
  const { writable } = capabilities[target];
  const view = views[target];
  const isSeen = 'item' in view && view.item !== undefined;
  if (!isSeen && !mayBePrivate(fingerprints, mapping[target])) return writable;
  const item = itemOf(inquiry, mapping, view, target);
  if (item === undefined) return undefined;
  return isPrivate(item) ? writable.filter((field) => field === 'slot') : writable;
}

export function link(c: Case, rule: Rule, reason: string, withheld?: true): Decision {
  const { mapping, views } = c;
  const items: Partial<Record<Side, SnapshotItem>> = {};
  for (const side of ['a', 'b'] as const) {
    const view = views[side];
    if ('item' in view && view.item !== undefined) items[side] = view.item;
  }
  const more = withheld === undefined ? {} : { withheld };
  return { action: { kind: 'link', mapping, mappingId: mapping.id, items, rule, reason, ...more } };
}

export function unlinkAs(c: Case, rule: Rule, gone: readonly Side[], reason: string): Decision {
  const { mapping } = c;
  return { action: { kind: 'unlink', mapping, mappingId: mapping.id, gone, rule, reason } };
}

export function flag(
  c: Case,
  rule: Rule,
  owed: readonly Side[],
  more: { reason: string; gone?: readonly Side[]; keeps?: true },
): Decision {
  const { mapping } = c;
  const { gone = [], ...rest } = more;
  return { action: { kind: 'flag', mapping, mappingId: mapping.id, owed, gone, rule, ...rest } };
}

/** Of a copy that was to be made again and is not: what it is in the place of is gone all the same. */
export function stillWanted(action: SyncAction): Pick<FlagAction, 'gone' | 'wanted'> {
  if (action.kind !== 'create') return { gone: [] };
  const { target, mapping } = action;
  return mapping[target] === undefined ? { gone: [] } : { gone: [target], wanted: target };
}

export function flagRights(c: Case, owed: readonly Side[], gone: readonly Side[] = []): Decision {
  return flag(c, 'rights', owed, { gone, reason: 'neither copy may be written by the bridge' });
}

export function endOfCopy(c: Case, side: Side): Instant | undefined {
  const view = c.views[side];
  if ('item' in view && view.item !== undefined)
    return slotOf(view.item.event, c.inquiry.state.policy.timeZone).end;
  return c.mapping[side]?.end;
}

export function isPast(c: Case, item: SnapshotItem): boolean {
  const { policy, now } = c.inquiry.state;
  return slotOf(item.event, policy.timeZone).end <= now;
}
