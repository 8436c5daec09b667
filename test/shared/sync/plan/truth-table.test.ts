import { describe, expect, it } from 'vitest';
import { otherSide, SIDES, type Side } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { ConflictPolicy, Direction } from '../../../../shared/model/pair.ts';
import type { Rights, Snapshot, SnapshotItem, Verdict } from '../../../../shared/model/snapshot.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
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
  NOW,
  planOf,
  told,
  type StateSpec,
} from './support.ts';

/**
 * `near` and `far` are the two sides of a pair, either way round: each row is tried with near as a
 * and as b, read completely and by changes.
 */
type Seen =
  | 'unchanged'
  | 'changed'
  | 'changed alike'
  | 'gone'
  | 'elsewhere'
  | 'returned'
  | 'returned changed';
type Owner = 'both' | 'near' | 'far';
type ReadAs = Snapshot['kind'];

interface Scene {
  readonly near: Seen;
  readonly far: Seen;
  readonly rights?: Partial<Record<'near' | 'far', Rights>>;
  readonly owner?: Owner;
  readonly policy?: ConflictPolicy;
  readonly mapping?: Partial<EventMapping>;
}

interface Copy {
  readonly before: SnapshotItem;
  readonly now: SnapshotItem | undefined;
  readonly verdict: readonly [string, Verdict] | undefined;
}

const NEW_TITLE = { near: 'New near', far: 'New far' } as const;

function copyOf(end: 'near' | 'far', seen: Seen, rights: Rights): Copy {
  const before = item(`${end}-1`, { rights, title: 'Meeting' });
  const now = {
    unchanged: before,
    changed: edited(before, { title: NEW_TITLE[end] }),
    'changed alike': edited(before, { title: 'New and agreed' }),
    returned: edited(before, {}),
    'returned changed': edited(before, { title: NEW_TITLE[end] }),
    gone: undefined,
    elsewhere: undefined,
  }[seen];
  const verdict = {
    unchanged: undefined,
    changed: undefined,
    'changed alike': undefined,
    returned: now && alive(now),
    'returned changed': now && alive(now),
    gone: gone(before),
    elsewhere: [before.id, { kind: 'elsewhere' as const }] as const,
  }[seen];
  return { before, now, verdict };
}

function sceneOf(scene: Scene, nearIs: Side, readAs: ReadAs): StateSpec {
  const farIs = otherSide(nearIs);
  const near = copyOf('near', scene.near, scene.rights?.near ?? 'full');
  const far = copyOf('far', scene.far, scene.rights?.far ?? 'full');
  const stateOfCopy = (copy: Copy, seen: Seen) =>
    known(copy.before, seen.startsWith('returned') ? { gone: true } : {});
  const snapshotOf = (copy: Copy, seen: Seen): Snapshot => {
    if (readAs === 'complete') return complete(...(copy.now === undefined ? [] : [copy.now]));
    if (copy.now === undefined) return changes([], [copy.before.id]);
    // A delta is silent about what did not change; what it would take is then asked for.
    return seen === 'unchanged' ? changes() : changes([copy.now]);
  };
  const answersOf = (copy: Copy, seen: Seen) =>
    copy.verdict === undefined
      ? seen === 'unchanged' && copy.now !== undefined
        ? [alive(copy.now)]
        : []
      : [copy.verdict];
  const sides = { near: nearIs, far: farIs };
  const owner = scene.owner ?? 'both';
  const direction: Direction = owner === 'both' ? 'both' : sides[owner] === 'a' ? 'aToB' : 'bToA';
  const { policy = 'flag' } = scene;
  const mapping = mapped(
    {
      [nearIs]: stateOfCopy(near, scene.near),
      [farIs]: stateOfCopy(far, scene.far),
    },
    scene.mapping,
  );
  return {
    [nearIs]: snapshotOf(near, scene.near),
    [farIs]: snapshotOf(far, scene.far),
    answers: {
      [nearIs]: answersOf(near, scene.near),
      [farIs]: answersOf(far, scene.far),
    },
    mappings: [mapping],
    policy: { direction, conflictPolicy: policy },
  };
}

