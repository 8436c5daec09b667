import { Hono } from 'hono';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { FaultTable, underFault, type PageFault, type Wait } from '../simulator-kit/faults.ts';
import type { Journal } from '../simulator-kit/journal.ts';
import type { Send } from '../simulator-kit/notice-weather.ts';
import { RequestLog } from '../simulator-kit/request-log.ts';
import type { SimulatorCore } from '../simulator-kit/server.ts';
import type { Bindings, Principal } from './api.ts';
import { answerBatch } from './batch.ts';
import { deltaRoutes } from './delta-routes.ts';
import { DeltaTokens } from './delta-tokens.ts';
import { Directory, SeedSchema, type SeedInput } from './directory.ts';
import { directoryRoutes } from './directory-routes.ts';
import { badRequest, errorResponse, GraphError, type ErrorTrace } from './errors.ts';
import { eventRoutes } from './event-routes.ts';
import { EventStore } from './event-store.ts';
import { Events } from './events.ts';
import { listRoutes } from './list-routes.ts';
import { guidOf } from './ids.ts';
import { MailboxLimits } from './limits.ts';
import { MailLog, type Mail } from './mails.ts';
import { Meetings } from './meetings.ts';
import { anyCasePath, methodNotAllowed, serve, type RouteAnswers } from './routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { bearerOf, userOf } from './request-parts.ts';
import { Notices, type NoticeCounts } from './notices.ts';
import { simulatorRoutes } from './simulator-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { Subscriptions } from './subscriptions.ts';

/**
 * Says whose token it is.
 * @throws Error with the reason where it is none, not meant for Graph, or expired.
 */
export type TokenVerifier = (token: string) => Promise<Principal>;

export interface GraphSimulatorOptions {
  clock: SimulatorClock;
  journal: Journal;
  verifyToken: TokenVerifier;
  /** Items of a page where the request does not say; Outlook's own is 10. */
  pageSizeDefault?: number;
  /** How long a request holds its place among the four of its mailbox. */
  latencyMs?: number;
  /** How a fault's delay is waited for. */
  wait?: Wait;
  /** How subscribers are reached. Default: the global `fetch`. */
  send?: Send;
  /** 0 to 1, for what goes wrong with notices. Default: `Math.random`. */
  random?: () => number;
}

export interface GraphSimulator {
  fetch: SimulatorCore;
  /** @throws ZodError for a seed of another shape. */
  seed(seed: SeedInput): void;
  log: RequestLog;
  faults: FaultTable;
  /** Sends the notices that are due; a process asks for it again and again. */
  pump(): Promise<void>;
  noticeCounts(): NoticeCounts;
  /** What Exchange would have sent so far. */
  mails(): readonly Mail[];
  /** When the next of them is due, in epoch ms; undefined where none waits. */
  nextNoticeAt(): number | undefined;
  /** All that it can answer; a batch also 424 for what follows a failed request in it. */
  routes: readonly RouteAnswers[];
}

/** Microsoft Graph's calendar for any number of tenants, under `/v1.0`, with controls at `/__sim`. */
export function createGraphSimulator(options: GraphSimulatorOptions): GraphSimulator {
  const server = new GraphServer(options);
  return {
    fetch: (request) => server.fetch(request),
    seed: (seed) => server.directory.seed(SeedSchema.parse(seed)),
    log: server.log,
    faults: server.faults,
    pump: () => server.notices.pump(),
    noticeCounts: () => server.notices.counts(),
    mails: () => server.mails.list(),
    nextNoticeAt: () => server.notices.nextAt(),
    routes: server.routes,
  };
}

