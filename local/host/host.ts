import { setTimeout as sleep } from 'node:timers/promises';
import type { HostClock } from './clock.ts';
import type { HostLog } from './core-types.ts';
import { checkFunctions } from './function-rules.ts';
import type { FunctionsCore } from './functions-core.ts';
import type { HostJson } from './host-json.ts';
import { createHostServer, listen } from './http-server.ts';
import { createInvoker } from './invocation.ts';
import { createListeners } from './listeners.ts';
import { createOwnerApp, ownerCheck } from './owner-app.ts';
import { isDisabled, type Settings } from './settings.ts';
import { openTimerStatuses } from './timer.ts';

export interface HostOptions {
  /** Holds what the functions modules, imported before, registered. */
  core: FunctionsCore;
  hostJson: HostJson;
  settings: Settings;
  /** Folder for the host's own files: the clock's offset and the timers' status. */
  dataDir: string;
  clock: HostClock;
  /** Key for `/admin/…`; without one those routes are closed. */
  adminKey: string | undefined;
  /** Origins of the simulators whose clocks move with the host's. */
  simulators: readonly string[];
  listen: { host: string; port: number };
  /** How long a received queue message stays hidden unless renewed; Azure's host: 10 min. */
  messageHoldMs: number;
  log: HostLog;
}

export interface RunningHost {
  /** Origin without a trailing slash. */
  url: string;
  port: number;
  /** Takes nothing new, waits up to 3 s for what runs, gives queue messages back, ends. */
  close(): Promise<void>;
}

export const AZURE_MESSAGE_HOLD_MS = 600_000;
const DRAIN_MAX_MS = 3_000;
const ABANDON_MAX_MS = 500;

/**
 * Runs the registered functions: HTTP, timers and queues, by the rules of the real host.
 * @throws HostConfigurationError that names every rule broken.
 * @throws NodeJS.ErrnoException `EADDRINUSE` where the port is taken.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { core, hostJson, settings, clock, log } = options;
  const routes = checkFunctions(core.functions.values(), hostJson.routePrefix);
  const invoker = createInvoker(core);
  const listeners = createListeners({
    functions: core.functions,
    hostJson,
    settings,
    clock,
    statuses: openTimerStatuses(options.dataDir),
    messageHoldMs: options.messageHoldMs,
    invoker,
    log,
  });
  const server = createHostServer({
    routes: routes.filter(({ target }) => !isDisabled(target.metadata.name, settings)),
    ownerApp: createOwnerApp({ ...options, listeners, invoker }),
    isOwner: ownerCheck(options.adminKey),
    invoker,
    log,
  });
  for (const { metadata } of core.functions.values())
    if (metadata.retryOptions !== undefined && metadata.retryOptions !== null)
      log('warning', 'system', `${metadata.name}: its retry policy is not applied locally`);

  await core.model().getCapabilities({}); // As the worker does after loading: set-up is over now.
  await core.runHooks('appStart', { hookData: {} });
  const { host } = options.listen;
  const port = await listen(server, host, options.listen.port);
  listeners.start();

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeIdleConnections();
      await within(DRAIN_MAX_MS, Promise.all([listeners.stop(), invoker.settled()]));
      await within(ABANDON_MAX_MS, listeners.abandon()).catch((error: unknown) =>
        // They come again by themselves when their hold is over.
        log('warning', 'system', `queue messages could not be given back: ${String(error)}`),
      );
      await core.runHooks('appTerminate', { hookData: {} });
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Waits for `work`, but no longer than `ms`; the timer does not keep the process alive. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms, undefined, { ref: false })]);
}
