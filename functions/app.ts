import type { app, HttpMethod } from '@azure/functions';
import type { Handler } from '../shared/http/route.ts';

/** The part of `app` of @azure/functions that is used, so that tests can pass a recorder. */
export type FunctionApp = Pick<typeof app, 'http' | 'timer' | 'storageQueue'>;

/** Setting of the connection that queue triggers use; the host's own storage. */
export const CONNECTION = 'AzureWebJobsStorage';

/** One path and what each method of it does. Keys are checked by the handlers themselves. */
export function registerHttp(
  app: FunctionApp,
  name: string,
  route: string,
  handlers: Readonly<Partial<Record<HttpMethod, Handler>>>,
): void {
  app.http(name, {
    route,
    methods: Object.keys(handlers) as HttpMethod[],
    authLevel: 'anonymous',
    handler: (request) => {
      const handler = handlers[request.method.toUpperCase() as HttpMethod];
      // The host sends no other methods than those that were registered.
      if (handler === undefined) return { status: 405 };
      return handler(request);
    },
  });
}

/** The same with the tenant in the path, which an admin can use in place of a header. */
export function registerForTenants(
  app: FunctionApp,
  name: string,
  route: string,
  handlers: Readonly<Partial<Record<HttpMethod, Handler>>>,
): void {
  registerHttp(app, name, route, handlers);
  registerHttp(app, `${name}OfTenant`, `tenants/{tenant}/${route}`, handlers);
}