class GraphServer {
  readonly log = new RequestLog();
  readonly faults = new FaultTable(['page', 'token', 'delta']);
  readonly directory: Directory;
  readonly notices: Notices;
  readonly mails: MailLog;
  readonly routes: readonly RouteAnswers[];
  readonly #clock: SimulatorClock;
  readonly #verifyToken: TokenVerifier;
  readonly #latencyMs: number;
  readonly #wait: Wait | undefined;
  readonly #deltaTokens: DeltaTokens;
  /** Access tokens that a fault made lapse. */
  readonly #lapsed = new Set<string>();
  readonly #limits: MailboxLimits;
  readonly #graph: Hono<{ Bindings: Bindings }>;
  readonly #controls: Hono;
  #requests = 0;

  constructor(options: GraphSimulatorOptions) {
    const { clock, journal } = options;
    this.#clock = clock;
    this.#verifyToken = options.verifyToken;
    this.#latencyMs = options.latencyMs ?? 0;
    this.#wait = options.wait;
    this.#limits = new MailboxLimits(clock);
    this.directory = new Directory(journal);
    const { directory } = this;
    const store = new EventStore(journal, clock);
    this.mails = new MailLog(journal, clock);
    const { mails } = this;
    const events = new Events(store, new Meetings(store, directory, mails, clock), journal, clock);
    const deltaTokens = new DeltaTokens(journal);
    this.#deltaTokens = deltaTokens;
    const pageSizeDefault = options.pageSizeDefault ?? 10;
    const { send = (request: Request) => fetch(request), random = Math.random } = options;
    const subscriptions = new Subscriptions(journal, clock, directory, send);
    const notices = new Notices(journal, { clock, subscriptions, send, random });
    this.notices = notices;
    store.onChange = (changeType, event) => notices.changed(changeType, event);
    const api = { clock, directory, store, events, deltaTokens, subscriptions, pageSizeDefault };
    const routes = ROUTES.flatMap((of) => of(api).list);
    this.#graph = graphOf(routes);
    this.routes = answersOf(routes);
    this.#controls = simulatorRoutes({
      clock,
      directory,
      mails,
      deltaTokens,
      subscriptions,
      notices,
      log: this.log,
      faults: this.faults,
      reset: () => {
        for (const part of [store, events, mails, notices, subscriptions, this.#limits])
          part.clear();
        deltaTokens.expireAll();
      },
    });
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/__sim')
      ? await this.#controls.fetch(request)
      : await this.#answer(request);
  }

