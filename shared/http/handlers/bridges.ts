import * as z from 'zod';
import type { CalendarResource } from '../../bridges/bridge.ts';
import type { BridgeCapabilities } from '../../model/capabilities.ts';
import type { BridgeKey } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { liveHealth, renderHealth } from '../bridge-health.ts';
import { bridgeKeyOf, bridgeOf, kindOf } from '../bridge-lookup.ts';
import { live } from '../live.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { keyedRoute, type Route } from '../route.ts';
import { BridgeList, CalendarList, type Calendar } from '../schemas/bridges.ts';
import { BridgeParams } from '../schemas/common.ts';
import type { Services } from '../services-port.ts';

type BridgeRow = z.output<typeof BridgeList>['bridges'][string];

export const listBridges: Route = keyedRoute({
  name: 'listBridges',
  method: 'GET',
  path: 'bridges',
  summary: 'the calendar systems, what each can do and how it is now',
  answers: { 200: BridgeList },
}).handledBy(async ({ tenant }, services) => {
  const entries = await Promise.all(
    [...tenant.bridges.keys()].map(async (key) => [key, await describe(tenant, key, services)]),
  );
  return {
    body: {
      success: true,
      bridges: Object.fromEntries(entries) as Record<string, BridgeRow>,
      count: entries.length,
      timestamp: formatInstant(services.clock.now()),
    },
  };
});

async function describe(
  tenant: TenantConfig,
  key: BridgeKey,
  services: Services,
): Promise<BridgeRow> {
  try {
    const bridge = bridgeOf(tenant, key, services);
    return {
      name: key,
      type: kindOf(tenant, key),
      class: bridge.constructor.name,
      capabilities: renderCapabilities(bridge.capabilities),
      health: renderHealth(await liveHealth(bridge, services)),
    };
  } catch (error) {
    services.logger.error('a bridge cannot be made', {
      tenantId: tenant.id,
      bridge: key,
      error: String(error),
    });
    return { name: key, error: 'the settings of this bridge do not do', status: 'error' };
  }
}

/** The first group has the earlier service's names. */
function renderCapabilities(
  capabilities: BridgeCapabilities,
): Extract<BridgeRow, { class: string }>['capabilities'] {
  return {
    webhooks: capabilities.push,
    recurring_events: capabilities.recurrence === 'series',
    all_day_events: capabilities.allDay,
    max_events_per_request: capabilities.writesPerRequestMax,
    changes: capabilities.changes,
    readable_fields: [...capabilities.readable],
    writable_fields: [...capabilities.writable],
    can_blank: capabilities.canBlank,
    title_chars_max: capabilities.titleCharsMax,
    description_chars_max: capabilities.descriptionCharsMax,
    contact_name_chars_max: capabilities.contactNameCharsMax,
    conditional_writes: capabilities.conditionalWrites,
    exclusive_slots: capabilities.exclusiveSlots,
    suspends: capabilities.suspends,
    stamps: capabilities.stamps,
    last_modified: capabilities.lastModified,
  };
}

export const listCalendars: Route = keyedRoute({
  name: 'listCalendars',
  method: 'GET',
  path: 'bridges/{bridge}/calendars',
  summary: 'rooms, equipment and calendars that can be mapped',
  params: BridgeParams,
  query: z.object(pagingFields),
  answers: { 200: CalendarList },
  problems: [502],
}).handledBy(async ({ tenant, params, query }, services) => {
  const key = bridgeKeyOf(tenant, params.bridge, services);
  const type = kindOf(tenant, key);
  const resources = await live(bridgeOf(tenant, key, services).listResources());
  const { items, next } = pageOf(resources, ({ id }) => id, query);
  return {
    body: {
      success: true,
      bridge_name: key,
      bridge_type: type,
      calendars: items.map((resource) => renderCalendar(resource, type)),
      count: items.length,
      next,
    },
  };
});

export function renderCalendar(
  resource: CalendarResource,
  bridgeType: string,
): z.output<typeof Calendar> {
  const { id, name, email, description, kind, capacity } = resource;
  return {
    id,
    name,
    email,
    description,
    type: kind,
    capacity,
    bridge_type: bridgeType,
    raw_data: null,
  };
}
