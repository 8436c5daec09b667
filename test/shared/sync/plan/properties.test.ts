import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherSide, type Side } from '../../../../shared/model/ids.ts';
import { planSync } from '../../../../shared/sync/plan/plan.ts';
import type { PlanState, SyncAction, SyncPlan } from '../../../../shared/sync/plan/state.ts';
import { planState } from '../../../arbitraries/plan-states.ts';
import { swapped } from './support.ts';

/** A plan without ids of mappings and without words: what is done to which item of which side. */
function facts(plan: SyncPlan, sideOf: (side: Side) => Side): unknown {
  const sides = (list: readonly Side[]): Side[] => list.map(sideOf).sort();
  const bySide = (of: (side: Side) => unknown): unknown =>
    Object.fromEntries(['a' as const, 'b' as const].map((side) => [side, of(sideOf(side))]));
  const of = (action: SyncAction): unknown => {
    // Two new items that are one event get a mapping that names side a as its origin.
    const isAdoption = action.rule === 'adopt';
    const items = 'items' in action ? action.items : {};
    return {
      kind: action.kind,
      rule: action.rule,
      ids: bySide((side) => action.mapping[side]?.id ?? (isAdoption ? items[side]?.id : undefined)),
      ...('target' in action ? { target: sideOf(action.target) } : {}),
      ...('source' in action ? { source: action.source.id } : {}),
      ...('fields' in action ? { fields: [...action.fields].sort() } : {}),
      ...('owed' in action ? { owed: sides(action.owed) } : {}),
      ...('gone' in action ? { gone: sides(action.gone) } : {}),
      ...('held' in action ? { held: bySide((side) => action.held?.[side] !== undefined) } : {}),
      ...(isAdoption ? {} : { items: bySide((side) => items[side]?.id) }),
    };
  };
  // Where nothing can be done for both sides, one of them is named.
  const whose = (side: Side, mapping: unknown) => (mapping === undefined ? sideOf(side) : 'either');
  const sorted = (list: readonly unknown[]): string[] =>
    list.map((one) => JSON.stringify(one)).sort();
  return {
    actions: sorted(plan.actions.map(of)),
    refusals: sorted(
      plan.refusals.map(({ side, mapping, item, reason }) => [
        whose(side, mapping),
        item.id,
        reason,
      ]),
    ),
    questions: sorted(plan.questions.map(({ side, id, why }) => [sideOf(side), id, why])),
    undecided: sorted(plan.undecided.map(({ side, mapping, id }) => [whose(side, mapping), id])),
    holdings: sorted(
      plan.holdings.map(({ side, kind, trip, mappings }) => [
        sideOf(side),
        kind,
        trip,
        mappings.length,
      ]),
    ),
    losses: [plan.losses[sideOf('a')], plan.losses[sideOf('b')]],
    distrust: sorted(plan.distrust.map(({ side, items }) => [sideOf(side), items])),
  };
}

function rightsOn(state: PlanState, action: SyncAction & { target: Side }): string | undefined {
  const { target, mapping } = action;
  const id = mapping[target]?.id;
  const answer = id === undefined ? undefined : state.answers[target].get(id);
  if (answer?.kind === 'alive') return answer.item.rights;
  const shown = state.snapshots[target].items.find((item) => item.id === id);
  return shown?.rights ?? mapping[target]?.rights;
}

const RUNS = { numRuns: 250 };

describe('any plan', () => {
  it('is mirrored by its state', () => {
    fc.assert(
      fc.property(planState, (state) => {
        const mirrored = facts(planSync(swapped(state)), otherSide);
        expect(mirrored).toEqual(facts(planSync(state), (side) => side));
      }),
      RUNS,
    );
  });

  it('writes only on what is mapped and fully ours, and where the direction lets it', () => {
    fc.assert(
      fc.property(planState, (state) => {
        const mappings = new Map(state.mappings.map((mapping) => [mapping.id, mapping]));
        for (const action of planSync(state).actions) {
          if (!('target' in action)) continue;
          expect(state.policy.direction).not.toBe(action.target === 'a' ? 'aToB' : 'bToA');
          if (action.kind === 'create') continue;
          expect(mappings.get(action.mappingId)?.[action.target]).toBeDefined();
          expect(rightsOn(state, action)).toBe('full');
        }
      }),
      RUNS,
    );
  });

  it('ends a copy only when the other one is confirmed to be gone', () => {
    fc.assert(
      fc.property(planState, (state) => {
        for (const action of planSync(state).actions) {
          if (action.kind !== 'delete') continue;
          const lost = otherSide(action.target);
          const known = action.mapping[lost];
          const verdict = known === undefined ? undefined : state.answers[lost].get(known.id);
          expect(
            known?.gone === true || verdict?.kind === 'gone' || verdict?.kind === 'elsewhere',
          ).toBe(true);
          expect(verdict?.kind).not.toBe('alive');
        }
      }),
      RUNS,
    );
  });

  it('leaves alone what it holds, and asks nothing that would end it', () => {
    fc.assert(
      fc.property(planState, (state) => {
        const { actions, holdings, questions } = planSync(state);
        for (const { mappings, side, kind } of holdings) {
          const held = new Set(mappings.map(({ id }) => id));
          for (const action of actions) {
            if (!held.has(action.mappingId) || !('target' in action)) continue;
            throw new Error(`${action.kind} of what is held`);
          }
          if (kind === 'creates') continue;
          const ids = new Set(mappings.map((mapping) => mapping[side]?.id));
          const asked = questions.filter((one) => one.side === side && ids.has(one.id));
          expect(asked.every(({ why }) => why === 'held')).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('decides each mapping, and each item, at most once', () => {
    fc.assert(
      fc.property(planState, (state) => {
        const { actions, refusals, undecided } = planSync(state);
        const decided = [
          ...actions.map(({ mappingId }) => mappingId),
          ...[...refusals, ...undecided].flatMap(({ mapping }) => mapping?.id ?? []),
        ];
        expect(new Set(decided).size).toBe(decided.length);
        const sources = actions.flatMap((action) =>
          action.kind === 'create' ? [`${otherSide(action.target)} ${action.source.id}`] : [],
        );
        expect(new Set(sources).size).toBe(sources.length);
      }),
      RUNS,
    );
  });
});
