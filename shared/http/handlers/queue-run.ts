import type { PairId, RunId, TenantId } from '../../model/ids.ts';
import { QUEUES, type SyncJob } from '../../queues/messages.ts';
import type { Services } from '../services-port.ts';

/**
 * Queues a run of a pair that a person asked for, a whole one unless `options` narrow it; it can be
 * asked for by the id that is answered from then on.
 * @throws StorageError, QueueError
 */
export async function queueRun(
  tenantId: TenantId,
  pairId: PairId,
  { runs, queue, newId }: Pick<Services, 'runs' | 'queue' | 'newId'>,
  more: Pick<SyncJob, 'options' | 'complete'> = {},
): Promise<RunId> {
  const runId = newId() as RunId;
  await runs.queued(tenantId, pairId, runId);
  const job = { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', runId, ...more } as const;
  await queue.send(QUEUES.sync, job);
  return runId;
}
