import { Hono } from 'hono';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { FaultTable, underFault } from '../simulator-kit/faults.ts';
import type { Journal } from '../simulator-kit/journal.ts';
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
import { MailLog } from './mails.ts';
import { Meetings } from './meetings.ts';
import { anyCasePath, methodNotAllowed, serve, type RouteAnswers } from './routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { simulatorRoutes } from './simulator-routes.ts';

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
}

export interface GraphSimulator {
  fetch: SimulatorCore;
  /** @throws ZodError for a seed of another shape. */
  seed(seed: SeedInput): void;
  log: RequestLog;
  faults: FaultTable;
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
    routes: server.routes,
  };
}

class GraphServer {
  readonly log = new RequestLog();
  readonly faults = new FaultTable();
  readonly directory: Directory;
  readonly routes: readonly RouteAnswers[];
  readonly #clock: SimulatorClock;
  readonly #verifyToken: TokenVerifier;
  readonly #latencyMs: number;
  readonly #limits: MailboxLimits;
  readonly #graph: Hono<{ Bindings: Bindings }>;
  readonly #controls: Hono;
  #requests = 0;

  constructor(options: GraphSimulatorOptions) {
    const { clock, journal } = options;
    this.#clock = clock;
    this.#verifyToken = options.verifyToken;
    this.#latencyMs = options.latencyMs ?? 0;
    this.#limits = new MailboxLimits(clock);
    this.directory = new Directory(journal);
    const { directory } = this;
    const store = new EventStore(journal, clock);
    const mails = new MailLog(journal, clock);
    const events = new Events(store, new Meetings(store, directory, mails, clock), journal, clock);
    const deltaTokens = new DeltaTokens(journal);
    const pageSizeDefault = options.pageSizeDefault ?? 10;
    const api = { clock, directory, store, events, deltaTokens, pageSizeDefault };
    const routes = ROUTES.flatMap((of) => of(api).list);
    this.#graph = graphOf(routes);
    this.routes = answersOf(routes);
    this.#controls = simulatorRoutes({
      clock,
      directory,
      mails,
      deltaTokens,
      log: this.log,
      faults: this.faults,
      reset: () => {
        for (const part of [store, events, mails, this.#limits]) part.clear();
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
      const response = await this.#within(mailbox, trace, () =>
        underFault(this.faults.take(subject), async () => {
          const done = await this.#handle(request, trace, isBatch);
          ({ status } = done);
          return done;
        }),
      );
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

  async #handle(request: Request, trace: ErrorTrace, isBatch: boolean): Promise<Response> {
    try {
      const principal = await this.#principalOf(request);
      if (isBatch && request.method !== 'POST') throw methodNotAllowed([BATCH]);
      if (isBatch) return await this.#answerBatch(request, trace.requestId);
      return await this.#graph.fetch(request, { principal });
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
    const token = /^bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (token === undefined) throw unauthenticated('Access token is empty.');
    return await this.#verifyToken(token).catch((error: unknown) => {
      throw unauthenticated(error instanceof Error ? error.message : String(error));
    });
  }

  #mailboxOf(url: URL): string | undefined {
    const user = /^\/v1\.0\/users\/([^/]+)/i.exec(url.pathname)?.[1];
    if (user === undefined) return undefined;
    try {
      return this.directory.addressOf(decodeURIComponent(user));
    } catch {
      return user;
    }
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

const ROUTES = [eventRoutes, listRoutes, deltaRoutes, directoryRoutes, scheduleRoutes] as const;

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
