import * as z from 'zod';
import type { CalendarResource } from '../../bridges/bridge.ts';
import type { BridgeCapabilities } from '../../model/capabilities.ts';
import type { BridgeKey } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { liveHealth, renderHealth } from '../bridge-health.ts';
import { bridgeKeyOf, bridgeOf, kindOf } from '../bridge-lookup.ts';
import { pageOf, pagingFields } from '../paging.ts';
import type { Route } from '../route.ts';
import type { Services } from '../services-port.ts';

/** `GET /bridges`: the tenant's bridges, what each can do and how it is now. */
export const listBridges: Route<undefined, undefined> = {
  name: 'listBridges',
  handle: async ({ tenant }, services) => {
    const entries = await Promise.all(
      [...tenant.bridges.keys()].map(async (key) => [key, await describe(tenant, key, services)]),
    );
    return {
      body: {
        success: true,
        bridges: Object.fromEntries(entries) as object,
        count: entries.length,
        timestamp: formatInstant(services.clock.now()),
      },
    };
  },
};

async function describe(tenant: TenantConfig, key: BridgeKey, services: Services): Promise<object> {
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
function renderCapabilities(capabilities: BridgeCapabilities): object {
  return {
    webhooks: capabilities.push,
    recurring_events: capabilities.recurrence === 'series',
    all_day_events: capabilities.allDay,
    max_events_per_request: capabilities.writesPerRequestMax,
    changes: capabilities.changes,
    readable_fields: capabilities.readable,
    writable_fields: capabilities.writable,
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

const CalendarsQuery = z.object(pagingFields);

/** `GET /bridges/{bridge}/calendars`: rooms, equipment and calendars that can be mapped. */
export const listCalendars: Route<z.infer<typeof CalendarsQuery>, undefined> = {
  name: 'listCalendars',
  query: CalendarsQuery,
  handle: async ({ tenant, params, query }, services) => {
    const key = bridgeKeyOf(tenant, params['bridge'] ?? '', services);
    const type = kindOf(tenant, key);
    const resources = await bridgeOf(tenant, key, services).listResources();
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
  },
};

function renderCalendar(resource: CalendarResource, bridgeType: string): object {
  const { id, name, email, description, kind, capacity } = resource;
  return { id, name, email, description, type: kind, capacity, bridge_type: bridgeType };
}
