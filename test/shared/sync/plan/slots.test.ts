import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../../../../shared/model/event.ts';
import { SIDES } from '../../../../shared/model/ids.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import { overlaps, type InstantRange } from '../../../../shared/model/time.ts';
import { invariant } from '../../../../shared/util/invariant.ts';
import { orderSteps } from '../../../../shared/sync/plan/slots.ts';
import type { UpdateAction } from '../../../../shared/sync/plan/state.ts';
import {
  actionsOf,
  alive,
  changes,
  complete,
  edited,
  gone,
  item,
  known,
  mapped,
  OSLO,
  planOf,
  POLICY,
  type ItemSpec,
} from './support.ts';

type Slot = NonNullable<ItemSpec['slot']>;

/** The item of event `n` at `from` is to be moved to `to` on side b. */
function move(n: number, from: Slot, to: Slot, isSuspended = false): UpdateAction {
  const before = item(`b-${n}`, { slot: from });
  const source = item(`a-${n}`, { slot: to });
  const mapping = mapped(
    { a: known(source), b: known(before) },
    isSuspended ? { suspended: 'b' } : {},
  );
  const present = isSuspended ? { ...before, suspended: true as const } : before;
  const { id } = mapping;
  const words = { rule: 'changed', reason: '' } as const;
  const fields = ['slot'] as const;
  return { kind: 'update', target: 'b', source, mapping, mappingId: id, fields, present, ...words };
}

const at = (hour: number): Slot => [2, hour, hour + 1];

function stepsOf(...actions: readonly UpdateAction[]): string[] {
  return orderSteps({ policy: POLICY }, actions, 'b').map((step) =>
    step.kind === 'write'
      ? `write ${step.action.source.id.slice(2)}`
      : `${step.kind} ${step.mapping.b?.id.slice(2)}`,
  );
}

