import { describe, expect, it } from 'vitest';
import { SIDES } from '../../../../shared/model/ids.ts';
import { narrow, type Narrowing } from '../../../../shared/sync/plan/narrow.ts';
import type { SyncAction } from '../../../../shared/sync/plan/state.ts';
import { changes, edited, gone, hour, item, known, mapped, OSLO, planOf, told } from './support.ts';

/** One action of each kind for each side, all on day 2 but for the creates, on day 3. */
function everyAction(): readonly SyncAction[] {
  const copies = (name: string) => {
    const a = item(`a-${name}`, { title: name });
    const b = item(`b-${name}`, { title: name });
    return { a, b, mapping: mapped({ a: known(a), b: known(b) }) };
  };
  const changedA = copies('changed a');
  const changedB = copies('changed b');
  const goneA = copies('gone a');
  const goneB = copies('gone b');
  const gonePair = copies('both gone');
  const clash = copies('clash');
  const agreed = copies('agreed');
  const same = { title: 'the same' };
  return planOf({
    a: changes(
      [
        item('a-new', { slot: [3, 8, 9] }),
        edited(changedA.a, { title: 'x' }),
        edited(clash.a, { title: 'x' }),
        edited(agreed.a, same),
      ],
      ['a-gone a', 'a-both gone'],
    ),
    b: changes(
      [
        item('b-new', { slot: [3, 10, 11] }),
        edited(changedB.b, { title: 'x' }),
        edited(clash.b, { title: 'y' }),
        edited(agreed.b, same),
      ],
      ['b-gone b', 'b-both gone'],
    ),
    answers: {
      a: [gone(goneA.a), gone(gonePair.a)],
      b: [gone(goneB.b), gone(gonePair.b)],
    },
    mappings: [changedA, changedB, goneA, goneB, gonePair, clash, agreed].map(
      ({ mapping }) => mapping,
    ),
  }).actions;
}

function wantedOf(options: Narrowing): string[] {
  return narrow(everyAction(), options, OSLO)
    .wanted.map((action) => told(action).split(' (')[0] ?? '')
    .sort();
}

const ALWAYS = ['flag', 'link'];
const ON = {
  a: ['create a', 'delete a', 'update a [title]'],
  b: ['create b', 'delete b', 'update b [title]'],
};

describe('a narrowed run', () => {
  it('without options leaves nothing', () => {
    const { wanted, left } = narrow(everyAction(), {}, OSLO);
    expect(wanted).toHaveLength(9);
    expect(left).toEqual([]);
  });

  it('leaves what it does not apply to a whole one', () => {
    const all = everyAction();
    const { wanted, left } = narrow(all, { target: 'a' }, OSLO);
    expect(left.map(told)).not.toEqual([]);
    expect(new Set([...wanted, ...left])).toEqual(new Set(all));
  });

  it.each(SIDES)('to target %s writes there alone', (target) => {
    expect(wantedOf({ target })).toEqual([...ON[target], ...ALWAYS, 'unlink'].sort());
  });

  it('that skips updates makes and ends copies', () => {
    const expected = ['create a', 'create b', 'delete a', 'delete b', ...ALWAYS, 'unlink'];
    expect(wantedOf({ skipUpdates: true })).toEqual(expected.sort());
  });

  it('that leaves deletions alone ends nothing', () => {
    const updates = ['update a [title]', 'update b [title]'];
    const expected = ['create a', 'create b', ...updates, ...ALWAYS];
    expect(wantedOf({ handleDeletions: false })).toEqual(expected.sort());
  });

  it('to a range touches what overlaps it', () => {
    const range = { start: hour(3, 9), end: hour(4, 0) };
    expect(wantedOf({ range })).toEqual(['create a', ...ALWAYS, 'unlink'].sort());
  });
});
