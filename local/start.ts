/** `npm start`: the whole bridge on this machine. See `local/start/flags.ts` for its flags. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../shared/config.ts';
import { HostConfigurationError } from './host/host-errors.ts';
import { readLocalSettings } from './host/settings.ts';
import { azuriteConnectionString } from './start/azurite.ts';
import { DataDirError, prepareDataDir } from './start/data-dir.ts';
import { hostEnvironment, userSettings } from './start/environment.ts';
import { parseFlags, USAGE, type StartFlags } from './start/flags.ts';
import { choosePorts, PortError } from './start/choose-ports.ts';
import { runLocal, type Output } from './start/run.ts';

const PROJECT_DIR = fileURLToPath(new URL('..', import.meta.url));

/** Runs until Ctrl-C; answers the exit code. */
async function start(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE + '\n');
    return 0;
  }
  if (parsed.kind === 'bad')
    return refuse(`Bad flags:\n  ${parsed.problems.join('\n  ')}\n\n${USAGE}`);
  const { flags } = parsed;
  try {
    const settings = readSettings(flags);
    const ports = await choosePorts(flags);
    const paths = prepareDataDir(flags.dataDir, flags.fresh);
    const output = outputOf(flags);
    await runLocal({ flags, paths, ports, settings, stop: stopSignal(output), output });
    return 0;
  } catch (error) {
    if (error instanceof HostConfigurationError) return refuse(`Bad settings:\n  ${lines(error)}`);
    if (error instanceof PortError || error instanceof DataDirError) return refuse(error.message);
    return refuse(`npm start failed: ${(error as Error).message}`);
  }
}

function lines({ problems }: HostConfigurationError): string {
  return problems.join('\n  ');
}

/**
 * The user's settings, checked as the host will see them.
 * @throws HostConfigurationError that names every bad one.
 */
function readSettings(flags: StartFlags): Record<string, string | undefined> {
  const file = readLocalSettings(join(PROJECT_DIR, 'local.settings.json'), process.env);
  const settings = userSettings({ ...process.env, ...file }, flags);
  const storage = azuriteConnectionString({ blob: 1, queue: 1, table: 1 });
  const environment = hostEnvironment(
    settings,
    { AzureWebJobsStorage: storage },
    `http://127.0.0.1:${flags.port}`,
  );
  const { config, problems: found } = readConfig(environment);
  const tenants = [...(config?.tenants ?? []), ...(config?.rejected ?? [])];
  // With simulators a run without tenants is a clean table; without them it would do nothing.
  const problems =
    found.length === 0 && !flags.simulators && tenants.length === 0
      ? ['no tenant is set: name one by <ID>_OUTLOOK_TENANT_ID and its other settings']
      : found;
  if (problems.length > 0) throw new HostConfigurationError(problems);
  return settings;
}

function outputOf({ quiet }: StartFlags): Output {
  return {
    say: (message) => {
      if (!quiet) process.stdout.write(message + '\n');
    },
    error: (message) => {
      process.stderr.write(message + '\n');
    },
  };
}

function stopSignal(output: Output): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (!stop.signal.aborted) output.say('stopping …');
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return stop.signal;
}

function refuse(message: string): number {
  process.stderr.write(message + '\n');
  return 1;
}

process.exit(await start(process.argv.slice(2)));
