import type { PairId, TenantId } from '../../model/ids.ts';
import { QUEUES } from '../../queues/messages.ts';
import type { Services } from '../services-port.ts';

/** Queues a whole run of a pair that a person asked for. Answers its id. @throws QueueError */
export async function queueRun(
  tenantId: TenantId,
  pairId: PairId,
  { queue, newId }: Pick<Services, 'queue' | 'newId'>,
): Promise<string> {
  const runId = newId();
  await queue.send(QUEUES.sync, { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', runId });
  return runId;
}
