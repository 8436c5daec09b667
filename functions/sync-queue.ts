import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { JobSchema, QUEUES } from '../shared/queues/messages.ts';
import { CONNECTION, type FunctionApp } from './app.ts';

/**
 * Each queue takes every kind of job; the low one keeps fan-out and reconciliation from delaying
 * what people wait for, and looks at single events have one of their own. What throws is tried again by the host, at last on the poison queue.
 */
export function registerSyncQueues(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  const handler = (message: unknown): Promise<void> => handleJob(message, services);
  const { sync, low, deletionChecks } = QUEUES;
  app.storageQueue('processSyncJob', { queueName: sync, connection: CONNECTION, handler });
  app.storageQueue('processLowSyncJob', { queueName: low, connection: CONNECTION, handler });
  app.storageQueue('processDeletionCheck', {
    queueName: deletionChecks,
    connection: CONNECTION,
    handler,
  });
}

async function handleJob(message: unknown, lazyServices: Lazy<BackgroundServices>): Promise<void> {
  const job = JobSchema.parse(message);
  const services = await lazyServices();
  await services.jobs.handle(job);
}
