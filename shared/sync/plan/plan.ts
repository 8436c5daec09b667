import { concealed } from './conceal.ts';
import { decide } from './decide.ts';
import { distrustOf } from './guard.ts';
import { matchUnmapped } from './match.ts';
import { withoutCollisions } from './slots.ts';
import type { PlanState, Refusal, SyncAction, SyncPlan, Undecided } from './state.ts';
import { inquire } from './view.ts';

/**
 * Decides what is to be done so that both sides of a pair say the same. A pure function: dry run,
 * preview and simulation are this same one. While `questions` come back they are to be answered
 * (`answers`) and the plan made again; only a plan without open questions may be applied.
 */
export function planSync(whole: PlanState): SyncPlan {
  const state = concealed(whole);
  const distrust = distrustOf(state);
  const inquiry = inquire(state, new Set(distrust.map(({ side }) => side)));
  const matching = matchUnmapped(inquiry);
  const actions: SyncAction[] = [...matching.actions];
  const refusals: Refusal[] = [...matching.refusals];
  const undecided: Undecided[] = [...matching.undecided];
  for (const mapping of [...state.mappings, ...matching.fresh]) {
    if (matching.settled.has(mapping.id)) continue;
    const decision = decide(inquiry, mapping);
    if (decision === undefined) continue;
    if ('action' in decision) actions.push(decision.action);
    else if ('refusal' in decision) refusals.push(decision.refusal);
    else undecided.push(decision.undecided);
  }
  const { questions } = inquiry;
  return { actions: withoutCollisions(state, actions), refusals, questions, undecided, distrust };
}
