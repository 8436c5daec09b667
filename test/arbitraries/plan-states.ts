import * as fc from 'fast-check';
import { holdIdOf, type Hold } from '../../shared/model/hold.ts';
import { FIELDS, type Field } from '../../shared/model/fields.ts';
import {
  mappingIdOf,
  otherSide,
  SIDES,
  type ExternalId,
  type Side,
} from '../../shared/model/ids.ts';
import type { EventMapping, SideState } from '../../shared/model/mapping.ts';
import type { SnapshotItem, Verdict } from '../../shared/model/snapshot.ts';
import type { PlanState, SideBrake } from '../../shared/sync/plan/state.ts';
import type { Instant } from '../../shared/util/clock.ts';
import {
  changes,
  complete,
  edited,
  FINGERPRINTS,
  item,
  known,
  mapped,
  NOW,
  PAIR,
  stampOf,
  stateOf,
} from '../shared/sync/plan/support.ts';

const COPIES = 4;

/** What one side of one event is: stored as `before`, shown and answered as it is now. */
interface Copy {
  readonly known?: SideState;
  readonly shown?: SnapshotItem;
  readonly isRemoved: boolean;
  readonly verdict?: Verdict;
}

const rights = fc.constantFrom('full', 'full', 'full', 'decline', 'none');
/** -1 lies in the past. */
const slot = fc.tuple(fc.constantFrom(-1, 2, 3), fc.constantFrom(8, 9), fc.constantFrom(10, 11));
const content = {
  title: fc.constantFrom('One', 'Two', ''),
  description: fc.constantFrom('x', 'y'),
  slot,
};
const shown: fc.Arbitrary<readonly Field[]> = fc.constantFrom(FIELDS, FIELDS, ['title', 'slot']);

function copy(id: string): fc.Arbitrary<Copy> {
  return fc
    .record({
      before: fc.record({ ...content, rights }),
      after: fc.option(fc.record(content)),
      isMapped: fc.constantFrom(true, true, true, false),
      isShown: fc.boolean(),
      isRemoved: fc.boolean(),
      isGone: fc.constantFrom(false, false, false, true),
      isPrivate: fc.constantFrom(false, false, false, false, true),
      shown,
      fpVersion: fc.constantFrom(FINGERPRINTS.fpVersion, FINGERPRINTS.fpVersion, 0),
      lastModified: fc.option(fc.integer({ min: -3, max: 3 })),
      answer: fc.constantFrom('none', 'alive', 'alive', 'gone', 'elsewhere', 'unknown'),
      unsupported: fc.constantFrom(false, false, false, false, false, true),
    })
    .map((spec): Copy => {
      const before = item(id, spec.before);
      const lastModified = spec.lastModified === null ? null : stampAt(spec.lastModified);
      const whole = spec.after === null ? before : edited(before, { ...spec.after, lastModified });
      const privacy = spec.isPrivate ? { privacy: 'private' as const } : {};
      const event = { ...whole.event, ...privacy };
      const unsupported = spec.unsupported ? { unsupported: 'series' as const } : {};
      const now: SnapshotItem = { ...whole, event, ...unsupported };
      const { fpVersion } = spec;
      const state = known(before, { fpVersion, ...(spec.isGone ? { gone: true } : {}) });
      return {
        ...(spec.isMapped ? { known: state } : {}),
        ...(spec.isShown ? { shown: { ...now, shown: spec.shown } } : {}),
        isRemoved: spec.isRemoved && !spec.isShown,
        ...(spec.answer === 'none' ? {} : { verdict: verdictOf(spec.answer, now) }),
      };
    });
}

function stampAt(minutes: number): Instant {
  return (NOW - 2 * 86_400_000 + minutes * 60_000) as Instant;
}

function verdictOf(kind: string, now: SnapshotItem): Verdict {
  if (kind === 'alive') return { kind, item: now };
  return kind === 'unknown' ? { kind, reason: 'it was busy' } : { kind: kind as 'gone' };
}

interface Event {
  readonly a: Copy;
  readonly b: Copy;
  readonly origin: Side;
  readonly state: EventMapping['state'];
  readonly owed: readonly Side[];
  readonly restores: number;
  readonly isWithheld: boolean;
  readonly isSuspended: boolean;
  readonly isKept: boolean;
  readonly isRemade: boolean;
  /** The sides whose copy is in that side's hold. */
  readonly heldOn: readonly Side[];
  /** An item of this side carries the event's stamp. */
  readonly stampOn: Side | undefined;
}

function event(index: number): fc.Arbitrary<Event> {
  return fc.record({
    // The same ids on both sides, so that their order is the same either way round.
    a: copy(`item-${index}`),
    b: copy(`item-${index}`),
    origin: fc.constantFrom(...SIDES),
    state: fc.constantFrom(
      'synced',
      'synced',
      'synced',
      'pending',
      'error',
      'conflict',
      'cancelled',
      'refused',
    ),
    owed: fc.subarray([...SIDES]),
    restores: fc.nat(1),
    isWithheld: fc.boolean(),
    isSuspended: fc.constantFrom(false, false, false, true),
    isKept: fc.constantFrom(false, false, false, true),
    isRemade: fc.constantFrom(false, false, false, true),
    heldOn: fc.subarray([...SIDES]),
    stampOn: fc.constantFrom(undefined, undefined, ...SIDES),
  });
}

