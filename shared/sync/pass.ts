import { otherSide, SIDES, type MappingId, type Side } from '../model/ids.ts';
import type { Pair, PairPolicy, PairStatus } from '../model/pair.ts';
import type { HeldLease, PairRows } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock } from '../util/clock.ts';
import { rememberedBy, writesTo, type Application, type Applied } from './application.ts';
import { applyPlan, type DeletionListener } from './applying.ts';
import { closingCursors, overtakenReads } from './cursors.ts';
import { decidedBrakes, heldBrakes, holdEvents, type Brakes, type HoldEvent } from './holding.ts';
import { Ledger } from './ledger.ts';
import type { Fingerprinter } from './plan/fingerprint.ts';
import { narrow } from './plan/narrow.ts';
import { brakesAfter, brakeStateOf, isCountedAlike, needsOf } from './pass-brake.ts';
import { statusOf, type PassTrouble } from './pass-status.ts';
import { missed } from './plan/setbacks.ts';
import { refused } from './plan/outcome.ts';
import type { BrakeState, PlanState, Refusal, SyncAction, SyncPlan } from './plan/state.ts';
import { windowFor } from './plan/window.ts';
import { loadConcerned, planWithAnswers } from './planning.ts';
import { isAtRest, isReadLately } from './quiet.ts';
import {
  readBoth,
  readIfMoved,
  type Reading,
  type ReadingPlan,
  type SideAccess,
} from './reading.ts';
import type { RunOptions } from './run-report.ts';

export interface PassPorts {
  readonly pair: Pair;
  readonly tenant: TenantConfig;
  readonly policy: PairPolicy;
  readonly sides: Readonly<Record<Side, SideAccess>>;
  readonly fingerprints: Fingerprinter;
  readonly rows: PairRows;
  readonly lease: HeldLease;
  readonly leaseTtlMs: number;
  readonly clock: Clock;
  readonly options: RunOptions;
  readonly isSpent: () => boolean;
  /** How long an event rests after so many failures in a row, in ms. */
  readonly backoff: (failures: number) => number;
  readonly onPlan?: (state: PlanState, plan: SyncPlan) => void;
  /** What the brakes of the tenant's other pairs count; undefined where that is not known. */
  readonly othersOf: () => Promise<BrakeState['others']>;
  readonly onDelete: DeletionListener;
  /** Told of what becomes of holds, before that is stored. */
  readonly onHolds: (events: readonly HoldEvent[]) => Promise<void>;
}

export interface PassResult {
  readonly found: Readonly<Record<Side, number>>;
  readonly done: readonly Applied[];
  /** In a dry run: what would be done. */
  readonly planned: readonly SyncAction[];
  readonly refusals: readonly Refusal[];
  readonly status: PairStatus;
  readonly statusReason?: string;
  /** All that both reads told is applied, and their cursors are stored. */
  readonly finished: boolean;
  /** Beside that, nothing rests after a failure, and no exchange of slots is left half-way. */
  readonly isDone: boolean;
  readonly overtaken: boolean;
  readonly waitMs: Readonly<Partial<Record<Side, number>>>;
  /** Sides whose read told of something that changed the other one. */
  readonly changedOn: readonly Side[];
  /** Events newly missed on a side that cannot tell by id: to be looked at again in a while. */
  readonly missed: readonly MappingId[];
  readonly holdEvents: readonly HoldEvent[];
  /** What each side's brake counts now; absent where the pass changed nothing of it. */
  readonly brakes?: Brakes;
  /** Events that have both of their copies, where that is known. */
  readonly mapped?: number;
  /** Events that rest because they failed by themselves. */
  readonly parked: number;
}

/** How often a pass plans again because links it made must first be compared. */
const PLANS_MAX = 3;

/**
 * One look at both sides of a pair, and everything that follows from it: read, load, plan, apply,
 * commit. Cursors are stored last, and only when nothing of what they passed is left undone.
 * `still`: the side that is not quiet showed nothing new, and nothing else was to be done.
 * @throws SideError, LeaseLostError, StorageError
 */
