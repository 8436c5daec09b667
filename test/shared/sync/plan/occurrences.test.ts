import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { SeriesScope, Snapshot, SnapshotItem } from '../../../../shared/model/snapshot.ts';
import { actionsOf, changes, hour, item, known, mapped, planOf, WINDOW } from './support.ts';

const MASTER = 'master' as ExternalId;

/** An occurrence on a day, at nine. */
function occurrence(id: string, day: number, masterId = MASTER): SnapshotItem {
  return item(id, { slot: [day, 9, 10], masterId, originalStart: hour(day, 9) });
}

/** An occurrence known on side a, and its copy. */
function synced(id: string, day: number): EventMapping {
  const copy = item(`copy of ${id}`, { slot: [day, 9, 10] });
  return mapped({ a: known(occurrence(id, day)), b: known(copy) });
}

/** The series told again, as these occurrences. */
function retold(items: readonly SnapshotItem[]): Snapshot {
  const scope: SeriesScope = {
    masterId: MASTER,
    window: WINDOW,
    occurrences: items.map(({ id }) => id),
  };
  const base = changes(items);
  return base.kind === 'changes' ? { ...base, seriesScopes: [scope] } : base;
}

/** Days of former occurrences, and of those they were matched with. */
function matchesOf(former: readonly number[], fresh: readonly number[]): [number, number][] {
  const mappings = former.map((day) => synced(`old ${day}`, day));
  const items = fresh.map((day) => occurrence(`new ${day}`, day));
  const { actions } = planOf({ a: retold(items), mappings });
  return actions
    .flatMap((action): [number, number][] => {
      if (action.kind !== 'link' || action.rule !== 'occurrence-matched') return [];
      const dayOf = (id = ''): number => Number(id.split(' ')[1]);
      return [[dayOf(action.mapping.a?.id), dayOf(action.items.a?.id)]];
    })
    .toSorted(([one], [other]) => one - other);
}

/** Every way to match the shorter list in order, by the least distance: by trying all. */
function leastDistance(former: readonly number[], fresh: readonly number[]): number {
  const [short, long] = former.length <= fresh.length ? [former, fresh] : [fresh, former];
  const best = (at: number, from: number): number => {
    const start = short[at];
    if (start === undefined) return 0;
    let least = Infinity;
    for (let to = from; to < long.length; to += 1)
      least = Math.min(least, Math.abs(start - (long[to] ?? 0)) + best(at + 1, to + 1));
    return least;
  };
  return best(0, 0);
}

const days = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 6 });

describe('occurrences that go by other ids than before', () => {
  it('are matched in their order, with the least distance in all', () => {
    fc.assert(
      fc.property(days, days, (some, others) => {
        const former = some.toSorted((one, other) => one - other);
        // Another hour of the day would do as well: none starts when a former one did.
        const fresh = others
          .filter((day) => !some.includes(day))
          .toSorted((one, other) => one - other);
        const pairs = matchesOf(former, fresh);
        expect(pairs).toHaveLength(Math.min(former.length, fresh.length));
        const targets = pairs.map(([, to]) => to);
        expect(targets).toEqual(targets.toSorted((one, other) => one - other));
        const distance = pairs.reduce((sum, [from, to]) => sum + Math.abs(from - to), 0);
        expect(distance).toBe(leastDistance(former, fresh));
      }),
      { numRuns: 500 },
    );
  });

  it('are matched by their original start first, wherever they are now', () => {
    expect(matchesOf([7, 14, 21], [14])).toEqual([[14, 14]]);
    expect(matchesOf([7, 14], [14, 21])).toEqual([
      [7, 21],
      [14, 14],
    ]);
  });

  it('are not matched where the series was not told as a whole, or the copy is of another one', () => {
    const mappings = [synced('old 7', 7)];
    const fresh = occurrence('new 8', 8);
    const partly = changes([fresh]);
    expect(actionsOf({ a: partly, mappings })).toEqual(['create b (new)']);
    const foreign = occurrence('new 8', 8, 'another' as ExternalId);
    expect(actionsOf({ a: retold([foreign]), mappings })).toEqual([
      'create b (new)',
      'ask a old 7 (missing)',
    ]);
  });

  it('and are past stay what they were', () => {
    const mappings = [synced('old -1', -1)];
    const { actions } = planOf({ a: retold([occurrence('new 8', 8)]), mappings });
    expect(actions.map(({ rule }) => rule)).not.toContain('occurrence-matched');
  });
});

describe('an occurrence that its series tells no more', () => {
  it('is asked for by id before its copy is ended', () => {
    const mappings = [synced('one', 7), synced('two', 14)];
    const state = { a: retold([occurrence('one', 7)]), mappings };
    expect(planOf(state).questions).toMatchObject([{ side: 'a', id: 'two', why: 'missing' }]);
    const answers = { a: [['two', { kind: 'gone' }]] } as const;
    expect(actionsOf({ ...state, answers })).toContain('delete b (deleted)');
  });

  it('is asked for as well where its master was removed, or is a single event now', () => {
    const mappings = [synced('one', 7), synced('two', 14)];
    const gone = changes([], [MASTER]);
    expect(planOf({ a: gone, mappings }).questions.map(({ id }) => id)).toEqual(['one', 'two']);
    const single = item(MASTER, { slot: [7, 9, 10] });
    const alone = changes([single]);
    const plan = planOf({ a: alone, mappings });
    expect(plan.questions.map(({ id }) => id)).toEqual(['two']);
    expect(plan.actions[0]).toMatchObject({ kind: 'link', rule: 'occurrence-matched' });
  });
});
