import { describe, expect, it } from 'vitest';
import { SIDES, otherSide } from '../../../../shared/model/ids.ts';
import { actionsOf, alive, changes, edited, gone, item, known, mapped, planOf } from './support.ts';

const a = item('a');
const b = item('b');
const mapping = mapped({ a: known(a), b: known(b) });
const silent = { a: changes(), b: changes(), mappings: [mapping] };
const look = [mapping.id];

describe('an event that is to be looked at', () => {
  it('is asked for by id on both sides, though the reads are silent', () => {
    expect(planOf(silent).questions).toEqual([]);
    expect(planOf({ ...silent, look }).questions).toMatchObject([
      { side: 'a', id: 'a', why: 'missing' },
      { side: 'b', id: 'b', why: 'missing' },
    ]);
  });

  it('is asked for only where a read does not show it', () => {
    const plan = planOf({ ...silent, a: changes([a]), look });
    expect(plan.questions).toMatchObject([{ side: 'b', id: 'b' }]);
  });

  it.each(SIDES)('is ended where it is gone on side %s', (lost) => {
    const left = otherSide(lost);
    const of = { a, b };
    const answers = { [lost]: [gone(of[lost])], [left]: [alive(of[left])] };
    expect(actionsOf({ ...silent, look, answers })).toEqual([`delete ${left} (deleted)`]);
  });

  it('is left alone where it lives, and carried over where it has changed', () => {
    const answers = { a: [alive(a)], b: [alive(b)] };
    expect(actionsOf({ ...silent, look, answers })).toEqual([]);
    const changed = { a: [alive(edited(a, { title: 'other' }))], b: [alive(b)] };
    expect(actionsOf({ ...silent, look, answers: changed })).toEqual([
      'update b [title] (changed)',
    ]);
  });
});
