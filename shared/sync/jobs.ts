import type { MappingId, PairId, RunId, TenantId } from '../model/ids.ts';
import { QUEUES, type FanOutJob, type Job } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import { loadMissed } from '../stores/missed.ts';
import type { PairStore, SyncStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import { overdueChecks, sendChecks } from './deletion-checks.ts';
import type { SyncOrchestrator } from './orchestrator.ts';
import { isReconcileDue, jobFor, runnable, type PairTimer } from './schedule.ts';

interface JobPorts {
  readonly clock: Clock;
  readonly orchestrator: SyncOrchestrator;
  readonly pairs: PairStore;
  readonly store: SyncStore;
  readonly queue: QueueSender;
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
          options: job.complete === true ? { complete: true } : {},
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
      case 'fan-out':
        await this.#fanOut(job);
    }
  }

  async #fanOut(job: FanOutJob): Promise<void> {
    const { pairs, store, queue, clock } = this.#ports;
    const tenantId = job.tenantId as TenantId;
    const { timer } = job;
    for (const { id: pairId } of runnable(await pairs.list(tenantId)))
      if (timer === 'processDeletionQueue') {
        const missed = await loadMissed(store.forPair(tenantId, pairId));
        const mappingIds = overdueChecks(missed, clock.now());
        await sendChecks(queue, { tenantId, pairId, mappingIds });
      } else if (await this.#isDue(timer, tenantId, pairId))
        await queue.send(QUEUES.low, jobFor(timer, tenantId, pairId));
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
