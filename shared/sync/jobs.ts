import type { PairId, RunId, TenantId } from '../model/ids.ts';
import { QUEUES, type FanOutJob, type Job } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { PairStore, SyncStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import type { SyncOrchestrator } from './orchestrator.ts';
import { isReconcileDue, jobFor, runnable } from './schedule.ts';

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
      case 'fan-out':
        await this.#fanOut(job);
    }
  }

  async #fanOut(job: FanOutJob): Promise<void> {
    const { pairs, queue } = this.#ports;
    const tenantId = job.tenantId as TenantId;
    for (const { id } of runnable(await pairs.list(tenantId)))
      if (await this.#isDue(job, tenantId, id))
        await queue.send(QUEUES.low, jobFor(job.timer, tenantId, id));
  }

  async #isDue({ timer }: FanOutJob, tenantId: TenantId, id: PairId): Promise<boolean> {
    if (timer === 'syncBookingToOutlook' || timer === 'syncOutlookToBooking') return true;
    const { store, clock } = this.#ports;
    const rows = store.forPair(tenantId, id);
    if (timer === 'reconcileDeletions')
      return isReconcileDue(await rows.readControl(), id, clock.now());
    const mappings = await rows.loadAll();
    return mappings.some(
      ({ a, b }) => a?.missingSince !== undefined || b?.missingSince !== undefined,
    );
  }
}
