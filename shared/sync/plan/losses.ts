import { isPending, holdIdOf, type Hold, type HoldId, type Trip } from '../../model/hold.ts';
import { otherSide, SIDES, type ExternalId, type MappingId, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import { MINUTE_MS, overlaps, type InstantRange } from '../../model/time.ts';
import { deletionTrip, stillTrips } from './brake.ts';
import { removedOn } from './occurrences.ts';
import type { PlanState } from './state.ts';

/** What the brake makes of one side. */
export interface SideLosses {
  readonly lost: ReadonlySet<MappingId>;
  /** Mapped events with a live copy here; a series counts as one. */
  readonly known: number;
  /** The hold that everything in `lost` is in; absent where nothing is held. */
  readonly hold?: { readonly id: HoldId; readonly trip: Trip; readonly isNew: boolean };
  /** Held ones to be looked at by id again. */
  readonly looks: ReadonlySet<MappingId>;
  /** Where it is the turn of some: the last of them. */
  readonly lookedTo?: MappingId;
}

type Looks = Pick<SideLosses, 'looks' | 'lookedTo'>;

/** Held items that only a look by id can show are looked at so often, and so many at a time. */
const LOOK_AGAIN_MS = 30 * MINUTE_MS;
const LOOKS_MAX = 100;

/** Which items went away, and whether they must wait (rule 14). Asked before any is confirmed. */
export function lossesOf(state: PlanState): Readonly<Record<Side, SideLosses>> {
  return { a: lossesOn(state, 'a'), b: lossesOn(state, 'b') };
}

function lossesOn(state: PlanState, side: Side): SideLosses {
  const { limits, sides, others } = state.brake;
  const here = state.mappings.filter((mapping) => isMappedOn(state, mapping, side));
  const sight = sightOf(state, side);
  const other = otherSide(side);
  const beyond = sightOf(state, other);
  const gone = here.filter(
    (mapping) => isLost(state, mapping, side, sight) && !isSeenGone(state, mapping, other, beyond),
  );
  const known = unitsOf(here, side);
  const open = sides[side].holds.find(
    ({ kind, state }) => kind === 'deletions' && state === 'open',
  );
  const lost = new Set(gone.map(({ id }) => id));
  const none = { lost, known, looks: new Set<MappingId>() };
  const count = unitsOf(gone, side);
  if (open !== undefined)
    return stillTrips(open.why, count)
      ? {
          lost,
          known,
          hold: { id: open.id, trip: open.why, isNew: false },
          ...looksOf(state, side, open, gone),
        }
      : none;
  const snapshot = state.snapshots[side];
  const trip = deletionTrip(
    {
      lost: count,
      recent: sides[side].recentDeletions,
      known: state.concerned[side] === 'all' ? known : (sides[side].known ?? known),
      isEmpty: snapshot.kind === 'complete' && snapshot.items.length === 0,
      ...(others === undefined ? {} : { others: others[side] }),
    },
    limits,
  );
  if (trip === undefined) return none;
  const id = holdIdOf(state.pairId, side, 'deletions', state.now);
  return { ...none, hold: { id, trip, isNew: true } };
}

/** Both copies are there, and this one counts: not those that a decided hold is carried out on. */
function isMappedOn(state: PlanState, mapping: EventMapping, side: Side): boolean {
  const here = mapping[side];
  const there = mapping[otherSide(side)];
  if (here === undefined || here.gone === true || mapping.suspended === side) return false;
  if (there === undefined || there.gone === true) return false;
  // Carried out on one side and not noted yet, it would look like a loss on the other.
  if (decidedHold(state, mapping)?.hold.kind === 'deletions') return false;
  return holdOf(state, here) !== undefined || overlaps(here, state.snapshots[side].window);
}

interface Sight {
  readonly shown: ReadonlySet<ExternalId>;
  readonly removed: ReadonlySet<ExternalId>;
}

function sightOf(state: PlanState, side: Side): Sight {
  return {
    shown: new Set(state.snapshots[side].items.map(({ id }) => id)),
    removed: removedOn(state, side),
  };
}

function isLost(state: PlanState, mapping: EventMapping, side: Side, sight: Sight): boolean {
  const here = mapping[side];
  // That one was kept before is told a person, and no reason to hold others.
  if (here === undefined || mapping.kept === true) return false;
  const answer = state.answers[side].get(here.id);
  const isHeld = holdOf(state, here)?.kind === 'deletions';
  if (isHeld && (answer === undefined || answer.kind === 'unknown'))
    return !sight.shown.has(here.id);
  return isSeenGone(state, mapping, side, sight);
}

/**
 * The reads, or a look by id, say that this copy has gone away. Where they say so of both copies,
 * nothing is left that the brake could save: both are confirmed, and the mapping ends.
 */
function isSeenGone(
  { snapshots, answers }: PlanState,
  mapping: EventMapping,
  side: Side,
  { shown, removed }: Sight,
): boolean {
  const known = mapping[side];
  if (known === undefined) return false;
  const answer = answers[side].get(known.id);
  if (answer?.kind === 'alive') return false;
  if (answer?.kind === 'gone' || answer?.kind === 'elsewhere') return true;
  if (shown.has(known.id)) return false;
  const snapshot = snapshots[side];
  return snapshot.kind === 'complete' ? overlaps(known, snapshot.window) : removed.has(known.id);
}

/** By id where the reads are silent: now and then in turn, and where something is told of it again. */
function looksOf(
  state: PlanState,
  side: Side,
  { id, since, lookedAt, lookedTo }: Hold,
  gone: readonly EventMapping[],
): Looks {
  const snapshot = state.snapshots[side];
  if (snapshot.kind === 'complete') return { looks: new Set() };
  const held = gone.filter((mapping) => mapping[side]?.held === id);
  const removed = removedOn(state, side);
  const told = held.flatMap((mapping) => {
    const known = mapping[side];
    return known !== undefined && removed.has(known.id) ? [mapping.id] : [];
  });
  if (state.now - (lookedAt ?? since) < LOOK_AGAIN_MS) return { looks: new Set(told) };
  const ids = held.map(({ id }) => id).sort();
  const isNext = (id: MappingId): boolean => lookedTo === undefined || id > lookedTo;
  const turn = [...ids.filter(isNext), ...ids.filter((id) => !isNext(id))].slice(0, LOOKS_MAX);
  const last = turn.at(-1);
  return { looks: new Set([...turn, ...told]), ...(last === undefined ? {} : { lookedTo: last }) };
}

/** The pending hold that a copy is in. */
export function holdOf({ brake }: Pick<PlanState, 'brake'>, known?: SideState): Hold | undefined {
  if (known?.held === undefined) return undefined;
  const { a, b } = brake.sides;
  return [...a.holds, ...b.holds].find((hold) => hold.id === known.held && isPending(hold));
}

/** The decided hold whose items are being settled, and the side that the mapping is in it for. */
export function decidedHold(
  state: Pick<PlanState, 'brake'>,
  mapping: EventMapping,
): { readonly hold: Hold; readonly side: Side } | undefined {
  for (const side of SIDES) {
    const hold = holdOf(state, mapping[side]);
    if (hold !== undefined && hold.state !== 'open') return { hold, side };
  }
  return undefined;
}

/** Mapped events with a live copy on the side, in the window. */
export function mappedOn(
  mappings: readonly EventMapping[],
  side: Side,
  window: InstantRange,
): number {
  const live = mappings.filter(({ [side]: here, [otherSide(side)]: there }) => {
    if (here === undefined || there === undefined) return false;
    return here.gone !== true && there.gone !== true && overlaps(here, window);
  });
  return unitsOf(live, side);
}

export function unitsOf(mappings: readonly EventMapping[], side: Side): number {
  return new Set(mappings.map((mapping) => unitOf(mapping, side))).size;
}

/** What it counts as for the brake: all of a series are one. */
export function unitOf(mapping: EventMapping, side: Side): string {
  return mapping[side]?.masterId ?? mapping.id;
}
