/**
 * The local Functions host as a program:
 *
 *   node local/host/main.ts [--host 127.0.0.1] [--port 7071] [--data-dir .local] [--main FILE]
 *     [--root DIR] [--simulator URL]... [--message-hold-seconds 600] [--no-settings-file]
 *     [--errors-only]
 *
 * Root is the folder with `host.json` and `local.settings.json` (whose `Values` fill in what the
 * environment leaves open, except with `--no-settings-file`). The first line on stdout is `{"ready": {url, port, pid}}`; it ends when
 * its stdin closes. The admin key is the setting `API_KEY`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { announceReady, endWithParent } from '../simulator-kit/child.ts';
import { createHostClock, publishClock } from './clock.ts';
import type { HostLog, LogLevel } from './core-types.ts';
import { installFunctionsCore } from './functions-core.ts';
import { HostConfigurationError } from './host-errors.ts';
import { readHostJson, type HostJson } from './host-json.ts';
import { startHost, type RunningHost } from './host.ts';
import { exemptLoopbackFromProxy, readLocalSettings } from './settings.ts';

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));

function readArguments(args: readonly string[]): {
  host: string;
  port: number;
  dataDir: string;
  root: string;
  main: string | undefined;
  simulators: string[];
  messageHoldMs: number;
  settingsFile: boolean;
  errorsOnly: boolean;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '7071' },
      'data-dir': { type: 'string', default: '.local' },
      root: { type: 'string', default: PROJECT_DIR },
      main: { type: 'string' },
      simulator: { type: 'string', multiple: true, default: [] },
      'message-hold-seconds': { type: 'string', default: '600' },
      'no-settings-file': { type: 'boolean', default: false },
      'errors-only': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/u.test(values.port) || port > 65_535)
    throw new HostConfigurationError([`--port ${values.port}: a number from 0 to 65535`]);
  const holdSeconds = Number(values['message-hold-seconds']);
  if (!(holdSeconds >= 2))
    throw new HostConfigurationError(['--message-hold-seconds: a number of at least 2']);
  return {
    host: values.host,
    port,
    dataDir: resolve(values['data-dir']),
    root: resolve(values.root),
    main: values.main,
    simulators: values.simulator,
    messageHoldMs: holdSeconds * 1000,
    settingsFile: !values['no-settings-file'],
    errorsOnly: values['errors-only'],
  };
}

/** The source that the deployed entry, `main` of package.json, is built from. */
function sourceEntry(root: string): string {
  const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    main?: string;
  };
  if (main === undefined) throw new HostConfigurationError(['package.json names no "main"']);
  return join(root, main.replace(/^(?:\.\/)?dist\//u, '').replace(/\.js$/u, '.ts'));
}

const LEVELS: readonly LogLevel[] = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
  'none',
];

function printAbove(least: HostJson['logLevel']): HostLog {
  return (level, category, message) => {
    const limit = category === 'user' ? least.functions : least.host;
    if (level === 'none' || LEVELS.indexOf(level) < LEVELS.indexOf(limit)) return;
    process.stderr.write(`${level}: ${message}\n`);
  };
}

async function run(onStarted: (host: RunningHost) => void): Promise<void> {
  const options = readArguments(process.argv.slice(2));
  exemptLoopbackFromProxy(process.env);
  if (options.settingsFile) {
    const file = join(options.root, 'local.settings.json');
    Object.assign(process.env, readLocalSettings(file, process.env));
  }
  const hostJson = readHostJson(join(options.root, 'host.json'));
  const log = printAbove(
    options.errorsOnly ? { functions: 'error', host: 'error' } : hostJson.logLevel,
  );

  const core = installFunctionsCore(log);
  const clock = createHostClock(options.dataDir);
  publishClock(clock);
  const entry = resolve(options.main ?? sourceEntry(options.root));
  if (!existsSync(entry))
    throw new HostConfigurationError([`there is no ${entry} to load functions from`]);
  await import(pathToFileURL(entry).href);

  const running = await startHost({
    ...options,
    core,
    hostJson,
    clock,
    log,
    settings: process.env,
    adminKey: process.env['API_KEY'],
    listen: options,
  });
  onStarted(running);
  announceReady({ url: running.url, port: running.port, pid: process.pid });
}

let close: () => Promise<void> = async () => undefined;
endWithParent(() => close());
try {
  await run((running) => {
    close = () => running.close();
  });
} catch (error) {
  const expected = error instanceof HostConfigurationError || isAddressInUse(error);
  process.stderr.write(`${expected ? (error as Error).message : String((error as Error).stack)}\n`);
  process.exit(1);
}

function isAddressInUse(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}
