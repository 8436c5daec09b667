import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import type { FunctionApp } from './app.ts';
import { registerBookingEvents } from './booking-events.ts';
import { registerHttpApi } from './http-api.ts';
import { registerMaintenanceTimers } from './maintenance-timers.ts';
import { registerPoisonQueues } from './poison-queues.ts';
import { registerSyncQueues } from './sync-queue.ts';
import { registerSyncTimers } from './sync-timers.ts';

export function registerAll(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  registerSyncTimers(app, services);
  registerMaintenanceTimers(app, services);
  registerSyncQueues(app, services);
  registerBookingEvents(app, services);
  registerPoisonQueues(app, services);
  registerHttpApi(app, services);
}