/** What is planned, in words of near and far; `nothing` where nothing is. */
function decided(scene: Scene, nearIs: Side, readAs: ReadAs): string {
  const plan = planOf(sceneOf(scene, nearIs, readAs));
  expect(plan.questions).toEqual([]);
  expect(plan.undecided).toEqual([]);
  expect(plan.refusals).toEqual([]);
  const words = plan.actions.map((action) =>
    told(action)
      .replaceAll(/(?<= |,)[ab](?=[ ,]|$)/g, (side) => (side === nearIs ? 'near' : 'far'))
      .replaceAll('far,near', 'near,far'),
  );
  return words.join('; ') || 'nothing';
}

/** What is decided either way round, however it is read: one word where all agree. */
function eitherWay(scene: Scene): readonly string[] {
  const decisions = SIDES.flatMap((nearIs) => [
    decided(scene, nearIs, 'complete'),
    decided(scene, nearIs, 'changes'),
  ]);
  return [...new Set(decisions)];
}

const UPDATE_FAR = 'update far [title] (changed)';
const UPDATE_NEAR = 'update near [title] (changed)';
const RESTORE_NEAR = 'restore near [title] (owner-restores)';
const DELETE_FAR = 'delete far (deleted)';
const RECREATE_NEAR = 'create near (recreate)';
const AGREE = 'link (agreement)';
const UNLINK = 'unlink (both-gone) gone near,far';
const ASK_A_PERSON = 'flag (conflict-flagged) owed near,far';
const EDIT_OR_DELETE = 'flag (conflict-flagged) owed far gone near';

type Row = readonly [near: Seen, far: Seen, both: string, nearOwns: string, farOwns: string];

const TABLE: readonly Row[] = [
  // near            far              both ways              near owns             far owns
  ['unchanged', 'unchanged', 'nothing', 'nothing', 'nothing'],
  ['changed', 'unchanged', UPDATE_FAR, UPDATE_FAR, RESTORE_NEAR],
  ['changed alike', 'changed alike', AGREE, AGREE, AGREE],
  ['changed', 'changed', ASK_A_PERSON, UPDATE_FAR, UPDATE_NEAR],
  ['gone', 'unchanged', DELETE_FAR, DELETE_FAR, RECREATE_NEAR],
  ['elsewhere', 'unchanged', DELETE_FAR, DELETE_FAR, RECREATE_NEAR],
  ['gone', 'changed', EDIT_OR_DELETE, DELETE_FAR, RECREATE_NEAR],
  ['elsewhere', 'changed', EDIT_OR_DELETE, DELETE_FAR, RECREATE_NEAR],
  ['gone', 'gone', UNLINK, UNLINK, UNLINK],
  ['gone', 'elsewhere', UNLINK, UNLINK, UNLINK],
  [
    'returned',
    'gone',
    'create far (returned)',
    'create far (returned)',
    'flag (rights) owed near gone far',
  ],
  ['returned', 'unchanged', AGREE, AGREE, AGREE],
  ['returned', 'returned', AGREE, AGREE, AGREE],
  ['returned', 'changed', ASK_A_PERSON, UPDATE_FAR, UPDATE_NEAR],
  ['returned changed', 'unchanged', UPDATE_FAR, UPDATE_FAR, UPDATE_NEAR],
  ['returned changed', 'changed', ASK_A_PERSON, UPDATE_FAR, UPDATE_NEAR],
  ['returned changed', 'returned', ASK_A_PERSON, UPDATE_FAR, UPDATE_NEAR],
];

describe.each(TABLE)('the truth table: near %s, far %s', (near, far, both, nearOwns, farOwns) => {
  it.each([
    { owner: 'both', expected: both },
    { owner: 'near', expected: nearOwns },
    { owner: 'far', expected: farOwns },
  ] as const)('owner $owner: $expected', ({ owner, expected }) => {
    expect(eitherWay({ near, far, owner })).toEqual([expected]);
  });
});

describe('a tombstone', () => {
  const mapping = { state: 'cancelled', rule: 'deleted' } as const;

  it('is left alone while both sides stay gone', () => {
    expect(eitherWay({ near: 'gone', far: 'gone', mapping })).toEqual(['nothing']);
  });

  it('comes to life again with the item', () => {
    expect(eitherWay({ near: 'returned', far: 'gone', mapping })).toEqual([
      'create far (returned)',
    ]);
  });
});

