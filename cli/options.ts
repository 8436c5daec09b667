import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { CliError, EXIT } from './exit-codes.ts';

/** Where the deployment is, and as whom it is asked. */
export interface Connection {
  /** Origin, without a slash at its end. */
  readonly url: string;
  readonly key: string;
  readonly tenant?: string;
}

/** Flags beside those of the connection. */
export interface Flags {
  readonly json: boolean;
  readonly reason?: string;
  readonly all: boolean;
  readonly deep: boolean;
}

export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly connection: Connection;
}

export type Parsed =
  | { readonly kind: 'help'; readonly command?: string }
  | { readonly kind: 'invocation'; readonly invocation: Invocation };

const OPTIONS = {
  url: { type: 'string' },
  key: { type: 'string' },
  tenant: { type: 'string' },
  json: { type: 'boolean', default: false },
  reason: { type: 'string' },
  all: { type: 'boolean', default: false },
  deep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CliError `configuration` that names what is wrong, and never a key. */
export function parseCommandLine(argv: readonly string[], environment: Environment): Parsed {
  const { values, positionals } = parsed(argv);
  const [command, ...args] = positionals;
  if (command === undefined) return { kind: 'help' };
  if (command === 'help')
    return { kind: 'help', ...(args[0] === undefined ? {} : { command: args[0] }) };
  if (values.help) return { kind: 'help', command };
  const { json, all, deep, reason } = values;
  const flags = { json, all, deep, ...(reason === undefined ? {} : { reason }) };
  const connection = connectionOf(values, environment);
  return { kind: 'invocation', invocation: { command, args, flags, connection } };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...idsLast(argv)], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.configuration, `${message.split('.')[0]}; see: help`);
  }
}

/** An id may begin with a dash, and is then told from an option by its length. */
const DASHED_ID = /^-[\w:.-]{15,}$/;
const TAKES_VALUE = /^--(?:url|key|tenant|reason)$/;

/** Such ids go behind `--`, where nothing is an option; they come last anyway. */
function idsLast(argv: readonly string[]): readonly string[] {
  const isId = (word: string, index: number): boolean =>
    DASHED_ID.test(word) && !TAKES_VALUE.test(argv[index - 1] ?? '');
  const ids = argv.filter(isId);
  if (ids.length === 0 || argv.includes('--')) return argv;
  return [...argv.filter((word, index) => !isId(word, index)), '--', ...ids];
}

function connectionOf(
  given: { readonly url?: string; readonly key?: string; readonly tenant?: string },
  environment: Environment,
): Connection {
  const url = given.url ?? environment['BRIDGE_URL'] ?? '';
  const key = given.key ?? environment['BRIDGE_API_KEY'] ?? '';
  if (url === '') throw missing('the address of the deployment', '--url', 'BRIDGE_URL');
  if (key === '') throw missing('a key of it', '--key', 'BRIDGE_API_KEY');
  const { tenant } = given;
  return { url: originOf(url), key, ...(tenant === undefined ? {} : { tenant }) };
}

function missing(what: string, flag: string, variable: string): CliError {
  return new CliError(EXIT.configuration, `name ${what} with ${flag} or in ${variable}`);
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw new CliError(
      EXIT.configuration,
      'the address is none: expected https://…, without a name or password in it',
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
