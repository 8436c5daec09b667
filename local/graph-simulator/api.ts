import type { Context } from 'hono';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { PageFault } from '../simulator-kit/faults.ts';
import type { DeltaTokens } from './delta-tokens.ts';
import type { Directory } from './directory.ts';
import { badRequest, GraphError } from './errors.ts';
import type { EventStore } from './event-store.ts';
import type { Events } from './events.ts';
import type { Mailbox } from './model.ts';
import { preferencesOf, type Preferences } from './preferences.ts';
import { queryOf, skipToken, type Paging, type Query } from './query.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What the handlers work with. */
export interface Api {
  clock: SimulatorClock;
  directory: Directory;
  store: EventStore;
  events: Events;
  deltaTokens: DeltaTokens;
  subscriptions: Subscriptions;
  pageSizeDefault: number;
}

/** Who asks: an app in one tenant. */
export interface Principal {
  tenantId: string;
}

/** What a handler is given besides the request. */
export interface Bindings {
  principal: Principal;
  /** What a fault does to the pages of a list. */
  page: PageFault | undefined;
}

export type GraphContext = Context<{ Bindings: Bindings }>;

/** One request, read as far as every handler of a mailbox needs it. */
export interface MailboxCall {
  mailbox: Mailbox;
  preferences: Preferences;
  query: Query;
  url: URL;
  /** `https://…/v1.0` as the client addressed it. */
  base: string;
  page: PageFault | undefined;
}

/** @throws GraphError 404 for a mailbox that the caller's tenant does not have, 400 */
export function mailboxCall(c: GraphContext, { directory }: Api): MailboxCall {
  const user = c.req.param('user') ?? '';
  const mailbox = directory.find(c.env.principal.tenantId, user);
  if (mailbox === undefined)
    throw new GraphError(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`);
  const url = new URL(c.req.url);
  return {
    mailbox,
    preferences: preferencesOf(c.req.raw.headers),
    query: queryOf(url),
    url,
    base: `${url.origin}/v1.0`,
    page: c.env.page,
  };
}

/** @throws GraphError 400 for a body that is none, or no JSON. */
export async function jsonBody(c: GraphContext): Promise<unknown> {
  const text = await c.req.raw.text();
  if (text === '') throw badRequest('BadRequest', 'Empty Payload. JSON content expected.');
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
}

/** JSON with what Graph says of itself and of the preferences it honoured. */
export function answer(
  body: unknown,
  { status = 200, headers = {}, applied = '' }: AnswerOptions = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type':
        'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
      'odata-version': '4.0',
      ...(applied !== '' && { 'preference-applied': applied }),
      ...headers,
    },
  });
}

interface AnswerOptions {
  status?: number;
  headers?: Record<string, string>;
  applied?: string;
}

/**
 * One page of a list, with a link to the next where there is more. The link repeats the query with
 * the page's size and a new `$skip` or `$skiptoken`.
 */
export function pageOf<T>(
  items: readonly T[],
  call: { url: URL; page: PageFault | undefined },
  { skip, size: asked, paging = '$skip' }: { skip: number; size: number; paging?: Paging },
): { page: T[]; nextLink?: string } {
  const size = call.page?.size ?? asked;
  const page = items.slice(skip, skip + size);
  if (skip + size >= items.length && call.page?.endless !== true) return { page };
  const next = paging === '$skip' ? String(skip + size) : skipToken(skip + size);
  const kept = call.url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isOf(pair, paging));
  const text = [...kept, `${paging}=${encodeURIComponent(next)}`].join('&');
  return { page, nextLink: `${call.url.origin}${call.url.pathname}?${text}` };
}

function isOf(pair: string, name: string): boolean {
  return decodeURIComponent(pair.split('=')[0] ?? '').toLowerCase() === name;
}