describe('rights of the items, both ways', () => {
  const FLAG = 'flag (rights)';
  const rows: readonly [Seen, Seen, Rights, Rights, string][] = [
    // near     far        near's    far's     decision
    ['changed', 'unchanged', 'full', 'none', RESTORE_NEAR],
    ['changed', 'unchanged', 'full', 'decline', RESTORE_NEAR],
    ['changed', 'unchanged', 'none', 'full', UPDATE_FAR],
    ['changed', 'unchanged', 'decline', 'full', UPDATE_FAR],
    ['changed', 'unchanged', 'none', 'decline', `${FLAG} owed near`],
    ['changed', 'changed', 'full', 'none', UPDATE_NEAR],
    ['changed', 'changed', 'decline', 'full', UPDATE_FAR],
    ['changed', 'changed', 'none', 'decline', `${FLAG} owed near,far`],
    ['gone', 'unchanged', 'full', 'none', RECREATE_NEAR],
    ['gone', 'unchanged', 'full', 'decline', RECREATE_NEAR],
    ['gone', 'unchanged', 'none', 'full', DELETE_FAR],
    ['gone', 'unchanged', 'decline', 'full', DELETE_FAR],
    ['gone', 'unchanged', 'none', 'none', `${FLAG} gone near`],
    ['gone', 'changed', 'full', 'none', RECREATE_NEAR],
    ['gone', 'changed', 'none', 'full', DELETE_FAR],
    ['gone', 'changed', 'decline', 'none', `${FLAG} owed far gone near`],
    ['gone', 'gone', 'none', 'decline', UNLINK],
    ['changed alike', 'changed alike', 'none', 'decline', AGREE],
  ];

  it.each(rows)('near %s, far %s, rights %s and %s: %s', (near, far, onNear, onFar, expected) => {
    expect(eitherWay({ near, far, rights: { near: onNear, far: onFar } })).toEqual([expected]);
  });

  it.each(['none', 'decline'] as const)('never writes on a follower with rights %s', (far) => {
    const rights = { far };
    expect(eitherWay({ near: 'changed', far: 'unchanged', owner: 'near', rights })).toEqual([
      `${FLAG} owed near`,
    ]);
    expect(eitherWay({ near: 'gone', far: 'unchanged', owner: 'near', rights })).toEqual([
      `${FLAG} gone near`,
    ]);
    expect(eitherWay({ near: 'gone', far: 'changed', owner: 'near', rights })).toEqual([
      `${FLAG} owed far gone near`,
    ]);
  });
});

describe('conflict policies', () => {
  const conflict = { near: 'changed', far: 'changed' } as const;
  const BY_POLICY = 'update b [title] (conflict-policy)';
  const decidedBy = (policy: ConflictPolicy, modified: { a?: number; b?: number }): string => {
    const a = item('a-1');
    const b = item('b-1');
    const later = (ms: number | undefined) =>
      ms === undefined ? { lastModified: null } : { lastModified: (NOW + ms) as Instant };
    const [now] = planOf({
      a: changes([edited(a, { title: 'A', ...later(modified.a) })]),
      b: changes([edited(b, { title: 'B', ...later(modified.b) })]),
      mappings: [mapped({ a: known(a), b: known(b) })],
      policy: { conflictPolicy: policy },
    }).actions.map(told);
    return now ?? 'nothing';
  };

  it.each([
    ['a', {}, BY_POLICY],
    ['b', {}, 'update a [title] (conflict-policy)'],
    ['flag', {}, 'flag (conflict-flagged) owed a,b'],
    ['lastModified', { a: -1000, b: -2000 }, BY_POLICY],
    ['lastModified', { a: -2000, b: -1000 }, 'update a [title] (conflict-policy)'],
    ['lastModified', { a: -1000, b: -1000 }, 'flag (conflict-flagged) owed a,b'],
    // A system that keeps no time of change: what is seen now changed now.
    ['lastModified', { a: -1000 }, 'update a [title] (conflict-policy)'],
    ['lastModified', { b: -1000 }, BY_POLICY],
    ['lastModified', {}, 'flag (conflict-flagged) owed a,b'],
  ] as const)('%s with changes at %j: %s', (policy, modified, expected) => {
    expect(decidedBy(policy, modified)).toBe(expected);
  });

  it('takes the time a change was first seen where the system names none', () => {
    const a = item('a-1');
    const b = item('b-1', { lastModified: null });
    const firstSeenChangedAt = (NOW - 3_600_000) as Instant;
    const actions = actionsOf({
      a: changes([edited(a, { title: 'A' })]),
      b: complete(edited(b, { title: 'B', lastModified: null })),
      mappings: [mapped({ a: known(a), b: known(b, { firstSeenChangedAt }) })],
      policy: { conflictPolicy: 'lastModified' },
    });
    expect(actions).toEqual([BY_POLICY]);
  });

  it.each([
    ['lastModified', 'create near (edit-beats-delete)'],
    ['flag', EDIT_OR_DELETE],
  ] as const)('deletion against edit under %s: %s', (policy, expected) => {
    expect(eitherWay({ near: 'gone', far: 'changed', policy })).toEqual([expected]);
  });

  it('deletion against edit: the named side wins', () => {
    for (const nearIs of SIDES) {
      const scene = { near: 'gone', far: 'changed' } as const;
      const wins = decided({ ...scene, policy: nearIs }, nearIs, 'complete');
      expect(wins).toBe(DELETE_FAR);
      const loses = decided({ ...scene, policy: otherSide(nearIs) }, nearIs, 'complete');
      expect(loses).toBe('create near (edit-beats-delete)');
    }
  });

  it('never asks the policy where one side owns the event', () => {
    for (const policy of ['a', 'b', 'lastModified', 'flag'] as const) {
      expect(eitherWay({ ...conflict, owner: 'near', policy })).toEqual([UPDATE_FAR]);
      expect(eitherWay({ ...conflict, policy, rights: { near: 'none' } })).toEqual([UPDATE_FAR]);
    }
  });
});

