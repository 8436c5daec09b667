import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../../shared/model/fields.ts';
import type { ResourceId } from '../../../../shared/model/ids.ts';
import { SIDES } from '../../../../shared/model/ids.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import {
  actionsOf,
  alive,
  changes,
  complete,
  edited,
  gone,
  hour,
  item,
  known,
  mapped,
  NOW,
  planOf,
  told,
} from './support.ts';

const a = item('a-1');
const b = item('b-1');
const synced = mapped({ a: known(a), b: known(b) });

describe('unknown is not empty', () => {
  const hidden = { shown: ['title', 'slot'] as const };
  const part = item('b-1', { ...hidden, description: '' });

  it('a field that was not shown is not compared', () => {
    expect(actionsOf({ b: complete(part), mappings: [synced] })).toEqual([]);
    const moved = item('b-1', { ...hidden, description: '', version: 'v2', lastModified: NOW });
    expect(actionsOf({ b: complete(moved), mappings: [synced] })).toEqual(['link (echo)']);
  });

  it('the whole item is asked for when a shown field changed', () => {
    const moved = edited(part, { slot: [3, 8, 9] });
    expect(actionsOf({ b: complete(moved), mappings: [synced] })).toEqual(['ask b b-1 (hidden)']);
    const whole = edited(b, { slot: [3, 8, 9], description: 'more' });
    expect(
      actionsOf({ b: complete(moved), mappings: [synced], answers: { b: [alive(whole)] } }),
    ).toEqual(['update a [title,slot,description] (changed)'.replace('title,', '')]);
  });

  it('what even a look could not show is not written', () => {
    const moved = edited(part, { slot: [3, 8, 9] });
    const answers = { b: [alive(moved)] };
    expect(actionsOf({ b: complete(moved), mappings: [synced], answers })).toEqual([
      'update a [slot] (changed)',
    ]);
  });

  it('a field seen for the first time is no change', () => {
    const { description: _, ...fingerprint } = known(b).fingerprint;
    const mapping = mapped({ a: known(a), b: known(b, { fingerprint }) });
    const shown = edited(b, { description: 'was there all along' });
    expect(actionsOf({ b: complete(shown), mappings: [mapping] })).toEqual(['link (echo)']);
  });

  it('a field that the other side cannot hold is no change', () => {
    const capabilities = { a: { writable: ['title', 'slot'] as const } };
    const changed = edited(b, { description: 'for the booking system only' });
    expect(actionsOf({ b: complete(changed), mappings: [synced], capabilities })).toEqual([
      'link (echo)',
    ]);
  });
});

describe('fingerprints of another version or key', () => {
  const stale = { fpVersion: 0 };
  const otherKey = { keyVersion: 'another' };

  describe.each([stale, otherKey])('%j', (outdated) => {
    const mapping = mapped({ a: known(a, outdated), b: known(b, outdated) });
    const moved = { version: 'v2', lastModified: NOW };

    it('say nothing of items that did not move', () => {
      expect(actionsOf({ a: changes([a]), b: changes([b]), mappings: [mapping] })).toEqual([]);
    });

    it('are renewed without a write where both copies are equal', () => {
      const spec = { a: changes([edited(a, {})]), b: changes([edited(b, {})]) };
      expect(actionsOf({ ...spec, mappings: [mapping] })).toEqual(['link (echo)']);
    });

    it.each(SIDES)('leave the change to the side that moved: %s', (side) => {
      const mine = side === 'a' ? a : b;
      const other = side === 'a' ? b : a;
      const spec = {
        [side]: changes([edited(mine, { title: 'New', ...moved })]),
        [side === 'a' ? 'b' : 'a']: changes([other]),
      };
      expect(actionsOf({ ...spec, mappings: [mapping] })).toEqual([
        `update ${side === 'a' ? 'b' : 'a'} [title] (changed)`,
      ]);
    });

    it('ask the policy where both moved and differ', () => {
      const spec = {
        a: changes([edited(a, { title: 'A', ...moved })]),
        b: changes([edited(b, { title: 'B', ...moved })]),
        mappings: [mapping],
      };
      expect(actionsOf(spec)).toEqual(['flag (conflict-flagged) owed a,b']);
      expect(actionsOf({ ...spec, policy: { conflictPolicy: 'b' } })).toEqual([
        'update a [title] (conflict-policy)',
      ]);
    });

    it('ask for the other copy where a read is silent about it', () => {
      const spec = { a: changes([edited(a, { title: 'A' })]), mappings: [mapping] };
      expect(actionsOf(spec)).toEqual(['ask b b-1 (content)']);
      expect(actionsOf({ ...spec, answers: { b: [alive(b)] } })).toEqual([
        'update b [title] (changed)',
      ]);
    });
  });
});

