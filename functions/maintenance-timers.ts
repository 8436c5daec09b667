import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
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
}
