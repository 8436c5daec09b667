import { SIDES, type Side } from '../model/ids.ts';
import type { Pair, PairPolicy, PairStatus } from '../model/pair.ts';
import type { HeldLease, PairRows } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock } from '../util/clock.ts';
import { writesTo, type Application, type Applied } from './application.ts';
import { applyPlan } from './applying.ts';
import { closingCursors, overtakenReads } from './cursors.ts';
import { Ledger } from './ledger.ts';
import type { Fingerprinter } from './plan/fingerprint.ts';
import { narrow } from './plan/narrow.ts';
import { missed } from './plan/setbacks.ts';
import { refused } from './plan/outcome.ts';
import type { Distrust, PlanState, Refusal, SyncAction, SyncPlan } from './plan/state.ts';
import { windowFor } from './plan/window.ts';
import { loadConcerned, planWithAnswers } from './planning.ts';
import { readBoth, type SideAccess } from './reading.ts';
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
  readonly onPlan?: (state: PlanState, plan: SyncPlan) => void;
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
  readonly overtaken: boolean;
  readonly waitMs: Readonly<Partial<Record<Side, number>>>;
}

/** How often a pass plans again because links it made must first be compared. */
const PLANS_MAX = 3;

/**
 * One look at both sides of a pair, and everything that follows from it: read, load, plan, apply,
 * commit. Cursors are stored last, and only when nothing of what they passed is left undone.
 * @throws SideError, LeaseLostError, StorageError
 */
export async function runPass(ports: PassPorts): Promise<PassResult> {
  const { lease, clock, options, rows } = ports;
  const ledger = new Ledger(lease, clock, ports.leaseTtlMs);
  const { control } = lease;
  const now = clock.now();
  const { tenant } = ports;
  const range = { pastDays: tenant.windowPastDays, futureDays: tenant.windowFutureDays };
  const window = windowFor(control.window, range, ports.pair.id, now);
  const planVersion = planVersionOf(ports);
  const complete = options.complete === true;
  const readings = await readBoth(
    { ...ports, control, window, planVersion, complete, now },
    ledger,
  );
  const loaded = await loadConcerned(
    rows,
    { lease: control.lease, isOneWay: ports.policy.direction !== 'both' },
    readings,
    ledger,
  );
  const state: PlanState = {
    pairId: ports.pair.id,
    policy: ports.policy,
    capabilities: { a: ports.sides.a.bridge.capabilities, b: ports.sides.b.bridge.capabilities },
    snapshots: { a: readings.a.snapshot, b: readings.b.snapshot },
    ...loaded,
    mappings: ledger.mappings(),
    answers: { a: new Map(), b: new Map() },
    fingerprints: ports.fingerprints,
    now,
  };
  const found = { a: state.snapshots.a.items.length, b: state.snapshots.b.items.length };
  const outcome = await decideAndApply(ports, state, ledger);
  if (options.dryRun === true) return { ...outcome, found, status: ports.pair.status };
  const newWindow = window.version === control.window?.version ? [] : [window];
  const written = outcome.done.map(({ action, outcome }) =>
    outcome === 'put-off' ? undefined : writesTo(action),
  );
  const { finished, overtakenReads } = outcome;
  const moved = new Set([...written, ...overtakenReads]);
  const cursors = closingCursors(readings, control, { finished, moved });
  await ledger.close([...newWindow.map((row) => ({ kind: 'window' as const, row })), ...cursors]);
  return { ...outcome, found, ...(await statusOf(ports, outcome, ledger)) };
}

type Outcome = Omit<PassResult, 'found' | 'status' | 'statusReason'> & {
  readonly distrust: readonly Distrust[];
  readonly undecided: readonly string[];
  readonly overtakenReads: readonly Side[];
};

