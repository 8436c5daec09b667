import {
  SIDES,
  type Endpoint,
  type MappingId,
  type PairId,
  type RunId,
  type TenantId,
} from '../model/ids.ts';
import { isRunnable, type Pair } from '../model/pair.ts';
import {
  QUEUES,
  type FanOutJob,
  type Job,
  type LookJob,
  type NoticeJob,
} from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import { loadMissed } from '../stores/missed.ts';
import type { PairStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock } from '../util/clock.ts';
import { overdueChecks, sendChecks } from './deletion-checks.ts';
import type { SyncOrchestrator } from './orchestrator.ts';
import { optionsOf } from './run-request.ts';
import { hasWork, isReadLately } from './quiet.ts';
import {
  isLeftToNotices,
  isReconcileDue,
  isVerifyDue,
  jobFor,
  type PairTimer,
  type SyncTimer,
} from './schedule.ts';
import type { Verifier } from './verifier.ts';

interface JobPorts {
  readonly clock: Clock;
  readonly orchestrator: SyncOrchestrator;
  readonly pairs: PairStore;
  readonly store: SyncStore;
  readonly work: WorkStore;
  readonly verifier: Pick<Verifier, 'verifyInTurn'>;
  readonly queue: QueueSender;
  readonly notices: { handle(job: NoticeJob | LookJob): Promise<void> };
  readonly subscriptions: { renewTenant(tenantId: TenantId): Promise<void> };
  /** Says of which resources each change is announced. */
  readonly push: { announcedOf(tenantId: TenantId): Promise<(end: Endpoint) => boolean> };
  readonly tenant: (id: TenantId) => Pick<TenantConfig, 'slowPollMinutes'> | undefined;
}

/** What the queues' consumers do with a message that was checked. */
export class JobHandler {
  readonly #ports: JobPorts;

  constructor(ports: JobPorts) {
    this.#ports = ports;
  }

  /** @throws StorageError, QueueError: the message then comes again. */
  async handle(job: Job): Promise<void> {
    switch (job.kind) {
      case 'sync':
        await this.#ports.orchestrator.run({
          tenantId: job.tenantId as TenantId,
          pairId: job.pairId as PairId,
          cause: job.cause,
          ...(job.runId === undefined
            ? {}
            : { runId: job.runId as RunId, isQueued: true as const }),
          ...(job.signal === undefined ? {} : { signal: job.signal }),
          options: optionsOf(job),
        });
        return;
      case 'deletion-check':
        await this.#ports.orchestrator.run({
          tenantId: job.tenantId as TenantId,
          pairId: job.pairId as PairId,
          cause: 'deletions',
          options: { look: job.mappingIds as MappingId[] },
        });
        return;
      case 'verify':
        await this.#ports.verifier.verifyInTurn(job.tenantId as TenantId, job.pairId as PairId);
        return;
      case 'notice':
      case 'look':
        await this.#ports.notices.handle(job);
        return;
      case 'fan-out':
        await this.#fanOut(job);
    }
  }

  async #fanOut(job: FanOutJob): Promise<void> {
    const tenantId = job.tenantId as TenantId;
    const { timer } = job;
    if (timer === 'renewSubscriptions') {
      await this.#ports.subscriptions.renewTenant(tenantId);
      return;
    }
    const pairs = (await this.#ports.pairs.list(tenantId)).filter(isRunnable);
    if (timer === 'maintenance') await this.#verify(tenantId, pairs);
    else if (timer === 'processDeletionQueue') await this.#checkAgain(tenantId, pairs);
    else if (timer === 'syncBookingToOutlook' || timer === 'syncOutlookToBooking')
      await this.#poll(timer, tenantId, pairs);
    else
      for (const { id } of pairs)
        if (await this.#isDue(timer, tenantId, id))
          await this.#ports.queue.send(QUEUES.low, jobFor(timer, tenantId, id));
  }

  async #verify(tenantId: TenantId, pairs: readonly Pair[]): Promise<void> {
    const { work, clock, queue } = this.#ports;
    const verified = await work.listVerifiedAt(tenantId);
    for (const pair of pairs)
      if (isVerifyDue(pair, verified.get(pair.id), clock.now()))
        await queue.send(QUEUES.low, { v: 1, kind: 'verify', tenantId, pairId: pair.id });
  }

  async #checkAgain(tenantId: TenantId, pairs: readonly Pair[]): Promise<void> {
    const { store, queue, clock } = this.#ports;
    for (const { id: pairId } of pairs) {
      const missed = await loadMissed(store.forPair(tenantId, pairId));
      const mappingIds = overdueChecks(missed, clock.now());
      await sendChecks(queue, { tenantId, pairId, mappingIds });
    }
  }

  async #poll(timer: SyncTimer, tenantId: TenantId, pairs: readonly Pair[]): Promise<void> {
    const { queue, push } = this.#ports;
    const isAnnounced = await push.announcedOf(tenantId);
    for (const pair of pairs) {
      const announced = SIDES.filter((side) => isAnnounced(pair[side]));
      const isLeft = isLeftToNotices(timer, announced) && (await this.#isQuiet(pair));
      if (!isLeft) await queue.send(QUEUES.low, jobFor(timer, tenantId, pair.id, announced));
    }
  }

  async #isQuiet(pair: Pair): Promise<boolean> {
    const { store, clock, tenant } = this.#ports;
    const control = await store.forPair(pair.tenantId, pair.id).readControl();
    const { slowPollMinutes = 0 } = tenant(pair.tenantId) ?? {};
    const now = clock.now();
    return isReadLately(control.lease, pair, slowPollMinutes, now) && !hasWork(control, now);
  }

  async #isDue(
    timer: Exclude<PairTimer, SyncTimer>,
    tenantId: TenantId,
    id: PairId,
  ): Promise<boolean> {
    const { store, clock } = this.#ports;
    switch (timer) {
      case 'syncDeletions':
        return true;
      case 'reconcileDeletions':
        return isReconcileDue(await store.forPair(tenantId, id).readControl(), id, clock.now());
      case 'detectDeletions':
        return (await loadMissed(store.forPair(tenantId, id))).length > 0;
    }
  }
}
