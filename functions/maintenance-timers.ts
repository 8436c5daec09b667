import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { fanOut } from './sync-timers.ts';
import type { FunctionApp } from './app.ts';
import { registerTimer } from './timers.ts';

export function registerMaintenanceTimers(
  app: FunctionApp,
  services: Lazy<BackgroundServices>,
): void {
  registerTimer(
    app,
    'checkHealth',
    'SCHEDULE_HEALTH',
    (services) => services.checkHealth(),
    services,
  );
  registerTimer(
    app,
    'maintenance',
    'SCHEDULE_MAINTENANCE',
    (services) => fanOut('maintenance', services),
    services,
  );
  registerTimer(
    app,
    'renewSubscriptions',
    'SCHEDULE_RENEW_SUBSCRIPTIONS',
    (services) => fanOut('renewSubscriptions', services),
    services,
  );
}
