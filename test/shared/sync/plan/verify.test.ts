import { describe, expect, it } from 'vitest';
import type { ExternalId, MappingId } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import type { Verification } from '../../../../shared/model/verification.ts';
import type { SyncPlan } from '../../../../shared/sync/plan/state.ts';
import { planSync } from '../../../../shared/sync/plan/plan.ts';
import { verifyPair } from '../../../../shared/sync/plan/verify.ts';
import {
  alive,
  complete,
  edited,
  gone,
  item,
  known,
  mapped,
  stateOf,
  type ItemSpec,
  type StateSpec,
} from './support.ts';

const IDLE: SyncPlan = {
  actions: [],
  refusals: [],
  questions: [],
  undecided: [],
  distrust: [],
  holdings: [],
  losses: { a: 0, b: 0 },
};

/** One event with two copies, `b` after a change that its row knows of. */
function copies(change: ItemSpec = {}): {
  a: SnapshotItem;
  b: SnapshotItem;
  mapping: EventMapping;
} {
  const a = item('a');
  const b = edited(item('b'), change);
  return { a, b, mapping: mapped({ a: known(a), b: known(b) }) };
}

/** With the plan that there is, or with one that does nothing. */
function verified(spec: StateSpec, plan?: SyncPlan, isPaused = false): Verification {
  const state = stateOf(spec);
  return verifyPair({ state, plan: plan ?? planSync(state), isPaused });
}

function onlyRule(found: Verification): string {
  const [difference, ...more] = found.differences;
  if (difference === undefined || more.length > 0)
    throw new Error(`${found.differences.length} differences`);
  return difference.rule;
}

describe('two equal copies', () => {
  it('are equal, whatever their row says', () => {
    const { a, b, mapping } = copies();
    for (const state of ['synced', 'conflict', 'error', 'cancelled'] as const) {
      const mappings = [{ ...mapping, state }];
      const found = verified({ a: complete(a), b: complete(b), mappings }, IDLE);
      expect(found).toMatchObject({ verdict: 'equal', equal: 1, differences: [] });
    }
  });

  it('are equal where one system can hold less', () => {
    const a = item('a', { title: 'x'.repeat(300), description: '' });
    const b = item('b', { title: 'x'.repeat(100), description: '' });
    const mapping = mapped({ a: known(a), b: known(b) });
    const capabilities = { b: { titleCharsMax: 100 } };
    const spec = { a: complete(a), b: complete(b), mappings: [mapping], capabilities };
    expect(verified(spec, IDLE).verdict).toBe('equal');
  });

  it('differ in nothing that a list does not show; it is told that it was not compared', () => {
    const { a, b, mapping } = copies({ description: 'another' });
    const hidden = { ...b, shown: ['title', 'slot'] as const };
    const found = verified({ a: complete(a), b: complete(hidden), mappings: [mapping] }, IDLE);
    expect(found).toMatchObject({ verdict: 'equal', hidden: ['description', 'contact'] });
    const deep = { a: new Map(), b: new Map([[b.id, b]]) };
    const state = stateOf({ a: complete(a), b: complete(hidden), mappings: [mapping] });
    const deeper = verifyPair({ state, plan: IDLE, isPaused: false, deep });
    expect(deeper.differences).toMatchObject([{ fields: ['description'], rule: 'unexplained' }]);
  });
});

