import * as z from 'zod';
import type { ResourceId } from '../../model/ids.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { DAY_MS, formatInstant, type InstantRange } from '../../model/time.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import type { Instant } from '../../util/clock.ts';
import { bridgeKeyOf, bridgeOf, kindOf } from '../bridge-lookup.ts';
import { rangeOf } from '../date-range.ts';
import { live } from '../live.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { badField, notSupported } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { ResourceItems, ResourceParams, UserItems, UserParams } from '../schemas/discovery.ts';
import { renderItem, startOf } from './calendar-item.ts';

const RANGE_DAYS_MAX = 400;

const date = z.string().optional();

const ItemsQuery = z.object({
  ...pagingFields,
  startDate: date.describe(
    'First day of the tenant’s zone, or a time with an offset; default today.',
  ),
  endDate: date.describe(`Last day, or a time; default 30 days on, at most ${RANGE_DAYS_MAX}.`),
});

type Query = z.output<typeof ItemsQuery>;

/** Nobody else's turn depends on a read that serves one caller. */
const UNBOUNDED = { beforeCall: async (): Promise<void> => {} };

function rangeAsked(
  { startDate, endDate }: Query,
  tenant: TenantConfig,
  now: Instant,
): InstantRange {
  const start = { name: 'startDate', value: startDate };
  const range = rangeOf(start, { name: 'endDate', value: endDate }, tenant.timeZone, now);
  // An hour more, as a year has days of 25 hours.
  if (range.end - range.start > RANGE_DAYS_MAX * DAY_MS + DAY_MS / 24)
    throw badField('endDate', `expected ${RANGE_DAYS_MAX} days from startDate at most`);
  return range;
}

/** By their start, since that is what people look for. */
function page(
  items: readonly SnapshotItem[],
  { start, end }: InstantRange,
  query: Query,
  tenant: TenantConfig,
  bridgeType: string,
) {
  const shown = items.filter(({ unsupported }) => unsupported !== 'series');
  const sortKey = (item: SnapshotItem): string => `${startOf(item, tenant)} ${item.id}`;
  const { items: found, next } = pageOf(shown, sortKey, query);
  return {
    start_date: formatInstant(start),
    end_date: formatInstant(end),
    calendar_items: found.map((item) => renderItem(item, tenant, bridgeType)),
    count: found.length,
    next,
  };
}

export const listResourceItems: Route = keyedRoute({
  name: 'listResourceItems',
  method: 'GET',
  path: 'bridges/{bridge}/resources/{resourceId}/calendar-items',
  summary: 'what is in the calendar of a resource now, whether mapped or not',
  description: 'Read live and not stored. Private events show their slot and nothing else.',
  params: ResourceParams,
  query: ItemsQuery,
  answers: { 200: ResourceItems },
  problems: [502],
}).handledBy(async ({ tenant, params, query }, services) => {
  const key = bridgeKeyOf(tenant, params.bridge, services);
  const range = rangeAsked(query, tenant, services.clock.now());
  const bridge = bridgeOf(tenant, key, services);
  const resource = params.resourceId as ResourceId;
  const window = { ...range, version: 0 };
  const { items } = await live(
    bridge.readChanges(resource, undefined, window, UNBOUNDED),
    `the bridge ${key} has no such resource`,
  );
  const members = page(items, range, query, tenant, kindOf(tenant, key));
  return { body: { success: true, bridge: key, resource_id: resource, ...members } };
});

export const listUserItems: Route = keyedRoute({
  name: 'listUserItems',
  method: 'GET',
  path: 'bridges/{bridge}/users/{userId}/calendar-items',
  aliases: [
    {
      path: 'outlook/users/{userId}/calendar-items',
      params: { bridge: 'outlook' },
      deprecated: true,
    },
  ],
  summary: 'what is in the own calendar of a person now, where the system has such',
  description:
    'Read live and not stored. Private events show their slot and nothing else. 404 where the ' +
    'system has no calendars of people.',
  params: UserParams,
  query: ItemsQuery,
  answers: { 200: UserItems },
  problems: [502],
}).handledBy(async ({ tenant, params, query }, services) => {
  const key = bridgeKeyOf(tenant, params.bridge, services);
  const range = rangeAsked(query, tenant, services.clock.now());
  const bridge = bridgeOf(tenant, key, services);
  if (bridge.readUserItems === undefined)
    throw notSupported(`the bridge ${key} has no calendars of people`);
  const items = await live(
    bridge.readUserItems(params.userId, range, UNBOUNDED),
    `the bridge ${key} has no such person`,
  );
  const members = page(items, range, query, tenant, kindOf(tenant, key));
  return { body: { success: true, bridge: key, user_id: params.userId, ...members } };
});
