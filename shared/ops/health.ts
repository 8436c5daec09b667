import type { BridgeHealth } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import type { BridgePort } from '../http/services-port.ts';
import type { BridgeKey } from '../model/ids.ts';
import type { WorkStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { TenantDirectory } from '../tenants/tenant-directory.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

interface HealthPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tenants: TenantDirectory;
  readonly bridges: BridgePort;
  readonly work: WorkStore;
}

/** Looks at every bridge of every tenant and stores what it found; one that fails stops no other. */
export async function checkHealth(ports: HealthPorts): Promise<void> {
  await Promise.all(ports.tenants.list().map((tenant) => checkTenant(tenant, ports)));
}

async function checkTenant(tenant: TenantConfig, ports: HealthPorts): Promise<void> {
  for (const key of tenant.bridges.keys()) {
    const { status, detail, responseMs } = await lookAt(tenant, key, ports);
    if (status !== 'healthy')
      ports.logger.warn('bridge is not healthy', { tenantId: tenant.id, bridge: key, detail });
    await ports.work.putHealth(tenant.id, {
      bridge: key,
      status: status === 'healthy' ? 'healthy' : 'unhealthy',
      reason: detail,
      latencyMs: responseMs,
      checkedAt: ports.clock.now(),
    });
  }
}

async function lookAt(
  tenant: TenantConfig,
  key: BridgeKey,
  { bridges, clock }: HealthPorts,
): Promise<BridgeHealth> {
  const startedAt = clock.now();
  try {
    return await bridges.get(tenant.id, key).checkHealth();
  } catch (error) {
    const detail = error instanceof BridgeError ? error.message : 'the bridge could not be made';
    return { status: 'unhealthy', detail, responseMs: clock.now() - startedAt };
  }
}