describe('a plan that does nothing', () => {
  const { a, b, mapping } = copies({ title: 'other', slot: [2, 9, 10] });
  const both = { a: complete(a), b: complete(b), mappings: [mapping] };

  it('leaves a difference unexplained', () => {
    expect(verified(both, IDLE)).toMatchObject({
      verdict: 'unexplained',
      unexplained: 1,
      differences: [
        { kind: 'fields', fields: ['title', 'slot'], rule: 'unexplained', a: 'a', b: 'b' },
      ],
    });
  });

  it('leaves a lone copy unexplained', () => {
    const found = verified({ ...both, b: complete() }, IDLE);
    expect(found.differences).toMatchObject([{ kind: 'only-a', rule: 'unexplained' }]);
  });

  it('leaves an item that no row names unexplained', () => {
    const found = verified({ b: complete(item('stranger')), a: complete() }, IDLE);
    expect(found.differences).toMatchObject([
      { kind: 'only-b', b: 'stranger', rule: 'unexplained' },
    ]);
  });

  it.each<[string, Partial<EventMapping>, string]>([
    ['a conflict', { state: 'conflict', rule: 'slot-taken', reason: 'taken' }, 'slot-taken'],
    ['a hold', { state: 'conflict', rule: 'held', reason: 'many' }, 'held'],
    ['a pause', { state: 'conflict', rule: 'thrash', reason: 'undone' }, 'thrash'],
    ['a refusal', { state: 'refused', reason: 'series' }, 'refused'],
    ['a failure that waits', { state: 'error', reason: 'no' }, 'parked'],
    ['a write withheld', { withheld: true }, 'past'],
    ['an exchange', { suspended: 'b' }, 'suspended'],
    ['nothing', {}, 'unexplained'],
  ])('is explained by what stands in the row: %s', (_, row, rule) => {
    expect(onlyRule(verified({ ...both, mappings: [{ ...mapping, ...row }] }, IDLE))).toBe(rule);
  });

  it('is right about what is past, and about private events but for their times', () => {
    const past = (spec: ItemSpec) => item('a', { slot: [-1, 8, 9], ...spec });
    const [one, other] = [past({}), { ...past({ title: 'other' }), id: 'b' as ExternalId }];
    const old = mapped({ a: known(one), b: known(other) });
    const spec = { a: complete(one), b: complete(other), mappings: [old] };
    expect(onlyRule(verified(spec, IDLE))).toBe('past');
    const secret = { ...a, event: { ...a.event, privacy: 'private' as const } };
    const title = { ...item('b', { title: 'Busy', description: '' }) };
    const masked = mapped({ a: known(secret), b: known(title) });
    const kept = { a: complete(secret), b: complete(title), mappings: [masked] };
    expect(verified(kept, IDLE).differences).toMatchObject([
      { rule: 'private', fields: ['title', 'description', 'contact'] },
    ]);
    const moved = { ...item('b', { title: 'Busy', description: '', slot: [2, 10, 11] }) };
    expect(onlyRule(verified({ ...kept, b: complete(moved) }, IDLE))).toBe('unexplained');
  });
});

describe('what the plan decides', () => {
  const { a, b, mapping } = copies();

  it('explains what it does away with, and that it is pending', () => {
    const changed = edited(a, { title: 'new' });
    const spec = { a: complete(changed), b: complete(b), mappings: [mapping] };
    expect(verified(spec).differences).toMatchObject([
      { rule: 'changed', fields: ['title'], isPending: true },
    ]);
    expect(verified(spec, undefined, true)).toMatchObject({
      pending: 0,
      differences: [{ rule: 'paused', reason: expect.stringContaining('changed') }],
    });
  });

  it('does not explain fields that it leaves as they are', () => {
    const other = edited(b, { description: 'another' });
    const quiet = mapped({ a: known(a), b: known(other) });
    const changed = edited(a, { title: 'new' });
    const spec = { a: complete(changed), b: complete(other), mappings: [quiet] };
    const plan = planSync(stateOf(spec));
    expect(plan.actions).toMatchObject([{ kind: 'update', fields: ['title'] }]);
    expect(onlyRule(verified(spec))).toBe('unexplained');
  });

  it('explains the end of a copy only where that is what it plans', () => {
    const spec = { a: complete(), b: complete(b), mappings: [mapping] };
    expect(verified(spec).differences).toMatchObject([{ rule: 'undecided' }]);
    const answered = { ...spec, answers: { a: [gone(a)] } };
    expect(verified(answered).differences).toMatchObject([{ rule: 'deleted', isPending: true }]);
    const other = { ...mapping, id: 'm:a:other' as MappingId };
    const [action] = planSync(stateOf(answered)).actions;
    if (action === undefined) throw new Error('nothing is planned');
    const wrong = { ...IDLE, actions: [{ ...action, mapping: other, mappingId: other.id }] };
    expect(onlyRule(verified(answered, wrong))).toBe('unexplained');
  });

  it('explains items that are refused, new, or two for one event', () => {
    const series = item('s', { unsupported: 'series' });
    expect(onlyRule(verified({ a: complete(series), b: complete() }))).toBe('refused');
    const oneWay = {
      a: complete(),
      b: complete(item('x')),
      policy: { direction: 'aToB' } as const,
    };
    expect(verified(oneWay).differences).toMatchObject([{ rule: 'refused', reason: 'one-way' }]);
    expect(verified({ a: complete(item('n')), b: complete() })).toMatchObject({
      pending: 1,
      differences: [{ kind: 'only-a', rule: 'new' }],
    });
    const twins = { a: complete(item('one')), b: complete(item('two')) };
    expect(onlyRule(verified(twins))).toBe('adopt');
  });

  it('counts what lives outside of the window for a copy', () => {
    const spec = { a: complete(), b: complete(b), mappings: [mapping] };
    expect(verified({ ...spec, answers: { a: [alive(a)] } })).toMatchObject({ equal: 1 });
  });
});
