import type { CalendarBridge, CallContext } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import type { BridgeKey, PairId, RunId, Side, TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import type { RunReport } from '../model/run.ts';
import type { Window } from '../model/snapshot.ts';
import {
  VerifyError,
  type StoredVerification,
  type Verification,
  type VerifyOptions,
  type VerifyPort,
} from '../model/verification.ts';
import { LeaseLostError } from '../stores/errors.ts';
import type { HeldLease, PairStore, RunStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { decidedBrakes } from './holding.ts';
import { Ledger } from './ledger.ts';
import { brakeStateOf } from './pass-brake.ts';
import { fingerprinter } from './plan/fingerprint.ts';
import type { PlanState } from './plan/state.ts';
import { verifyPair } from './plan/verify.ts';
import { windowFor } from './plan/window.ts';
import { planWithAnswers } from './planning.ts';
import { onBothSides, type SideAccess } from './reading.ts';
import { bare } from './removal.ts';
import { blockedAfter, faultOf, policyOf } from './run-facts.ts';
import { otherPairs } from './tenant-brake.ts';
import { deepItems, readWhole } from './verifier-reads.ts';

export interface VerifierPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: SyncStore;
  readonly pairs: PairStore;
  readonly runs: RunStore;
  readonly work: WorkStore;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  readonly bridge: (tenant: TenantConfig, key: BridgeKey) => CalendarBridge;
  readonly newRunId: () => RunId;
  readonly leaseTtlMs: number;
}

/** Differences that are kept with the pair. */
const KEPT_MAX = 500;
/** For people to read; longer text is cut. */
const REASON_CHARS_MAX = 300;

interface Subject {
  readonly pair: Pair;
  readonly tenant: TenantConfig;
  readonly sides: Readonly<Record<Side, SideAccess>>;
}

/** Says whether both sides of a pair are equal, and if not, why; it writes to neither. */
export class Verifier implements VerifyPort {
  readonly #ports: VerifierPorts;

  constructor(ports: VerifierPorts) {
    this.#ports = ports;
  }

  async verify(
    tenantId: TenantId,
    pairId: PairId,
    options: VerifyOptions,
  ): Promise<StoredVerification> {
    const subject = await this.#find(tenantId, pairId);
    const taken = await this.#ports.store.forPair(tenantId, pairId).take(options.runId);
    if (taken.kind === 'busy')
      throw new VerifyError('busy', 'another run holds the pair', taken.until);
    const { lease } = taken;
    const startedAt = this.#ports.clock.now();
    try {
      const found = await this.#underLease(subject, lease, options);
      await lease.release({}, { force: true });
      await this.#tell(subject, found, startedAt);
      return found;
    } catch (error) {
      await this.#fail(subject, lease, { runId: options.runId, startedAt, error });
      throw error instanceof LeaseLostError
        ? new VerifyError('busy', 'another run has taken the pair', error.until)
        : bare(error);
    }
  }

  /**
   * What a job asks for. What a system does is told, and tried again in the next hour, in which the
   * pair is still due.
   * @throws StorageError
   */
  async verifyInTurn(tenantId: TenantId, pairId: PairId): Promise<void> {
    const { logger, newRunId } = this.#ports;
    try {
      await this.verify(tenantId, pairId, { runId: newRunId() });
    } catch (error) {
      if (!(error instanceof VerifyError || error instanceof BridgeError)) throw error;
      logger.warn('a pair was not verified', { tenantId, pairId, reason: error.message });
    }
  }

  async #find(tenantId: TenantId, pairId: PairId): Promise<Subject> {
    const tenant = this.#ports.tenant(tenantId);
    const pair = (await this.#ports.pairs.get(tenantId, pairId))?.pair;
    if (tenant === undefined || pair?.active !== true)
      throw new VerifyError('not-found', `there is no resource mapping ${pairId}`);
    const access = (side: Side): SideAccess => ({
      bridge: this.#ports.bridge(tenant, pair[side].bridge),
      resource: pair[side].resource,
    });
    return { pair, tenant, sides: { a: access('a'), b: access('b') } };
  }

  async #underLease(
    subject: Subject,
    lease: HeldLease,
    { runId, deep = false }: VerifyOptions,
  ): Promise<StoredVerification> {
    const { clock, leaseTtlMs, store, pairs, work } = this.#ports;
    const { pair, sides, tenant } = subject;
    const { a, b } = lease.control.lease.blockedUntil;
    const until = Math.max(a ?? 0, b ?? 0) as Instant;
    if (until > clock.now())
      throw new VerifyError('blocked', 'one of the two systems asks for a pause', until);
    const { context } = new Ledger(lease, clock, leaseTtlMs);
    const range = { pastDays: tenant.windowPastDays, futureDays: tenant.windowFutureDays };
    const window = windowFor(lease.control.window, range, pair.id, clock.now());
    const first = await this.#stateOf(subject, lease, window, context);
    const stores = { pairs, work, store };
    const { state, plan } = await planWithAnswers(first, sides, { context }, () =>
      otherPairs(stores, pair, clock.now()),
    );
    const read = deep ? { deep: await deepItems(state, sides, context) } : {};
    const found = verifyPair({ state, plan, isPaused: !pair.syncEnabled, ...read });
    return stored(found, { pairId: pair.id, runId, verifiedAt: clock.now(), window });
  }

  async #stateOf(
    { pair, tenant, sides }: Subject,
    lease: HeldLease,
    window: Window,
    context: CallContext,
  ): Promise<PlanState> {
    const { clock, store } = this.#ports;
    const snapshots = await onBothSides((side) => readWhole(side, sides[side], window, context));
    const rows = store.forPair(pair.tenantId, pair.id);
    const [mappings, old] = await Promise.all([rows.loadAll(), rows.loadOld()]);
    const now = clock.now();
    return {
      pairId: pair.id,
      policy: policyOf(pair, tenant),
      capabilities: { a: sides.a.bridge.capabilities, b: sides.b.bridge.capabilities },
      snapshots,
      concerned: { a: 'all', b: 'all' },
      mappings,
      old,
      answers: { a: new Map(), b: new Map() },
      brake: brakeStateOf({ pair, tenant }, decidedBrakes(lease.control, now), now),
      look: new Set(),
      retry: new Set(),
      fingerprints: fingerprinter(tenant.fingerprintKey, tenant.timeZone),
      now,
    };
  }

  async #tell({ pair }: Subject, found: StoredVerification, startedAt: Instant): Promise<void> {
    const { work, runs, logger } = this.#ports;
    const { runId, shown, verdict, explained, unexplained } = found;
    await work.putVerification(pair.tenantId, found);
    await runs.put(pair.tenantId, {
      ...this.#report(pair, runId, startedAt),
      outcome: 'completed',
      found: shown,
    });
    const ids = { tenantId: pair.tenantId, pairId: pair.id, runId };
    if (unexplained > 0)
      logger.error('two sides differ, and nothing explains it', { ...ids, unexplained });
    else logger.info('pair verified', { ...ids, verdict, explained });
  }

  async #fail(
    { pair }: Subject,
    lease: HeldLease,
    { runId, startedAt, error }: { runId: RunId; startedAt: Instant; error: unknown },
  ): Promise<void> {
    const { clock, runs, logger } = this.#ports;
    const ids = { tenantId: pair.tenantId, pairId: pair.id, runId };
    try {
      const blockedUntil = blockedAfter(error, lease, clock.now());
      await lease.release({ blockedUntil }, { force: true });
    } catch (failure) {
      // It runs out by itself; what went wrong before is what the caller must hear.
      if (!(failure instanceof LeaseLostError))
        logger.warn('the lease of a pair was not given back', { ...ids, error: String(failure) });
    }
    const report = this.#report(pair, runId, startedAt);
    const told =
      error instanceof VerifyError
        ? { outcome: error.kind === 'blocked' ? ('blocked' as const) : ('busy' as const) }
        : { outcome: 'failed' as const, error: faultOf(error) };
    await runs.put(pair.tenantId, { ...report, ...told });
  }

  #report(pair: Pair, runId: RunId, startedAt: Instant): Omit<RunReport, 'outcome'> {
    return {
      runId,
      pairId: pair.id,
      cause: 'verify',
      dryRun: true,
      found: { a: 0, b: 0 },
      actions: [],
      startedAt,
      durationMs: this.#ports.clock.now() - startedAt,
    };
  }
}

function stored(
  found: Verification,
  more: Pick<StoredVerification, 'pairId' | 'runId' | 'verifiedAt'> & { readonly window: Window },
): StoredVerification {
  const differences = found.differences.slice(0, KEPT_MAX).map((difference) => ({
    ...difference,
    reason: difference.reason.slice(0, REASON_CHARS_MAX).toWellFormed(),
  }));
  const { window, ...rest } = more;
  return {
    ...found,
    ...rest,
    window: { start: window.start, end: window.end },
    differences,
    omitted: found.differences.length - differences.length,
  };
}
