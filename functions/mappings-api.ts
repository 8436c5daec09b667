import { mappingStatus } from '../shared/http/handlers/mapping-status.ts';
import {
  createMapping,
  deleteMapping,
  getMapping,
  listMappings,
  updateMapping,
} from '../shared/http/handlers/mappings.ts';
import { route } from '../shared/http/route.ts';
import type { Lazy, Services } from '../shared/http/services-port.ts';
import { registerHttp, type FunctionApp } from './app.ts';

/** The same resource under the names that its clients know; each makes functions of its own. */
const PATHS = {
  mappings: 'mappings/resources',
  mappingsOfTenant: 'tenants/{tenant}/mappings/resources',
  bridgeMappings: 'bridges/resource-mappings',
  shortMappings: 'resource-mappings',
} as const;

export function registerMappingsApi(app: FunctionApp, services: Lazy<Services>): void {
  const collection = {
    GET: route(listMappings, services),
    POST: route(createMapping, services),
  };
  const item = {
    GET: route(getMapping, services),
    PUT: route(updateMapping, services),
    DELETE: route(deleteMapping, services),
  };
  const status = { GET: route(mappingStatus, services) };
  for (const [name, path] of Object.entries(PATHS)) {
    registerHttp(app, name, path, collection);
    registerHttp(app, `${name}ById`, `${path}/{id}`, item);
    registerHttp(app, `${name}Status`, `${path}/{id}/status`, status);
  }
}
