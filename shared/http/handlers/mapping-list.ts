import * as z from 'zod';
import type { Pair } from '../../model/pair.ts';
import { toldStatus, type Telling } from '../../model/told-status.ts';
import { bridgeKeyOf } from '../bridge-lookup.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { trueOrFalse } from '../parse.ts';
import { keyedRoute, type Route } from '../route.ts';
import { DirectionName, MappingList, MappingStatus } from '../schemas/mappings.ts';
import { directionName } from './mapping-body.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { renderPair } from './mapping-row.ts';

const ListQuery = z.object({
  ...pagingFields,
  bridge_from: z.string().optional().describe('Key or alias of a bridge.'),
  bridge_to: z.string().optional().describe('Key or alias of a bridge.'),
  resource_id: z.string().optional().describe('Of either end.'),
  sync_direction: DirectionName.optional(),
  status: MappingStatus.optional(),
  active_only: trueOrFalse.default(true).describe('Leave out what was deleted; default true.'),
});

/** A filter as it is compared: bridges by their keys, ids in lower case. */
interface Wanted extends Pick<z.output<typeof ListQuery>, 'sync_direction' | 'status'> {
  readonly activeOnly: boolean;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly resource: string | undefined;
}

function fits(wanted: Wanted, telling: Telling): (pair: Pair) => boolean {
  const { from, to, resource, status, sync_direction: direction } = wanted;
  return (pair) =>
    (pair.active || !wanted.activeOnly) &&
    (from === undefined || pair.a.bridge === from) &&
    (to === undefined || pair.b.bridge === to) &&
    (status === undefined || toldStatus(pair, telling).status === status) &&
    (direction === undefined || directionName(pair.direction) === direction) &&
    (resource === undefined ||
      [pair.a, pair.b].some((end) => end.resource.toLowerCase() === resource));
}

export const listMappings: Route = keyedRoute({
  name: 'listMappings',
  method: 'GET',
  path: MAPPINGS,
  aliases: mappingAliases(''),
  summary: 'the pairs of resources that are kept equal',
  query: ListQuery,
  answers: { 200: MappingList },
}).handledBy(async ({ tenant, query }, services) => {
  const keyOf = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : bridgeKeyOf(tenant, name, services);
  const wanted: Wanted = {
    ...query,
    activeOnly: query.active_only,
    from: keyOf(query.bridge_from),
    to: keyOf(query.bridge_to),
    resource: query.resource_id?.toLowerCase(),
  };
  const { syncFrequencyMinutes } = tenant;
  const now = services.clock.now();
  const pairs = (await services.pairs.list(tenant.id)).filter(
    fits(wanted, { now, syncFrequencyMinutes }),
  );
  const { items, next } = pageOf(pairs, ({ id }) => id, query);
  const mappings = items.map((pair) => renderPair(pair, tenant, now));
  return { body: { success: true, mappings, count: mappings.length, next } };
});
