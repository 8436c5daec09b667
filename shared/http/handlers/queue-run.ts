import type { PairId, RunId, TenantId } from '../../model/ids.ts';
import { QUEUES } from '../../queues/messages.ts';
import type { Services } from '../services-port.ts';

/**
 * Queues a whole run of a pair that a person asked for; it can be asked for by the id that is
 * answered from then on.
 * @throws StorageError, QueueError
 */
export async function queueRun(
  tenantId: TenantId,
  pairId: PairId,
  { runs, queue, newId }: Pick<Services, 'runs' | 'queue' | 'newId'>,
): Promise<RunId> {
  const runId = newId() as RunId;
  await runs.queued(tenantId, pairId, runId);
  await queue.send(QUEUES.sync, { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', runId });
  return runId;
}
