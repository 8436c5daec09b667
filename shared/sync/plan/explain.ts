import type { Field } from '../../model/fields.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { SyncAction, SyncPlan } from './state.ts';

/** Why two sides differ in an event. */
export interface Explanation {
  readonly rule: string;
  readonly reason: string;
  /** The next run does away with it. */
  readonly isPending?: boolean;
}

/** A difference, and all that was decided on its event. */
export interface Explained {
  readonly mapping?: EventMapping | undefined;
  readonly action: SyncAction | undefined;
  readonly plan: SyncPlan;
  /** The only side that has a copy. */
  readonly lone?: Side | undefined;
  readonly copies: Readonly<Partial<Record<Side, SnapshotItem>>>;
  readonly fields: readonly Field[];
}

/**
 * What the plan does about it, else why it does nothing: a refusal, a question that the system
 * leaves open, or what stands in the row.
 */
export function explainedBy(difference: Explained): Explanation | undefined {
  return (
    byAction(difference) ??
    byRefusal(difference) ??
    byDoubt(difference) ??
    byRow(difference.mapping, difference.fields)
  );
}

/** Only where it does away with this very difference, or says that it stays. */
function byAction({ action, lone, fields }: Explained): Explanation | undefined {
  if (action === undefined) return undefined;
  const { rule, reason } = action;
  switch (action.kind) {
    case 'create':
      return lone === otherSide(action.target) ? { rule, reason, isPending: true } : undefined;
    case 'delete':
      return lone === action.target ? { rule, reason, isPending: true } : undefined;
    case 'update':
    case 'restore': {
      const isWhole = fields.every((field) => action.fields.includes(field));
      return lone === undefined && isWhole ? { rule, reason, isPending: true } : undefined;
    }
    case 'link':
      if (action.withheld === true) return { rule, reason };
      // A copy that was found is compared once it is linked.
      return isFound(action) ? { rule, reason, isPending: true } : undefined;
    case 'unlink':
      return rule === 'past-kept' ? { rule, reason } : undefined;
    case 'flag':
      return { rule, reason };
  }
}

function isFound({ unsure, rule }: Extract<SyncAction, { kind: 'link' }>): boolean {
  return unsure === true || rule === 'adopt';
}

function byRefusal({ plan, mapping, copies }: Explained): Explanation | undefined {
  const refusal = plan.refusals.find(
    (one) =>
      (mapping !== undefined && one.mapping?.id === mapping.id) ||
      copies[one.side]?.id === one.item.id,
  );
  return refusal && { rule: 'refused', reason: refusal.reason };
}

function byDoubt({ plan, mapping, copies }: Explained): Explanation | undefined {
  const isIt = (side: Side, id: string): boolean =>
    copies[side]?.id === id || mapping?.[side]?.id === id;
  const doubt = plan.undecided.find(({ side, id }) => isIt(side, id));
  if (doubt !== undefined) return { rule: 'undecided', reason: doubt.reason };
  const question = plan.questions.find(({ side, id }) => isIt(side, id));
  return question && { rule: 'undecided', reason: `it is not answered yet: ${question.why}` };
}

function byRow(
  mapping: EventMapping | undefined,
  fields: readonly Field[],
): Explanation | undefined {
  if (mapping === undefined) return undefined;
  const { state, rule, reason = 'as its row says' } = mapping;
  if (state === 'conflict') return { rule: rule ?? 'conflict', reason };
  if (state === 'refused') return { rule: 'refused', reason };
  if (state === 'error') return { rule: 'parked', reason };
  if (state === 'cancelled' && rule === 'past-kept') return { rule, reason };
  if (mapping.withheld === true && fields.length > 0)
    return { rule: 'past', reason: 'it was past when it was changed' };
  if (SIDES.some((side) => mapping.suspended === side))
    return { rule: 'suspended', reason: 'its time is being exchanged' };
  return undefined;
}
