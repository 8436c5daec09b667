import type { HttpRequest } from '@azure/functions';
import { parseTenantId } from '../../tenants/setting-rules.ts';
import { consoleLogger } from '../../util/logger.ts';
import { readBytes } from '../parse.ts';
import { ApiError, badRequest, notFound } from '../problem.ts';
import { render, renderFault, renderText, requestIdOf, type Rendered } from '../render.ts';
import { openRoute, type Handler, type Route } from '../route.ts';
import { BridgeParams } from '../schemas/common.ts';
import { NoticesBody, NoticesTaken } from '../schemas/subscriptions.ts';
import type { Lazy, Services } from '../services-port.ts';

const PATH = 'bridges/webhook/{bridge}';
const ABOUT =
  'Open, since a calendar system cannot send our key: each notice carries a state that only we can ' +
  'have made, in it or as `client_state` in the query, and one that does not is left out of account. ' +
  'Where the system signs, a body without its signature (`X-Booking-Signature`) is refused with 401. ' +
  'With `validationToken` the token is answered as text/plain. 202 says that what is meant for us is ' +
  'queued.';

export const takeNotices: Route = openRoute({
  name: 'takeNotices',
  method: 'POST',
  path: PATH,
  aliases: [{ path: `tenants/{tenant}/${PATH}` }],
  summary: 'what a calendar system announces, or the token by which it finds out who is there',
  description: ABOUT,
  params: BridgeParams,
  body: NoticesBody,
  answers: { 202: NoticesTaken },
  texts: [200],
  problems: [400, 401, 404, 413, 500, 503],
  serve: (services) => handlerOf('takeNotices', services),
});

/** Some systems ask by GET who is there. */
export const answerValidation: Route = openRoute({
  name: 'answerValidation',
  method: 'GET',
  path: PATH,
  aliases: [{ path: `tenants/{tenant}/${PATH}` }],
  summary: 'the token by which a calendar system finds out who is there',
  params: BridgeParams,
  answers: {},
  texts: [200],
  problems: [400],
  serve: () => async (request) => {
    const requestId = requestIdOf(request);
    const echo = echoOf(request, requestId);
    if (echo !== undefined) return echo;
    const error = badRequest('validationToken: expected a token');
    return renderFault(error, requestId, 'answerValidation', consoleLogger());
  },
});

function handlerOf(name: string, lazyServices: Lazy<Services>): Handler {
  return async (request) => {
    const requestId = requestIdOf(request);
    // Nothing is built for it: the handshake has to be answered within seconds of a cold start.
    const echo = echoOf(request, requestId);
    if (echo !== undefined) return echo;
    try {
      return await taken(request, await lazyServices(), requestId);
    } catch (error) {
      return renderFault(error, requestId, name, consoleLogger());
    }
  };
}

async function taken(
  request: HttpRequest,
  services: Services,
  requestId: string,
): Promise<Rendered> {
  const { tenants, bridges, notices, logger } = services;
  const named = request.params['tenant'];
  const tenantId = named === undefined ? tenants.defaultTenantId : parseTenantId(named);
  const tenant = tenantId === undefined ? undefined : tenants.get(tenantId);
  const bridge = tenant && bridges.resolve(tenant.id, request.params['bridge'] ?? '');
  if (tenant === undefined || bridge === undefined) {
    logger.warn('notices were refused', { unaddressed: 1, requestId });
    throw notFound('nobody is announced to at this address');
  }
  const bytes = await readBytes(request).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 413)
      logger.warn('notices were refused', { tenantId: tenant.id, bridge, oversized: 1 });
    throw error;
  });
  const result = await notices.take(tenant.id, bridge, {
    bytes,
    header: (header) => request.headers.get(header) ?? undefined,
    clientState: request.query.get('client_state') ?? undefined,
  });
  if (result.kind === 'unsigned') throw unsigned(result.header);
  if (result.kind === 'none') {
    logger.warn('notices were refused', { tenantId: tenant.id, bridge, unreadable: 1, requestId });
    throw badRequest('the body is none of notices');
  }
  const message = 'taken';
  const answer = { success: true, message, bridge, target_bridge: null } as const;
  return render({ status: 202, body: answer }, requestId);
}

/** Says what an honest operator needs: which header, and what it has to be of what. */
function unsigned(header: string): ApiError {
  return new ApiError(
    401,
    'bad-signature',
    `${header} must be sha256= and the HMAC-SHA256 of the raw body in hex, under the secret key that the ` +
      'subscription was made with; renew the subscription where that has changed',
    { headers: { 'WWW-Authenticate': `Signature header="${header}"` } },
  );
}

/** Letters, digits and what stands in tokens; nothing that could be markup or a header. */
const TOKEN = /^[\w :;.,&+/=~!*()'@#%-]{1,1024}$/;

function echoOf(request: HttpRequest, requestId: string): Rendered | undefined {
  const token = request.query.get('validationToken');
  if (token === null || !TOKEN.test(token)) return undefined;
  return renderText(token, requestId);
}
