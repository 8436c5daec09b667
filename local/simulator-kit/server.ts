import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { DroppedConnection } from './faults.ts';

/** A simulated system: Fetch API in, Fetch API out. Tests call it without a socket. */
export type SimulatorCore = (request: Request) => Promise<Response>;

export interface RunningServer {
  /** Origin without a trailing slash, e.g. `http://127.0.0.1:7080`. */
  url: string;
  port: number;
  close(): Promise<void>;
}

/**
 * Serves a core on loopback; port 0 takes any free one.
 * @throws NodeJS.ErrnoException `EADDRINUSE` where the port is taken.
 */
export async function serveCore(
  core: SimulatorCore,
  options: { host: string; port: number; tls?: { key: string; cert: string } },
): Promise<RunningServer> {
  const listener = getRequestListener(async (request, env) => {
    try {
      return await core(request);
    } catch (error) {
      if (!(error instanceof DroppedConnection)) throw error;
      (env as { incoming: { socket: { destroy(): void } } }).incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    }
  });
  const onRequest: RequestListener = (incoming, outgoing) => void listener(incoming, outgoing);
  const server: Server =
    options.tls === undefined
      ? createHttpServer(onRequest)
      : createHttpsServer(options.tls, onRequest);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${options.host}:${port}`,
    port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
