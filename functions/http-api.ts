import type { HttpMethod } from '@azure/functions';
import { pathFunctions } from '../shared/http/routes.ts';
import type { Lazy, Services } from '../shared/http/services-port.ts';
import type { FunctionApp } from './app.ts';

/**
 * Every path takes every method, so that a wrong one is answered by us: hosts differ in what they
 * say. HEAD and OPTIONS are left to them.
 */
const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Keys are checked by the handlers themselves. */
export function registerHttpApi(app: FunctionApp, services: Lazy<Services>): void {
  for (const { name, path, handler } of pathFunctions(services))
    app.http(name, { route: path, methods: [...METHODS], authLevel: 'anonymous', handler });
}