export async function runPass(ports: PassPorts): Promise<PassResult | 'still'> {
  const { lease, clock, options, rows } = ports;
  const ledger = new Ledger(lease, clock, ports.leaseTtlMs);
  const { control } = lease;
  const before = control.brake;
  const now = clock.now();
  const { tenant } = ports;
  const range = { pastDays: tenant.windowPastDays, futureDays: tenant.windowFutureDays };
  const window = windowFor(control.window, range, ports.pair.id, now);
  const planVersion = planVersionOf(ports);
  const complete = options.complete === true;
  const reading = { ...ports, control, window, planVersion, complete, now };
  const readings = await readWhatIsDue(ports, reading, ledger);
  if (readings === undefined) return 'still';
  const brakes = decidedBrakes(control, now);
  const brake = brakeStateOf(ports, brakes, now);
  const needs = needsOf(ports, brake, now);
  const loaded = await loadConcerned(rows, control.lease, readings, ledger, needs);
  const state: PlanState = {
    pairId: ports.pair.id,
    policy: ports.policy,
    capabilities: { a: ports.sides.a.bridge.capabilities, b: ports.sides.b.bridge.capabilities },
    snapshots: { a: readings.a.snapshot, b: readings.b.snapshot },
    ...loaded,
    mappings: ledger.mappings(),
    answers: { a: new Map(), b: new Map() },
    brake,
    look: new Set(options.look),
    retry: options.retry === 'all' ? 'all' : new Set(options.retry),
    fingerprints: ports.fingerprints,
    now,
  };
  const found = { a: state.snapshots.a.items.length, b: state.snapshots.b.items.length };
  const outcome = await decideAndApply(ports, state, ledger, brakes);
  if (options.dryRun === true)
    return {
      ...outcome,
      found,
      changedOn: [],
      holdEvents: [],
      status: ports.pair.status,
      parked: ledger.parked,
      isDone: outcome.finished,
    };
  const newWindow = window.version === control.window?.version ? [] : [window];
  const written = outcome.done.map(({ action, outcome }) =>
    outcome === 'put-off' ? undefined : writesTo(action),
  );
  const { finished, overtakenReads } = outcome;
  const moved = new Set([...written, ...overtakenReads]);
  const cursors = closingCursors(readings, control, { finished, moved });
  const windows = newWindow.map((row) => ({ kind: 'window' as const, row }));
  const closing = brakesAfter(ledger, window, now);
  await ports.onHolds(holdEvents(ledger.brakes, closing));
  await ledger.close([...windows, ...cursors], closing);
  const { brakes: after, mapped } = ledger;
  return {
    ...outcome,
    found,
    changedOn: changedOn(readings, outcome.done),
    holdEvents: holdEvents(before, after),
    parked: ledger.parked,
    isDone: finished && ledger.parked === 0 && !outcome.isHalfWay,
    ...(SIDES.every((side) => isCountedAlike(before[side], after[side])) ? {} : { brakes: after }),
    ...(await statusOf(ports, outcome, ledger)),
    ...(mapped === undefined ? {} : { mapped }),
  };
}

async function readWhatIsDue(
  { options: { quiet }, pair, tenant }: PassPorts,
  plan: ReadingPlan,
  ledger: Ledger,
): Promise<Readonly<Record<Side, Reading>> | undefined> {
  const { control, window, planVersion, now } = plan;
  const isQuiet =
    quiet !== undefined &&
    pair.status !== 'error' &&
    isReadLately(control.lease, pair, tenant.slowPollMinutes, now) &&
    isAtRest(control, { windowVersion: window.version, planVersion, now });
  return isQuiet ? await readIfMoved(plan, otherSide(quiet), ledger) : await readBoth(plan, ledger);
}

/** A complete read tells all, new or not: it counts for nothing here. */
function changedOn(
  readings: Readonly<Record<Side, Reading>>,
  done: readonly Applied[],
): readonly Side[] {
  return SIDES.filter((side) => {
    const { told } = readings[side];
    if (told === 'all') return false;
    return done.some(({ action }) => {
      if (writesTo(action) !== otherSide(side)) return false;
      const id = 'source' in action ? action.source.id : action.mapping[side]?.id;
      return id !== undefined && told.has(id);
    });
  });
}

type Outcome = Omit<
  PassResult,
  'found' | 'changedOn' | 'status' | 'statusReason' | 'holdEvents' | 'brakes' | 'parked' | 'isDone'
