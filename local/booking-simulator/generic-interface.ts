import { Hono } from 'hono';
import { genericEvents } from './generic-events.ts';
import { genericLists } from './generic-lists.ts';
import { failure, type GenericCall } from './generic-routing.ts';
import { domainOfRequest } from './generic-settings.ts';
import { genericWebhooks } from './generic-webhooks.ts';
import type { Trace } from './rest.ts';
import type { BookingStore } from './store.ts';

const ROUTES = [...genericLists, ...genericEvents, ...genericWebhooks];

/** Paths of the generic interface start so. */
export const GENERIC_PREFIX = '/api/';

/**
 * The generic booking contract over the same store, for domains whose seed says `generic`: a request
 * in, its answer out, the rooms it touched in `trace`. It has no sessions; each request shows its key.
 */
export function genericInterface(
  store: BookingStore,
): (request: Request, trace: Trace) => Promise<Response> {
  const app = new Hono<{ Bindings: { trace: Trace }; Variables: { call: GenericCall } }>();
  app.use(async (c, next) => {
    const domain = domainOfRequest(store, c.req.raw.headers);
    const settings = domain === undefined ? undefined : store.generic.get(domain);
    if (domain === undefined || settings === undefined)
      return failure(c, 401, ['UNAUTHORIZED', 'The key is missing or wrong']);
    const touches = (ids: readonly number[]): void => {
      c.env.trace.resource = ids.join(',');
    };
    c.set('call', { store, domain, settings, touches });
    return await next();
  });
  for (const { method, path, handle } of ROUTES)
    app.on(method, path, async (c) => await handle(c, c.get('call')));
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const methods = ROUTES.filter((route) => route.path === path);
    app.all(path, (c) => {
      c.header('allow', methods.map(({ method }) => method).join(', '));
      return failure(c, 405, ['METHOD_NOT_ALLOWED', 'This path has no such method']);
    });
  }
  app.notFound((c) => failure(c, 404, ['NOT_FOUND', 'There is no such path']));
  app.onError((error, c) =>
    failure(c, 500, ['INTERNAL_ERROR', 'The request failed'], { reason: error.message }),
  );
  return async (request, trace) => await app.fetch(request, { trace });
}