describe('items that other rooms hold too', () => {
  const sharedWith = ['room-2' as ResourceId];
  const spec = { a: changes([], ['a-1']), answers: { a: [gone(a)] }, mappings: [synced] };

  it('are flagged, not ended, when one room’s copy is deleted', () => {
    const shared = item('b-1', { sharedWith });
    expect(actionsOf({ ...spec, b: complete(shared) })).toEqual(['flag (shared) gone a']);
    expect(actionsOf({ ...spec, b: complete(b) })).toEqual(['delete b (deleted)']);
  });

  it('are looked at where the list does not say', () => {
    const { sharedWith: _, ...untold } = b;
    const capabilities = { b: { changes: 'list' as const } };
    expect(actionsOf({ ...spec, b: complete(untold), capabilities })).toEqual([
      'ask b b-1 (content)',
    ]);
    const answers = { a: [gone(a)], b: [alive(item('b-1', { sharedWith }))] };
    expect(actionsOf({ ...spec, b: complete(untold), capabilities, answers })).toEqual([
      'flag (shared) gone a',
    ]);
  });
});

describe('replays', () => {
  const at = (ms: number) => (NOW - 3_600_000 + ms) as Instant;
  const mapping = mapped({ a: known(a, { lastModified: at(0) }), b: known(b) });
  const told = (ms: number) => changes([edited(a, { title: 'Another', lastModified: at(ms) })]);

  it('older than what is known are dropped', () => {
    expect(actionsOf({ a: told(-1), mappings: [mapping] })).toEqual([]);
  });

  it('as old as what is known, and unlike it, are looked at', () => {
    expect(actionsOf({ a: told(0), mappings: [mapping] })).toEqual(['ask a a-1 (replay)']);
    const answers = { a: [alive(edited(a, { title: 'Another', lastModified: at(0) }))] };
    expect(actionsOf({ a: told(0), mappings: [mapping], answers })).toEqual([
      'update b [title] (changed)',
    ]);
    const unchanged = { a: [alive(edited(a, { lastModified: at(0) }))] };
    expect(actionsOf({ a: told(0), mappings: [mapping], answers: unchanged })).toEqual([
      'link (echo)',
    ]);
  });

  it('newer ones are changes', () => {
    expect(actionsOf({ a: told(1), mappings: [mapping] })).toEqual(['update b [title] (changed)']);
  });
});

describe('the window', () => {
  const outside = item('b-1', { slot: [-9, 8, 9] });
  const mapping = mapped({ a: known(item('a-1', { slot: [-9, 8, 9] })), b: known(outside) });

  it('sliding out of it ends nothing', () => {
    expect(actionsOf({ a: complete(), b: complete(), mappings: [mapping] })).toEqual([]);
  });

  it('an item that was moved out of it moves its copy', () => {
    const moved = edited(b, { slot: [400, 8, 9] });
    const answers = { b: [alive(moved)] };
    expect(actionsOf({ b: complete(), mappings: [synced], answers })).toEqual([
      'update a [slot] (changed)',
    ]);
  });
});

