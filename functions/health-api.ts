import { healthHandler, unknownRouteHandler } from '../shared/http/handlers/health.ts';
import type { Lazy, Services } from '../shared/http/services-port.ts';
import { registerHttp, type FunctionApp } from './app.ts';

export function registerHealthApi(app: FunctionApp, services: Lazy<Services>): void {
  registerHttp(app, 'health', 'health', { GET: healthHandler(services) });
}

/** What no other route takes: hosts try a catch-all last, and keep their own routes before it. */
export function registerUnknownRoutes(app: FunctionApp): void {
  const handler = unknownRouteHandler();
  registerHttp(app, 'unknownRoute', '{*path}', {
    GET: handler,
    POST: handler,
    PUT: handler,
    PATCH: handler,
    DELETE: handler,
  });
}
