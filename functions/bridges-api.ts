import { bridgesHealth } from '../shared/http/handlers/bridges-health.ts';
import { listBridges, listCalendars } from '../shared/http/handlers/bridges.ts';
import { syncBridges } from '../shared/http/handlers/sync.ts';
import { route } from '../shared/http/route.ts';
import type { Lazy, Services } from '../shared/http/services-port.ts';
import { registerForTenants, type FunctionApp } from './app.ts';

export function registerBridgesApi(app: FunctionApp, services: Lazy<Services>): void {
  registerForTenants(app, 'listBridges', 'bridges', { GET: route(listBridges, services) });
  registerForTenants(app, 'bridgesHealth', 'bridges/health', {
    GET: route(bridgesHealth, services),
  });
  registerForTenants(app, 'listCalendars', 'bridges/{bridge}/calendars', {
    GET: route(listCalendars, services),
  });
  registerForTenants(app, 'syncBridges', 'bridges/sync/{source}/{target}', {
    POST: route(syncBridges, services),
  });
}
