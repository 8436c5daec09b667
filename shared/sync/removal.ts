import { UNBOUNDED, type CalendarBridge } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { SIDES, type BridgeKey, type PairId, type RunId, type Side } from '../model/ids.ts';
import type { TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import {
  RemovalError,
  type RemovalAuthor,
  type RemovalPlan,
  type RemovalPort,
  type RemovalResult,
} from '../model/removal.ts';
import type { RunReport } from '../model/run.ts';
import { LeaseLostError } from '../stores/errors.ts';
import type {
  AuditStore,
  HeldLease,
  PairRows,
  PairStore,
  RowChange,
  RunStore,
  SyncLogStore,
  SyncStore,
} from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { untilOf } from './application.ts';
import { Ledger } from './ledger.ts';
import { fingerprinter } from './plan/fingerprint.ts';
import { confirmationOf, copyOf, planRemoval, type RemovalState } from './plan/removal.ts';
import { windowFor } from './plan/window.ts';
import { SideError, type SideAccess } from './reading.ts';
import { lookAround } from './removal-looks.ts';
import { Removing } from './removing.ts';
import { blockedAfter } from './run-facts.ts';

export interface RemovalPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: SyncStore;
  readonly pairs: PairStore;
  readonly audit: AuditStore;
  readonly syncLog: SyncLogStore;
  readonly runs: RunStore;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  readonly bridge: (tenant: TenantConfig, key: BridgeKey) => CalendarBridge;
  readonly newRunId: () => RunId;
  readonly leaseTtlMs: number;
}

/** From its start, so that it ends well within a Functions invocation; the rest is asked for again. */
const BUDGET_MS = 120_000;
const NOBODY: RemovalAuthor = { who: 'service' };

/** One pair that is to end, with what it takes to look at it. */
interface Ending {
  readonly pair: Pair;
  readonly tenant: TenantConfig;
  readonly rows: PairRows;
  readonly sides: Readonly<Record<Side, SideAccess>>;
}

interface Planned {
  readonly state: RemovalState;
  readonly plan: RemovalPlan;
}

/** Ends pairs together with the copies they made. */
export class Removal implements RemovalPort {
  readonly #ports: RemovalPorts;

  constructor(ports: RemovalPorts) {
    this.#ports = ports;
  }

  async plan(tenantId: TenantId, pairId: PairId): Promise<RemovalPlan> {
    const ending = await this.#find(tenantId, pairId);
    const control = await ending.rows.readControl();
    try {
      return (await this.#planned(ending, control)).plan;
    } catch (error) {
      throw bare(error);
    }
  }

  async apply(
    tenantId: TenantId,
    pairId: PairId,
    confirm: string,
    by: RemovalAuthor = NOBODY,
  ): Promise<RemovalResult> {
    const ending = await this.#find(tenantId, pairId);
    const runId = this.#ports.newRunId();
    const taken = await ending.rows.take(runId);
    if (taken.kind === 'busy') throw busy(pairId, taken.until);
    const { lease } = taken;
    try {
      return await this.#underLease(ending, { lease, runId, confirm, by });
    } catch (error) {
      if (error instanceof LeaseLostError) throw busy(pairId, error.until);
      await this.#giveBack(ending.pair, lease, error);
      throw bare(error);
    }
  }

  async #find(tenantId: TenantId, pairId: PairId): Promise<Ending> {
    const { pairs, store } = this.#ports;
    const tenant = this.#ports.tenant(tenantId);
    const pair = (await pairs.get(tenantId, pairId))?.pair;
    if (tenant === undefined || pair === undefined)
      throw new RemovalError('not-found', `there is no resource mapping ${pairId}`);
    const access = (side: Side): SideAccess => ({
      bridge: this.#ports.bridge(tenant, pair[side].bridge),
      resource: pair[side].resource,
    });
    const rows = store.forPair(tenantId, pairId);
    return { pair, tenant, rows, sides: { a: access('a'), b: access('b') } };
  }

