import type * as z from 'zod';
import type { BridgeHealth } from '../../bridges/bridge.ts';
import type { BridgeKey } from '../../model/ids.ts';
import type { Pair } from '../../model/pair.ts';
import { formatInstant } from '../../model/time.ts';
import { toldStatus, type Telling } from '../../model/told-status.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { liveHealth, renderHealth } from '../bridge-health.ts';
import { bridgeOf, kindOf } from '../bridge-lookup.ts';
import { keyedRoute, type Route } from '../route.ts';
import { BridgesHealth } from '../schemas/bridges.ts';
import type { Services } from '../services-port.ts';

type HealthBody = z.output<typeof BridgesHealth>;

export const bridgesHealth: Route = keyedRoute({
  name: 'bridgesHealth',
  method: 'GET',
  path: 'bridges/health',
  summary: 'each bridge asked now, with the state of the mappings it is part of',
  answers: { 200: BridgesHealth },
}).handledBy(async ({ tenant }, services) => {
  const pairs = (await services.pairs.list(tenant.id)).filter(({ active }) => active);
  const checked = await Promise.all(
    [...tenant.bridges.keys()].map(async (key) => ({
      key,
      health: await healthOf(tenant, key, services),
    })),
  );
  const { syncFrequencyMinutes } = tenant;
  const telling = { now: services.clock.now(), syncFrequencyMinutes };
  const open = (await services.holds.list(tenant.id)).filter(({ state }) => state === 'open');
  const healthy = checked.filter(({ health }) => health.status === 'healthy').length;
  const unhealthy = checked.filter(({ health }) => health.status === 'unhealthy').length;
  const bridges: HealthBody['bridges'] = {};
  for (const { key, health } of checked)
    bridges[key] = {
      name: key,
      type: kindOf(tenant, key),
      ...renderHealth(health),
      statistics: statisticsOf(
        pairs.filter(({ a, b }) => a.bridge === key || b.bridge === key),
        telling,
      ),
    };
  return {
    body: {
      success: true,
      overall_health: overall(checked.length, healthy, unhealthy),
      bridges,
      summary: {
        total_bridges: checked.length,
        healthy_bridges: healthy,
        unhealthy_bridges: unhealthy,
      },
      statistics: statisticsOf(pairs, telling),
      open_holds: open.length,
      timestamp: formatInstant(services.clock.now()),
    },
  };
});

async function healthOf(
  tenant: TenantConfig,
  key: BridgeKey,
  services: Services,
): Promise<BridgeHealth> {
  try {
    return await liveHealth(bridgeOf(tenant, key, services), services);
  } catch (error) {
    services.logger.error('a bridge cannot be made', {
      tenantId: tenant.id,
      bridge: key,
      error: String(error),
    });
    const detail = 'the settings of this bridge do not do; look in the log';
    return { status: 'unhealthy', detail, responseMs: 0 };
  }
}

function overall(
  total: number,
  healthy: number,
  unhealthy: number,
): 'healthy' | 'degraded' | 'unhealthy' {
  if (healthy === total) return 'healthy';
  return unhealthy === total ? 'unhealthy' : 'degraded';
}

function statisticsOf(pairs: readonly Pair[], telling: Telling): HealthBody['statistics'] {
  const count = (status: Pair['status']): number =>
    pairs.filter((pair) => pair.status === status).length;
  const synced = pairs.flatMap(({ lastSyncedAt }) => lastSyncedAt ?? []);
  return {
    mappings: pairs.length,
    paused: pairs.filter(({ syncEnabled }) => !syncEnabled).length,
    pending: count('pending'),
    synced: count('synced'),
    error: count('error'),
    conflict: count('conflict'),
    stale: pairs.filter((pair) => toldStatus(pair, telling).status === 'stale').length,
    last_synced_at:
      synced.length === 0
        ? null
        : formatInstant(synced.reduce((one, other) => (one > other ? one : other))),
  };
}
