import type { CalendarBridge } from '../bridges/bridge.ts';
import type { BridgeKey } from '../model/ids.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import { notFound } from './problem.ts';
import type { Services } from './services-port.ts';

/**
 * The key of one of the tenant's bridges by its name or alias.
 * @throws ApiError 404 that says which there are.
 */
export function bridgeKeyOf(tenant: TenantConfig, name: string, services: Services): BridgeKey {
  const key = services.bridges.resolve(tenant.id, name);
  if (key === undefined)
    throw notFound(
      `no bridge ${JSON.stringify(name)}; there is: ${[...tenant.bridges.keys()].join(', ')}`,
    );
  return key;
}

/** What kind of system a bridge talks to. */
export function kindOf(tenant: TenantConfig, key: BridgeKey): string {
  return tenant.bridges.get(key)?.kind ?? key;
}

export function bridgeOf(tenant: TenantConfig, key: BridgeKey, services: Services): CalendarBridge {
  return services.bridges.get(tenant.id, key);
}
