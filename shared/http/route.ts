import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type * as z from 'zod';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Principal } from '../tenants/tenant-directory.ts';
import type { Instant } from '../util/clock.ts';
import { consoleLogger } from '../util/logger.ts';
import {
  authenticate,
  authenticateAdmin,
  deprecationHeaders,
  resolveTenant,
  type ResolvedTenant,
} from './auth.ts';
import { parse, readJson } from './parse.ts';
import { successorOf, type Access, type Alias, type Place } from './places.ts';
import { render, renderFault, requestIdOf, type Content, type Rendered } from './render.ts';
import type { Lazy, Services } from './services-port.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type Handler = (request: HttpRequest) => Promise<HttpResponseInit>;

/** Headers of answers beside those that each of them has. */
export type HeaderName = 'Location' | 'Retry-After';

/** The body of each answer that is no problem, by its status. */
export type Answers = Readonly<Record<number, z.ZodType<object>>>;

/** One of the answers that were declared, its body as its schema says. */
export type AnswerOf<A extends Answers> = {
  readonly [S in keyof A]: {
    readonly headers?: Readonly<Partial<Record<HeaderName, string>>>;
    readonly body: z.output<A[S]>;
  } & (S extends 200 ? { readonly status?: 200 } : { readonly status: S });
}[keyof A] &
  Content;

/** What is published of a route (`GET /openapi.json`). */
interface Published<P, Q, B, A extends Answers> {
  /** In the log, and as operationId. */
  readonly name: string;
  readonly method: Method;
  /** As the Functions host wants it: no slash before it, `{parameter}`. */
  readonly path: string;
  readonly aliases?: readonly Alias[];
  /** One line. */
  readonly summary: string;
  /** What the line leaves out. */
  readonly description?: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answers: A;
  /** Headers that answers of a status may have. */
  readonly headers?: Readonly<Record<number, readonly HeaderName[]>>;
  /** Statuses of problems beside those of every route that needs a key. */
  readonly problems?: readonly number[];
  /** Statuses that are answered in plain text. */
  readonly texts?: readonly number[];
}

/** One request, checked. */
export interface Call<P, Q, B> {
  readonly tenant: TenantConfig;
  readonly principal: Principal;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly requestId: string;
  /** The tenant stands in the path, and so should it in links. */
  readonly tenantInPath: boolean;
}

type Handle<P, Q, B, A extends Answers> = (
  call: Call<P, Q, B>,
  services: Services,
) => Promise<AnswerOf<A>>;

/** A route that is open to all. */
interface OpenDefinition<A extends Answers, P, B> extends Published<P, undefined, B, A> {
  readonly serve: (services: Lazy<Services>) => Handler;
}

/** A row of the route table: what is published of it, and what serves it. */
export interface Route extends Readonly<
  Required<
    Pick<Published<never, never, never, Answers>, 'aliases' | 'headers' | 'problems' | 'texts'>
  >
> {
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  readonly answers: Answers;
  readonly serve: (services: Lazy<Services>, place: Place) => Handler;
}

export function openRoute<A extends Answers, P = undefined, B = undefined>(
  definition: OpenDefinition<A, P, B>,
): Route {
  const { serve } = definition;
  return {
    aliases: [],
    headers: {},
    problems: [],
    texts: [],
    ...definition,
    access: 'open',
    serve: (services) => serve(services),
  };
}

type HandleAdmin<A extends Answers> = (
  requestId: string,
  services: Services,
) => Promise<AnswerOf<A>>;

/** A route of the admin key alone, which is about no single tenant. */
export function adminRoute<A extends Answers>(
  published: Published<undefined, undefined, undefined, A>,
): { readonly handledBy: (handle: HandleAdmin<A>) => Route } {
  return {
    handledBy: (handle) => ({
      aliases: [],
      headers: {},
      texts: [],
      ...published,
      access: 'admin',
      problems: [401, 403, 500, 503, ...(published.problems ?? [])],
      serve: (lazyServices) => async (request) => {
        const requestId = requestIdOf(request);
        try {
          const services = await lazyServices();
          const startedAt = services.clock.now();
          authenticateAdmin(request.headers, services.tenants);
          const response = render(await handle(requestId, services), requestId);
          logAnswer(published.name, request, response, { requestId, startedAt }, services);
          return response;
        } catch (error) {
          return renderFault(error, requestId, published.name, consoleLogger());
        }
      },
    }),
  };
}

