import { isPending, type BrakeLimits, type Hold, type HoldSample } from '../model/hold.ts';
import { otherSide, SIDES, type Side } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import type { Pair } from '../model/pair.ts';
import { HOUR_MS, MINUTE_MS } from '../model/time.ts';
import type { BrakeRow, ControlRows, DecisionRow } from '../stores/ports.ts';
import { BRAKE_DEFAULTS } from '../model/hold.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { unitsOf } from './plan/losses.ts';
import type { Holding, PlanState } from './plan/state.ts';

/**
 * How long after its end a hold is still open to passes: a decision made at the last moment, on a
 * host whose clock is late, is then seen before time decides.
 */
const GRACE_MS = 10 * MINUTE_MS;
const SAMPLES_MAX = 20;

export type Brakes = Readonly<Record<Side, BrakeRow>>;

/** What became of a hold in a pass: for the audit, and for the copy that lists are made from. */
export interface HoldEvent {
  readonly hold: Hold;
  /** `changed`: only what it is about. */
  readonly what:
    'opened' | 'approved' | 'rejected' | 'withdrawn' | 'expired' | 'closed' | 'changed';
}

export function limitsOf(pair: Pair, tenant: TenantConfig): BrakeLimits {
  return { ...BRAKE_DEFAULTS, ...tenant.brake, ...pair.brake };
}

export function pendingHolds(brakes: Brakes): readonly Hold[] {
  return SIDES.flatMap((side) => brakes[side].holds.filter(isPending));
}

/** The brakes with every decision there is by now: a person's, else that of time. */
export function decidedBrakes({ brake, decisions }: ControlRows, now: Instant): Brakes {
  const decided = (row: BrakeRow): BrakeRow => ({
    ...row,
    holds: row.holds.map((hold) => decidedHold(hold, decisions, now)),
  });
  return { a: decided(brake.a), b: decided(brake.b) };
}

function decidedHold(hold: Hold, decisions: readonly DecisionRow[], now: Instant): Hold {
  if (hold.state !== 'open') return hold;
  const decision = decisions.find(({ holdId }) => holdId === hold.id);
  if (decision !== undefined) {
    const state = decision.decision === 'approve' ? 'approved' : 'rejected';
    return { ...hold, state, decidedBy: decision.who, decidedAt: decision.at };
  }
  return now < hold.expiresAt + GRACE_MS ? hold : { ...hold, state: 'expired', decidedAt: now };
}

/** The brakes with the holds that a plan opens or keeps open. */
export function heldBrakes(brakes: Brakes, holdings: readonly Holding[], state: PlanState): Brakes {
  const next: Record<Side, BrakeRow> = { ...brakes };
  for (const holding of holdings) {
    const { side, id } = holding;
    const row = next[side];
    const before = row.holds.find((hold) => hold.id === id);
    const hold = before === undefined ? opened(holding, state) : keptOpen(before, holding, state);
    next[side] = {
      ...row,
      holds:
        before === undefined
          ? [...row.holds, hold]
          : row.holds.map((one) => (one.id === id ? hold : one)),
    };
  }
  return next;
}

function opened({ id, side, kind, trip, mappings }: Holding, state: PlanState): Hold {
  const { pairId, now, brake } = state;
  return {
    id,
    pairId,
    side,
    kind,
    since: now,
    why: trip,
    evidence: { a: evidenceOf(state, 'a'), b: evidenceOf(state, 'b') },
    samples: mappings.slice(0, SAMPLES_MAX).map((mapping) => sampleOf(mapping, side, kind)),
    items: itemsOf(mappings, side),
    expiresAt: (now + brake.limits.holdHours * HOUR_MS) as Instant,
    state: 'open',
  };
}

function keptOpen(hold: Hold, { mappings, lookedTo, side }: Holding, { now }: PlanState): Hold {
  return {
    ...hold,
    items: itemsOf(mappings, side),
    ...(lookedTo === undefined ? {} : { lookedAt: now, lookedTo }),
  };
}

function itemsOf(mappings: readonly EventMapping[], side: Side): number {
  return unitsOf(mappings, side);
}

function evidenceOf({ snapshots, mappings }: PlanState, side: Side): Hold['evidence']['a'] {
  const { kind, items } = snapshots[side];
  const known = mappings.filter(
    (mapping) => isLive(mapping, side) && isLive(mapping, otherSide(side)),
  );
  return { read: kind, shown: items.length, known: known.length };
}

function isLive(mapping: EventMapping, side: Side): boolean {
  const known = mapping[side];
  return known !== undefined && known.gone !== true;
}

function sampleOf(mapping: EventMapping, side: Side, kind: Hold['kind']): HoldSample {
  const { id, a, b } = mapping;
  const known = mapping[kind === 'creates' ? otherSide(side) : side] ?? a ?? b;
  return {
    mappingId: id,
    ...(a === undefined ? {} : { a: a.id }),
    ...(b === undefined ? {} : { b: b.id }),
    start: known?.start ?? (0 as Instant),
    end: known?.end ?? (0 as Instant),
  };
}

/** For the pair's status: what is held, why, and what to do. */
export function heldReason({ id, side, kind, items, state, why }: Hold): string {
  const count = why.count + why.recent;
  const share = `${count} of ${why.known} (${why.percent} %)`;
  const what =
    kind === 'creates'
      ? `${items} copies to be made on side ${side} are held, ${share}`
      : `${items} events that went away on side ${side} are held, ${SAID[why.rule]} ${share}`;
  return state === 'open'
    ? `${what}; approve or reject ${id}`
    : `${what}; ${state}, and being carried out`;
}

const SAID: Readonly<Record<Hold['why']['rule'], string>> = {
  emptied: 'the side shows none of',
  pair: 'in this pair',
  tenant: 'in all of the tenant’s pairs',
  flood: '',
};

/**
 * The brakes at the end of a pass that has loaded the whole pair: holds that nothing is in any more
 * are closed, and of those the last one is kept to be shown.
 */
export function closedBrakes(
  brakes: Brakes,
  mappings: readonly EventMapping[],
  now: Instant,
): Brakes {
  const held = new Set(mappings.flatMap(({ a, b }) => [a?.held, b?.held]));
  const closed = (hold: Hold): Hold => {
    if (!isPending(hold) || held.has(hold.id)) return hold;
    const state = hold.state === 'open' ? 'withdrawn' : hold.state;
    return { ...hold, state, items: 0, closedAt: now };
  };
  const tidy = (row: BrakeRow): BrakeRow => {
    const holds = row.holds.map(closed);
    const shown = holds.findLast((hold) => !isPending(hold));
    return { ...row, holds: holds.filter((hold) => isPending(hold) || hold === shown) };
  };
  return { a: tidy(brakes.a), b: tidy(brakes.b) };
}

/** What happened to each hold between two moments of a pass. */
export function holdEvents(before: Brakes, after: Brakes): readonly HoldEvent[] {
  return SIDES.flatMap((side) => {
    const known = new Map(before[side].holds.map((hold) => [hold.id, hold]));
    return after[side].holds.flatMap((hold): HoldEvent[] => {
      const was = known.get(hold.id);
      const events: HoldEvent[] = [];
      if (was === undefined) events.push({ hold, what: 'opened' });
      if (hold.state !== 'open' && was?.state !== hold.state)
        events.push({ hold, what: hold.state });
      if (!isPending(hold) && was !== undefined && isPending(was) && hold.state !== 'withdrawn')
        events.push({ hold, what: 'closed' });
      if (events.length === 0 && isPending(hold)) events.push({ hold, what: 'changed' });
      return events;
    });
  });
}