  async #planned(
    { pair, tenant, rows, sides }: Ending,
    control: HeldLease['control'],
    ledger?: Ledger,
  ): Promise<Planned> {
    const now = this.#ports.clock.now();
    const range = { pastDays: tenant.windowPastDays, futureDays: tenant.windowFutureDays };
    const window = windowFor(control.window, range, pair.id, now);
    const mappings = await rows.loadAll();
    ledger?.noteAll(mappings);
    const state: RemovalState = {
      pairId: pair.id,
      capabilities: { a: sides.a.bridge.capabilities, b: sides.b.bridge.capabilities },
      mappings,
      looks: await lookAround(mappings, {
        sides,
        window,
        copyOf,
        context: ledger?.context ?? UNBOUNDED,
      }),
      fingerprints: fingerprinter(tenant.fingerprintKey, tenant.timeZone),
      timeZone: tenant.timeZone,
      now,
    };
    const items = planRemoval(state);
    return { state, plan: { pairId: pair.id, items, confirm: confirmationOf(state, items) } };
  }

  async #underLease(
    ending: Ending,
    {
      lease,
      runId,
      confirm,
      by,
    }: { lease: HeldLease; runId: RunId; confirm: string; by: RemovalAuthor },
  ): Promise<RemovalResult> {
    const { clock, leaseTtlMs, pairs, audit } = this.#ports;
    const { pair, sides } = ending;
    const startedAt = clock.now();
    const { a, b } = lease.control.lease.blockedUntil;
    const until = Math.max(a ?? 0, b ?? 0) as Instant;
    if (until > startedAt)
      throw new RemovalError('blocked', 'one of the two systems asks for a pause', { until });
    const ledger = new Ledger(lease, clock, leaseTtlMs);
    const { state, plan } = await this.#planned(ending, lease.control, ledger);
    if (plan.confirm !== confirm)
      throw new RemovalError('plan-changed', 'the copies are not what was confirmed', { plan });
    // From here on no pass may take a removed copy for a deleted event.
    await pairs.update(pair.tenantId, pair.id, { active: false });
    await lease.commit(forgottenCursors(lease), { ended: true });
    const removing = new Removing({
      state,
      ledger,
      sides,
      clock,
      by,
      audit,
      tenantId: pair.tenantId,
      isSpent: () => clock.now() - startedAt > BUDGET_MS,
    });
    for (const side of SIDES)
      await removing.remove(
        side,
        plan.items.filter((item) => item.side === side && item.action === 'remove'),
      );
    removing.keep(plan.items.filter(({ action }) => action === 'keep'));
    await ledger.close([]);
    return await this.#told(ending, lease, removing, { runId, startedAt, ledger });
  }

  /** Gives the pair back and says what was done: in its status, the log, and as a run of it. */
  async #told(
    { pair }: Ending,
    lease: HeldLease,
    removing: Removing,
    { runId, startedAt, ledger }: { runId: RunId; startedAt: Instant; ledger: Ledger },
  ): Promise<RemovalResult> {
    const { clock, pairs, runs, syncLog, logger } = this.#ports;
    const now = clock.now();
    const { removed, kept, left, fault, actions, waitMs, found } = removing;
    const [a, b] = [untilOf(waitMs.a, now), untilOf(waitMs.b, now)];
    const blockedUntil = { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
    await lease.release({ blockedUntil }, { force: true });
    const latest = Math.max(a ?? 0, b ?? 0) as Instant;
    const report: RunReport = {
      runId,
      pairId: pair.id,
      cause: 'removal',
      dryRun: false,
      found,
      actions,
      startedAt,
      outcome: left === 0 ? 'completed' : 'partial',
      ...(fault === undefined ? {} : { error: { kind: fault.kind, message: fault.message } }),
      ...(latest > now ? { blockedUntil: latest } : {}),
      durationMs: now - startedAt,
    };
    await pairs.recordRun(pair.tenantId, pair.id, {
      status: left === 0 ? 'pending' : 'error',
      statusReason: `ended; ${removed} copies removed, ${kept} kept, ${left} left to remove`,
      lastRunAt: now,
      ...(ledger.mapped === undefined ? {} : { mappedEvents: ledger.mapped }),
    });
    const entries = actions.map(({ sourceEventId: _s, targetEventId: _t, ...entry }) => entry);
    if (entries.length > 0)
      await syncLog.append(
        pair.tenantId,
        entries.map((entry) => ({ at: now, runId, pairId: pair.id, ...entry })),
      );
    await runs.put(pair.tenantId, report);
    const ids = { tenantId: pair.tenantId, pairId: pair.id, runId };
    logger.info('pair ended with its copies', { ...ids, removed, kept, left });
    return { report, removed, kept, left };
  }

  async #giveBack(pair: Pair, lease: HeldLease, why: unknown): Promise<void> {
    const { clock, logger } = this.#ports;
    const blockedUntil = blockedAfter(why, lease, clock.now());
    try {
      await lease.release({ blockedUntil }, { force: true });
    } catch (error) {
      if (error instanceof LeaseLostError) return;
      // It runs out by itself; what went wrong before is what the caller must hear.
      const ids = { tenantId: pair.tenantId, pairId: pair.id };
      logger.warn('the lease of a pair was not given back', { ...ids, error: String(error) });
    }
  }
}

function busy(pairId: PairId, until: Instant | undefined): RemovalError {
  return new RemovalError('busy', `another run holds ${pairId}`, { until });
}

/** For those who know nothing of sides: the fault of the system, which its message names. */
function bare(error: unknown): unknown {
  if (!(error instanceof SideError)) return error;
  const { kind, retryAfterMs, status, code } = error.error;
  return new BridgeError(kind, error.message, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
  });
}

/** Cursors of no plan: the revived pair reads both sides completely, and copies what is there. */
function forgottenCursors({ control }: HeldLease): readonly RowChange[] {
  return SIDES.flatMap((side) => {
    const stored = control[side];
    if (stored === undefined) return [];
    const { windowVersion } = stored;
    return [{ kind: 'cursor' as const, side, row: { windowVersion, planVersion: 'ended' } }];
  });
}
