import type { ScheduleName } from '../shared/config.ts';
import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { QUEUES, type FanOutJob } from '../shared/queues/messages.ts';
import type { FunctionApp } from './app.ts';
import { registerTimer } from './timers.ts';

const TIMERS: readonly (readonly [FanOutJob['timer'], ScheduleName])[] = [
  ['syncBookingToOutlook', 'SCHEDULE_BOOKING_TO_OUTLOOK'],
  ['syncOutlookToBooking', 'SCHEDULE_OUTLOOK_TO_BOOKING'],
  ['processDeletionQueue', 'SCHEDULE_DELETION_QUEUE'],
  ['detectDeletions', 'SCHEDULE_DETECT_DELETIONS'],
  ['reconcileDeletions', 'SCHEDULE_RECONCILE_DELETIONS'],
];

/** Each tick sends one fan-out job a tenant; its consumer knows which of the pairs are due. */
export function registerSyncTimers(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  for (const [timer, schedule] of TIMERS)
    registerTimer(app, timer, schedule, (services) => fanOut(timer, services), services);
}

/** Messages that are sent at once. */
const SENDS_MAX = 16;

/** @throws AggregateError after every tenant was tried, where some could not be sent. */
export async function fanOut(
  timer: FanOutJob['timer'],
  services: BackgroundServices,
): Promise<void> {
  const waiting = [...services.tenants.list()];
  const errors: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let tenant = waiting.shift(); tenant !== undefined; tenant = waiting.shift()) {
      const job: FanOutJob = { v: 1, kind: 'fan-out', tenantId: tenant.id, timer };
      try {
        await services.queue.send(QUEUES.low, job);
      } catch (error) {
        errors.push(error);
        services.logger.error('a tenant was not fanned out', {
          timer,
          tenantId: tenant.id,
          error: String(error),
        });
      }
    }
  };
  await Promise.all(Array.from({ length: SENDS_MAX }, work));
  if (errors.length > 0) throw new AggregateError(errors, `${timer}: some tenants were missed`);
}
