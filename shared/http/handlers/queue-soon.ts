import { isRunnable, type Pair } from '../../model/pair.ts';
import { QUEUES, renewalOf } from '../../queues/messages.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { bridgeOf } from '../bridge-lookup.ts';
import type { Services } from '../services-port.ts';

/**
 * Has the subscriptions of a pair's ends made at once, where a system of theirs can announce. The
 * hourly timer does so too.
 */
export async function subscribeSoon(
  tenant: TenantConfig,
  { a, b }: Pick<Pair, 'a' | 'b'>,
  services: Services,
): Promise<void> {
  await unlessQueueFails(tenant, services, 'subscriptions wait', async () => {
    const bridges = [a, b].map(({ bridge }) => bridgeOf(tenant, bridge, services));
    if (bridges.some(({ push }) => push !== undefined))
      await services.queue.send(QUEUES.low, renewalOf(tenant.id));
  });
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
  const job = {
    v: 1,
    kind: 'sync',
    tenantId: tenant.id,
    pairId: pair.id,
    cause: 'person',
  } as const;
  await unlessQueueFails(tenant, services, 'a pair that goes on waits', async () =>
    services.queue.send(QUEUES.sync, job),
  );
}

/** A timer does later what cannot be queued now: that is no reason to fail what was asked for. */
async function unlessQueueFails(
  { id: tenantId }: TenantConfig,
  { logger }: Services,
  what: string,
  send: () => Promise<void>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    logger.warn(`${what} for the next tick of its timer`, { tenantId, error: String(error) });
  }
}
