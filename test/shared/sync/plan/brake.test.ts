import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BRAKE_DEFAULTS,
  holdIdOf,
  type Hold,
  type HoldKind,
  type HoldState,
} from '../../../../shared/model/hold.ts';
import { otherSide, SIDES, type ExternalId, type Side } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../shared/model/time.ts';
import {
  counted,
  createTrip,
  deletionTrip,
  recentOf,
  stillTrips,
  type Losses,
} from '../../../../shared/sync/plan/brake.ts';
import { writesAfter } from '../../../../shared/sync/plan/thrash.ts';
import type { SideBrake } from '../../../../shared/sync/plan/state.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import {
  actionsOf,
  alive,
  changes,
  complete,
  edited,
  FINGERPRINTS,
  gone,
  item,
  known,
  mapped,
  NOW,
  PAIR,
  planOf,
  stampOf,
  told,
} from './support.ts';

function losses(more: Partial<Losses>): Losses {
  return { lost: 0, recent: 0, known: 100, isEmpty: false, ...more };
}

function ruleOf(more: Partial<Losses>): string | undefined {
  return deletionTrip(losses(more), BRAKE_DEFAULTS)?.rule;
}

describe('what is too much to go away at once', () => {
  it.each<[string, Partial<Losses>, string | undefined]>([
    ['nothing', { isEmpty: true }, undefined],
    ['10 of 20: not more than ten', { lost: 10, known: 20 }, undefined],
    ['11 of 36: 30.6 percent', { lost: 11, known: 36 }, 'pair'],
    ['11 of 37: 29.7 percent', { lost: 11, known: 37 }, undefined],
    ['11 of 40', { lost: 11, known: 40 }, undefined],
    ['30 of 100: not more than 30 percent', { lost: 30 }, undefined],
    ['31 of 100', { lost: 31 }, 'pair'],
    ['3 after 8 of 36', { lost: 3, recent: 8, known: 28 }, 'pair'],
    ['3 after 8 of 37', { lost: 3, recent: 8, known: 29 }, undefined],
    ['all of three', { lost: 3, known: 3, isEmpty: true }, 'emptied'],
    ['all of two', { lost: 2, known: 2, isEmpty: true }, undefined],
    ['all of three, read by changes', { lost: 3, known: 3 }, undefined],
    [
      'a little of a tenant that lost a lot',
      { lost: 4, others: { recent: 27, known: 60 } },
      undefined,
    ],
    ['too much of a tenant', { lost: 4, known: 9, others: { recent: 27, known: 64 } }, 'tenant'],
    [
      'as much as a tenant may',
      { lost: 3, known: 9, others: { recent: 27, known: 64 } },
      undefined,
    ],
    ['in a tenant of one pair', { lost: 11, known: 36, others: { recent: 0, known: 0 } }, 'pair'],
  ])('%s', (_what, count, rule) => {
    expect(ruleOf(count)).toBe(rule);
  });

  it('says by how much', () => {
    expect(deletionTrip(losses({ lost: 3, recent: 8, known: 28 }), BRAKE_DEFAULTS)).toEqual({
      rule: 'pair',
      count: 3,
      recent: 8,
      known: 36,
      percent: 30,
      min: 10,
      percentMax: 30,
    });
  });

  const count = fc.record({
    lost: fc.nat(60),
    recent: fc.nat(60),
    left: fc.nat(200),
    min: fc.nat(40),
    percent: fc.nat(100),
  });
  const tripOf = ({ lost, recent, left, min, percent }: Record<string, number> & object) =>
    deletionTrip(
      losses({ lost: lost ?? 0, recent: recent ?? 0, known: (lost ?? 0) + (left ?? 0) }),
      {
        ...BRAKE_DEFAULTS,
        deletionsMin: min ?? 0,
        deletionsPercent: percent ?? 0,
      },
    );

  it('is never what is not above both thresholds', () => {
    fc.assert(
      fc.property(count, (one) => {
        const total = one.lost + one.recent;
        const share = (total * 100) / Math.max(1, total + one.left);
        const isOver = one.lost > 0 && total > one.min && share > one.percent;
        expect(tripOf(one) !== undefined).toBe(isOver);
      }),
    );
  });

  it('stays too much when more goes away', () => {
    fc.assert(
      fc.property(count, fc.nat(20), (one, more) => {
        if (tripOf(one) === undefined) return;
        expect(tripOf({ ...one, lost: one.lost + more })).toBeDefined();
        expect(tripOf({ ...one, recent: one.recent + more })).toBeDefined();
      }),
    );
  });

  it('is measured by what it was at first, as long as it is held', () => {
    const trip = deletionTrip(losses({ lost: 12, known: 36 }), BRAKE_DEFAULTS);
    if (trip === undefined) throw new Error('it does not trip');
    expect([13, 12, 11, 10, 0].map((left) => stillTrips(trip, left))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    const emptied = deletionTrip(losses({ lost: 4, known: 4, isEmpty: true }), BRAKE_DEFAULTS);
    if (emptied === undefined) throw new Error('it does not trip');
    expect([5, 4, 3].map((left) => stillTrips(emptied, left))).toEqual([true, true, false]);
  });
});

describe('what is too much to be made at once', () => {
  it.each([
    [200, 0, 10, false],
    [201, 0, 200, true],
    [201, 0, 201, false],
    [100, 101, 150, true],
    [0, 500, 10, false],
  ])('%i after %i, of %i', (planned, recent, known, trips) => {
    expect(createTrip(planned, { recent, known }, BRAKE_DEFAULTS) !== undefined).toBe(trips);
  });
});

describe('counts of a day', () => {
  it('keep the hours that 24 h touch, and no others', () => {
    const at = (hours: number): Instant => (NOW + hours * HOUR_MS) as Instant;
    let counts = counted({}, 2, at(0));
    counts = counted(counts, 3, at(0));
    counts = counted(counts, 4, at(10));
    expect(recentOf(counts, at(10))).toBe(9);
    expect(recentOf(counts, at(24))).toBe(9);
    expect(recentOf(counts, at(25))).toBe(4);
    expect(Object.keys(counted(counts, 1, at(30)))).toHaveLength(2);
  });
});

const CALM: SideBrake = { recentDeletions: 0, recentCreates: 0, holds: [] };

/** So many events with a copy on each side. */
function pairs(
  count: number,
): readonly { a: SnapshotItem; b: SnapshotItem; mapping: EventMapping }[] {
  return Array.from({ length: count }, (_, index) => {
    const slot = [2 + index, 8, 9] as const;
    const a = item(`a-${String(index).padStart(3, '0')}`, { slot, title: `event ${index}` });
    const b = item(`b-${String(index).padStart(3, '0')}`, { slot, title: `event ${index}` });
    return { a, b, mapping: mapped({ a: known(a), b: known(b) }) };
  });
}

function holdOn(side: Side, state: HoldState, more: Partial<Hold> = {}): Hold {
  const kind: HoldKind = more.kind ?? 'deletions';
  const since = (NOW - HOUR_MS) as Instant;
  return {
    id: holdIdOf(PAIR, side, kind, since),
    pairId: PAIR,
    side,
    kind,
    since,
    why: { rule: 'pair', count: 12, recent: 0, known: 20, percent: 60, min: 10, percentMax: 30 },
    evidence: {
      a: { read: 'complete', shown: 0, known: 0 },
      b: { read: 'complete', shown: 0, known: 0 },
    },
    samples: [],
    items: 12,
    expiresAt: (NOW + 71 * HOUR_MS) as Instant,
    state,
    ...more,
  };
}

function brakeWith(side: Side, hold: Hold) {
  const sides = { a: CALM, b: CALM, [side]: { ...CALM, holds: [hold] } };
  return { sides };
}

function heldFor({ id, side }: Hold, mapping: EventMapping): EventMapping {
  const known = mapping[side];
  if (known === undefined) throw new Error('nothing to hold');
  return {
    ...mapping,
    [side]: { ...known, held: id },
    state: 'conflict',
    rule: 'held',
    owed: [side],
  };
}

describe.each(SIDES)('events that go away on side %s', (side) => {
  const other = otherSide(side);
  const all = pairs(20);
  const mappings = all.map(({ mapping }) => mapping);
  const removed = (count: number) =>
    changes(
      [],
      all.slice(0, count).map((one) => one[side].id),
    );

  it('are held, and not asked about, where they are too many', () => {
    const plan = planOf({ [side]: removed(11), mappings });
    expect(plan.questions).toEqual([]);
    expect(plan.actions.map(told)).toEqual(Array(11).fill(`flag (held) owed ${side}`));
    expect(plan.holdings).toMatchObject([
      { side, kind: 'deletions', isNew: true, trip: { rule: 'pair', count: 11, known: 20 } },
    ]);
  });

  it('are asked about where they are few', () => {
    const plan = planOf({ [side]: removed(10), mappings });
    expect(plan.questions).toHaveLength(10);
    expect(plan.holdings).toEqual([]);
  });

  it('leave all others as they are: those are carried over', () => {
    const last = all[19];
    if (last === undefined) throw new Error('no event');
    const plan = planOf({
      [side]: changes(
        [edited(last[side], { title: 'New' })],
        all.slice(0, 11).map((one) => one[side].id),
      ),
      mappings,
    });
    expect(plan.actions.map(told)).toContain(`update ${other} [title] (changed)`);
  });

  it('of a series count as one', () => {
    const series = all.map(({ mapping }, index) => {
      const known = mapping[side];
      if (known === undefined || index > 14) return mapping;
      return { ...mapping, [side]: { ...known, masterId: 'master' as ExternalId } };
    });
    const plan = planOf({ [side]: removed(15), mappings: series });
    expect(plan.holdings).toEqual([]);
    expect(plan.questions).toHaveLength(15);
  });

  const open = holdOn(side, 'open');
  const held = mappings.map((mapping, index) => (index < 12 ? heldFor(open, mapping) : mapping));

  it('stay held without a word, until a look is due', () => {
    const later = { ...open, since: (NOW - 24 * HOUR_MS) as Instant, lookedAt: NOW };
    expect(actionsOf({ mappings: held, brake: brakeWith(side, later) })).toEqual([]);
    const due = { ...open, lookedAt: (NOW - 31 * MINUTE_MS) as Instant };
    const plan = planOf({ mappings: held, brake: brakeWith(side, due) });
    expect(plan.questions.map(({ why }) => why)).toEqual(Array(12).fill('held'));
    const last = held
      .slice(0, 12)
      .map(({ id }) => id)
      .sort()
      .at(-1);
    expect(plan.holdings).toMatchObject([{ lookedTo: last }]);
  });

  it('take turns where they are many', () => {
    const many = pairs(130).map(({ mapping }) => heldFor(open, mapping));
    const ids = many.map(({ id }) => id).sort();
    const due = { ...open, lookedAt: (NOW - HOUR_MS) as Instant };
    const first = planOf({ mappings: many, brake: brakeWith(side, due) });
    expect(first.questions).toHaveLength(100);
    expect(first.holdings).toMatchObject([{ lookedTo: ids[99] }]);
    const next = { ...due, ...(ids[99] === undefined ? {} : { lookedTo: ids[99] }) };
    const second = planOf({ mappings: many, brake: brakeWith(side, next) });
    expect(second.holdings).toMatchObject([{ lookedTo: ids[69] }]);
  });

  it('are looked at again where a removal is told again, and only those', () => {
    const brake = brakeWith(side, { ...open, lookedAt: NOW });
    const plan = planOf({ [side]: removed(2), mappings: held, brake });
    expect(plan.questions.map(({ id }) => id)).toEqual(all.slice(0, 2).map((one) => one[side].id));
  });

  it('let an edit of the other copy wait, which is then owed', () => {
    const first = all[0];
    if (first === undefined) throw new Error('no event');
    const spec = { mappings: held, brake: brakeWith(side, { ...open, lookedAt: NOW }) };
    const plan = planOf({ ...spec, [other]: changes([edited(first[other], { title: 'New' })]) });
    expect(plan.actions.map(told)).toEqual(['flag (held) owed a,b']);
    expect(plan.questions).toEqual([]);
  });

  it('that are back leave the hold; few that are left are confirmed', () => {
    const back = all.slice(0, 2).map((one) => one[side]);
    const brake = brakeWith(side, { ...open, lookedAt: NOW });
    const plan = planOf({ [side]: changes(back), mappings: held, brake });
    expect(plan.holdings).toEqual([]);
    expect(plan.actions.map(told)).toEqual(['link (settled)', 'link (settled)']);
    expect(plan.questions.map(({ why }) => why)).toEqual(Array(10).fill('missing'));
  });

  it('that are back under another id are known by their stamp', () => {
    const first = all[0];
    const mapping = held[0];
    if (first === undefined || mapping === undefined) throw new Error('no event');
    const again = { ...first[side], id: 'another' as ExternalId, stamp: stampOf(mapping) };
    const brake = brakeWith(side, { ...open, lookedAt: NOW });
    const plan = planOf({ [side]: changes([again]), mappings: held, brake });
    expect(plan.actions.map(told)).toContain('link (stamp-found)');
    expect(plan.actions.map(told).filter((text) => text.startsWith('create'))).toEqual([]);
  });

  it.each([
    ['approved', 'delete', 'deleted'],
    ['rejected', 'create', 'hold-restored'],
    ['expired', 'create', 'hold-restored'],
  ] as const)('are confirmed, and then %s', (state, kind, rule) => {
    const decided = holdOn(side, state);
    const left = [heldFor(decided, all[0]?.mapping ?? mapped({}))];
    const brake = brakeWith(side, decided);
    expect(actionsOf({ mappings: left, brake })).toEqual([
      `ask ${side} ${all[0]?.[side].id} (missing)`,
    ]);
    const answers = {
      [side]: [gone(all[0]?.[side] ?? item('none'))],
      [other]: [alive(all[0]?.[other] ?? item('none'))],
    };
    const plan = planOf({ mappings: left, brake, answers });
    expect(plan.actions).toMatchObject([
      {
        kind,
        rule,
        target: kind === 'delete' ? other : side,
        ...(kind === 'delete' ? { exempt: true } : { keeps: true }),
      },
    ]);
    const back = { [side]: [alive(all[0]?.[side] ?? item('none'))] };
    expect(actionsOf({ mappings: left, brake, answers: back })).toEqual(['link (settled)']);
  });

  it('that were kept before are told a person, and hold nothing else', () => {
    const kept = mappings.map((mapping) => ({ ...mapping, kept: true as const }));
    const spec = { [side]: removed(15), mappings: kept };
    const plan = planOf(spec);
    expect(plan.holdings).toEqual([]);
    const answers = { [side]: all.slice(0, 15).map((one) => gone(one[side])) };
    expect(actionsOf({ ...spec, answers })).toEqual(Array(15).fill(`flag (kept) gone ${side}`));
  });

  it('where the bridge may not make them again are told a person', () => {
    const decided = holdOn(side, 'rejected');
    const first = all[0];
    if (first === undefined) throw new Error('no event');
    const direction = side === 'a' ? ('aToB' as const) : ('bToA' as const);
    expect(
      actionsOf({
        mappings: [heldFor(decided, first.mapping)],
        brake: brakeWith(side, decided),
        answers: { [side]: [gone(first[side])] },
        policy: { direction },
      }),
    ).toEqual([`flag (kept) gone ${side}`]);
  });
});

describe.each(SIDES)('copies about to be made on side %s', (target) => {
  const from = otherSide(target);
  const fresh = Array.from({ length: 12 }, (_, index) =>
    item(`new-${index}`, { slot: [2 + index, 8, 9], title: `new ${index}` }),
  );
  const few = pairs(3);
  const limits = { ...BRAKE_DEFAULTS, createsMin: 10 };
  const spec = {
    [from]: complete(...few.map((one) => one[from]), ...fresh),
    [target]: complete(...few.map((one) => one[target])),
    mappings: few.map(({ mapping }) => mapping),
  };

  it('are held where they are more than there was before', () => {
    const plan = planOf({ ...spec, brake: { limits } });
    expect(plan.actions.map(told)).toEqual(Array(12).fill(`flag (held) owed ${from}`));
    expect(plan.holdings).toMatchObject([
      { side: target, kind: 'creates', isNew: true, trip: { rule: 'flood', count: 12, known: 3 } },
    ]);
  });

  it('are made while the pair is filled for the first time', () => {
    const plan = planOf({ ...spec, brake: { limits, isFilling: true } });
    expect(plan.actions.map(told)).toEqual(Array(12).fill(`create ${target} (new)`));
    expect(plan.actions).toMatchObject(fresh.map(() => ({ exempt: true })));
  });

  const why = {
    rule: 'flood',
    count: 12,
    recent: 0,
    known: 3,
    percent: 400,
    min: 10,
    percentMax: 100,
  } as const;
  const waiting = (hold: Hold): readonly EventMapping[] =>
    fresh.map((one) => ({
      ...mapped({ [from]: { ...known(one), held: hold.id } }, { origin: from }),
      state: 'conflict' as const,
      rule: 'held',
      owed: [from],
    }));
  const withHold = (hold: Hold) => ({
    ...spec,
    mappings: [...spec.mappings, ...waiting(hold)],
    brake: { ...brakeWith(target, hold), limits },
  });

  it('wait without a word while the hold is open', () => {
    const open = holdOn(target, 'open', { kind: 'creates', why });
    expect(actionsOf(withHold(open))).toEqual([]);
    expect(planOf(withHold(open)).holdings).toMatchObject([{ isNew: false, id: open.id }]);
  });

  it('are made once that is approved', () => {
    const approved = holdOn(target, 'approved', { kind: 'creates', why });
    expect(planOf(withHold(approved)).actions).toMatchObject(
      fresh.map(() => ({ kind: 'create', target, exempt: true })),
    );
  });

  it('are refused once that is rejected, until they change', () => {
    const rejected = holdOn(target, 'rejected', { kind: 'creates', why });
    expect(planOf(withHold(rejected)).refusals).toMatchObject(
      fresh.map(() => ({ reason: 'rejected' })),
    );
    const [first] = fresh;
    if (first === undefined) throw new Error('no event');
    const refused: EventMapping = {
      ...mapped({ [from]: known(first) }, { origin: from }),
      state: 'refused',
      reason: 'rejected',
    };
    const seen = (one: SnapshotItem) => ({ [from]: complete(one), mappings: [refused] });
    expect(actionsOf(seen(first))).toEqual([]);
    expect(planOf(seen(first)).refusals).toEqual([]);
    expect(actionsOf(seen(edited(first, { title: 'New' })))).toEqual([`create ${target} (new)`]);
  });
});

describe('a pair of copies that something keeps putting back', () => {
  const a = item('a-1');
  const b = item('b-1');
  const undone = edited(a, { title: 'New' });
  const mapping = mapped({ a: known(a), b: known(b) });
  const [update] = planOf({ a: changes([undone]), mappings: [mapping] }).actions;
  if (update?.kind !== 'update') throw new Error('no update');
  const { sources } = writesAfter({ fingerprints: FINGERPRINTS }, update);
  /** As after so many writes of the same to side b. */
  const after = (sinceSource: number): EventMapping => ({
    ...mapping,
    writes: { sinceSource, sources },
  });

  it.each([1, 2])('is written again after %i writes', (count) => {
    expect(actionsOf({ a: changes([undone]), mappings: [after(count)] })).toEqual([
      'update b [title] (changed)',
    ]);
  });

  it('is paused after three, with what differs named', () => {
    const plan = planOf({ a: changes([undone]), mappings: [after(3)] });
    expect(plan.actions.map(told)).toEqual(['flag (thrash) owed a,b']);
    expect(plan.actions[0]?.reason).toContain('title keeps differing');
  });

  it('is written again once its source says something new, or a person wants it', () => {
    const paused: EventMapping = { ...after(3), state: 'conflict', rule: 'thrash' };
    const changed = edited(a, { title: 'Really new', version: 'v3' });
    expect(actionsOf({ a: changes([changed]), mappings: [paused] })).toEqual([
      'update b [title] (changed)',
    ]);
    expect(actionsOf({ a: changes([undone]), mappings: [paused], retry: [paused.id] })).toEqual([
      'update b [title] (changed)',
    ]);
  });
});

describe('what went away on both sides', () => {
  const events = Array.from({ length: 5 }, (_, n) => ({
    a: item(`a-${n}`, { slot: [n + 2, 8, 9] }),
    b: item(`b-${n}`, { slot: [n + 2, 8, 9] }),
  }));
  const mappings = events.map(({ a, b }) => mapped({ a: known(a), b: known(b) }));
  const both = { a: complete(), b: complete(), mappings };

  it('waits for nobody: no copy is left to be saved', () => {
    const plan = planOf(both);
    expect(plan.holdings).toEqual([]);
    expect(plan.questions).toHaveLength(10);
    const answers = { a: events.map(({ a }) => gone(a)), b: events.map(({ b }) => gone(b)) };
    const { holdings, actions } = planOf({ ...both, answers });
    expect(holdings).toEqual([]);
    expect(new Set(actions.map(told))).toEqual(new Set(['unlink (both-gone) gone a,b']));
  });

  it('is held where a look finds the copies on one of them alive', () => {
    const answers = { a: events.map(({ a }) => gone(a)), b: events.map(({ b }) => alive(b)) };
    expect(planOf({ ...both, answers }).holdings).toMatchObject([{ side: 'a', isNew: true }]);
  });
});
