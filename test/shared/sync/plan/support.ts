import type { BridgeCapabilities } from '../../../../shared/model/capabilities.ts';
import type { CalendarEvent } from '../../../../shared/model/event.ts';
import { FIELDS } from '../../../../shared/model/fields.ts';
import {
  mappingIdOf,
  otherSide,
  type ExternalId,
  type MappingId,
  type PairId,
  type Side,
} from '../../../../shared/model/ids.ts';
import type { EventMapping, OldId, SideState } from '../../../../shared/model/mapping.ts';
import type { PairPolicy } from '../../../../shared/model/pair.ts';
import type {
  Snapshot,
  SnapshotItem,
  Stamp,
  Verdict,
  Window,
} from '../../../../shared/model/snapshot.ts';
import { DAY_MS, parseInstant, type TimeZoneId } from '../../../../shared/model/time.ts';
import { BRAKE_DEFAULTS, type HoldId } from '../../../../shared/model/hold.ts';
import { fingerprinter } from '../../../../shared/sync/plan/fingerprint.ts';
import { sideStateOf } from '../../../../shared/sync/plan/side-state.ts';
import { planSync } from '../../../../shared/sync/plan/plan.ts';
import type {
  BrakeState,
  SideBrake,
  PlanState,
  SyncAction,
  SyncPlan,
} from '../../../../shared/sync/plan/state.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { meeting } from '../../../support/events.ts';

export const NOW = parseInstant('2026-06-01T06:00:00Z') as Instant;
export const OSLO = 'Europe/Oslo' as TimeZoneId;
export const PAIR = 'pair-1' as PairId;
export const WINDOW: Window = {
  start: (NOW - DAY_MS) as Instant,
  end: (NOW + 188 * DAY_MS) as Instant,
  version: 1,
};

/** Can do everything, and does not refuse overlaps. */
export const CAPABLE: BridgeCapabilities = {
  changes: 'delta',
  readable: FIELDS,
  writable: FIELDS,
  canBlank: true,
  titleCharsMax: 255,
  descriptionCharsMax: 4000,
  contactNameCharsMax: 50,
  recurrence: 'occurrences',
  allDay: true,
  conditionalWrites: true,
  exclusiveSlots: false,
  suspends: false,
  stamps: true,
  lastModified: true,
  writesPerRequestMax: 20,
  push: false,
};

export const POLICY: PairPolicy = {
  direction: 'both',
  conflictPolicy: 'flag',
  timeZone: OSLO,
  defaultTitle: 'Busy',
  copiesFree: false,
};

export const FINGERPRINTS = fingerprinter(new Uint8Array(32).fill(7), OSLO);

/** Days after `NOW`'s midnight, at an hour of UTC. */
export function hour(day: number, hours: number): Instant {
  return (Math.floor(NOW / DAY_MS) * DAY_MS + day * DAY_MS + hours * 3_600_000) as Instant;
}

export interface ItemSpec extends Partial<
  Omit<SnapshotItem, 'id' | 'event' | 'version' | 'lastModified'>
> {
  readonly title?: string;
  readonly description?: string;
  /** Day and hours (UTC) from and to. */
  readonly slot?: readonly [day: number, from: number, to: number];
  /** Null: the system names none. */
  readonly lastModified?: Instant | null;
  /** Its etag. */
  readonly version?: string;
  readonly more?: Partial<CalendarEvent>;
}

export function item(id: string, spec: ItemSpec = {}): SnapshotItem {
  const { title, description = 'agenda', slot = [2, 8, 9], version, more, ...rest } = spec;
  const { lastModified = (NOW - 2 * DAY_MS) as Instant, ...others } = rest;
  const [day, from, to] = slot;
  return {
    id: id as ExternalId,
    event: {
      ...meeting(title ?? 'Meeting', hour(day, from), hour(day, to), { description }),
      status: 'confirmed',
      privacy: 'public',
      ...more,
    },
    shown: FIELDS,
    version: { etag: version ?? 'v1' },
    ...(lastModified === null ? {} : { lastModified }),
    rights: 'full',
    sharedWith: [],
    stamp: { state: 'none' },
    ...others,
  };
}

/** The same item after a change: another version, modified later. */
export function edited(before: SnapshotItem, spec: ItemSpec): SnapshotItem {
  const { title, description, slot, version = 'v2', more, ...rest } = spec;
  const { lastModified = (NOW - 60_000) as Instant, ...others } = rest;
  const { lastModified: _, ...kept } = before;
  const moved = slot === undefined ? before.event : item('moved', { slot }).event;
  return {
    ...kept,
    ...others,
    ...(lastModified === null ? {} : { lastModified }),
    event: {
      ...before.event,
      start: moved.start,
      duration: moved.duration,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...more,
    },
    version: { etag: version },
  };
}