/** What any request for a tenant may end in. */
const KEYED_PROBLEMS = [400, 401, 404, 500, 503];

/** A route that needs a key, and so has a tenant. Its handler's types are those of its schemas. */
export function keyedRoute<A extends Answers, P = undefined, Q = undefined, B = undefined>(
  published: Published<P, Q, B, A>,
): { readonly handledBy: (handle: Handle<P, Q, B, A>) => Route } {
  return {
    handledBy: (handle) => ({
      aliases: [],
      headers: {},
      texts: [],
      ...published,
      access: 'key',
      problems: [
        ...KEYED_PROBLEMS,
        ...(published.body === undefined ? [] : [413]),
        ...(published.problems ?? []),
      ],
      serve: (lazyServices, place) => async (request) => {
        const requestId = requestIdOf(request);
        try {
          const services = await lazyServices();
          return await answer({ published, handle, place, request, requestId, services });
        } catch (error) {
          return renderFault(error, requestId, published.name, consoleLogger());
        }
      },
    }),
  };
}

interface Asked<P, Q, B, A extends Answers> {
  readonly published: Published<P, Q, B, A>;
  readonly handle: Handle<P, Q, B, A>;
  readonly place: Place;
  readonly request: HttpRequest;
  readonly requestId: string;
  readonly services: Services;
}

/**
 * Authenticates, finds the tenant, parses, handles and renders. Every answer carries
 * `X-Request-Id`: the caller's own where it is a sane token, else a new one.
 */
async function answer<P, Q, B, A extends Answers>(
  asked: Asked<P, Q, B, A>,
): Promise<HttpResponseInit> {
  const { published, handle, place, request, requestId, services } = asked;
  const { clock, logger } = services;
  const startedAt = clock.now();
  const headers: Record<string, string> = {};
  let tenantId: string | undefined;
  let response: Rendered;
  try {
    const { tenant, byDefault, principal } = admit(request, services);
    tenantId = tenant.id;
    const given = paramsOf(request, place);
    if (byDefault || place.deprecated)
      Object.assign(headers, deprecationHeaders(successorOf(published.path, given, tenant.id)));
    const { params, query, body } = published;
    const call = {
      tenant,
      principal,
      params: (params && parse(params, given)) as P,
      query: (query && parse(query, Object.fromEntries(request.query))) as Q,
      body: (body && parse(body, await readJson(request))) as B,
      requestId,
      tenantInPath: place.tenantInPath,
    };
    response = render(await handle(call, services), requestId, headers);
  } catch (error) {
    response = renderFault(error, requestId, published.name, logger, headers);
  }
  logAnswer(published.name, request, response, { tenantId, requestId, startedAt }, services);
  return response;
}

function logAnswer(
  route: string,
  { method }: HttpRequest,
  { status }: Rendered,
  asked: { readonly tenantId?: string | undefined; requestId: string; startedAt: Instant },
  { clock, logger }: Services,
): void {
  const { startedAt, ...ids } = asked;
  const durationMs = clock.now() - startedAt;
  logger.info('request answered', { route, method, status, ...ids, durationMs });
}

/** The host leaves `%2F` escaped, which would look like a slash of the path. */
function paramsOf(request: HttpRequest, place: Place): Readonly<Record<string, string>> {
  const given = Object.entries(request.params).map(
    ([name, value]) => [name, value.replaceAll(/%2f/gi, '/')] as const,
  );
  return { ...Object.fromEntries(given), ...place.params };
}

function admit(
  request: HttpRequest,
  { tenants }: Services,
): ResolvedTenant & { readonly principal: Principal } {
  const principal = authenticate(request.headers, tenants);
  const claims = {
    path: request.params['tenant'],
    header: request.headers.get('x-tenant-id') ?? undefined,
  };
  return { ...resolveTenant(principal, claims, tenants), principal };
}
