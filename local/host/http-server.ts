import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { HostLog } from './core-types.ts';
import type { HttpRoute } from './function-rules.ts';
import { BodyTooLargeError, readBody, sendHttpData, toHttpData } from './http-data.ts';
import type { Invoker } from './invocation.ts';
import { matchRoute } from './route-template.ts';

export interface HttpServerParts {
  /** Most telling first. */
  routes: readonly HttpRoute[];
  /** Serves everything under `/admin/`. */
  ownerApp: Hono;
  isOwner: (header: (name: string) => string | undefined) => boolean;
  invoker: Invoker;
  log: HostLog;
}

/** Serves the HTTP functions and the owner's routes. */
export function createHostServer(parts: HttpServerParts): Server {
  const owner = getRequestListener(parts.ownerApp.fetch);
  const listener: RequestListener = (incoming, response) => {
    if (/^\/admin(?:[/?]|$)/iu.test(incoming.url ?? '')) {
      void owner(incoming, response);
      return;
    }
    void answer(parts, incoming, response);
  };
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  return server;
}

/** @throws NodeJS.ErrnoException `EADDRINUSE` where the port is taken. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function answer(
  parts: HttpServerParts,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await invokeRoute(parts, incoming, response);
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return; // The caller hung up while sending.
    if (error instanceof BodyTooLargeError) {
      response.setHeader('connection', 'close');
      sendStatus(response, 413);
      return;
    }
    parts.log('error', 'system', `${incoming.method} ${incoming.url}: ${describe(error)}`);
    sendStatus(response, 500);
  }
}

async function invokeRoute(
  { routes, invoker, isOwner, log }: HttpServerParts,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = requestUrl(incoming);
  if (url === undefined) return sendStatus(response, 400);
  const { route, parameters, allowed } = findRoute(routes, incoming.method ?? '', url.pathname);
  if (route === undefined) {
    if (allowed.size === 0) return sendStatus(response, 404);
    response.setHeader('allow', [...allowed].join(', '));
    return sendStatus(response, 405);
  }
  if (!route.anonymous && !isOwner((name) => headerOf(incoming, name)))
    return sendStatus(response, 401);

  const body = await readBody(incoming);
  const data = { http: toHttpData(incoming, url, parameters, body) };
  const answered = await invoker.invoke({ target: route.target, data });
  log(
    'debug',
    'system',
    `${route.target.metadata.name} answered ${incoming.method} ${url.pathname}`,
  );
  sendHttpData(response, answered.returnValue?.http);
}

interface FoundRoute {
  route?: HttpRoute;
  parameters: Record<string, string>;
  /** Methods of the routes that fit the path, where none takes the method. */
  allowed: Set<string>;
}

function findRoute(routes: readonly HttpRoute[], method: string, path: string): FoundRoute {
  const allowed = new Set<string>();
  for (const route of routes) {
    const parameters = matchRoute(route.template, path);
    if (parameters === undefined) continue;
    if (route.methods.includes(method)) return { route, parameters, allowed };
    for (const one of route.methods) allowed.add(one);
  }
  return { parameters: {}, allowed };
}

/** The address asked for, or undefined where path or `Host` header make none. */
function requestUrl(incoming: IncomingMessage): URL | undefined {
  const path = incoming.url ?? '';
  if (!path.startsWith('/')) return undefined;
  const { localAddress, localPort } = incoming.socket;
  const host = incoming.headers.host ?? `${localAddress}:${localPort}`;
  // Glued, not resolved: a path that begins with "//" would be taken for another host.
  return URL.parse(`http://${host}${path}`) ?? undefined;
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function sendStatus(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = status;
  response.setHeader('content-length', 0);
  response.end();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
