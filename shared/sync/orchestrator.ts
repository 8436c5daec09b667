import type { CalendarBridge } from '../bridges/bridge.ts';
import type { BridgeKey, RunId, TenantId } from '../model/ids.ts';
import { isRunnable, type Pair } from '../model/pair.ts';
import type { QueueSender } from '../queues/ports.ts';
import type {
  AuditStore,
  HeldLease,
  PairRows,
  PairStore,
  RunStore,
  SyncLogStore,
  SyncStore,
  WorkStore,
} from '../stores/ports.ts';
import { LeaseLostError } from '../stores/errors.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { refusalOf } from './admission.ts';
import { factsAfterFailure, factsAfterPass, nextDueAt, restUntil } from './aftermath.ts';
import { backoffMs } from './backoff.ts';
import { runPass, type PassPorts, type PassResult } from './pass.ts';
import { tellFound, type PushWatch } from './push-watch.ts';
import { fingerprinter } from './plan/fingerprint.ts';
import { mergeReports, reportOf } from './reporting.ts';
import { faultOf, hasWait, isKept, policyOf } from './run-facts.ts';
import type { RunOptions, RunReport } from './run-report.ts';
import { withoutQuiet } from './quiet.ts';
import { putOff, queuedIdOf, resend, type RunRequest } from './run-request.ts';
import { tellPass } from './telling.ts';
import { deletionAudit, holdAudit, otherPairs } from './tenant-brake.ts';

export interface OrchestratorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: SyncStore;
  readonly pairs: PairStore;
  readonly syncLog: SyncLogStore;
  readonly audit: AuditStore;
  readonly work: WorkStore;
  readonly runs: RunStore;
  readonly queue: QueueSender;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  readonly bridge: (tenant: TenantConfig, key: BridgeKey) => CalendarBridge;
  readonly newRunId: () => RunId;
  readonly leaseTtlMs: number;
  /** As `Math.random`: spreads the next tries of what failed together. */
  readonly random: () => number;
  /** Told where a timer's pass found what its system should have announced. */
  readonly push: PushWatch;
  /** Told of each plan that is about to be applied; the simulation counts its decisions. */
  readonly onPlan?: PassPorts['onPlan'];
}

/** A run that is called back goes round at most so often; what is left goes to the next job. */
const ROUNDS_MAX = 3;
/** From its start, so that it ends well within a Functions invocation. */
const RUN_BUDGET_MS = 120_000;
/** Somebody waits, and most runs that hold a pair are over by then. */
const LOOKS_AGAIN_MS = 5_000;

/** Runs passes over pairs: one writer a pair, whatever asks for it and however often. */
export class SyncOrchestrator {
  readonly #ports: OrchestratorPorts;

  constructor(ports: OrchestratorPorts) {
    this.#ports = ports;
  }

  /**
   * Never throws for what a remote system did: that is the report's `error`, and the pair's status.
   * The report is stored where somebody may ask for it; a run that was put off is queued instead.
   * @throws StorageError where our own storage does not answer.
   */
  async run(request: RunRequest): Promise<RunReport> {
    const report = await this.#run(request);
    if (isKept(request, report)) await this.#ports.runs.put(request.tenantId, report);
    return report;
  }

