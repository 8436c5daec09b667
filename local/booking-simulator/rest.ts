import { Hono, type Context } from 'hono';
import { allocationRoutes } from './allocation-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import type { Call, Route } from './routing.ts';
import { SESSION_NAME, type Sessions } from './sessions.ts';
import type { BookingStore } from './store.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** What a handled request leaves for the log. */
export interface Trace {
  /** Ids of the rooms concerned, joined by commas. */
  resource?: string;
}

export const ROUTES: readonly Route[] = [
  ...resourceRoutes,
  ...eventRoutes,
  ...allocationRoutes,
  ...webhookRoutes,
];

/** The published interface: a request in, its answer out, the rooms it touched in `trace`. */
export function restInterface(
  store: BookingStore,
  sessions: Sessions,
): (request: Request, trace: Trace) => Promise<Response> {
  const app = new Hono<{ Bindings: { trace: Trace } }>();
  const published = ROUTES.filter((route) => route.personOnly !== true);
  app.post('/login', async (c) => await login(c, sessions));
  app.get('/refreshsession', (c) => refreshSession(c, sessions));
  for (const route of published)
    app.on(route.method, route.path, async (c) => {
      const call = authorize(c, store, sessions, c.env.trace);
      return call === undefined
        ? c.json({ msg: 'A valid session could not be found' }, 401)
        : await route.handle(c, call);
    });
  for (const path of new Set(published.map((route) => route.path))) {
    const methods = published.filter((route) => route.path === path).map(({ method }) => method);
    app.all(path, (c) => frameworkError(c, 405, { allow: methods.join(', ') }));
  }
  app.notFound((c) => frameworkError(c, 404));
  return async (request, trace) => await app.fetch(request, { trace });
}

async function login(c: Context, sessions: Sessions): Promise<Response> {
  const form = new URLSearchParams(await c.req.text());
  const [domain, name, password] = ['logindomain', 'login', 'passwd'].map(
    (field) => form.get(field) ?? '',
  ) as [string, string, string];
  const id = sessions.open(domain, name, password);
  // The real system refuses a login with this status.
  if (id === undefined) return c.json({ msg: 'Bad login or password' }, 404);
  return c.json({ session_name: SESSION_NAME, session_id: id });
}

function refreshSession(c: Context, sessions: Sessions): Response {
  const id = c.req.query(SESSION_NAME);
  const account = sessions.verify(id, c.req.query('domain'));
  if (account === undefined) return c.json({ message: 'Not logged in' }, 401);
  return c.json({ session_id: id, fullname: account.login });
}

function authorize(
  c: Context,
  store: BookingStore,
  sessions: Sessions,
  trace: Trace,
): Call | undefined {
  const { domain, phpgw_return_as: returnAs, api_mode: apiMode } = c.req.query();
  if (domain === undefined || returnAs !== 'json' || (apiMode ?? '') === '') return undefined;
  const account = sessions.verify(c.req.query(SESSION_NAME), domain);
  if (account === undefined) return undefined;
  return {
    store,
    sessions,
    domain,
    account,
    person: false,
    touches: (ids) => {
      trace.resource = ids.join(',');
    },
    saved: () => undefined,
  };
}

/** The web framework's own errors: JSON only for a client that asks for it, else a page. */
function frameworkError(
  c: Context,
  status: 404 | 405,
  headers: Record<string, string> = {},
): Response {
  const title = status === 404 ? '404 Not Found' : '405 Method Not Allowed';
  if (c.req.header('accept')?.includes('json') === true)
    return c.json({ message: title }, status, headers);
  return c.html(`<!doctype html><title>${title}</title><h1>${title}</h1>`, status, headers);
}
