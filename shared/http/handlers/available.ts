import * as z from 'zod';
import { live } from '../live.ts';
import { bridgeKeyOf, bridgeOf, kindOf } from '../bridge-lookup.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { notSupported } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { BridgeParams } from '../schemas/common.ts';
import { GroupList, ResourceList } from '../schemas/discovery.ts';
import { renderCalendar } from './bridges.ts';

const SearchQuery = z.object({
  ...pagingFields,
  query: z.string().optional().describe('A part of the name, the address or the id, in any case.'),
});

type Searched = Readonly<Partial<Record<'id' | 'name' | 'email', string>>>;

function fits(query: string | undefined): (found: Searched) => boolean {
  const wanted = query?.trim().toLowerCase() ?? '';
  return ({ id, name, email }) =>
    [id, name, email].some((text) => text?.toLowerCase().includes(wanted) === true);
}

export const listAvailableResources: Route = keyedRoute({
  name: 'listAvailableResources',
  method: 'GET',
  path: 'bridges/{bridge}/available-resources',
  aliases: [{ path: 'outlook/available-rooms', params: { bridge: 'outlook' }, deprecated: true }],
  summary: 'rooms, equipment and calendars, searched by name, address or id',
  params: BridgeParams,
  query: SearchQuery,
  answers: { 200: ResourceList },
  problems: [502],
}).handledBy(async ({ tenant, params, query }, services) => {
  const key = bridgeKeyOf(tenant, params.bridge, services);
  const bridge = bridgeOf(tenant, key, services);
  const all = await live(bridge.listResources());
  const { items, next } = pageOf(all.filter(fits(query.query)), ({ id }) => id, query);
  const resources = items.map((resource) => renderCalendar(resource, kindOf(tenant, key)));
  return { body: { success: true, bridge: key, resources, count: items.length, next } };
});

export const listAvailableGroups: Route = keyedRoute({
  name: 'listAvailableGroups',
  method: 'GET',
  path: 'bridges/{bridge}/available-groups',
  aliases: [{ path: 'outlook/available-groups', params: { bridge: 'outlook' }, deprecated: true }],
  summary: 'groups of rooms or people, where the system has such',
  description: '404 where the system has no groups.',
  params: BridgeParams,
  query: SearchQuery,
  answers: { 200: GroupList },
  problems: [502],
}).handledBy(async ({ tenant, params, query }, services) => {
  const key = bridgeKeyOf(tenant, params.bridge, services);
  const bridge = bridgeOf(tenant, key, services);
  if (bridge.listGroups === undefined) throw notSupported(`the bridge ${key} has no groups`);
  const all = await live(bridge.listGroups());
  const { items, next } = pageOf(all.filter(fits(query.query)), ({ id }) => id, query);
  const groups = items.map(({ id, name, email, description }) => ({
    id,
    name,
    email,
    description,
    bridge_type: kindOf(tenant, key),
  }));
  return { body: { success: true, bridge: key, groups, count: groups.length, next } };
});
