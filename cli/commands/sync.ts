import { MappingState } from '../../shared/http/schemas/mappings.ts';
import { QueuedRun } from '../../shared/http/schemas/runs.ts';
import { eachOf } from '../at-once.ts';
import type { Client, EndedRun } from '../client.ts';
import type { Outcome } from '../commands.ts';
import { CliError, EXIT, worst, type ExitCode } from '../exit-codes.ts';
import { table } from '../table.ts';
import { endsOf, mappingsAsked, type MappingRow } from './mappings.ts';

/** A mapping, and its run, or why there was none. */
export interface Synced {
  readonly mapping: MappingRow;
  readonly run?: EndedRun;
  readonly error?: string;
  readonly openHolds: readonly string[];
}

export async function syncMappings(client: Client, [name]: readonly string[]): Promise<Outcome> {
  const mappings = await mappingsAsked(client, name);
  const results = await eachOf(mappings, (mapping) => synced(client, mapping));
  return {
    exitCode: worst(results.map((one) => codeOfRun(one.run, one.openHolds))),
    text: render(results),
    data: {
      mappings: results.map(({ mapping, run, error, openHolds }) => ({
        mapping_id: mapping.id,
        open_holds: openHolds,
        ...(run === undefined ? { error } : { run }),
      })),
    },
  };
}

async function synced(client: Client, mapping: MappingRow): Promise<Synced> {
  const path = `/mappings/resources/${encodeURIComponent(mapping.id)}`;
  try {
    const { body } = await client.ask('POST', `${path}/sync`, QueuedRun);
    const run = await client.run(body.run_id);
    return { mapping, run, openHolds: await openHoldsOf(client, mapping.id) };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === EXIT.configuration) throw error;
    return { mapping, error: error.message, openHolds: [] };
  }
}

export async function openHoldsOf(client: Client, mappingId: string): Promise<readonly string[]> {
  const path = `/mappings/resources/${encodeURIComponent(mappingId)}/status?limit=1`;
  return (await client.ask('GET', path, MappingState)).body.open_holds;
}

/** @param run Undefined where it could not be had. */
export function codeOfRun(run: EndedRun | undefined, openHolds: readonly string[]): ExitCode {
  if (run === undefined || run.outcome === 'failed' || run.counts.failed > 0) return EXIT.failed;
  if (openHolds.length > 0) return EXIT.held;
  return run.outcome === 'completed' ? EXIT.converged : EXIT.pending;
}

export function runLine({ outcome, counts, error }: EndedRun): string {
  const done = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`);
  const what = done.length === 0 ? 'nothing to do' : done.join(', ');
  return error === null ? `${outcome}: ${what}` : `${outcome}: ${error.message}`;
}

function render(results: readonly Synced[]): string {
  const rows = results.map(({ mapping, run, error, openHolds }) => [
    mapping.id,
    endsOf(mapping),
    run === undefined ? `failed: ${error ?? ''}` : runLine(run),
    openHolds.join(' '),
  ]);
  return table(['mapping', 'rooms', 'run', 'holds to decide'], rows);
}
