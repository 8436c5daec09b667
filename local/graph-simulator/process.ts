import { parseArgs } from 'node:util';
import { announceReady, endWithParent } from '../simulator-kit/child.ts';
import { offsetClock, type SimulatorClock } from '../simulator-kit/clock.ts';
import { serveCore, type SimulatorCore } from '../simulator-kit/server.ts';

/** Exit code for arguments that are wrong and for a port that is taken. */
const CANNOT_START = 2;

export interface ProcessOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  dataDir: string;
  /** File with the key that access tokens are signed with. */
  keyFile: string | undefined;
  latencyMs: number | undefined;
  clock: SimulatorClock;
}

export interface SimulatorParts {
  core: SimulatorCore;
  tls?: { key: string; cert: string };
  /** Further members of the `ready` line. */
  details?: Record<string, unknown>;
}

/**
 * Runs a simulator as a child process: reads `--host`, `--port`, `--data-dir`, `--key-file`,
 * `--latency-ms` and `--clock-offset-ms`, serves, says `{"ready": {url, port, pid, …}}` and ends with
 * its parent. Exits with 2 and one line on stderr where it can not start.
 */
export async function runSimulator(
  name: string,
  build: (options: ProcessOptions) => SimulatorParts | Promise<SimulatorParts>,
): Promise<void> {
  const options = readOptions(name);
  const { core, tls, details } = await build(options);
  const { host, port } = options;
  const server = await serveCore(core, { host, port, ...(tls !== undefined && { tls }) }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      return giveUp(`${name}: port ${port} of ${host} is taken; choose another with --port`);
    },
  );
  endWithParent(() => server.close());
  announceReady({ url: server.url, port: server.port, pid: process.pid, ...details });
}

function readOptions(name: string): ProcessOptions {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '0' },
        'data-dir': { type: 'string', default: '.local' },
        'key-file': { type: 'string' },
        'latency-ms': { type: 'string' },
        'clock-offset-ms': { type: 'string', default: '0' },
      },
    });
    const port = numberOption('--port', values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new TypeError(`--port must lie between 0 and 65535, not at ${port}`);
    const latency = values['latency-ms'];
    return {
      host: values.host,
      port,
      dataDir: values['data-dir'],
      keyFile: values['key-file'],
      latencyMs: latency === undefined ? undefined : numberOption('--latency-ms', latency),
      clock: offsetClock(numberOption('--clock-offset-ms', values['clock-offset-ms'])),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return giveUp(`${name}: ${error.message}`);
  }
}

function numberOption(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new TypeError(`${name} must be a number, not '${text}'`);
  return value;
}

function giveUp(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(CANNOT_START);
}
