import type { TenantId } from '../model/ids.ts';
import { isRunnable, type Pair } from '../model/pair.ts';
import { QUEUES, type SyncJob } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { SyncStore } from '../stores/ports.ts';

interface LookPorts {
  readonly store: SyncStore;
  readonly queue: QueueSender;
}

/**
 * Has pairs looked at soon, each once however often that is asked for within a second: a signal that a
 * run under way sees, and one message for all of it.
 * @returns how many pairs are looked at: those that are not paused or ended
 * @throws StorageError, QueueError
 */
export async function lookAt(
  { store, queue }: LookPorts,
  tenantId: TenantId,
  pairs: readonly Pair[],
): Promise<number> {
  const runnable = pairs.filter(isRunnable);
  for (const { id: pairId } of runnable) {
    const rows = store.forPair(tenantId, pairId);
    const { count, send, delayMs } = await rows.raise();
    if (send === 'no') continue;
    const job: SyncJob = {
      v: 1,
      kind: 'sync',
      tenantId,
      pairId,
      cause: 'notification',
      signal: count,
    };
    await queue.send(QUEUES.sync, job, { delayMs });
    await rows.markSent(count);
  }
  return runnable.length;
}
