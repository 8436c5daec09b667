import { isRunnable, type Pair } from '../../model/pair.ts';
import { QUEUES, renewalOf } from '../../queues/messages.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { bridgeOf } from '../bridge-lookup.ts';
import type { Services } from '../services-port.ts';

/**
 * Has the subscriptions of a pair's ends made at once, where a system of theirs can announce. The
 * hourly timer does so too: what cannot be queued now is no reason to fail.
 */
export async function subscribeSoon(
  tenant: TenantConfig,
  { a, b }: Pick<Pair, 'a' | 'b'>,
  services: Services,
): Promise<void> {
  const { id: tenantId } = tenant;
  try {
    const bridges = [a, b].map(({ bridge }) => bridgeOf(tenant, bridge, services));
    if (!bridges.some(({ push }) => push !== undefined)) return;
    await services.queue.send(QUEUES.low, renewalOf(tenantId));
  } catch (error) {
    services.logger.warn('subscriptions wait for their timer', { tenantId, error: String(error) });
  }
}

/**
 * The same for a pair that goes on, and a run of it: what was announced while it rested was left alone.
 * The timers' next tick does so too.
 */
export async function goOnSoon(
  tenant: TenantConfig,
  pair: Pair,
  services: Services,
): Promise<void> {
  await subscribeSoon(tenant, pair, services);
  if (!isRunnable(pair)) return;
  const { id: tenantId } = tenant;
  const job = { v: 1, kind: 'sync', tenantId, pairId: pair.id, cause: 'person' } as const;
  try {
    await services.queue.send(QUEUES.sync, job);
  } catch (error) {
    const said = { tenantId, pairId: pair.id, error: String(error) };
    services.logger.warn('a pair that goes on waits for its timer', said);
  }
}
