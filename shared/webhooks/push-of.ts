import type { CalendarBridge } from '../bridges/bridge.ts';
import type { PushSource } from '../bridges/push-source.ts';
import type { BridgeKey } from '../model/ids.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Logger } from '../util/logger.ts';

export interface PushPorts {
  readonly logger: Logger;
  readonly bridge: (tenant: TenantConfig, key: BridgeKey) => CalendarBridge;
}

/** How a bridge's system announces; undefined where it does not, or where the bridge cannot be made. */
export function pushOf(
  { logger, bridge }: PushPorts,
  tenant: TenantConfig,
  key: BridgeKey,
): PushSource | undefined {
  try {
    return bridge(tenant, key).push;
  } catch (error) {
    const said = { tenantId: tenant.id, bridge: key, error: String(error) };
    logger.error('a bridge cannot be made', said);
    return undefined;
  }
}