async function decideAndApply(
  ports: PassPorts,
  first: PlanState,
  ledger: Ledger,
): Promise<Outcome> {
  const { options, sides, isSpent } = ports;
  let state = first;
  const done: Applied[] = [];
  for (let round = 1; ; round += 1) {
    const answered = await planWithAnswers(state, sides, ledger);
    state = answered.state;
    const { plan } = answered;
    ports.onPlan?.(state, plan);
    const { wanted, left } = narrow(plan.actions, options, ports.policy.timeZone);
    const base = {
      planned: wanted,
      refusals: plan.refusals,
      distrust: plan.distrust,
      overtakenReads: overtakenReads(state),
    };
    const undecided = plan.undecided.map(({ side, reason }) => `side ${side}: ${reason}`);
    if (options.dryRun === true)
      return { ...base, undecided, done, finished: false, overtaken: false, waitMs: {} };
    const found = wanted.filter(wasFound);
    // The rest waits: once written, the sides are no longer what was read, and the next plan of
    // this pass would take them for changed.
    if (found.length > 0 && round < PLANS_MAX) {
      done.push(...(await applyPlan(found, { sides, ledger, state, isSpent })).done);
      state = { ...state, mappings: ledger.mappings() };
      continue;
    }
    await rememberLooks(plan, state, ledger);
    const application = await applyPlan(wanted, { sides, ledger, state, isSpent });
    done.push(...application.done);
    const { overtaken, waitMs } = application;
    const finished = left.length === 0 && found.length === 0 && isFinished(plan, application);
    return { ...base, undecided, done, finished, overtaken, waitMs };
  }
}

/** A copy that was found is compared only now that it is linked. */
function wasFound(action: SyncAction): boolean {
  return action.kind === 'link' && action.unsure === true;
}

function isFinished(plan: SyncPlan, { done }: Application): boolean {
  return (
    plan.questions.length === 0 &&
    plan.undecided.length === 0 &&
    plan.distrust.length === 0 &&
    done.every(({ outcome }) => outcome === 'applied' || outcome === 'flagged')
  );
}

/** Refusals get a row, so that it can be said why an event is not there; so do missed items. */
async function rememberLooks(plan: SyncPlan, state: PlanState, ledger: Ledger): Promise<void> {
  const refusals = plan.refusals.map((refusal) => refused(state, refusal));
  const emptied = new Set(
    plan.distrust.filter(({ why }) => why === 'emptied').map(({ side }) => side),
  );
  const misses = plan.undecided.map(({ mapping, side }) =>
    // A read that is not believed is no first sign that something is gone.
    mapping === undefined || emptied.has(side) ? undefined : missed(state, mapping, side),
  );
  await ledger.commit([...refusals, ...misses].filter((change) => change !== undefined));
}

/** Another value makes both sides be read completely, so that what was refused is taken up. */
function planVersionOf({ sides, policy, fingerprints, pair }: PassPorts): string {
  const facts = SIDES.map((side) => {
    const { bridge } = sides[side];
    return [bridge.key, bridge.mapperVersion, bridge.capabilities];
  });
  return fingerprints.digest(JSON.stringify([facts, policy, pair.direction])).slice(0, 16);
}

async function statusOf(
  ports: PassPorts,
  outcome: Outcome,
  ledger: Ledger,
): Promise<{ status: PairStatus; statusReason?: string }> {
  const trouble = troubleOf(outcome);
  if (trouble !== undefined) return { status: 'error', statusReason: trouble };
  const before = ports.pair.status;
  // Only the whole pair can say that no conflict is left.
  const mappings = before === 'synced' ? ledger.mappings() : await ports.rows.loadAll();
  const conflicts = mappings.filter(({ state }) => state === 'conflict').length;
  if (conflicts === 0) return { status: 'synced' };
  return {
    status: 'conflict',
    statusReason: `${conflicts} ${conflicts === 1 ? 'event waits' : 'events wait'} for a decision`,
  };
}

function troubleOf({ distrust, done, undecided }: Outcome): string | undefined {
  const [doubt] = distrust;
  if (doubt !== undefined)
    return doubt.why === 'emptied'
      ? `side ${doubt.side} showed no events where ${doubt.items} are known; none was deleted`
      : `the list of side ${doubt.side} left out ${doubt.items} events that exist`;
  const failures = done.filter(({ outcome }) => outcome === 'failed');
  const [failure] = failures;
  if (failure !== undefined)
    return `${failures.length} of ${done.length} changes failed: ${failure.error?.message ?? failure.action.reason}`;
  const [unclear] = undecided;
  return unclear === undefined ? undefined : `${undecided.length} events unclear: ${unclear}`;
}
