import * as z from 'zod';
import type { ComparedRoom } from './comparator.ts';
import type { Fetch } from './booking-reader.ts';

/** What is read of `GET /mappings/resources`. */
const PageSchema = z.object({
  mappings: z.array(
    z.object({
      mapping_id: z.string(),
      bridge_from: z.string(),
      bridge_to: z.string(),
      source_calendar_id: z.string(),
      target_calendar_id: z.string(),
      sync_direction: z.string(),
      sync_enabled: z.boolean(),
    }),
  ),
  next: z.string().nullable(),
});
type Mapping = z.infer<typeof PageSchema>['mappings'][number];

export interface MappedRoom extends ComparedRoom {
  readonly mappingId: string;
}

/** The pairs of a tenant: those that can be compared, and the others, each with the reason. */
export interface MappedPairs {
  readonly rooms: readonly MappedRoom[];
  readonly notCompared: readonly string[];
}

export interface PairAccess {
  readonly fetch: Fetch;
  /** Origin of the API. */
  readonly api: string;
  readonly apiKey: string;
}

/** Asks the API for every pair that was not deleted, a page at a time. */
export async function mappedPairs(
  { fetch, api, apiKey }: PairAccess,
  limit = 1000,
): Promise<MappedPairs> {
  const mappings: Mapping[] = [];
  let next: string | null = '';
  while (next !== null) {
    const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const url = `${api}/mappings/resources?limit=${limit}${cursor}`;
    const answer = await fetch(new Request(url, { headers: { 'x-api-key': apiKey } }));
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    const page = PageSchema.parse(await answer.json());
    mappings.push(...page.mappings);
    ({ next } = page);
  }
  const sorted = mappings.map((mapping) => ({ mapping, why: whyNot(mapping) }));
  return {
    rooms: sorted.filter(({ why }) => why === undefined).map(({ mapping }) => roomOf(mapping)),
    notCompared: sorted.flatMap(({ mapping, why }) =>
      why === undefined ? [] : [`${nameOf(mapping)}: ${why}`],
    ),
  };
}

function whyNot(mapping: Mapping): string | undefined {
  const bridges = [mapping.bridge_from, mapping.bridge_to].sort().join(' ');
  if (bridges !== 'booking_system outlook') return 'not of Outlook and the booking system';
  if (!mapping.sync_enabled) return 'it is paused';
  return mapping.sync_direction === 'bidirectional' ? undefined : 'it is kept equal one way only';
}

function roomOf(mapping: Mapping): MappedRoom {
  const { mapping_id: mappingId, source_calendar_id: from, target_calendar_id: to } = mapping;
  return mapping.bridge_from === 'outlook'
    ? { mappingId, resourceId: to, mailbox: from }
    : { mappingId, resourceId: from, mailbox: to };
}

function nameOf(mapping: Mapping): string {
  const { bridge_from: from, bridge_to: to } = mapping;
  return `${from} ${mapping.source_calendar_id} and ${to} ${mapping.target_calendar_id}`;
}
