import type { Pair } from '../../model/pair.ts';
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
