import type * as z from 'zod';
import { MappingList, type Mapping } from '../../shared/http/schemas/mappings.ts';
import type { Client } from '../client.ts';
import { CliError, EXIT } from '../exit-codes.ts';

export type MappingRow = z.output<typeof Mapping>;

/** The tenant's mappings that have not ended. */
export async function allMappings(client: Client): Promise<readonly MappingRow[]> {
  return await client.list('/mappings/resources', MappingList, ({ mappings }) => mappings);
}

/**
 * The mapping that is named, by its id or by that of its room on either side.
 * @throws CliError `configuration` where none is, or more than one
 */
export async function mappingNamed(client: Client, name: string): Promise<MappingRow> {
  const all = await allMappings(client);
  const lower = name.toLowerCase();
  const byId = all.find(({ id }) => id === name);
  const found =
    byId === undefined
      ? all.filter(({ resource_id: a, calendar_id: b }) =>
          [a, b].some((id) => id.toLowerCase() === lower),
        )
      : [byId];
  const [mapping, other] = found;
  if (mapping === undefined)
    throw new CliError(EXIT.configuration, `there is no mapping ${JSON.stringify(name)}`);
  if (other !== undefined)
    throw new CliError(
      EXIT.configuration,
      `${JSON.stringify(name)} is in ${found.length} mappings, name one by its id: ` +
        found.map(({ id }) => id).join(', '),
    );
  return mapping;
}

/** The one that is named, else all that are not paused. */
export async function mappingsAsked(
  client: Client,
  name: string | undefined,
): Promise<readonly MappingRow[]> {
  if (name !== undefined) return [await mappingNamed(client, name)];
  const active = (await allMappings(client)).filter(({ sync_enabled: isOn }) => isOn);
  if (active.length === 0)
    throw new CliError(
      EXIT.configuration,
      'there is no active mapping: check the key and --tenant',
    );
  return active;
}

/** As people read it. */
export function endsOf({ resource_id: a, calendar_id: b }: MappingRow): string {
  return `${a} = ${b}`;
}
