import type { CalendarBridge } from '../bridges/bridge.ts';
import type { BridgeKey, RunId, TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { MINUTE_MS } from '../model/time.ts';
import type { QueueSender } from '../queues/ports.ts';
import type {
  AuditStore,
  HeldLease,
  LeaseFactsPatch,
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
import { untilOf } from './application.ts';
import { CHECK_AFTER_MS, sendChecks } from './deletion-checks.ts';
import { runPass, type PassPorts, type PassResult } from './pass.ts';
import { fingerprinter } from './plan/fingerprint.ts';
import { countOf, deletionAudit, holdAudit, otherPairs, holdsIn } from './tenant-brake.ts';
import { logEntriesOf, mergeReports, reportOf } from './reporting.ts';
import { blockedAfter, faultOf, hasWait, isKept, policyOf } from './run-facts.ts';
import type { RunReport } from './run-report.ts';
import { answersSignal, putOff, queuedIdOf, resend, type RunRequest } from './run-request.ts';

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
  /** Told of each plan that is about to be applied; the simulation counts its decisions. */
  readonly onPlan?: PassPorts['onPlan'];
}

/** A run that is called back goes round at most so often; what is left goes to the next job. */
const ROUNDS_MAX = 3;
/** From its start, so that it ends well within a Functions invocation. */
const RUN_BUDGET_MS = 120_000;
const TICK_SLACK_MS = MINUTE_MS;

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
    if (!pair.active || !pair.syncEnabled) return report('skipped');
    const rows = store.forPair(pair.tenantId, pair.id);
    const lease = await this.#take(rows, runId, request);
    if (lease === undefined) return report('busy');
    const present = await this.#stillLiving(pair, lease);
    if (present === undefined) {
      await lease.release({}, { force: true });
      return report('skipped');
    }
    const refusal = this.#mayRun(request, lease);
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
        await putOff(this.#ports, request, error.until ?? clock.now());
      return report('busy');
    }
  }

  /** The lease, or undefined when another run holds it: the signal then makes that run go round. */
  async #take(rows: PairRows, runId: RunId, request: RunRequest): Promise<HeldLease | undefined> {
    const first = await rows.take(runId);
    if (first.kind === 'held') return first.lease;
    const { count, send } = await rows.raise();
    const second = await rows.take(runId);
    if (second.kind === 'held') return second.lease;
    // The holder sees the signal and goes round; one job is on its way in case it dies. A queued run
    // that somebody waits for comes again itself, however many others are on their way.
    // So does a check of single events: the holder knows nothing of them.
    const { look, dryRun } = request.options;
    const isSent = send === 'no' && queuedIdOf(request) === undefined && look === undefined;
    if (dryRun === true || isSent) return undefined;
    await putOff(this.#ports, { ...request, signal: count }, second.until);
    if (answersSignal(request)) await rows.markSent(count);
    return undefined;
  }

  /** The pair as it is now where it had ended when it was last held: it may have since it was read. */
  async #stillLiving(pair: Pair, lease: HeldLease): Promise<Pair | undefined> {
    if (lease.control.lease.ended !== true) return pair;
    const now = (await this.#ports.pairs.get(pair.tenantId, pair.id))?.pair;
    return now?.active === true && now.syncEnabled ? now : undefined;
  }

  /** A job another run has answered already, that is not due, or that a side does not want now. */
  #mayRun(
    request: RunRequest,
    lease: HeldLease,
  ): { outcome: 'skipped' | 'blocked'; blockedUntil?: Instant } | undefined {
    const now = this.#ports.clock.now();
    const { signal, lease: facts } = lease.control;
    if (
      request.runId === undefined &&
      request.signal !== undefined &&
      signal.seen >= request.signal
    )
      return { outcome: 'skipped' };
    if (request.cause === 'timer' && facts.nextDueAt !== undefined && facts.nextDueAt > now)
      return { outcome: 'skipped' };
    const blockedUntil = Math.max(facts.blockedUntil.a ?? 0, facts.blockedUntil.b ?? 0) as Instant;
    return blockedUntil > now ? { outcome: 'blocked', blockedUntil } : undefined;
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
    let { status } = run.pair;
    let merged = report('completed');
    for (let round = 1; ; round += 1) {
      const pair = { ...run.pair, status };
      const result = await this.#pass(request, { ...run, pair }, merged.startedAt);
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
      await this.#tell(pair, merged.runId, result);
      status = result.status;
      if (overtaken && round < ROUNDS_MAX && !hasWait(result)) continue;
      const facts = this.#factsAfter(run.tenant, result);
      const last = round >= ROUNDS_MAX || hasWait(result);
      const released = await lease.release(facts, { sawSignal: finished, force: last });
      if (released === 'signalled') continue;
      await this.#after(request, result, lease, merged.startedAt);
      const { a = 0, b = 0 } = facts.blockedUntil ?? {};
      const blocked = hasWait(result) ? { blockedUntil: Math.max(a, b) as Instant } : {};
      return { ...merged, ...blocked, outcome: finished ? 'completed' : 'partial' };
    }
  }

  async #pass(
    request: RunRequest,
    run: { pair: Pair; tenant: TenantConfig; rows: PairRows; lease: HeldLease },
    startedAt: Instant,
  ): Promise<PassResult | { error: unknown }> {
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
        options: request.options,
        isSpent: () => clock.now() - startedAt > RUN_BUDGET_MS,
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
    logger.error('run failed', {
      tenantId: pair.tenantId,
      pairId: pair.id,
      kind: fault.kind,
      reason: fault.message,
    });
    const blockedUntil = blockedAfter(error, lease, now);
    const failures = lease.control.lease.failures + 1;
    if (request.options.dryRun === true) await lease.release({}, { force: true });
    else {
      await lease.release({ failures, blockedUntil }, { force: true });
      await pairs.recordRun(pair.tenantId, pair.id, {
        status: 'error',
        statusReason: fault.message,
        lastRunAt: now,
      });
    }
    const until = Math.max(blockedUntil.a ?? 0, blockedUntil.b ?? 0) as Instant;
    if (until <= now) return { error: fault };
    await resend(this.#ports, request, until);
    return { error: fault, blockedUntil: until };
  }

  #factsAfter(tenant: TenantConfig, { finished, waitMs }: PassResult): LeaseFactsPatch {
    const now = this.#ports.clock.now();
    const a = untilOf(waitMs.a, now);
    const b = untilOf(waitMs.b, now);
    // A tick comes when it comes: without slack the next one would find the pair not due by seconds.
    const frequencyMs = Math.max(0, tenant.syncFrequencyMinutes * MINUTE_MS - TICK_SLACK_MS);
    return {
      ...(finished ? { failures: 0 } : {}),
      blockedUntil: { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) },
      ended: false,
      nextDueAt: frequencyMs === 0 ? undefined : ((now + frequencyMs) as Instant),
    };
  }

  async #tell(pair: Pair, runId: RunId, result: PassResult): Promise<void> {
    const { clock, pairs, syncLog, work, queue, logger } = this.#ports;
    const now = clock.now();
    for (const hold of holdsIn(result.holdEvents)) await work.putHold(pair.tenantId, hold);
    if (result.brakes !== undefined)
      await work.putBrakeCount(pair.tenantId, countOf(pair, result.brakes));
    const entries = logEntriesOf(result, { at: now, runId, pairId: pair.id });
    if (entries.length > 0) await syncLog.append(pair.tenantId, entries);
    const { tenantId, id: pairId } = pair;
    const { missed: mappingIds } = result;
    await sendChecks(queue, { tenantId, pairId, mappingIds, delayMs: CHECK_AFTER_MS });
    await pairs.recordRun(pair.tenantId, pair.id, {
      status: result.status,
      ...(result.statusReason === undefined ? {} : { statusReason: result.statusReason }),
      lastRunAt: now,
      ...(result.finished ? { lastSyncedAt: now } : {}),
      ...(result.mapped === undefined ? {} : { mappedEvents: result.mapped }),
    });
    logger.info('run finished', {
      tenantId: pair.tenantId,
      pairId: pair.id,
      runId,
      found: result.found.a + result.found.b,
      actions: entries.length,
      refused: result.refusals.length,
      finished: result.finished,
      status: result.status,
    });
  }

  /**
   * What was put off for time, or at a side's own wish, is another job, sent once. What failed waits
   * for the next tick: a job sent at once would knock at a broken door without end.
   */
  async #after(
    request: RunRequest,
    result: PassResult,
    lease: HeldLease,
    startedAt: Instant,
  ): Promise<void> {
    const now = this.#ports.clock.now();
    const { a, b } = lease.control.lease.blockedUntil;
    const until = Math.max(a ?? now, b ?? now) as Instant;
    const putOff = result.done.some(({ outcome }) => outcome === 'put-off');
    const spent = now - startedAt > RUN_BUDGET_MS;
    if (hasWait(result) || (putOff && spent)) await resend(this.#ports, request, until);
  }
}
