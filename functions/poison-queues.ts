import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { QUEUES } from '../shared/queues/messages.ts';
import { CONNECTION, type FunctionApp } from './app.ts';

/** The host moves a message here when it has failed five times, and makes the queue itself. */
export function registerPoisonQueues(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  for (const [name, queue] of [
    ['parkSyncJob', QUEUES.sync],
    ['parkLowSyncJob', QUEUES.low],
    ['parkDeletionCheck', QUEUES.deletionChecks],
    ['parkBookingEvent', QUEUES.bookingEvents],
  ] as const)
    app.storageQueue(name, {
      queueName: `${queue}-poison`,
      connection: CONNECTION,
      handler: async (message) => await (await services()).park(queue, message),
    });
}