function mappingOf(
  { a, b, origin, state, owed, restores, ...one }: Event,
  holds: Holds,
): EventMapping | undefined {
  if (a.known === undefined && b.known === undefined) return undefined;
  const marked = (known: SideState, side: Side): SideState => {
    const hold = one.heldOn.includes(side) ? holds[side] : undefined;
    return { ...known, ...(hold === undefined ? {} : { held: hold.id }) };
  };
  const sides = {
    ...(a.known === undefined ? {} : { a: marked(a.known, 'a') }),
    ...(b.known === undefined ? {} : { b: marked(b.known, 'b') }),
  };
  const side = sides[origin] === undefined ? otherSide(origin) : origin;
  const id = sides[side]?.id;
  if (id === undefined) return undefined;
  return mapped(sides, {
    id: mappingIdOf(side, id),
    origin: side,
    state,
    owed: owed.filter((one) => sides[one] !== undefined),
    restores,
    ...(one.isWithheld ? { withheld: true } : {}),
    ...(one.isSuspended ? { suspended: side } : {}),
    ...(one.isKept ? { kept: true } : {}),
    ...(one.isRemade ? { wanted: otherSide(side) } : {}),
  });
}

type Holds = Readonly<Partial<Record<Side, Hold>>>;

const holdStates = fc.constantFrom<(Hold['state'] | 'none')[]>(
  'none',
  'none',
  'open',
  'approved',
  'rejected',
  'expired',
);

function holdOf(side: Side, state: Hold['state'] | 'none'): Holds {
  if (state === 'none') return {};
  const since = (NOW - 3_600_000) as Instant;
  const none = { read: 'complete', shown: 0, known: 0 } as const;
  const hold: Hold = {
    id: holdIdOf(PAIR, side, 'deletions', since),
    pairId: PAIR,
    side,
    kind: 'deletions',
    since,
    why: { rule: 'pair', count: 2, recent: 0, known: 4, percent: 50, min: 1, percentMax: 30 },
    evidence: { a: none, b: none },
    samples: [],
    items: 2,
    expiresAt: (NOW + 3_600_000) as Instant,
    state,
  };
  return { [side]: hold };
}

const counts = fc.record({ deletions: fc.nat(2), creates: fc.nat(2) });

/** States of any kind, likely ones and odd ones, of a few events. */
export const planState: fc.Arbitrary<PlanState> = fc
  .record({
    events: fc
      .integer({ min: 1, max: COPIES })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => event(index)))),
    complete: fc.record({ a: fc.boolean(), b: fc.boolean() }),
    exclusive: fc.record({ a: fc.boolean(), b: fc.boolean() }),
    suspends: fc.record({ a: fc.boolean(), b: fc.boolean() }),
    stamps: fc.record({ a: fc.boolean(), b: fc.boolean() }),
    limits: fc.record({
      deletionsMin: fc.nat(4),
      deletionsPercent: fc.constantFrom(0, 30, 100),
      createsMin: fc.constantFrom(0, 2, 200),
      holdHours: fc.constant(72),
    }),
    recent: fc.record({ a: counts, b: counts }),
    holding: fc.record({ a: holdStates, b: holdStates }),
    direction: fc.constantFrom('both' as const, 'both' as const, 'aToB' as const, 'bToA' as const),
    conflictPolicy: fc.constantFrom(
      'a' as const,
      'b' as const,
      'lastModified' as const,
      'flag' as const,
    ),
  })
  .map(({ events, direction, conflictPolicy, exclusive, suspends, stamps, ...spec }) => {
    const holds: Holds = { ...holdOf('a', spec.holding.a), ...holdOf('b', spec.holding.b) };
    const brakeOn = (side: Side): SideBrake => ({
      recentDeletions: spec.recent[side].deletions,
      recentCreates: spec.recent[side].creates,
      holds: holds[side] === undefined ? [] : [holds[side]],
    });
    const mappings = events.map((one) => mappingOf(one, holds));
    const snapshotOf = (side: Side) => {
      const items = events.flatMap((one, index) => {
        const mapping = mappings[index];
        const { shown } = one[side];
        if (shown === undefined) return [];
        return one.stampOn === side && mapping !== undefined
          ? [{ ...shown, stamp: stampOf(mapping) }]
          : [shown];
      });
      const removed = events.flatMap((one, index) =>
        one[side].isRemoved ? [`item-${index}`] : [],
      );
      return spec.complete[side] ? complete(...items) : changes(items, removed);
    };
    const answersOf = (side: Side) =>
      events.flatMap((one, index): (readonly [ExternalId, Verdict])[] => {
        const { verdict } = one[side];
        return verdict === undefined ? [] : [[`item-${index}` as ExternalId, verdict]];
      });
    const capabilitiesOf = (side: Side) => ({
      exclusiveSlots: exclusive[side],
      suspends: exclusive[side] && suspends[side],
      stamps: stamps[side],
      changes: spec.complete[side] ? ('list' as const) : ('delta' as const),
    });
    return stateOf({
      a: snapshotOf('a'),
      b: snapshotOf('b'),
      mappings: mappings.filter((mapping) => mapping !== undefined),
      answers: { a: answersOf('a'), b: answersOf('b') },
      brake: {
        limits: spec.limits,
        sides: { a: brakeOn('a'), b: brakeOn('b') },
        isFilling: false,
      },
      policy: { direction, conflictPolicy },
      capabilities: { a: capabilitiesOf('a'), b: capabilitiesOf('b') },
    });
  });