  async #run(request: RunRequest): Promise<RunReport> {
    const { clock, pairs, store, newRunId } = this.#ports;
    const startedAt = clock.now();
    const runId = request.runId ?? newRunId();
    const report = (outcome: RunReport['outcome'], more: Partial<RunReport> = {}): RunReport => ({
      runId,
      pairId: request.pairId,
      cause: request.cause,
      outcome,
      dryRun: request.options.dryRun === true,
      found: { a: 0, b: 0 },
      actions: [],
      startedAt,
      durationMs: clock.now() - startedAt,
      ...more,
    });
    const stored = await pairs.get(request.tenantId, request.pairId);
    const tenant = this.#ports.tenant(request.tenantId);
    if (stored === undefined || tenant === undefined) return report('skipped');
    const { pair } = stored;
    if (!isRunnable(pair)) return report('skipped');
    const rows = store.forPair(pair.tenantId, pair.id);
    const lease = await this.#take(rows, runId, request);
    if (lease === undefined) return report('busy');
    const present = await this.#stillLiving(pair, lease);
    if (present === undefined) {
      await lease.release({}, { force: true });
      return report('skipped');
    }
    const refusal = refusalOf(request, lease.control, clock.now());
    if (refusal !== undefined) {
      await lease.release({}, { force: true });
      // The run that was asked to wait has sent a job for when that is over; a queued run that
      // somebody waits for comes again under its id.
      if (refusal.blockedUntil !== undefined && queuedIdOf(request) !== undefined)
        await putOff(this.#ports, request, refusal.blockedUntil);
      return report(refusal.outcome, refusal);
    }
    try {
      return await this.#rounds(request, { pair: present, tenant, rows, lease, report });
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      this.#ports.logger.warn('another run has taken the pair; this one stops', {
        tenantId: pair.tenantId,
        pairId: pair.id,
        runId,
      });
      if (queuedIdOf(request) !== undefined)
        await this.#comeAgain(request, error.until ?? clock.now());
      return report('busy');
    }
  }

  /** The lease, or undefined when another run holds it: the signal then makes that run go round. */
  async #take(rows: PairRows, runId: RunId, request: RunRequest): Promise<HeldLease | undefined> {
    const first = await rows.take(runId);
    if (first.kind === 'held') return first.lease;
    if (queuedIdOf(request) !== undefined) {
      await this.#comeAgain(request, first.until);
      return undefined;
    }
    const { count, send } = await rows.raise();
    const second = await rows.take(runId);
    if (second.kind === 'held') return second.lease;
    // The holder sees the signal and goes round; one job is on its way in case it dies. But a check of
    // single events comes again itself: the holder knows nothing of them.
    const { look, dryRun } = request.options;
    if (dryRun === true || (send === 'no' && look === undefined)) return undefined;
    await resend(this.#ports, { ...request, signal: count }, second.until);
    await rows.markSent(count);
    return undefined;
  }

  /** A queued run that somebody waits for needs no other one: it looks again soon whether the pair is free. */
  async #comeAgain(request: RunRequest, until: Instant): Promise<void> {
    const soon = (this.#ports.clock.now() + LOOKS_AGAIN_MS) as Instant;
    await putOff(this.#ports, request, Math.min(until, soon) as Instant);
  }

  /** The pair as it is now where it had ended when it was last held: it may have since it was read. */
  async #stillLiving(pair: Pair, lease: HeldLease): Promise<Pair | undefined> {
    if (lease.control.lease.ended !== true) return pair;
    const now = (await this.#ports.pairs.get(pair.tenantId, pair.id))?.pair;
    return now !== undefined && isRunnable(now) ? now : undefined;
  }

  async #rounds(
    request: RunRequest,
    run: {
      pair: Pair;
      tenant: TenantConfig;
      rows: PairRows;
      lease: HeldLease;
      report: (outcome: RunReport['outcome'], more?: Partial<RunReport>) => RunReport;
    },
  ): Promise<RunReport> {
    const { lease, report } = run;
    const { clock } = this.#ports;
    let { status } = run.pair;
    let { options } = request;
    let merged = report('completed');
    for (let round = 1; ; round += 1) {
      const pair = { ...run.pair, status };
      const result = await this.#pass(options, { ...run, pair }, merged.startedAt);
      if (result === 'still') {
        if ((await this.#rest(run)) === 'released') return report('skipped');
        options = withoutQuiet(options);
        continue;
      }
      if ('error' in result) {
        const failed = await this.#fail(request, pair, lease, result.error);
        return mergeReports(merged, report('failed', failed));
      }
      const { finished, overtaken } = result;
      const part = reportOf(result, request.options.dryRun === true);
      merged = mergeReports(merged, report(finished ? 'completed' : 'partial', part));
      if (request.options.dryRun === true) {
        await lease.release({}, { force: true });
        return { ...merged, outcome: 'completed' };
      }
      await tellPass(this.#ports, pair, merged.runId, result);
      status = result.status;
      if (overtaken && round < ROUNDS_MAX && !hasWait(result)) continue;
      const { lease: before } = lease.control;
      const facts = factsAfterPass(run.tenant, result, before, this.#backoff, clock.now());
      const last = round >= ROUNDS_MAX || hasWait(result);
      const released = await lease.release(facts, { sawSignal: finished, force: last });
      if (released === 'signalled') continue;
      await tellFound(this.#ports.push, pair, result, before);
      await this.#after(request, result, lease, merged.startedAt);
      const { a = 0, b = 0 } = facts.blockedUntil ?? {};
      const blocked = hasWait(result) ? { blockedUntil: Math.max(a, b) as Instant } : {};
      return { ...merged, ...blocked, outcome: result.isDone ? 'completed' : 'partial' };
    }
  }

  /** Nothing was to be done: the pair is as it was, and known to be. */
  async #rest({
    pair,
    tenant,
    lease,
  }: {
    readonly pair: Pair;
    readonly tenant: TenantConfig;
    readonly lease: HeldLease;
  }): Promise<'released' | 'signalled'> {
    const now = this.#ports.clock.now();
    const released = await lease.release({ nextDueAt: nextDueAt(tenant, now) });
    if (released === 'released') {
      const { status, statusReason } = pair;
      await this.#ports.pairs.recordRun(pair.tenantId, pair.id, {
        status,
        ...(statusReason === undefined ? {} : { statusReason }),
        lastRunAt: now,
        lastSyncedAt: now,
      });
    }
    return released;
  }

  async #pass(
    options: RunOptions,
    run: { pair: Pair; tenant: TenantConfig; rows: PairRows; lease: HeldLease },
    startedAt: Instant,
  ): Promise<PassResult | 'still' | { error: unknown }> {
    const { pair, tenant } = run;
    const { clock, bridge, leaseTtlMs, audit, onPlan } = this.#ports;
    try {
      return await runPass({
        ...run,
        policy: policyOf(pair, tenant),
        sides: {
          a: { bridge: bridge(tenant, pair.a.bridge), resource: pair.a.resource },
          b: { bridge: bridge(tenant, pair.b.bridge), resource: pair.b.resource },
        },
        fingerprints: fingerprinter(tenant.fingerprintKey, tenant.timeZone),
        leaseTtlMs,
        clock,
        options,
        isSpent: () => clock.now() - startedAt > RUN_BUDGET_MS,
        backoff: this.#backoff,
        ...(onPlan === undefined ? {} : { onPlan }),
        othersOf: () => otherPairs(this.#ports, pair, clock.now()),
        onDelete: (actions, what) =>
          audit.append(pair.tenantId, deletionAudit(pair, actions, what, clock.now())),
        onHolds: (events) => audit.append(pair.tenantId, holdAudit(events, clock.now())),
      });
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      return { error };
    }
  }

  /** A pass that could not be made: the pair says so, and the lease is given back. */
  async #fail(
    request: RunRequest,
    pair: Pair,
    lease: HeldLease,
    error: unknown,
  ): Promise<Partial<RunReport>> {
    const { clock, pairs, logger } = this.#ports;
    const now = clock.now();
    const fault = faultOf(error);
    const ids = { tenantId: pair.tenantId, pairId: pair.id };
    logger.error('run failed', { ...ids, kind: fault.kind, reason: fault.message });
    const facts = factsAfterFailure(error, lease, this.#backoff, now);
    const blockedUntil = restUntil({ blockedUntil: facts.blockedUntil }, now);
    const told = { error: fault, ...(blockedUntil === undefined ? {} : { blockedUntil }) };
    if (request.options.dryRun === true) {
      await lease.release({}, { force: true });
      return told;
    }
    await lease.release(facts, { force: true });
    await pairs.recordRun(pair.tenantId, pair.id, {
      status: 'error',
      statusReason: fault.message,
      lastRunAt: now,
    });
    await resend(this.#ports, request, restUntil(facts, now) ?? now);
    return told;
  }

  /** What was put off for time, at a side's own wish, or since a side failed, is another job, sent once. */
  async #after(
    request: RunRequest,
    result: PassResult,
    lease: HeldLease,
    startedAt: Instant,
  ): Promise<void> {
    const now = this.#ports.clock.now();
    const rest = restUntil(lease.control.lease, now);
    const putOff = result.done.some(({ outcome }) => outcome === 'put-off');
    const spent = now - startedAt > RUN_BUDGET_MS;
    if (rest !== undefined || (putOff && spent)) await resend(this.#ports, request, rest ?? now);
  }

  readonly #backoff = (failures: number): number => backoffMs(failures, this.#ports.random);
}