describe('a copy that its owner puts back', () => {
  it.each([
    { owner: 'far' as const },
    { rights: { far: 'none' } as const },
    { rights: { far: 'decline' } as const },
  ])('is put back once, then flagged: %j', (ownership) => {
    const scene = { near: 'changed', far: 'unchanged', ...ownership } as const;
    expect(eitherWay(scene)).toEqual([RESTORE_NEAR]);
    const again = { ...scene, mapping: { restores: 1 } };
    expect(eitherWay(again)).toEqual(['flag (owner-restored-once) owed near']);
  });

  it('is written over when its owner changes after that', () => {
    expect(
      eitherWay({ near: 'changed', far: 'changed', owner: 'far', mapping: { restores: 1 } }),
    ).toEqual([UPDATE_NEAR]);
  });

  it('is made again each time it is taken away', () => {
    const scene = { near: 'gone', far: 'unchanged', mapping: { restores: 1 } } as const;
    expect(eitherWay({ ...scene, owner: 'far' })).toEqual([RECREATE_NEAR]);
  });
});

describe('questions before a decision', () => {
  it.each(SIDES)('a missing item of side %s is confirmed before anything ends', (side) => {
    const one = item('one-1');
    const other = item('other-1');
    const mappings = [mapped({ [side]: known(one), [otherSide(side)]: known(other) })];
    const silent = { [otherSide(side)]: changes([other]), mappings };
    expect(actionsOf({ ...silent, [side]: complete() })).toEqual([`ask ${side} one-1 (missing)`]);
    expect(actionsOf({ ...silent, [side]: changes([], ['one-1']) })).toEqual([
      `ask ${side} one-1 (missing)`,
    ]);
    const unknown = [['one-1', { kind: 'unknown', reason: 'it was busy' }]] as const;
    expect(actionsOf({ ...silent, [side]: complete(), answers: { [side]: unknown } })).toEqual([
      `undecided ${side} one-1`,
    ]);
  });

  it('a missing item that lives is compared like any other', () => {
    const a = item('a-1');
    const b = item('b-1');
    const mappings = [mapped({ a: known(a), b: known(b) })];
    const moved = edited(a, { slot: [300, 8, 9] });
    expect(
      actionsOf({ a: changes([], ['a-1']), mappings, answers: { a: [alive(moved)] } }),
    ).toEqual(['update b [slot] (changed)']);
  });

  it('a tombstone that a list of changes shows again is looked at; a complete read is believed', () => {
    const a = item('a-1');
    const b = item('b-1');
    const mappings = [
      mapped({ a: known(a, { gone: true }), b: known(b, { gone: true }) }, { state: 'cancelled' }),
    ];
    expect(actionsOf({ a: changes([a]), mappings })).toEqual(['ask a a-1 (returned)']);
    expect(actionsOf({ a: changes([a]), mappings, answers: { a: [gone(a)] } })).toEqual([]);
    expect(actionsOf({ a: complete(a), mappings })).toEqual(['create b (returned)']);
  });
});