/** What is stored of an item that was synced as it is. */
export function known(of: SnapshotItem, more: Partial<SideState> = {}): SideState {
  return { ...sideStateOf({ fingerprints: FINGERPRINTS, policy: POLICY }, of), ...more };
}

/** Two synced copies of one event; `origin` a unless told. */
export function mapped(
  sides: { readonly a?: SideState; readonly b?: SideState },
  more: Partial<EventMapping> = {},
): EventMapping {
  const origin = more.origin ?? (sides.a === undefined ? 'b' : 'a');
  const first = sides[origin]?.id ?? ('none' as ExternalId);
  return {
    id: mappingIdOf(origin, first),
    origin,
    state: 'synced',
    generation: 0,
    ...sides,
    owed: [],
    restores: 0,
    updatedAt: (NOW - DAY_MS) as Instant,
    ...more,
  };
}

export function stampOf(mapping: EventMapping, more: Partial<Stamp> = {}): SnapshotItem['stamp'] {
  const stamp: Stamp = {
    source: 'system',
    sourceId: mapping[mapping.origin]?.id ?? ('none' as ExternalId),
    pairId: PAIR,
    mappingId: mapping.id,
    ...more,
  };
  return { state: 'read', stamp };
}

export function complete(...items: readonly SnapshotItem[]): Snapshot {
  return { kind: 'complete', window: WINDOW, items, cursor: 'c' };
}

export function changes(
  items: readonly SnapshotItem[] = [],
  removed: readonly string[] = [],
): Snapshot {
  return {
    kind: 'changes',
    window: WINDOW,
    items,
    removed: removed as readonly ExternalId[],
    seriesScopes: [],
    cursor: 'c',
  };
}

export interface StateSpec {
  readonly a?: Snapshot;
  readonly b?: Snapshot;
  readonly mappings?: readonly EventMapping[];
  readonly old?: readonly OldId[];
  readonly answers?: Readonly<Partial<Record<Side, readonly (readonly [string, Verdict])[]>>>;
  readonly policy?: Partial<PairPolicy>;
  readonly capabilities?: Readonly<Partial<Record<Side, Partial<BridgeCapabilities>>>>;
  readonly concerned?: PlanState['concerned'];
  readonly now?: Instant;
  readonly brake?: Partial<BrakeState>;
  readonly look?: readonly MappingId[];
  readonly retry?: readonly MappingId[];
}

const CALM = { recentDeletions: 0, recentCreates: 0, holds: [] };

export function stateOf(spec: StateSpec): PlanState {
  const answersOf = (side: Side): ReadonlyMap<ExternalId, Verdict> =>
    new Map((spec.answers?.[side] ?? []).map(([id, verdict]) => [id as ExternalId, verdict]));
  return {
    pairId: PAIR,
    policy: { ...POLICY, ...spec.policy },
    capabilities: {
      a: { ...CAPABLE, ...spec.capabilities?.a },
      b: { ...CAPABLE, ...spec.capabilities?.b },
    },
    snapshots: { a: spec.a ?? changes(), b: spec.b ?? changes() },
    concerned: spec.concerned ?? { a: 'all', b: 'all' },
    mappings: spec.mappings ?? [],
    old: spec.old ?? [],
    answers: { a: answersOf('a'), b: answersOf('b') },
    brake: {
      limits: BRAKE_DEFAULTS,
      sides: { a: CALM, b: CALM },
      isFilling: false,
      ...spec.brake,
    },
    look: new Set(spec.look),
    retry: new Set(spec.retry),
    fingerprints: FINGERPRINTS,
    now: spec.now ?? NOW,
  };
}

export function planOf(spec: StateSpec): SyncPlan {
  return planSync(stateOf(spec));
}

/** `update b: title,slot (changed)`; `flag (rights) owed b`; … */
export function told(action: SyncAction): string {
  const parts: string[] = [action.kind];
  if ('target' in action) parts.push(action.target);
  if ('fields' in action) parts.push(`[${FIELDS.filter((f) => action.fields.includes(f)).join()}]`);
  parts.push(`(${action.rule})`);
  if ('owed' in action && action.owed.length > 0) parts.push(`owed ${action.owed.join()}`);
  if ('gone' in action && action.gone.length > 0) parts.push(`gone ${action.gone.join()}`);
  return parts.join(' ');
}

export function actionsOf(spec: StateSpec): readonly string[] {
  const { actions, questions, undecided } = planOf(spec);
  return [
    ...actions.map(told),
    ...questions.map(({ side, id, why }) => `ask ${side} ${id} (${why})`),
    ...undecided.map(({ side, id }) => `undecided ${side} ${id}`),
  ];
}

