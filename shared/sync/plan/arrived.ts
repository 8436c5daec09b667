import { FIELDS, type Field } from '../../model/fields.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { differingFields, type Inquiry, type View } from './view.ts';

/** Fields in which the item shows what an update of ours was to set, and was not answered. */
export function arrivedFields(
  inquiry: Inquiry,
  mapping: EventMapping,
  side: Side,
  item: SnapshotItem,
): readonly Field[] {
  const { sent, fingerprint } = mapping[side] ?? {};
  if (sent === undefined) return [];
  const now = inquiry.state.fingerprints.of(item.event, item.shown);
  return FIELDS.filter(
    (field) =>
      sent[field] !== undefined &&
      now[field] === sent[field] &&
      fingerprint?.[field] !== sent[field],
  );
}

/**
 * Where a write of ours has arrived unanswered, what it said is the last that is known of the other
 * side, though no row says so yet: that side was changed in what it now shows otherwise, also where it
 * shows again what it did before.
 */
export function changedSince(
  inquiry: Inquiry,
  mapping: EventMapping,
  views: Readonly<Record<Side, View>>,
): Readonly<Record<Side, View>> {
  const next = { ...views };
  for (const side of SIDES) {
    const [view, from] = [views[side], views[otherSide(side)]];
    if (!isShown(view) || !isShown(from)) continue;
    const arrived = arrivedFields(inquiry, mapping, side, view.item);
    const [a, b] = side === 'a' ? [view.item, from.item] : [from.item, view.item];
    const known = from.is === 'changed' ? from.fields : [];
    const fields = differingFields(inquiry, a, b, arrived).filter(
      (field) => !known.includes(field),
    );
    if (fields.length > 0)
      next[otherSide(side)] = { is: 'changed', item: from.item, fields: [...known, ...fields] };
  }
  return next;
}

/** As it was, or changed, and seen. */
function isShown(
  view: View,
): view is Extract<View, { is: 'unchanged' | 'changed' }> & { readonly item: SnapshotItem } {
  return (view.is === 'unchanged' || view.is === 'changed') && view.item !== undefined;
}