> &
  PassTrouble & { readonly overtakenReads: readonly Side[]; readonly isHalfWay: boolean };

async function decideAndApply(
  ports: PassPorts,
  first: PlanState,
  ledger: Ledger,
  brakes: Brakes,
): Promise<Outcome> {
  const { options, sides, isSpent, onDelete, backoff } = ports;
  const applyPorts = { sides, ledger, isSpent, onDelete, backoff };
  let state = first;
  const done: Applied[] = [];
  const missed: MappingId[] = [];
  for (let round = 1; ; round += 1) {
    const answered = await planWithAnswers(state, sides, ledger, ports.othersOf);
    state = answered.state;
    const { plan } = answered;
    ports.onPlan?.(state, plan);
    const { wanted, left } = narrow(plan.actions, options, ports.policy.timeZone);
    const base = {
      planned: wanted,
      refusals: plan.refusals,
      distrust: plan.distrust,
      overtakenReads: overtakenReads(state),
      isHalfWay: false,
    };
    const undecided = plan.undecided.map(({ side, reason }) => `side ${side}: ${reason}`);
    if (options.dryRun === true)
      return { ...base, undecided, done, missed, finished: false, overtaken: false, waitMs: {} };
    const found = wanted.filter(wasFound);
    // The rest waits: once written, the sides are no longer what was read, and the next plan of
    // this pass would take them for changed.
    if (found.length > 0 && round < PLANS_MAX) {
      done.push(...(await applyPlan(found, { ...applyPorts, state })).done);
      state = { ...state, mappings: ledger.mappings() };
      continue;
    }
    const held = wanted.filter(isHeld);
    const marks = held.map((action) => rememberedBy(state, action));
    const holding = heldBrakes(brakes, plan.holdings, state);
    await ports.onHolds(holdEvents(ledger.brakes, holding));
    await ledger.hold(
      holding,
      marks.filter((change) => change !== undefined),
    );
    done.push(...held.map((action) => ({ action, outcome: 'applied' as const })));
    missed.push(...(await rememberLooks(plan, state, ledger)));
    const rest = wanted.filter((action) => !isHeld(action));
    const application = await applyPlan(rest, { ...applyPorts, state });
    done.push(...application.done);
    const { overtaken, waitMs, isHalfWay } = application;
    const finished = left.length === 0 && found.length === 0 && isFinished(plan, application);
    return { ...base, undecided, done, missed, finished, overtaken, waitMs, isHalfWay };
  }
}

function isHeld(action: SyncAction): boolean {
  return action.kind === 'flag' && action.rule === 'held';
}

/** What was found, a copy or an occurrence under another id, is compared only once it is known so. */
function wasFound(action: SyncAction): boolean {
  if (action.kind !== 'link') return false;
  return action.unsure === true || action.rule === 'occurrence-matched';
}

function isFinished(plan: SyncPlan, { done }: Application): boolean {
  return (
    plan.questions.length === 0 &&
    plan.undecided.length === 0 &&
    plan.distrust.length === 0 &&
    done.every(
      ({ outcome, isParked }) =>
        outcome === 'applied' || outcome === 'flagged' || isParked === true,
    )
  );
}

/**
 * Refusals get a row, so that it can be said why an event is not there; so do missed items.
 * @returns what is missed since now
 */
async function rememberLooks(
  plan: SyncPlan,
  state: PlanState,
  ledger: Ledger,
): Promise<readonly MappingId[]> {
  const refusals = plan.refusals.map((refusal) => refused(state, refusal));
  const misses = plan.undecided
    .map(({ mapping, side }) => (mapping === undefined ? undefined : missed(state, mapping, side)))
    .filter((change) => change !== undefined);
  await ledger.commit([...refusals.filter((change) => change !== undefined), ...misses]);
  return misses.map(({ mapping }) => mapping.id);
}

/** Another value makes both sides be read completely, so that what was refused is taken up. */
function planVersionOf({ sides, policy, fingerprints, pair }: PassPorts): string {
  const facts = SIDES.map((side) => {
    const { bridge } = sides[side];
    return [bridge.key, bridge.mapperVersion, bridge.capabilities];
  });
  return fingerprints.digest(JSON.stringify([facts, policy, pair.direction])).slice(0, 16);
}
