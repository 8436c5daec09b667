import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import type { PairId, RunId, TenantId } from '../shared/model/ids.ts';
import { JobSchema, QUEUES } from '../shared/queues/messages.ts';
import { CONNECTION, type FunctionApp } from './app.ts';

/** The host moves a message here when it has failed five times, and makes the queue itself. */
export function registerPoisonQueues(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  for (const [name, queue] of [
    ['parkSyncJob', QUEUES.sync],
    ['parkLowSyncJob', QUEUES.low],
  ] as const)
    app.storageQueue(name, {
      queueName: `${queue}-poison`,
      connection: CONNECTION,
      handler: (message) => park(queue, message, services),
    });
}

/**
 * A pair whose job failed for good is marked `error`, where people look; its next timer job tries it
 * again, and a run that succeeds clears the mark. Anything else is told to the log alone.
 */
async function park(
  queue: string,
  received: unknown,
  lazyServices: Lazy<BackgroundServices>,
): Promise<void> {
  const { clock, logger, pairs, runs } = await lazyServices();
  const parsed = JobSchema.safeParse(received);
  if (!parsed.success) {
    logger.error('a message that is no job was dropped', { queue });
    return;
  }
  const job = parsed.data;
  const { tenantId, kind } = job;
  if (job.kind === 'fan-out') {
    logger.error('a job failed for good', { queue, tenantId, kind, timer: job.timer });
    return;
  }
  logger.error('a job failed for good', { queue, tenantId, kind, pairId: job.pairId });
  const [tenant, pair] = [tenantId as TenantId, job.pairId as PairId];
  if ((await pairs.get(tenant, pair)) === undefined) return;
  const message = 'a job of this pair failed again and again; the log says why';
  const now = clock.now();
  await pairs.recordRun(tenant, pair, { status: 'error', statusReason: message, lastRunAt: now });
  if (job.runId === undefined) return;
  // Whoever waits for it would wait for ever.
  await runs.put(tenant, {
    runId: job.runId as RunId,
    pairId: pair,
    cause: job.cause,
    outcome: 'failed',
    dryRun: false,
    found: { a: 0, b: 0 },
    actions: [],
    error: { kind: 'internal', message },
    startedAt: now,
    durationMs: 0,
  });
}
