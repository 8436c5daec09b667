import type { HoldId } from '../../model/hold.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { overlaps } from '../../model/time.ts';
import type { Decision } from './case.ts';
import { holdOf } from './losses.ts';
import { ask, isHeld, viewOf, type Inquiry } from './view.ts';

/**
 * What is held gets no other action (rule 14). Cursors pass what becomes of either copy meanwhile,
 * so that it is owed. Undefined where the mapping is not held.
 */
export function decideHeld(
  inquiry: Inquiry,
  mapping: EventMapping,
): { readonly decision: Decision } | undefined {
  const sides = SIDES.filter((side) => isHeld(inquiry, mapping, side));
  if (sides.length === 0) return undefined;
  const held: { [S in Side]?: HoldId } = {};
  for (const side of sides) {
    const { hold, looks } = inquiry.losses[side];
    if (hold !== undefined) held[side] = hold.id;
    const id = mapping[side]?.id;
    if (id !== undefined && looks.has(mapping.id) && !inquiry.state.answers[side].has(id))
      ask(inquiry, side, id, 'held');
  }
  const owed = SIDES.filter(
    (side) =>
      sides.includes(side) || mapping.owed.includes(side) || hasMoved(inquiry, mapping, side),
  );
  const stands =
    mapping.state === 'conflict' &&
    mapping.rule === 'held' &&
    SIDES.every((side) => mapping[side]?.held === held[side]) &&
    owed.every((side) => mapping.owed.includes(side));
  if (stands) return { decision: undefined };
  return {
    decision: {
      action: {
        kind: 'flag',
        mapping,
        mappingId: mapping.id,
        owed,
        gone: [],
        held,
        rule: 'held',
        reason: `it went away on side ${sides.join(' and ')} with many others; a person decides`,
      },
    },
  };
}

/** Asks nothing: what it is can be looked at once it is not held any more. */
function hasMoved(inquiry: Inquiry, mapping: EventMapping, side: Side): boolean {
  const asked = inquiry.questions.length;
  const view = viewOf(inquiry, mapping, side);
  inquiry.questions.length = asked;
  return view.is !== 'unchanged' || view.moved === true;
}

/** A copy of it was in a flood that is still held, and it is not seen to have gone away itself. */
export function waitsForCopy(inquiry: Inquiry, mapping: EventMapping): boolean {
  const { state, flooded, items, removed } = inquiry;
  return SIDES.some((from) => {
    const known = mapping[from];
    const hold = holdOf(state, known);
    if (known === undefined || hold === undefined || !flooded.has(hold.id)) return false;
    if (items[from].has(known.id)) return true;
    const snapshot = state.snapshots[from];
    const isMissed = snapshot.kind === 'complete' && overlaps(known, snapshot.window);
    return !isMissed && !removed[from].has(known.id);
  });
}

/** Its copy was not let through, and nothing has become of it since. */
export function staysRefused(inquiry: Inquiry, mapping: EventMapping): boolean {
  if (mapping.state !== 'refused' || mapping.reason !== 'rejected') return false;
  const asked = inquiry.questions.length;
  const views = SIDES.map((side) => viewOf(inquiry, mapping, side).is);
  const stays = views.every((is) => is === 'unchanged' || is === 'none' || is === 'gone');
  const lives = SIDES.some((side) => viewOf(inquiry, mapping, side).is === 'unchanged');
  inquiry.questions.length = asked;
  return stays && lives;
}

/** The side whose loss must not end the other copy, and whether it has been made again before. */
export function keptFrom(
  inquiry: Inquiry,
  mapping: EventMapping,
  lost: Side,
): 'restore' | 'flag' | undefined {
  const hold = holdOf(inquiry.state, mapping[lost]);
  const isRefused = hold?.state === 'rejected' || hold?.state === 'expired';
  if (hold?.kind === 'deletions' && isRefused) return 'restore';
  return mapping.kept === true && mapping[otherSide(lost)]?.gone !== true ? 'flag' : undefined;
}
