import { COMMANDS, type Command } from './commands.ts';
import { table } from './table.ts';

const CONNECTION = `  --url URL       address of the deployment, else BRIDGE_URL
  --key KEY       key of the tenant, or the admin key, else BRIDGE_API_KEY (which others cannot see)
  --tenant ID     the tenant that an admin means
  --json          for programs`;

const EXIT_CODES = `exit codes
  0  converged                   3  a person has to decide: holds
  2  changes are still pending   4  something failed, or nothing explains it
                                 5  the command, the address, the key or a name is wrong`;

export function usage(): string {
  const rows = COMMANDS.map(({ name, usage, summary }) => [`  ${name} ${usage}`, summary]);
  const [, , ...lines] = table(['', ''], rows).split('\n');
  return [
    'npm run -s bridge -- <command> [flags]',
    '',
    ...lines,
    '  help <command>',
    '',
    CONNECTION,
    '',
    EXIT_CODES,
  ].join('\n');
}

export function commandHelp({ name, usage, summary, help }: Command): string {
  return [
    `npm run -s bridge -- ${name} ${usage}`,
    '',
    `${summary}.`,
    help,
    '',
    CONNECTION,
    '',
    EXIT_CODES,
  ].join('\n');
}
