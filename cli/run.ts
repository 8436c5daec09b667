import { Client } from './client.ts';
import { COMMANDS, type Command, type Outcome } from './commands.ts';
import { CliError, EXIT, type ExitCode } from './exit-codes.ts';
import { commandHelp, usage } from './help.ts';
import { parseCommandLine, type Flags, type Invocation } from './options.ts';

/** What the command line leaves behind. */
export interface Ended {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly error: string;
}

/** One command, from its words to what is printed. Whatever happens, no key is in that. */
export async function runCommandLine(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  fetchIt: typeof fetch = fetch,
): Promise<Ended> {
  try {
    const parsed = parseCommandLine(argv, environment);
    if (parsed.kind === 'help')
      return { exitCode: EXIT.converged, out: `${helpOn(parsed.command)}\n`, error: '' };
    const { invocation } = parsed;
    const outcome = await execute(invocation, fetchIt);
    const out = invocation.flags.json ? jsonOf(outcome) : outcome.text;
    return { exitCode: outcome.exitCode, out: `${out}\n`, error: '' };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { exitCode: error.exitCode, out: '', error: `bridge: ${error.message}\n` };
  }
}

function jsonOf({ exitCode, data }: Outcome): string {
  return JSON.stringify({ exit_code: exitCode, ...data }, undefined, 2);
}

function helpOn(name: string | undefined): string {
  return name === undefined ? usage() : commandHelp(commandNamed(name));
}

async function execute(
  { command: name, args, flags, connection }: Invocation,
  fetchIt: typeof fetch,
): Promise<Outcome> {
  const command = commandNamed(name);
  if (args.length < command.args.min || args.length > command.args.max)
    throw new CliError(EXIT.configuration, `expected: ${name} ${command.usage}; see: help ${name}`);
  refuseOtherFlags(command, flags);
  return await command.run(new Client(connection, fetchIt), args, flags);
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined)
    throw new CliError(
      EXIT.configuration,
      `there is no command ${JSON.stringify(name)}; there is: ` +
        COMMANDS.map((one) => one.name).join(', '),
    );
  return command;
}

/** A flag that does nothing would be taken for one that did. */
function refuseOtherFlags({ name, flags }: Command, given: Flags): void {
  const wrong = (['all', 'deep', 'reason'] as const).filter(
    (flag) => given[flag] !== undefined && given[flag] !== false && !flags.includes(flag),
  );
  if (wrong.length > 0)
    throw new CliError(EXIT.configuration, `${name} takes no --${wrong.join(', --')}`);
}
