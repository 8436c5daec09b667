import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exemptLoopbackFromProxy } from '../host/settings.ts';
import { azuriteConnectionString } from './azurite.ts';
import { azuriteSpec, hostSpec, simulatorSpecs, type RunPorts } from './children.ts';
import { rememberAzuritePorts, type DataPaths } from './data-dir.ts';
import { SIGNING_KEY_FILE } from '../authority/tokens.ts';
import { finishDemo, prepareDemo, type DemoContext } from './demo.ts';
import { endpointsFile, type Endpoints } from './endpoints.ts';
import { adminKeyOf, caFile, hostEnvironment } from './environment.ts';
import type { StartFlags } from './flags.ts';
import { summary } from './summary.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface RunOptions {
  flags: StartFlags;
  paths: DataPaths;
  ports: RunPorts;
  /** The user's settings that this run follows, see `userSettings`. */
  settings: Readonly<Record<string, string | undefined>>;
  /** File to load functions from; without it the source of package.json's `main`. */
  functionsEntry?: string;
  /** Aborted when the run shall end. */
  stop: AbortSignal;
  output: Output;
}

export interface Output {
  /** For a person; nothing with `--quiet`. */
  say: (message: string) => void;
  error: (message: string) => void;
}

/** Together under the 5 s that a Ctrl-C may take: the host drains for up to 3.5 s of them. */
const HOST_GRACE_MS = 3_900;
const OTHERS_GRACE_MS = 900;
/** Waits between two looks at the health, doubled from the one to the other. */
const HEALTH_POLL_MIN_MS = 50;
const HEALTH_POLL_MAX_MS = 2_000;
const HEALTH_REMINDER_MS = 15_000;

/** Starts everything, tells when it is ready, and keeps it running until `stop`; then ends it all. */
export async function runLocal(options: RunOptions): Promise<void> {
  const { output, paths, stop } = options;
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const supervisor = createSupervisor({
    say: output.say,
    changed: () => file.refresh(),
    output: (name, line, stream) => {
      (stream === 'stderr' ? output.error : output.say)(`[${name}] ${line}`);
    },
  });
  const file = endpointsFile(paths.endpoints, () => supervisor.pids());
  try {
    const starting = startAll(options, supervisor).then((endpoints) => {
      if (stop.aborted) return undefined;
      file.publish(endpoints);
      output.say(summary(endpoints, paths.endpoints));
      return endpoints;
    });
    await Promise.race([starting, stopped]);
    await stopped;
  } finally {
    file.remove();
    // Storage goes last: the host still writes while it drains, and Azurite needs to save.
    await supervisor.stop(['host'], HOST_GRACE_MS);
    await supervisor.stop(['graph', 'booking', 'authority', 'azurite'], OTHERS_GRACE_MS);
  }
}

async function startAll(
  options: RunOptions,
  supervisor: Supervisor,
): Promise<Omit<Endpoints, 'pids'>> {
  const { flags, paths, ports, output } = options;
  rememberAzuritePorts(paths, ports.azurite);
  const env: Record<string, string | undefined> = { ...options.settings };
  exemptLoopbackFromProxy(env);
  const urls = origins(flags.host, ports);
  const adminKey = adminKeyOf(env, paths);
  const storage = azuriteConnectionString(ports.azurite);
  const { api, ...simulators } = urls;

  const first = [
    azuriteSpec(paths, ports, env),
    ...(flags.simulators ? simulatorSpecs(paths, ports, flags.host, env) : []),
  ];
  output.say(`starting ${first.map(({ name }) => name).join(', ')} …`);
  await Promise.all(first.map((spec) => supervisor.start(spec)));

  const ca = flags.simulators ? caFile(env, paths) : undefined;
  const context: DemoContext = {
    ...urls,
    dir: paths.demo,
    adminKey,
    storage,
    caFile: ca ?? '',
    signingKeyFile: join(paths.authority, SIGNING_KEY_FILE),
    say: output.say,
  };
  const demo = flags.demo ? await prepareDemo(context) : undefined;
  const decided = {
    AzureWebJobsStorage: storage,
    API_KEY: adminKey,
    ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca }),
    ...demo?.environment,
  };
  const clocks = flags.simulators ? [simulators.graph, simulators.booking] : [];
  output.say('starting host …');
  const hostOptions = {
    simulators: clocks,
    functionsEntry: options.functionsEntry,
    env: hostEnvironment(env, decided, api),
  };
  await supervisor.start(hostSpec(paths, ports, flags, hostOptions));
  await untilHealthy(api, options);
  const tenants = demo === undefined ? [] : await finishDemo(context, demo);
  return { api, adminKey, storage, tenants, ...(flags.simulators ? { simulators } : {}) };
}

function origins(
  host: string,
  ports: RunPorts,
): { api: string; graph: string; booking: string; authority: string } {
  // A server on every interface is reached on loopback, where its certificate is good as well.
  const local = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host];
  const name = local ?? (host.includes(':') ? `[${host}]` : host);
  return {
    api: `http://${name}:${ports.api}`,
    graph: `http://${name}:${ports.graph}`,
    booking: `http://${name}:${ports.booking}`,
    authority: `https://${name}:${ports.authority}`,
  };
}

/** Asks `GET /health` until it answers 200; says now and then what it answers instead. */
async function untilHealthy(api: string, { stop, output }: RunOptions): Promise<void> {
  let remindAtMs = performance.now() + HEALTH_REMINDER_MS;
  let pauseMs = HEALTH_POLL_MIN_MS;
  for (;;) {
    const answer = await askHealth(api, stop);
    if (answer === undefined) return;
    if (performance.now() > remindAtMs) {
      output.error(`not ready yet: GET ${api}/health answers ${answer}`);
      remindAtMs = performance.now() + HEALTH_REMINDER_MS;
    }
    await sleep(pauseMs, undefined, { signal: stop });
    pauseMs = Math.min(pauseMs * 2, HEALTH_POLL_MAX_MS);
  }
}

/** Undefined where it is healthy, else what it answered. */
async function askHealth(api: string, stop: AbortSignal): Promise<string | undefined> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(10_000)]);
    const response = await fetch(`${api}/health`, { signal });
    const text = await response.text();
    return response.status === 200 ? undefined : `${response.status} ${text.slice(0, 500)}`;
  } catch (error) {
    return String(error);
  }
}