describe('the past', () => {
  const was = { slot: [-1, 8, 9] } as const;
  const pastA = item('a-1', was);
  const pastB = item('b-1', was);
  const mapping = mapped({ a: known(pastA), b: known(pastB) });

  it('is not rewritten: past stays as it was on the other side', () => {
    const plan = planOf({ a: changes([edited(pastA, { title: 'New' })]), mappings: [mapping] });
    expect(plan.actions).toMatchObject([{ kind: 'link', rule: 'past', withheld: true }]);
  });

  it('that is dragged to the future is written, with all that was withheld', () => {
    const dragged = edited(pastA, { slot: [3, 8, 9] });
    expect(actionsOf({ a: changes([dragged]), mappings: [mapping] })).toEqual([
      'update b [slot] (changed)',
    ]);
    const withheld = { ...mapping, withheld: true as const };
    expect(actionsOf({ a: changes([dragged]), mappings: [withheld] })).toEqual([
      `update b [${FIELDS.join()}] (changed)`,
    ]);
  });

  it('a future copy may be moved to the past', () => {
    expect(actionsOf({ a: changes([edited(a, was)]), mappings: [synced] })).toEqual([
      'update b [slot] (changed)',
    ]);
  });

  it('is never deleted', () => {
    const spec = { a: changes([], ['a-1']), answers: { a: [gone(pastA)] } };
    expect(actionsOf({ ...spec, mappings: [mapping] })).toEqual(['unlink (past-kept) gone a']);
    const kept = mapped(
      { a: known(pastA, { gone: true }), b: known(pastB) },
      { state: 'cancelled', rule: 'past-kept' },
    );
    expect(actionsOf({ mappings: [kept] })).toEqual([]);
  });

  it('is not made again, until its event is dragged to the future', () => {
    const policy = { direction: 'aToB' } as const;
    const spec = { a: changes([pastA]), b: changes([], ['b-1']), answers: { b: [gone(pastB)] } };
    expect(actionsOf({ ...spec, mappings: [mapping], policy })).toEqual([
      'unlink (past-kept) gone b',
    ]);
    const kept = mapped(
      { a: known(pastA), b: known(pastB, { gone: true }) },
      { state: 'cancelled', rule: 'past-kept' },
    );
    const dragged = edited(pastA, { slot: [3, 8, 9] });
    expect(actionsOf({ a: changes([dragged]), mappings: [kept], policy })).toEqual([
      'create b (recreate)',
    ]);
  });

  it('begins when the event ends', () => {
    const mappings = [mapped({ a: known(item('a-1', { slot: [0, 4, 6] })) })];
    const ending = item('a-1', { slot: [0, 4, 6] });
    expect(planOf({ a: complete(ending), mappings }).refusals).toMatchObject([{ reason: 'past' }]);
    expect(planOf({ a: complete(ending), mappings, now: hour(0, 5) }).actions).toMatchObject([
      { kind: 'create' },
    ]);
  });
});

describe('reads that are not believed', () => {
  const items = [1, 2, 3].map((day) => item(`b-${day}`, { slot: [day, 8, 9] }));
  const mappings = items.map((one, index) =>
    mapped({ a: known(item(`a-${index + 1}`, { slot: [index + 1, 8, 9] })), b: known(one) }),
  );

  it.each(SIDES)('from filled to empty on side %s ends nothing, and asks nothing', (side) => {
    const plan = planOf({ [side]: complete(), mappings });
    expect(plan.actions.map(told)).toEqual(Array(3).fill(`flag (held) owed ${side}`));
    expect(plan.questions).toEqual([]);
    expect(plan.holdings).toMatchObject([{ side, trip: { rule: 'emptied', count: 3, known: 3 } }]);
  });

  it('few copies may all be gone, once each is confirmed', () => {
    const plan = planOf({ b: complete(), mappings: mappings.slice(0, 2) });
    expect(plan.distrust).toEqual([]);
    expect(plan.questions.map(({ why }) => why)).toEqual(['missing', 'missing']);
  });

  it('a list that leaves out what a look finds alive is told as short', () => {
    const [one, two, three] = items;
    if (one === undefined || two === undefined || three === undefined) throw new Error('no items');
    const spec = { b: complete(one, two), mappings };
    const plan = planOf({ ...spec, answers: { b: [alive(three)] } });
    expect(plan.distrust).toEqual([{ side: 'b', items: 1 }]);
    expect(plan.actions).toEqual([]);
    const moved = edited(three, { slot: [400, 8, 9] });
    expect(planOf({ ...spec, answers: { b: [alive(moved)] } }).distrust).toEqual([]);
    expect(planOf({ ...spec, answers: { b: [gone(three)] } }).distrust).toEqual([]);
  });
});

