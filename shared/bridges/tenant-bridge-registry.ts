import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { BridgeSettings, TenantConfig } from '../tenants/tenant-config.ts';
import type { CalendarBridge } from './bridge.ts';
import type { BridgeManager } from './bridge-manager.ts';

interface Kept {
  readonly settings: BridgeSettings | undefined;
  readonly bridge: CalendarBridge;
}

/**
 * The bridges in use. One is kept for each tenant and key, since it holds the session and the token
 * of that tenant, and made anew when its settings are another object (a rotated secret).
 */
export class TenantBridgeRegistry {
  readonly #manager: BridgeManager;
  // Maps in a map: no joined key that another tenant's id could be made to equal.
  readonly #byTenant = new Map<TenantId, Map<BridgeKey, Kept>>();

  constructor(manager: BridgeManager) {
    this.#manager = manager;
  }

  /**
   * The tenant's bridge by its name or alias.
   * @throws UnknownBridgeError, BridgeSettingsError
   */
  get(tenant: TenantConfig, name: string): CalendarBridge {
    const key = this.#manager.resolve(tenant, name);
    const settings = tenant.bridges.get(key);
    const bridges = this.#byTenant.get(tenant.id) ?? new Map<BridgeKey, Kept>();
    this.#byTenant.set(tenant.id, bridges);
    const kept = bridges.get(key);
    if (kept !== undefined && kept.settings === settings) return kept.bridge;
    const bridge = this.#manager.create(tenant, key);
    bridges.set(key, { settings, bridge });
    return bridge;
  }
}
