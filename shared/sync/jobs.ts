import type { MappingId, PairId, RunId, TenantId } from '../model/ids.ts';
import { isRunnable } from '../model/pair.ts';
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
import type { Clock } from '../util/clock.ts';
import { overdueChecks, sendChecks } from './deletion-checks.ts';
import type { SyncOrchestrator } from './orchestrator.ts';
import { optionsOf } from './run-request.ts';
import { isReconcileDue, isVerifyDue, jobFor, type PairTimer } from './schedule.ts';
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
    const { pairs, store, work, queue, clock } = this.#ports;
    const tenantId = job.tenantId as TenantId;
    const { timer } = job;
    if (timer === 'renewSubscriptions') {
      await this.#ports.subscriptions.renewTenant(tenantId);
      return;
    }
    const verified = timer === 'maintenance' ? await work.listVerifiedAt(tenantId) : undefined;
    for (const pair of (await pairs.list(tenantId)).filter(isRunnable)) {
      const { id: pairId } = pair;
      if (timer === 'maintenance') {
        if (isVerifyDue(pair, verified?.get(pairId), clock.now()))
          await queue.send(QUEUES.low, { v: 1, kind: 'verify', tenantId, pairId });
      } else if (timer === 'processDeletionQueue') {
        const missed = await loadMissed(store.forPair(tenantId, pairId));
        const mappingIds = overdueChecks(missed, clock.now());
        await sendChecks(queue, { tenantId, pairId, mappingIds });
      } else if (await this.#isDue(timer, tenantId, pairId))
        await queue.send(QUEUES.low, jobFor(timer, tenantId, pairId));
    }
  }

  async #isDue(timer: PairTimer, tenantId: TenantId, id: PairId): Promise<boolean> {
    const { store, clock } = this.#ports;
    switch (timer) {
      case 'syncBookingToOutlook':
      case 'syncOutlookToBooking':
      case 'syncDeletions':
        return true;
      case 'reconcileDeletions':
        return isReconcileDue(await store.forPair(tenantId, id).readControl(), id, clock.now());
      case 'detectDeletions':
        return (await loadMissed(store.forPair(tenantId, id))).length > 0;
    }
  }
}