/** The one action of a plan that has nothing else in it. */
export function onlyAction(plan: SyncPlan): SyncAction {
  const [action, ...more] = plan.actions;
  if (action === undefined || more.length > 0 || plan.questions.length > 0)
    throw new Error(`not one action alone: ${JSON.stringify(plan.actions.map(told))}`);
  return action;
}

export function alive(of: SnapshotItem): readonly [string, Verdict] {
  return [of.id, { kind: 'alive', item: of }];
}

export function gone(of: SnapshotItem): readonly [string, Verdict] {
  return [of.id, { kind: 'gone' }];
}

const OTHER_DIRECTION = { aToB: 'bToA', bToA: 'aToB', both: 'both' } as const;
const OTHER_POLICY = { a: 'b', b: 'a', lastModified: 'lastModified', flag: 'flag' } as const;

/** The other way round: what was a is b. Mapping ids name their origin's side and follow. */
export function swapped(state: PlanState): PlanState {
  const flip = <T>(pair: Readonly<Record<Side, T>>): Record<Side, T> => ({ a: pair.b, b: pair.a });
  const ids = new Map(state.mappings.map((one) => [one.id, swappedMapping(one).id]));
  const idOf = (id: MappingId): MappingId => ids.get(id) ?? swappedId(id);
  const brake = {
    ...state.brake,
    sides: flip({ a: swappedBrake(state.brake.sides.a), b: swappedBrake(state.brake.sides.b) }),
  };
  const itemOf = (one: SnapshotItem): SnapshotItem =>
    one.stamp.state === 'read'
      ? {
          ...one,
          stamp: {
            state: 'read',
            stamp: { ...one.stamp.stamp, mappingId: idOf(one.stamp.stamp.mappingId) },
          },
        }
      : one;
  const snapshotOf = (one: Snapshot): Snapshot => ({ ...one, items: one.items.map(itemOf) });
  const answersOf = (answers: ReadonlyMap<ExternalId, Verdict>): ReadonlyMap<ExternalId, Verdict> =>
    new Map(
      [...answers].map(([id, verdict]) => [
        id,
        verdict.kind === 'alive' ? { kind: 'alive', item: itemOf(verdict.item) } : verdict,
      ]),
    );
  const { policy } = state;
  return {
    ...state,
    policy: {
      ...policy,
      direction: OTHER_DIRECTION[policy.direction],
      conflictPolicy: OTHER_POLICY[policy.conflictPolicy],
    },
    capabilities: flip(state.capabilities),
    snapshots: flip({ a: snapshotOf(state.snapshots.a), b: snapshotOf(state.snapshots.b) }),
    concerned: flip(state.concerned),
    brake,
    mappings: state.mappings.map(swappedMapping),
    old: state.old.map((row) => ({
      ...row,
      side: otherSide(row.side),
      mappingId: idOf(row.mappingId),
    })),
    answers: flip({ a: answersOf(state.answers.a), b: answersOf(state.answers.b) }),
  };
}

export function swappedId(id: MappingId): MappingId {
  return id.replace(/^m:([ab])/, (_, side: Side) => `m:${otherSide(side)}`) as MappingId;
}

function swappedBrake(brake: SideBrake): SideBrake {
  return {
    ...brake,
    holds: brake.holds.map((hold) => ({
      ...hold,
      id: swappedHold(hold.id),
      side: otherSide(hold.side),
      evidence: { a: hold.evidence.b, b: hold.evidence.a },
    })),
  };
}

function swappedHold(id: HoldId): HoldId {
  return id.replace(/\.([ab])\./, (_, side: Side) => `.${otherSide(side)}.`) as HoldId;
}

function swappedState(known: SideState): SideState {
  return { ...known, ...(known.held === undefined ? {} : { held: swappedHold(known.held) }) };
}

function flipped<T>({ a, b }: Partial<Record<Side, T>>): Partial<Record<Side, T>> {
  return { ...(b === undefined ? {} : { a: b }), ...(a === undefined ? {} : { b: a }) };
}

function swappedMapping(mapping: EventMapping): EventMapping {
  const { a, b, createIntent, suspended, wanted, writes, ...rest } = mapping;
  return {
    ...rest,
    id: swappedId(mapping.id),
    origin: otherSide(mapping.origin),
    ...(b === undefined ? {} : { a: swappedState(b) }),
    ...(a === undefined ? {} : { b: swappedState(a) }),
    owed: mapping.owed.map(otherSide),
    ...(writes === undefined ? {} : { writes: { ...writes, sources: flipped(writes.sources) } }),
    ...(createIntent === undefined
      ? {}
      : { createIntent: { ...createIntent, target: otherSide(createIntent.target) } }),
    ...(wanted === undefined ? {} : { wanted: otherSide(wanted) }),
    ...(suspended === undefined ? {} : { suspended: otherSide(suspended) }),
  };
}
