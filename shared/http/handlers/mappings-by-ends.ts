import * as z from 'zod';
import type { BridgeKey, ResourceId } from '../../model/ids.ts';
import { mirrored, type Pair } from '../../model/pair.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { bridgeKeyOf } from '../bridge-lookup.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { conflict, notFound } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { PathId } from '../schemas/common.ts';
import { DeletedMapping, MappingsOfResource } from '../schemas/mappings.ts';
import type { Services } from '../services-port.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { renderPair } from './mapping-row.ts';

/** Active pairs of a resource, each with it as its first end, whichever was named first. */
async function pairsOf(
  tenant: TenantConfig,
  bridge: BridgeKey,
  resource: string,
  services: Services,
): Promise<readonly Pair[]> {
  const found = await services.pairs.findByResource(tenant.id, bridge, resource as ResourceId);
  return found
    .filter(({ active }) => active)
    .map((pair) => (isAt(pair, bridge, resource) ? pair : mirrored(pair)));
}

function isAt({ a }: Pair, bridge: BridgeKey, resource: string): boolean {
  return a.bridge === bridge && a.resource.toLowerCase() === resource.toLowerCase();
}

export const mappingsOfResource: Route = keyedRoute({
  name: 'mappingsOfResource',
  method: 'GET',
  path: `${MAPPINGS}/by-resource/{resourceId}`,
  aliases: mappingAliases('/by-resource/{resourceId}'),
  summary: 'the pairs of a resource, seen from it: it is the source, the other end the target',
  params: z.object({ resourceId: PathId.describe('As its own system names it.') }),
  query: z.object({
    ...pagingFields,
    bridge_from: z
      .string()
      .default('booking_system')
      .describe('Key or alias of the bridge the resource is of.'),
  }),
  answers: { 200: MappingsOfResource },
}).handledBy(async ({ tenant, params, query }, services) => {
  const bridge = bridgeKeyOf(tenant, query.bridge_from, services);
  const pairs = await pairsOf(tenant, bridge, params.resourceId, services);
  const { items, next } = pageOf(pairs, ({ id }) => id, query);
  const now = services.clock.now();
  return {
    body: {
      success: true,
      resource_id: params.resourceId,
      mappings: items.map((pair) => renderPair(pair, tenant, now)),
      count: items.length,
      next,
    },
  };
});

export const deleteMappingByKey: Route = keyedRoute({
  name: 'deleteMappingByKey',
  method: 'DELETE',
  path: `${MAPPINGS}/by-key/{bridge_from}/{source}/{target}`,
  aliases: mappingAliases('/by-key/{bridge_from}/{source}/{target}'),
  summary: 'end the pair of two resources; its rows stay',
  description: 'A slash in an id is sent as `%2F`.',
  params: z.object({
    bridge_from: PathId.describe('Key or alias of the bridge that the source is of.'),
    source: PathId,
    target: PathId,
  }),
  answers: { 200: DeletedMapping },
  problems: [409],
}).handledBy(async ({ tenant, params }, services) => {
  const bridge = bridgeKeyOf(tenant, params.bridge_from, services);
  const target = params.target.toLowerCase();
  const found = (await pairsOf(tenant, bridge, params.source, services)).filter(
    ({ b }) => b.resource.toLowerCase() === target,
  );
  const [pair, other] = found;
  if (pair === undefined) throw notFound('these two resources are not mapped');
  if (other !== undefined)
    throw conflict('more than one pair has these ids, on different bridges: delete it by its id');
  await services.pairs.update(tenant.id, pair.id, { active: false });
  return { body: { success: true, mapping_id: pair.id, message: 'resource mapping deleted' } };
});
