import type * as z from 'zod';
import {
  UnfinishedVerification,
  VerifyAnswer,
  type Verification,
} from '../../shared/http/schemas/verification.ts';
import { eachOf } from '../at-once.ts';
import type { Client } from '../client.ts';
import type { Outcome } from '../commands.ts';
import { CliError, EXIT, worst, type ExitCode } from '../exit-codes.ts';
import type { Flags } from '../options.ts';
import { table } from '../table.ts';
import { endsOf, mappingsAsked, type MappingRow } from './mappings.ts';

export type Found = z.output<typeof Verification>;

/** A mapping, and what its verification found, or why it could not be made. */
export interface Verified {
  readonly mapping: MappingRow;
  readonly found?: Found;
  readonly error?: string;
}

/** Differences of one mapping that are told one by one. */
const TOLD_MAX = 20;

export async function verifyMappings(
  client: Client,
  [name]: readonly string[],
  { deep }: Pick<Flags, 'deep'>,
): Promise<Outcome> {
  const mappings = await mappingsAsked(client, name);
  const results = await eachOf(mappings, (mapping) => verified(client, mapping, deep));
  return {
    exitCode: worst(results.map(codeOf)),
    text: render(results),
    data: {
      mappings: results.map(({ mapping, found, error }) => ({
        mapping_id: mapping.id,
        ...(found === undefined ? { error } : { verification: found }),
      })),
    },
  };
}

async function verified(client: Client, mapping: MappingRow, deep: boolean): Promise<Verified> {
  const path = `/mappings/resources/${encodeURIComponent(mapping.id)}/verify`;
  try {
    const answer = await client.ask(
      'GET',
      deep ? `${path}?deep=true` : path,
      VerifyAnswer.or(UnfinishedVerification),
    );
    const { body } = answer;
    if ('verification' in body) return { mapping, found: body.verification };
    const run = await client.run(body.run_id);
    return run.verification === undefined
      ? { mapping, error: run.error?.message ?? `the run is ${run.outcome}` }
      : { mapping, found: run.verification };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === EXIT.configuration) throw error;
    return { mapping, error: error.message };
  }
}

export function codeOf({ found }: Verified): ExitCode {
  if (found === undefined || found.counts.unexplained > 0) return EXIT.failed;
  if (found.counts.held > 0) return EXIT.held;
  return found.counts.pending > 0 ? EXIT.pending : EXIT.converged;
}

export function render(results: readonly Verified[]): string {
  const rows = results.map(({ mapping, found }) => {
    const { equal, explained, unexplained } = found?.counts ?? {};
    const counts = [equal, explained, unexplained].map((count) => String(count ?? '-'));
    return [mapping.id, endsOf(mapping), ...counts, found?.verdict ?? 'failed'];
  });
  const head = ['mapping', 'rooms', 'equal', 'explained', 'unexplained', 'verdict'];
  return [table(head, rows), ...results.flatMap(details)].join('\n');
}

function details({ mapping, found, error }: Verified): string[] {
  if (found === undefined) return ['', `${endsOf(mapping)}: ${error ?? 'failed'}`];
  if (found.differences.length === 0) return [];
  const rules = Object.entries(found.by_rule).map(([rule, count]) => `${count} ${rule}`);
  const told = found.differences.slice(0, TOLD_MAX);
  const left = found.differences.length - told.length + found.differences_omitted;
  return [
    '',
    `${endsOf(mapping)}: ${rules.join(', ')}`,
    ...told.map(line),
    ...(left === 0 ? [] : [`  and ${left} more: --json has them`]),
  ];
}

function line({
  kind,
  rule,
  reason,
  fields,
  source_event_id: source,
  target_event_id: target,
  pending,
}: Found['differences'][number]): string {
  const ids = [source, target].filter((id) => id !== null).join(' = ');
  const what = kind === 'fields' ? fields.join(', ') : kind.replace('-', ' ');
  return `  ${rule}: ${what}; ${reason}${pending ? ' (the next run)' : ''}; ${ids}`;
}
