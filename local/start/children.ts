import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIGNING_KEY_FILE } from '../authority/tokens.ts';
import { readClockOffsetMs } from '../host/clock.ts';
import { azuriteArguments, azuriteReadiness, type AzuritePorts } from './azurite.ts';
import type { DataPaths } from './data-dir.ts';
import type { StartFlags } from './flags.ts';
import { readyLine, type ChildSpec } from './supervisor.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ports in use by this run, none of them 0. */
export interface RunPorts {
  api: number;
  graph: number;
  booking: number;
  authority: number;
  azurite: AzuritePorts;
}

/**
 * How long a queue message stays with a host that was killed. Azure's host takes 10 minutes; here
 * somebody waits in front of the screen.
 */
const MESSAGE_HOLD_SECONDS = 30;

function program(path: string, options: Record<string, string | number>): string[] {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const pairs = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return ['--disable-warning=ExperimentalWarning', file, ...pairs];
}

/** Azurite with its files in the data folder. */
export function azuriteSpec(paths: DataPaths, ports: RunPorts, env: Environment): ChildSpec {
  return {
    name: 'azurite',
    args: () => azuriteArguments({ ports: ports.azurite, location: paths.azurite }),
    env,
    readiness: () => {
      const read = azuriteReadiness();
      return (line) => read(line) !== undefined;
    },
    showOutput: false,
  };
}

/** The simulated Graph, booking system and sign-in; the first two follow the host's clock. */
export function simulatorSpecs(
  paths: DataPaths,
  ports: RunPorts,
  host: string,
  env: Environment,
): ChildSpec[] {
  const spec = (
    name: 'graph' | 'booking' | 'authority',
    path: string,
    options: () => Record<string, string | number> = () => ({}),
  ): ChildSpec => ({
    name,
    args: () =>
      program(path, {
        host,
        port: ports[name],
        'data-dir': paths[name],
        ...options(),
      }),
    env,
    readiness: readyLine,
    showOutput: true,
  });
  const clock = (): Record<string, number> => ({
    'clock-offset-ms': readClockOffsetMs(paths.host),
  });
  const keyFile = { 'key-file': join(paths.authority, SIGNING_KEY_FILE) };
  return [
    // Its clock stays the machine's: the sign-in library reckons the life of a token by that one.
    spec('authority', 'authority/main.ts'),
    spec('graph', 'graph-simulator/main.ts', () => ({ ...keyFile, ...clock() })),
    spec('booking', 'booking-simulator/main.ts', clock),
  ];
}

/** The Functions host with the settings of this run, which already hold `local.settings.json`. */
export function hostSpec(
  paths: DataPaths,
  ports: RunPorts,
  flags: Pick<StartFlags, 'host' | 'quiet'>,
  options: {
    /** Origins of the simulators whose clocks move with the host's. */
    simulators: readonly string[];
    /** File to load functions from; without it the source of package.json's `main`. */
    functionsEntry: string | undefined;
    env: Environment;
  },
): ChildSpec {
  return {
    name: 'host',
    args: () => [
      ...program('host/main.ts', {
        host: flags.host,
        port: ports.api,
        'data-dir': paths.host,
        'message-hold-seconds': MESSAGE_HOLD_SECONDS,
        ...(options.functionsEntry === undefined ? {} : { main: options.functionsEntry }),
      }),
      '--no-settings-file',
      ...options.simulators.flatMap((url) => ['--simulator', url]),
      ...(flags.quiet ? ['--errors-only'] : []),
    ],
    env: options.env,
    readiness: readyLine,
    showOutput: true,
  };
}