describe('the order of moves on a system that refuses overlaps', () => {
  it('lets each item wait for the one before it', () => {
    expect(stepsOf(move(1, at(8), at(9)), move(2, at(9), at(10)), move(3, at(10), at(11)))).toEqual(
      ['write 3', 'write 2', 'write 1'],
    );
  });

  it('unties an exchange: one gives up its slot, and takes its new one last', () => {
    expect(stepsOf(move(1, at(8), at(9)), move(2, at(9), at(8)))).toEqual([
      'suspend 1',
      'write 2',
      'write 1',
      'resume 1',
    ]);
  });

  it('unties a ring of three with one item out of its slot', () => {
    const steps = stepsOf(move(1, at(8), at(9)), move(2, at(9), at(10)), move(3, at(10), at(8)));
    expect(steps.filter((step) => step.startsWith('suspend'))).toHaveLength(1);
    expect(steps.at(-1)).toMatch(/^resume/);
  });

  it('does not suspend again what is suspended', () => {
    expect(stepsOf(move(1, at(8), at(9), true), move(2, at(9), at(8)))).toEqual([
      'write 2',
      'write 1',
    ]);
  });

  it('waits for an item where it was seen, not where it was last known', () => {
    const first = move(1, at(8), at(9));
    const seen = { ...first, present: item('b-1', { slot: at(12) }) };
    expect(stepsOf(move(2, at(10), at(12)), seen)).toEqual(['write 1', 'write 2']);
  });

  it('lets touching slots be', () => {
    expect(stepsOf(move(1, at(8), at(9)), move(2, at(10), at(8)))).toEqual(['write 1', 'write 2']);
  });

  it('never has two items in one slot, and ends with all in theirs', () => {
    const positions = fc.uniqueArray(fc.integer({ min: 6, max: 16 }), {
      minLength: 1,
      maxLength: 7,
    });
    const moves = positions.chain((from) =>
      fc.tuple(
        fc.constant(from),
        fc.shuffledSubarray([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], {
          minLength: from.length,
          maxLength: from.length,
        }),
      ),
    );
    fc.assert(
      fc.property(moves, ([from, to]) => {
        const actions = from.map((hour, n) => move(n, at(hour), at(to[n] ?? hour)));
        const held = new Map<string, InstantRange>();
        for (const { mapping } of actions)
          if (mapping.b !== undefined) held.set(mapping.id, mapping.b);
        const suspended = new Map<string, InstantRange>();
        const take = (id: string, range: InstantRange): void => {
          for (const [other, taken] of held)
            expect(other !== id && overlaps(taken, range)).toBe(false);
          held.set(id, range);
        };
        for (const step of orderSteps({ policy: POLICY }, actions, 'b')) {
          if (step.kind === 'write') {
            const range = slotOf(step.action.source.event, OSLO);
            const { id } = step.action.mapping;
            if (suspended.has(id)) suspended.set(id, range);
            else take(id, range);
            continue;
          }
          const { id } = step.mapping;
          const [from, to] = step.kind === 'suspend' ? [held, suspended] : [suspended, held];
          const range = from.get(id);
          invariant(range !== undefined, `${step.kind} of what is not there`);
          from.delete(id);
          if (to === held) take(id, range);
          else to.set(id, range);
        }
        expect(suspended.size).toBe(0);
        for (const { source, mapping } of actions)
          expect(held.get(mapping.id)).toMatchObject(slotOf(source.event, OSLO));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a slot that is taken on a system that refuses overlaps', () => {
  const exclusive = { capabilities: { b: { exclusiveSlots: true, suspends: true } } };
  const a = item('a-1');
  const b = item('b-1');
  const mapping = mapped({ a: known(a), b: known(b) });
  const holder = item('b-9', { slot: [4, 8, 10], title: 'Holder' });
  const theirs = mapped({
    a: known(item('a-9', { slot: [4, 8, 10], title: 'Holder' })),
    b: known(holder),
  });

  it.each(SIDES)('is flagged before anything is sent, on side %s', (side) => {
    const spec = {
      capabilities: { [side]: { exclusiveSlots: true, suspends: true } },
      [side]: complete(item('x-9', { slot: [4, 8, 10] })),
      [side === 'a' ? 'b' : 'a']: changes([item('y-1', { slot: [4, 9, 11] })]),
      mappings: [
        mapped({
          [side]: known(item('x-9', { slot: [4, 8, 10] })),
          [side === 'a' ? 'b' : 'a']: known(item('y-9')),
        }),
      ],
    };
    expect(actionsOf(spec)).toEqual([`flag (slot-taken) owed ${side === 'a' ? 'b' : 'a'}`]);
  });

  it('names who holds it', () => {
    const plan = planOf({
      ...exclusive,
      a: changes([edited(a, { slot: [4, 9, 10] })]),
      b: complete(b, holder),
      mappings: [mapping, theirs],
    });
    expect(plan.actions).toMatchObject([
      { kind: 'flag', rule: 'slot-taken', owed: ['a'], reason: expect.stringContaining('b-9') },
    ]);
  });

  it('does not matter where overlaps are allowed, nor do rows that only their owner may move', () => {
    const moved = changes([edited(a, { slot: [4, 9, 10] })]);
    const spec = { a: moved, b: complete(b, holder), mappings: [mapping, theirs] };
    expect(actionsOf(spec)).toEqual(['update b [slot] (changed)']);
    const allocation = { ...holder, rights: 'none' as const };
    expect(actionsOf({ ...spec, ...exclusive, b: complete(b, allocation) })).toEqual([
      'update b [slot] (changed)',
    ]);
  });

  it('is free where its holder ends or moves away in the same plan', () => {
    const moved = edited(a, { slot: [4, 9, 10] });
    const base = { ...exclusive, b: complete(b, holder), mappings: [mapping, theirs] };
    const ended = { ...base, a: changes([moved], ['a-9']), answers: { a: [gone(item('a-9'))] } };
    expect(actionsOf(ended)).toEqual(['update b [slot] (changed)', 'delete b (deleted)']);
    const away = edited(item('a-9', { slot: [4, 8, 10], title: 'Holder' }), { slot: [6, 8, 10] });
    expect(actionsOf({ ...base, a: changes([moved, away]) })).toEqual([
      'update b [slot] (changed)',
      'update b [slot] (changed)',
    ]);
  });

  it('blocks in turn what waits for one that is blocked', () => {
    const one = item('a-2', { slot: [5, 8, 9] });
    const two = item('b-2', { slot: [5, 8, 9] });
    const waiting = mapped({ a: known(one), b: known(two) });
    const plan = planOf({
      ...exclusive,
      a: changes([edited(a, { slot: [5, 8, 9] }), edited(one, { slot: [4, 8, 9] })]),
      b: complete(b, two, holder),
      mappings: [mapping, waiting, theirs],
    });
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['flag', 'flag']);
  });

  it('may be taken in part by its own former self', () => {
    const moved = edited(a, { slot: [2, 8, 10] });
    const spec = { ...exclusive, a: changes([moved]), b: complete(b), mappings: [mapping] };
    expect(actionsOf(spec)).toEqual(['update b [slot] (changed)']);
  });

  it('is tried again when the flag is looked at and the slot is free', () => {
    const flagged = mapped(
      { a: known(a), b: known(b) },
      { state: 'conflict', rule: 'slot-taken', owed: ['a'] },
    );
    const moved = edited(a, { slot: [4, 9, 10] });
    const spec = { ...exclusive, b: complete(b), mappings: [flagged] };
    expect(actionsOf(spec)).toEqual(['ask a a-1 (owed)']);
    expect(actionsOf({ ...spec, answers: { a: [alive(moved)] } })).toEqual([
      'update b [slot] (changed)',
    ]);
  });
});

describe('an exchange of slots where no item can give up its own', () => {
  const exclusive = { capabilities: { b: { exclusiveSlots: true, suspends: false } } };
  const hours = (from: number): Slot => [3, from, from + 1];

  /** Events 1, 2, … at these hours, moved on side a to those; `more` are new on side a. */
  function plan(from: readonly number[], to: readonly number[], ...more: readonly SnapshotItem[]) {
    const originals = from.map((hour, n) => item(`a-${n + 1}`, { slot: hours(hour) }));
    const copies = from.map((hour, n) => item(`b-${n + 1}`, { slot: hours(hour) }));
    return planOf({
      ...exclusive,
      a: changes([
        ...originals.flatMap((original, n) =>
          to[n] === from[n] ? [] : [edited(original, { slot: hours(to[n] ?? 0) })],
        ),
        ...more,
      ]),
      b: complete(...copies),
      mappings: originals.map((original, n) =>
        mapped({ a: known(original), b: known(copies[n] ?? original) }),
      ),
    });
  }

  const rulesOf = (...args: Parameters<typeof plan>): string[] =>
    plan(...args).actions.map(({ kind, rule }) => `${kind} ${rule}`);

  it('is flagged, with what a person can do, and nothing of it is written', () => {
    const { actions } = plan([8, 9], [9, 8]);
    expect(actions).toMatchObject([
      { kind: 'flag', rule: 'slots-exchanged', owed: ['a'], gone: [] },
      { kind: 'flag', rule: 'slots-exchanged', owed: ['a'], gone: [] },
    ]);
    const reasons = new Set(actions.map(({ reason }) => reason));
    expect([...reasons]).toEqual([
      expect.stringMatching(/b-1, b-2: move one of them to a free time on side a/),
    ]);
  });

  it('leaves chains alone: they still run in order', () => {
    expect(rulesOf([8, 9, 10], [9, 10, 11])).toEqual(Array(3).fill('update changed'));
    expect(rulesOf([8, 9, 12], [9, 8, 13])).toEqual([
      'flag slots-exchanged',
      'flag slots-exchanged',
      'update changed',
    ]);
  });

  it('keeps its slots from what waits for it, moved or new', () => {
    expect(rulesOf([8, 9, 12], [9, 8, 8], item('a-9', { slot: hours(9), title: 'New' }))).toEqual([
      'flag slots-exchanged',
      'flag slots-exchanged',
      'flag slot-taken',
      'flag slot-taken',
    ]);
  });

  it('follows once one of the items was moved to a free time', () => {
    expect(rulesOf([8, 9], [9, 14])).toEqual(['update changed', 'update changed']);
  });

  it('never leaves an order that would need a suspension', () => {
    const span = fc.uniqueArray(fc.integer({ min: 6, max: 12 }), { minLength: 1, maxLength: 6 });
    const moves = span.chain((from) =>
      fc.tuple(
        fc.constant(from),
        fc.array(fc.integer({ min: 6, max: 12 }), {
          minLength: from.length,
          maxLength: from.length,
        }),
      ),
    );
    fc.assert(
      fc.property(moves, ([from, to]) => {
        const { actions } = plan(from, to);
        const updates = actions.filter(
          (action): action is UpdateAction => action.kind === 'update',
        );
        const steps = orderSteps({ policy: POLICY }, updates, 'b');
        expect(steps.every(({ kind }) => kind === 'write')).toBe(true);
        const taken = actions.filter(({ kind }) => kind === 'flag').length;
        const moving = from.filter((hour, n) => hour !== to[n]).length;
        expect(updates.length + taken).toBe(moving);
      }),
      { numRuns: 300 },
    );
  });
});
