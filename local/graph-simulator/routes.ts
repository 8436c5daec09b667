import type { Hono } from 'hono';
import type { Bindings, GraphContext } from './api.ts';
import { badRequest, GraphError } from './errors.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Handler = (c: GraphContext) => Response | Promise<Response>;

/** What is answered under one method and path. */
export interface RouteAnswers {
  /** `*` for every method that the path does not have. */
  readonly method: Method | '*';
  /** Below `/v1.0`; `:name` stands for one segment, and `*` for all paths that are not there. */
  readonly path: string;
  /** Every status that may be answered. */
  readonly statuses: readonly number[];
}

interface Route extends RouteAnswers {
  readonly method: Method;
  readonly handle: Handler;
}

/** Routes with all that they may answer, beside what the gate before them does (401, 429). */
export class Routes {
  readonly list: Route[] = [];

  get(path: string, statuses: readonly number[], handle: Handler): void {
    this.list.push({ method: 'GET', path, statuses, handle });
  }

  post(path: string, statuses: readonly number[], handle: Handler): void {
    this.list.push({ method: 'POST', path, statuses, handle });
  }

  patch(path: string, statuses: readonly number[], handle: Handler): void {
    this.list.push({ method: 'PATCH', path, statuses, handle });
  }

  delete(path: string, statuses: readonly number[], handle: Handler): void {
    this.list.push({ method: 'DELETE', path, statuses, handle });
  }
}

/** The path of a request with Graph's own names, which come in any case, as the routes spell them. */
export function anyCasePath(routes: readonly RouteAnswers[]): (request: Request) => string {
  const names = routes.flatMap(({ path }) => path.split('/').filter((name) => !/^:|^$/.test(name)));
  const spelt = new Map(names.map((name) => [name.toLowerCase(), name]));
  return ({ url }) =>
    new URL(url).pathname
      .split('/')
      .map((segment) => spelt.get(segment.toLowerCase()) ?? segment)
      .join('/');
}

/** Serves the routes; a path without such a method is 405, and what is no path of Graph's 400. */
export function serve(app: Hono<{ Bindings: Bindings }>, routes: readonly Route[]): void {
  for (const route of routes)
    app.on(route.method, route.path, async (c) => await asDeclared(route, c));
  for (const path of new Set(routes.map(({ path }) => path)))
    app.all(path, () => {
      throw methodNotAllowed(routes.filter((route) => route.path === path));
    });
  app.notFound((c) => {
    throw noResource(c.req.path, routes);
  });
}

/** @throws Error for a status that the route does not name: its list would be wrong. */
async function asDeclared(route: Route, c: GraphContext): Promise<Response> {
  const check = (status: number): void => {
    if (!route.statuses.includes(status))
      throw new Error(`${route.method} ${route.path} does not name ${status} among its statuses`);
  };
  try {
    const response = await route.handle(c);
    check(response.status);
    return response;
  } catch (error) {
    if (error instanceof GraphError) check(error.status);
    throw error;
  }
}

export function methodNotAllowed(routes: readonly RouteAnswers[]): GraphError {
  return new GraphError(
    405,
    'Request_BadRequest',
    'Specified HTTP method is not allowed for the request target.',
    { headers: { allow: routes.map(({ method }) => method).join(', ') } },
  );
}

/** Names the first segment that leads nowhere. */
function noResource(pathname: string, routes: readonly Route[]): GraphError {
  const [, version = '', ...segments] = pathname.split('/');
  if (version !== 'v1.0') return badRequest('BadRequest', `Invalid version: ${version}`);
  if (segments[0] === 'me')
    return badRequest(
      'BadRequest',
      '/me request is only valid with delegated authentication flow.',
    );
  const templates = routes.map(({ path }) => path.split('/').slice(1));
  const leads = (count: number): boolean =>
    templates.some((template) =>
      segments
        .slice(0, count)
        .every((segment, at) => template[at] === segment || template[at]?.startsWith(':') === true),
    );
  const at = segments.findIndex((_, index) => !leads(index + 1));
  const segment = segments.at(at) ?? '';
  return badRequest('BadRequest', `Resource not found for the segment '${segment}'.`);
}
