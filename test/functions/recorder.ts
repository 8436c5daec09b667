import { HttpRequest, type HttpMethod, type HttpResponseInit } from '@azure/functions';
import type { FunctionApp } from '../../functions/app.ts';
import {
  compareTemplates,
  matchRoute,
  parseRouteTemplate,
} from '../../local/host/route-template.ts';
import { checkAnswer } from '../support/answer-check.ts';
import { PUBLISHED } from '../support/published.ts';

export interface Registered {
  readonly route: string;
  readonly methods: readonly string[];
  readonly handler: (request: HttpRequest) => Promise<HttpResponseInit>;
}

/** What an app registered, in place of a Functions host. */
export interface Recorder {
  readonly app: FunctionApp;
  readonly http: Map<string, Registered>;
  readonly timers: Map<string, { readonly schedule: string; readonly run: () => Promise<void> }>;
  readonly queues: Map<
    string,
    { readonly queueName: string; readonly run: (message: unknown) => Promise<void> }
  >;
}

export function recorder(): Recorder {
  const recorded: Omit<Recorder, 'app'> = {
    http: new Map(),
    timers: new Map(),
    queues: new Map(),
  };
  // Handlers use none of the context, so that tests can leave it out.
  const context = undefined as never;
  const app: FunctionApp = {
    http: (name, { route = name, methods = ['GET', 'POST'], handler }) => {
      recorded.http.set(name, {
        route,
        methods,
        handler: async (request) => handler(request, context),
      });
    },
    timer: (name, { schedule, handler }) => {
      recorded.timers.set(name, {
        schedule,
        run: async () => {
          await handler(undefined as never, context);
        },
      });
    },
    storageQueue: (name, { queueName, handler }) => {
      recorded.queues.set(name, {
        queueName,
        run: async (message) => {
          await handler(message as never, context);
        },
      });
    },
  };
  return { app, ...recorded };
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Of JSON; `{}` of plain text. */
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface CallOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

/**
 * Sends a request to the function whose route a host would choose.
 * @throws AssertionError where the answer is none that the route table declares and the document
 *   describes, or where it takes a body that the document does not.
 */
export async function send(
  { http }: Recorder,
  method: HttpMethod,
  address: string,
  { key, headers = {}, body, text, bytes }: CallOptions = {},
): Promise<Reply> {
  const url = new URL(address, 'https://bridge.example');
  const candidates = [...http.values()]
    .filter(({ methods }) => methods.includes(method))
    .map(({ route, handler }) => ({ template: parseRouteTemplate(route), handler }))
    .sort((one, other) => compareTemplates(one.template, other.template));
  for (const { template, handler } of candidates) {
    const params = matchRoute(template, url.pathname);
    if (params === undefined) continue;
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const request = new HttpRequest({
      method,
      url: url.href,
      params,
      query: Object.fromEntries(url.searchParams),
      headers: { ...(key === undefined ? {} : { 'x-api-key': key }), ...headers },
      ...(content === undefined ? {} : { body: { string: content } }),
      ...(bytes === undefined ? {} : { body: { bytes } }),
    });
    const response = await handler(request);
    const answered = response.body as string;
    const replied = new Headers(response.headers);
    const isPlain = replied.get('content-type')?.startsWith('text/plain') === true;
    const reply = {
      status: response.status ?? 200,
      headers: replied,
      body: (isPlain ? {} : JSON.parse(answered)) as Record<string, unknown>,
      text: answered,
    };
    checkAnswer(method, template.text, reply);
    if (body !== undefined && reply.status < 400)
      PUBLISHED.checkRequest(method, template.text, body);
    return reply;
  }
  throw new Error(`no function takes ${method} ${url.pathname}`);
}