  /** One request of a client, from outside or out of a batch. */
  async #answer(request: Request, outerBatch?: string): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname + url.search;
    const mailbox = this.#mailboxOf(url);
    const isBatch = outerBatch === undefined && url.pathname === '/v1.0/$batch';
    const trace = this.#trace(request);
    const batch = isBatch ? trace.requestId : outerBatch;
    const subject = { method: request.method, path, ...(mailbox !== undefined && { mailbox }) };
    let status = 0;
    try {
      const response = await this.#within(mailbox, trace, () => {
        const fault = this.faults.take(subject);
        if (fault?.lapse !== undefined) this.#lapse(fault.lapse, request, url);
        return underFault(fault, { clock: this.#clock, wait: this.#wait }, async () => {
          const done = await this.#handle(request, trace, { isBatch, page: fault?.page });
          ({ status } = done);
          return done;
        });
      });
      ({ status } = response);
      response.headers.set('request-id', trace.requestId);
      response.headers.set('client-request-id', trace.clientRequestId);
      return response;
    } finally {
      const time = new Date(trace.nowMs).toISOString();
      this.log.add({ time, ...subject, status, ...(batch !== undefined && { batch }) });
    }
  }

  /** Holds a place of the mailbox while `handle` runs. */
  async #within(
    mailbox: string | undefined,
    trace: ErrorTrace,
    handle: () => Promise<Response>,
  ): Promise<Response> {
    let leave: () => void = () => undefined;
    try {
      if (mailbox !== undefined) leave = this.#limits.enter(mailbox);
      // Also without a latency, requests that came at once are seen as such.
      await new Promise((done) =>
        this.#latencyMs > 0 ? setTimeout(done, this.#latencyMs) : setImmediate(done),
      );
      return await handle();
    } catch (error) {
      if (error instanceof GraphError) return errorResponse(error, trace);
      throw error;
    } finally {
      leave();
    }
  }

  #lapse(what: 'session' | 'token' | 'delta', request: Request, { pathname }: URL): void {
    if (what === 'token') this.#lapsed.add(bearerOf(request) ?? '');
    const user = userOf(pathname);
    if (what !== 'delta' || user === undefined) return;
    for (const { key } of this.directory.everywhere(user)) this.#deltaTokens.expire(key);
  }

  async #handle(
    request: Request,
    trace: ErrorTrace,
    { isBatch, page }: { isBatch: boolean; page: PageFault | undefined },
  ): Promise<Response> {
    try {
      const principal = await this.#principalOf(request);
      if (isBatch && request.method !== 'POST') throw methodNotAllowed([BATCH]);
      if (isBatch) return await this.#answerBatch(request, trace.requestId);
      return await this.#graph.fetch(request, { principal, page });
    } catch (error) {
      if (error instanceof GraphError) return errorResponse(error, trace);
      throw error;
    }
  }

  async #answerBatch(request: Request, id: string): Promise<Response> {
    const json: unknown = await request.json().catch(() => {
      throw badRequest('BadRequest', 'Invalid batch payload format.');
    });
    const base = `${new URL(request.url).origin}/v1.0`;
    const authorization = request.headers.get('authorization') ?? '';
    return await answerBatch(json, { id, base, authorization }, (inner) => this.#answer(inner, id));
  }

  async #principalOf(request: Request): Promise<Principal> {
    const token = bearerOf(request);
    if (token === undefined) throw unauthenticated('Access token is empty.');
    if (this.#lapsed.has(token))
      throw unauthenticated('Lifetime validation failed, the token is expired.');
    return await this.#verifyToken(token).catch((error: unknown) => {
      throw unauthenticated(error instanceof Error ? error.message : String(error));
    });
  }

  #mailboxOf(url: URL): string | undefined {
    const user = userOf(url.pathname);
    return user === undefined ? undefined : this.directory.addressOf(user);
  }

  #trace(request: Request): ErrorTrace {
    this.#requests += 1;
    const requestId = guidOf(`request ${this.#requests}`);
    return {
      nowMs: this.#clock.now(),
      requestId,
      clientRequestId: request.headers.get('client-request-id') ?? requestId,
    };
  }
}

function unauthenticated(message: string): GraphError {
  return new GraphError(401, 'InvalidAuthenticationToken', message, {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

const ROUTES = [
  eventRoutes,
  listRoutes,
  deltaRoutes,
  directoryRoutes,
  scheduleRoutes,
  subscriptionRoutes,
] as const;

/** The handlers behind the gate; they throw GraphError, which the gate turns into answers. */
function graphOf(routes: Parameters<typeof serve>[1]): Hono<{ Bindings: Bindings }> {
  const getPath = anyCasePath(routes);
  const app = new Hono<{ Bindings: Bindings }>({ getPath }).basePath('/v1.0');
  app.onError((error) => {
    throw error;
  });
  serve(app, routes);
  return app;
}

const BATCH: RouteAnswers = { method: 'POST', path: '/$batch', statuses: [200, 400] };

/** What the routes answer, and what the gate does in their place. */
function answersOf(routes: readonly RouteAnswers[]): RouteAnswers[] {
  const all = [BATCH, ...routes];
  const paths = new Set(all.map(({ path }) => path));
  const others = [...paths].map((path) => ({ method: '*' as const, path, statuses: [405] }));
  // Also a path of a mailbox that leads nowhere counts among its requests.
  const nowhere: RouteAnswers = { method: '*', path: '*', statuses: [400, 429] };
  return [...all, ...others, nowhere].map(({ method, path, statuses }) => ({
    method,
    path,
    statuses: [...statuses, 401, ...(path.startsWith('/users/:user') ? [429] : [])],
  }));
}
