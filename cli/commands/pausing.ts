import { ChangedMapping } from '../../shared/http/schemas/mappings.ts';
import type { Client } from '../client.ts';
import type { Outcome } from '../commands.ts';
import { EXIT } from '../exit-codes.ts';
import { endsOf, mappingNamed } from './mappings.ts';

export const pauseMapping = (client: Client, args: readonly string[]): Promise<Outcome> =>
  set('pause', client, args);

export const resumeMapping = (client: Client, args: readonly string[]): Promise<Outcome> =>
  set('resume', client, args);

async function set(
  action: 'pause' | 'resume',
  client: Client,
  [name = '']: readonly string[],
): Promise<Outcome> {
  const { id } = await mappingNamed(client, name);
  const path = `/mappings/resources/${encodeURIComponent(id)}/${action}`;
  const { body } = await client.ask('POST', path, ChangedMapping);
  const { message, mapping } = body;
  return {
    exitCode: EXIT.converged,
    text: `${endsOf(mapping)}: ${message}`,
    data: { mapping },
  };
}
