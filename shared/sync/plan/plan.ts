import { slotOf } from '../../model/event.ts';
import { SIDES } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { admitted } from './admit.ts';
import { concealed } from './conceal.ts';
import { decide } from './decide.ts';
import { withoutFlood } from './flood.ts';
import { distrustOf } from './guard.ts';
import { holdOf } from './losses.ts';
import { matchUnmapped, type Matching } from './match.ts';
import { renamesOf, type Rename } from './occurrences.ts';
import { endOfOrphans, orphansOf } from './orphans.ts';
import { withoutCollisions } from './slots.ts';
import type { Holding, PlanState, Refusal, SyncAction, SyncPlan, Undecided } from './state.ts';
import { withoutThrashing } from './thrash.ts';
import { inquire, type Inquiry } from './view.ts';

/**
 * Decides what is to be done so that both sides of a pair say the same. A pure function: dry run,
 * preview and simulation are this same one. While `questions` come back they are to be answered
 * (`answers`) and the plan made again; only a plan without open questions may be applied.
 */
export function planSync(whole: PlanState): SyncPlan {
  const masked = concealed(admitted(whole));
  const orphans = orphansOf(masked);
  const owned = withoutOrphans(masked, orphans);
  const renames = renamesOf(owned);
  const state = withRenames(owned, renames);
  const distrust = distrustOf(state);
  const inquiry = inquire(state, new Set(distrust.map(({ side }) => side)));
  const matching = matchUnmapped(inquiry);
  const actions: SyncAction[] = [
    ...endOfOrphans(orphans),
    ...renames.map(({ action }) => action),
    ...matching.actions,
  ];
  const refusals: Refusal[] = [...matching.refusals];
  const undecided: Undecided[] = [...matching.undecided];
  for (const mapping of [...state.mappings, ...matching.fresh]) {
    if (matching.settled.has(mapping.id)) continue;
    const decision = decide(inquiry, mapping);
    if (decision === undefined) continue;
    if ('action' in decision) {
      const doubt = doubtOf(inquiry, matching.doubtful, decision.action);
      if (doubt === undefined) actions.push(withApproval(state, decision.action));
      else undecided.push(doubt);
    } else if ('refusal' in decision) refusals.push(decision.refusal);
    else undecided.push(decision.undecided);
  }
  const { questions, losses, flooded } = inquiry;
  const possible = withoutThrashing(state, withoutCollisions(state, actions));
  const calm = withoutFlood(state, losses, flooded, possible);
  return {
    actions: calm.actions,
    refusals,
    questions,
    undecided,
    distrust,
    holdings: [...holdingsOf(inquiry), ...calm.holdings],
    losses: { a: losses.a.lost.size, b: losses.b.lost.size },
  };
}

function withoutOrphans(state: PlanState, orphans: ReadonlySet<EventMapping>): PlanState {
  if (orphans.size === 0) return state;
  const mappings = state.mappings.filter((mapping) => !orphans.has(mapping));
  return Object.assign({}, state, { mappings });
}

/** With the occurrences under their present ids, so that none of them looks gone, or new. */
function withRenames(state: PlanState, renames: readonly Rename[]): PlanState {
  if (renames.length === 0) return state;
  const known = new Map(renames.map(({ mapping }) => [mapping.id, mapping]));
  const mappings = state.mappings.map((mapping) => known.get(mapping.id) ?? mapping);
  return Object.assign({}, state, { mappings });
}

/** A copy is not made while it may be there already, as an item that could not be looked at. */
function doubtOf(
  { state }: Inquiry,
  doubtful: Matching['doubtful'],
  action: SyncAction,
): Undecided | undefined {
  if (action.kind !== 'create') return undefined;
  const { target, mapping, source } = action;
  const { timeZone } = state.policy;
  const slot = slotOf(source.event, timeZone);
  const wasAsked = mapping.createIntent !== undefined || mapping.generation > 0;
  const copy = doubtful[target].find(({ event }) => {
    const { start, end } = slotOf(event, timeZone);
    return wasAsked || (start === slot.start && end === slot.end);
  });
  if (copy === undefined) return undefined;
  return { side: target, id: copy.id, reason: 'it may be a copy of ours, and cannot be looked at' };
}

function withApproval(state: PlanState, action: SyncAction): SyncAction {
  if (action.kind !== 'delete') return action;
  const isApproved = SIDES.some(
    (side) => holdOf(state, action.mapping[side])?.state === 'approved',
  );
  return isApproved ? { ...action, exempt: true } : action;
}

function holdingsOf({ state, losses }: Inquiry): readonly Holding[] {
  return SIDES.flatMap((side) => {
    const { hold, lost, lookedTo } = losses[side];
    if (hold === undefined) return [];
    const mappings = state.mappings.filter(({ id }) => lost.has(id));
    const looked = lookedTo === undefined ? {} : { lookedTo };
    return [{ ...hold, side, kind: 'deletions' as const, mappings, ...looked }];
  });
}
