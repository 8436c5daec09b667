import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type * as z from 'zod';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Principal } from '../tenants/tenant-directory.ts';
import { consoleLogger, type Logger } from '../util/logger.ts';
import { authenticate, deprecationHeaders, resolveTenant, type ResolvedTenant } from './auth.ts';
import { badRequest, problemBody, toApiError, tooLarge, type FieldProblem } from './problem.ts';
import type { Lazy, Services } from './services-port.ts';

/** One request, checked. */
export interface Call<Query, Body> {
  readonly tenant: TenantConfig;
  readonly principal: Principal;
  /** Parameters of the path, unescaped. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
}

export interface Answer {
  /** 200 where it is left out. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a route takes and does. Both schemas are data, so that they can be published as they are. */
export interface Route<Query, Body> {
  /** In the log. */
  readonly name: string;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  readonly handle: (call: Call<Query, Body>, services: Services) => Promise<Answer>;
}

type Rendered = HttpResponseInit & { readonly status: number };

export type Handler = (request: HttpRequest) => Promise<HttpResponseInit>;

/** Largest body that is taken in. */
export const BODY_BYTES_MAX = 512 * 1024;

/**
 * Authenticates, finds the tenant, parses, handles and renders. Every answer carries
 * `X-Request-Id`: the caller's own where it is a sane token, else a new one.
 */
export function route<Query = undefined, Body = undefined>(
  definition: Route<Query, Body>,
  lazyServices: Lazy<Services>,
): Handler {
  return async (request) => {
    const requestId = requestIdOf(request);
    try {
      return await answer(definition, request, requestId, await lazyServices());
    } catch (error) {
      return renderFault(error, requestId, definition.name, consoleLogger());
    }
  };
}

async function answer<Query, Body>(
  definition: Route<Query, Body>,
  request: HttpRequest,
  requestId: string,
  services: Services,
): Promise<HttpResponseInit> {
  const { clock, logger } = services;
  const startedAt = clock.now();
  const headers: Record<string, string> = {};
  let tenantId: string | undefined;
  let response: Rendered;
  try {
    const { tenant, byDefault, principal } = admit(request, services);
    tenantId = tenant.id;
    if (byDefault)
      Object.assign(headers, deprecationHeaders(new URL(request.url).pathname, tenant.id));
    const query = definition.query && parse(definition.query, Object.fromEntries(request.query));
    const body = definition.body && parse(definition.body, await readJson(request));
    const call = {
      tenant,
      principal,
      params: request.params,
      query: query as Query,
      body: body as Body,
      requestId,
    };
    response = render(await definition.handle(call, services), requestId, headers);
  } catch (error) {
    response = renderFault(error, requestId, definition.name, logger, headers);
  }
  logger.info('request answered', {
    route: definition.name,
    method: request.method,
    status: response.status,
    tenantId,
    requestId,
    durationMs: clock.now() - startedAt,
  });
  return response;
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

/** A caller's request id that is safe in logs and headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export function requestIdOf(request: Pick<HttpRequest, 'headers'>): string {
  const given = request.headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : randomUUID();
}

export function render(
  { status = 200, headers = {}, body }: Answer,
  requestId: string,
  added: Readonly<Record<string, string>> = {},
): Rendered {
  const contentType = status >= 400 ? 'application/problem+json' : 'application/json';
  return {
    status,
    headers: {
      'Content-Type': `${contentType}; charset=utf-8`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...added,
      ...headers,
      'X-Request-Id': requestId,
    },
    body: JSON.stringify(body),
  };
}

/** The problem that a thrown thing is to the caller; what the caller may not see goes to the log. */
export function renderFault(
  error: unknown,
  requestId: string,
  routeName: string,
  logger: Logger,
  added: Readonly<Record<string, string>> = {},
): Rendered {
  const problem = toApiError(error);
  if (problem.status === 500)
    logger.error('request failed', {
      route: routeName,
      requestId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  const { status, headers } = problem;
  return render({ status, headers, body: problemBody(problem, requestId) }, requestId, added);
}

/** An empty body is an empty object: all a caller left out is then named. */
async function readJson(request: HttpRequest): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX)
    throw tooLarge(BODY_BYTES_MAX);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > BODY_BYTES_MAX) throw tooLarge(BODY_BYTES_MAX);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    // The parser's message repeats parts of the body, so it is not passed on.
    throw badRequest('the body is not JSON in UTF-8');
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }): FieldProblem => ({
    field: path.join('.'),
    message,
  }));
  const list = errors.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  throw badRequest(list.join('; '), errors);
}
