import { resolve } from 'node:path';

/** What `npm start` was asked for. A port of 0 takes any free one. */
export interface StartFlags {
  port: number;
  graphPort: number;
  bookingPort: number;
  authorityPort: number;
  /** Address the servers listen on. */
  host: string;
  /** Absolute. */
  dataDir: string;
  fresh: boolean;
  demo: boolean;
  simulators: boolean;
  quiet: boolean;
}

export type ParsedFlags =
  { kind: 'flags'; flags: StartFlags } | { kind: 'help' } | { kind: 'bad'; problems: string[] };

export const USAGE = `npm start -- [flags]
  --port N             port of the API (7071); 0 = any free port, for every server
  --graph-port N       port of the simulated Microsoft Graph (7080)
  --booking-port N     port of the simulated booking system (7081)
  --authority-port N   port of the simulated sign-in (7082)
  --host ADDRESS       address to listen on (127.0.0.1)
  --data-dir DIR       where everything is kept (.local)
  --fresh              begin with empty storage
  --no-demo            no tenants, rooms and events
  --no-simulators      own Graph and booking system, from the environment
  --quiet              print errors only`;

const SWITCHES = ['--fresh', '--no-demo', '--no-simulators', '--quiet'] as const;
const PORTS = ['--port', '--graph-port', '--booking-port', '--authority-port'] as const;
const TEXTS = ['--host', '--data-dir'] as const;

type Switch = (typeof SWITCHES)[number];
type PortFlag = (typeof PORTS)[number];
type TextFlag = (typeof TEXTS)[number];

interface Found {
  switches: Set<Switch>;
  values: Map<PortFlag | TextFlag, string>;
  problems: string[];
}

/** Reads the command line; the problems name every flag that is unknown or malformed. */
export function parseFlags(args: readonly string[]): ParsedFlags {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' };
  const { switches, values, problems } = collect(args);
  const portOf = (flag: PortFlag, standard: number): number => {
    const text = values.get(flag);
    if (text === undefined) return standard;
    const port = Number(text);
    if (/^\d{1,5}$/u.test(text) && port <= 65_535) return port;
    problems.push(`${flag} ${text}: a port is a number from 0 to 65535`);
    return standard;
  };

  const port = portOf('--port', 7071);
  const standard = (number: number): number => (port === 0 ? 0 : number);
  const flags: StartFlags = {
    port,
    graphPort: portOf('--graph-port', standard(7080)),
    bookingPort: portOf('--booking-port', standard(7081)),
    authorityPort: portOf('--authority-port', standard(7082)),
    host: values.get('--host') ?? '127.0.0.1',
    dataDir: resolve(values.get('--data-dir') ?? '.local'),
    fresh: switches.has('--fresh'),
    demo: !switches.has('--no-demo') && !switches.has('--no-simulators'),
    simulators: !switches.has('--no-simulators'),
    quiet: switches.has('--quiet'),
  };
  problems.push(...findSharedPorts(flags));
  return problems.length > 0 ? { kind: 'bad', problems } : { kind: 'flags', flags };
}

function collect(args: readonly string[]): Found {
  const found: Found = { switches: new Set(), values: new Map(), problems: [] };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [flag, inline] = splitOnce(arg);
    const known = SWITCHES.find((one) => one === flag);
    if (known !== undefined) {
      if (inline === undefined) found.switches.add(known);
      else found.problems.push(`${flag} takes no value`);
      continue;
    }
    const valued = [...PORTS, ...TEXTS].find((one) => one === flag);
    if (valued === undefined) {
      found.problems.push(`${arg}: unknown`);
      continue;
    }
    const value = inline ?? (rest[0]?.startsWith('--') === true ? undefined : rest.shift());
    if (value === undefined || value === '') found.problems.push(`${flag} needs a value`);
    else found.values.set(valued, value);
  }
  return found;
}

function splitOnce(arg: string): [string, string | undefined] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function findSharedPorts(flags: StartFlags): string[] {
  const owners = new Map<number, string>();
  const problems: string[] = [];
  for (const { flag, port } of wantedPorts(flags)) {
    if (port === 0) continue;
    const other = owners.get(port);
    if (other === undefined) owners.set(port, flag);
    else problems.push(`${other} and ${flag} are both ${port}`);
  }
  return problems;
}

export interface WantedPort {
  /** The flag that chooses another. */
  flag: string;
  server: 'api' | 'graph' | 'booking' | 'authority';
  port: number;
}

/** The servers that will listen on ports a user can choose. */
export function wantedPorts(flags: StartFlags): WantedPort[] {
  const api: WantedPort = { flag: '--port', server: 'api', port: flags.port };
  if (!flags.simulators) return [api];
  return [
    api,
    { flag: '--graph-port', server: 'graph', port: flags.graphPort },
    { flag: '--booking-port', server: 'booking', port: flags.bookingPort },
    { flag: '--authority-port', server: 'authority', port: flags.authorityPort },
  ];
}
