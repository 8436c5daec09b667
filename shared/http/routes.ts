import { listAvailableGroups, listAvailableResources } from './handlers/available.ts';
import { bridgesHealth } from './handlers/bridges-health.ts';
import { listBridges, listCalendars } from './handlers/bridges.ts';
import { listResourceItems, listUserItems } from './handlers/calendar-items.ts';
import { deletionStats } from './handlers/deletion-stats.ts';
import { processDeletionQueue, syncDeletions, syncDeletionsOfAll } from './handlers/deletions.ts';
import {
  dismissFailed,
  listFailed,
  retryAllFailed,
  retryFailed,
  retryMapping,
} from './handlers/failed-work.ts';
import { health } from './handlers/health.ts';
import { approveHold, getHold, listHolds, rejectHold } from './handlers/holds.ts';
import { pauseMapping, resumeMapping, syncMapping } from './handlers/mapping-actions.ts';
import { deleteMappingByKey, mappingsOfResource } from './handlers/mappings-by-ends.ts';
import { deleteMapping } from './handlers/mapping-deletion.ts';
import { listMappings } from './handlers/mapping-list.ts';
import { mappingStatus } from './handlers/mapping-status.ts';
import { createMapping, getMapping, updateMapping } from './handlers/mappings.ts';
import { getRun } from './handlers/runs.ts';
import { openApiRoute } from './handlers/openapi.ts';
import {
  deleteSubscription,
  listSubscriptions,
  makeSubscriptions,
  renewSubscription,
} from './handlers/subscriptions.ts';
import { syncBridges } from './handlers/sync.ts';
import { unknownPathHandler, wrongMethodHandler } from './handlers/unknown-path.ts';
import { verifyMapping } from './handlers/verify.ts';
import { answerValidation, takeNotices } from './handlers/webhook.ts';
import { functionNameOf, placesOf } from './places.ts';
import type { Handler, Route } from './route.ts';
import type { Lazy, Services } from './services-port.ts';

/** Every route: what is registered, what is published and what the tests walk. */
export const ROUTES: readonly Route[] = [
  health,
  openApiRoute(() => ROUTES),
  listBridges,
  bridgesHealth,
  listCalendars,
  listAvailableResources,
  listAvailableGroups,
  listResourceItems,
  listUserItems,
  syncBridges,
  syncDeletions,
  syncDeletionsOfAll,
  processDeletionQueue,
  deletionStats,
  listFailed,
  retryAllFailed,
  retryFailed,
  dismissFailed,
  listMappings,
  createMapping,
  getMapping,
  updateMapping,
  deleteMapping,
  mappingStatus,
  verifyMapping,
  syncMapping,
  retryMapping,
  pauseMapping,
  resumeMapping,
  mappingsOfResource,
  deleteMappingByKey,
  getRun,
  listHolds,
  getHold,
  approveHold,
  rejectHold,
  takeNotices,
  answerValidation,
  listSubscriptions,
  makeSubscriptions,
  renewSubscription,
  deleteSubscription,
];

/** The function of a path, for whatever method. */
export interface PathFunction {
  readonly name: string;
  readonly path: string;
  readonly handler: Handler;
}

/** One function a path, and one for every other path. */
export function pathFunctions(services: Lazy<Services>): readonly PathFunction[] {
  const paths = Map.groupBy(
    ROUTES.flatMap((route) => placesOf(route).map((place) => ({ route, place }))),
    ({ place }) => place.path,
  );
  const functions = [...paths].map(([path, found]): PathFunction => {
    const handlers = new Map<string, Handler>(
      found.map(({ route, place }) => [route.method, route.serve(services, place)]),
    );
    const wrongMethod = wrongMethodHandler([...handlers.keys()]);
    return {
      name: functionNameOf(path),
      path,
      handler: (request) => (handlers.get(request.method.toUpperCase()) ?? wrongMethod)(request),
    };
  });
  const endpoints = ROUTES.map(({ method, path }) => `${method} /${path}`);
  // Hosts try a catch-all last, and keep their own routes before it.
  return [
    ...functions,
    { name: 'unknownPath', path: '{*path}', handler: unknownPathHandler(endpoints) },
  ];
}
