import type { Client } from './client.ts';
import { decideHold, listHolds } from './commands/holds.ts';
import { pauseMapping, resumeMapping } from './commands/pausing.ts';
import { syncMappings } from './commands/sync.ts';
import { verifyMappings } from './commands/verify.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Flags } from './options.ts';

/** What a command found or did. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** For people. */
  readonly text: string;
  /** For programs: parts of the service's own answers. */
  readonly data: object;
}

export interface Command {
  readonly name: string;
  /** Behind the name: `[x]` may be left out. */
  readonly usage: string;
  readonly args: { readonly min: number; readonly max: number };
  /** Flags of its own. */
  readonly flags: readonly (keyof Flags)[];
  /** One line. */
  readonly summary: string;
  /** What the line leaves out. */
  readonly help: string;
  run(client: Client, args: readonly string[], flags: Flags): Promise<Outcome>;
}

const A_MAPPING =
  'A mapping is named by its id, or by the id of its room on either side where that names one alone.';

export const COMMANDS: readonly Command[] = [
  {
    name: 'verify',
    usage: '[mapping] [--deep]',
    args: { min: 0, max: 1 },
    flags: ['deep'],
    summary: 'are both sides equal, and if not, in which events and why',
    help:
      'Reads both sides of the mapping, or of each that is active, completely; nothing is changed. ' +
      '--deep also compares what lists do not show, at a request an event in some systems.\n' +
      A_MAPPING,
    run: verifyMappings,
  },
  {
    name: 'sync',
    usage: '[mapping]',
    args: { min: 0, max: 1 },
    flags: [],
    summary: 'run the mapping, or each that is active, and wait for the end',
    help: `What was done is counted. ${A_MAPPING}`,
    run: syncMappings,
  },
  {
    name: 'holds',
    usage: '[--all]',
    args: { min: 0, max: 0 },
    flags: ['all'],
    summary: 'what waits for a decision; with --all also what was decided',
    help: 'Each with the reason, what each side showed, and until when it waits.',
    run: listHolds,
  },
  {
    name: 'approve',
    usage: '<hold> [--reason TEXT]',
    args: { min: 1, max: 1 },
    flags: ['reason'],
    summary: 'it was meant: do what is held',
    help: 'Waits for the run that carries it out. The reason goes into the audit.',
    run: (client, args, flags) => decideHold('approve', client, args, flags),
  },
  {
    name: 'reject',
    usage: '<hold> [--reason TEXT]',
    args: { min: 1, max: 1 },
    flags: ['reason'],
    summary: 'it was not meant: put back what went away',
    help: 'Waits for the run that carries it out. The reason goes into the audit.',
    run: (client, args, flags) => decideHold('reject', client, args, flags),
  },
  {
    name: 'pause',
    usage: '<mapping>',
    args: { min: 1, max: 1 },
    flags: [],
    summary: 'stop syncing the mapping until it is resumed',
    help: `Nothing is taken away. ${A_MAPPING}`,
    run: pauseMapping,
  },
  {
    name: 'resume',
    usage: '<mapping>',
    args: { min: 1, max: 1 },
    flags: [],
    summary: 'sync the mapping again',
    help: A_MAPPING,
    run: resumeMapping,
  },
];