describe('items that cannot be carried any more', () => {
  it.each(SIDES)(
    'are refused with their mapping, and nothing of it is touched: side %s',
    (side) => {
      const mine = side === 'a' ? a : b;
      const series = edited(mine, { title: 'New', unsupported: 'series' });
      const other = side === 'a' ? b : a;
      const plan = planOf({
        [side]: changes([series]),
        [side === 'a' ? 'b' : 'a']: changes([], [other.id]),
        mappings: [{ ...synced, owed: ['a', 'b'] }],
      });
      expect(plan.refusals).toMatchObject([{ side, reason: 'series', mapping: { id: synced.id } }]);
      expect(plan.actions).toEqual([]);
      expect(plan.questions).toEqual([]);
    },
  );
});

describe('private items', () => {
  const secret = { more: { privacy: 'private' as const }, shown: ['slot'] as const };

  it('cross with their slot alone', () => {
    const plan = planOf({ a: complete(item('a-1', { ...secret, title: 'Secret' })) });
    expect(plan.actions).toMatchObject([
      { kind: 'create', source: { event: { title: '', description: '' } } },
    ]);
  });

  it('take their text off the other side when they are made private', () => {
    const hidden = edited(a, secret);
    expect(actionsOf({ a: changes([hidden]), mappings: [synced] })).toEqual([
      'update b [title,description] (changed)',
    ]);
  });

  it('are moved by the other side, and not renamed', () => {
    const hidden = item('a-1', secret);
    const kept = planOf({ a: changes([hidden]) }).actions[0];
    if (kept?.kind !== 'create') throw new Error('no create');
    const mapping = mapped({ a: known(kept.source), b: known(item('b-1', { title: 'Busy' })) });
    const changed = edited(item('b-1', { title: 'Busy' }), { title: 'X', slot: [3, 8, 9] });
    const spec = { b: changes([changed]), mappings: [mapping] };
    expect(actionsOf(spec)).toEqual(['ask a a-1 (content)']);
    expect(actionsOf({ ...spec, answers: { a: [alive(hidden)] } })).toEqual([
      'update a [slot] (changed)',
    ]);
    const renamed = edited(item('b-1', { title: 'Busy' }), { title: 'X' });
    expect(actionsOf({ ...spec, b: changes([renamed]), answers: { a: [alive(hidden)] } })).toEqual([
      'link (agreement)',
    ]);
  });
});

describe('what a cursor has passed', () => {
  it('is looked at before the next decision', () => {
    const owing = { ...synced, owed: ['b' as const] };
    const spec = { a: changes([edited(a, { title: 'A' })]), mappings: [owing] };
    expect(actionsOf(spec)).toEqual(['ask b b-1 (owed)']);
    const answers = { b: [alive(edited(b, { title: 'B' }))] };
    expect(actionsOf({ ...spec, answers })).toEqual(['flag (conflict-flagged) owed a,b']);
  });

  it('is settled when nothing is left of it', () => {
    const owing = { ...synced, owed: ['b' as const] };
    expect(actionsOf({ mappings: [owing], answers: { b: [alive(b)] } })).toEqual([
      'link (settled)',
    ]);
  });

  it('an item that we made inactive ourselves is looked at, and is not missed', () => {
    const suspended = { ...synced, suspended: 'b' as const };
    expect(actionsOf({ b: complete(), mappings: [suspended] })).toEqual(['ask b b-1 (suspended)']);
    const answers = { b: [alive({ ...b, suspended: true })] };
    expect(actionsOf({ b: complete(), mappings: [suspended], answers })).toEqual([]);
    expect(planOf({ b: complete(), mappings: [suspended], answers }).distrust).toEqual([]);
  });
});
