import type { CalendarBridge } from '../bridges/bridge.ts';
import type { PushSource } from '../bridges/push-source.ts';
import type { BridgeKey } from '../model/ids.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Logger } from '../util/logger.ts';

export interface PushPorts {
  readonly logger: Logger;
  readonly bridge: (tenant: TenantConfig, key: BridgeKey) => CalendarBridge;
}

/** Undefined where it cannot be made: the log says why. */
export function bridgeOf(
  { logger, bridge }: PushPorts,
  tenant: TenantConfig,
  key: BridgeKey,
): CalendarBridge | undefined {
  try {
    return bridge(tenant, key);
  } catch (error) {
    const said = { tenantId: tenant.id, bridge: key, error: String(error) };
    logger.error('a bridge cannot be made', said);
    return undefined;
  }
}

/** How a bridge's system announces; undefined where it does not, or where the bridge cannot be made. */
export function pushOf(
  ports: PushPorts,
  tenant: TenantConfig,
  key: BridgeKey,
): PushSource | undefined {
  return bridgeOf(ports, tenant, key)?.push;
}
