import { resourceHashOf, type Endpoint, type TenantId } from '../model/ids.ts';
import {
  HEARD_STEP_MS,
  isDoubted,
  isHealthy,
  isLive,
  isNewsOf,
  isResting,
  isSilent,
  type Subscription,
} from '../model/subscription.ts';
import { QUEUES, renewalOf } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { SubscriptionStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { pushOf, type PushPorts } from './push-of.ts';
import type { WebhookSettings } from './webhook-settings.ts';

export interface PushHealthPorts extends PushPorts {
  readonly clock: Clock;
  readonly subscriptions: SubscriptionStore;
  readonly queue: QueueSender;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  readonly webhooks: WebhookSettings | undefined;
}

/** Keeps account of what is announced and what is not, and says of whom silence can be believed. */
export class PushHealth {
  readonly #ports: PushHealthPorts;

  constructor(ports: PushHealthPorts) {
    this.#ports = ports;
  }

  /**
   * Whether each change of a resource is announced, as far as is known: one read for each bridge
   * whose system announces all. Where one has been found dead meanwhile, another one is asked for.
   * @throws StorageError, QueueError
   */
  async announcedOf(tenantId: TenantId): Promise<(end: Endpoint) => boolean> {
    const { tenant, webhooks, subscriptions, clock, queue } = this.#ports;
    const config = tenant(tenantId);
    if (config === undefined || webhooks === undefined) return () => false;
    const healthy = new Set<string>();
    for (const bridge of config.bridges.keys()) {
      if (pushOf(this.#ports, config, bridge)?.announcesAll !== true) continue;
      const rows = await subscriptions.list(tenantId, bridge);
      const now = clock.now();
      for (const row of rows) if (isHealthy(row, now)) healthy.add(nameOf(row));
      const isToBeMade = (row: Subscription): boolean =>
        isSilent(row, now) && isLive(row, now) && !isResting(row, now);
      if (rows.some(isToBeMade)) await queue.send(QUEUES.low, renewalOf(tenantId));
    }
    return (end) => healthy.has(nameOf(end));
  }

  /**
   * A change was found that came after `readAt`. Where the subscription was there by then, and nothing
   * was heard since, it did not announce it; where nothing comes in the time that a notice takes, it is
   * dead, and a later tick of a sync timer has another one made.
   * @throws StorageError
   */
  async found(tenantId: TenantId, end: Endpoint, readAt: Instant): Promise<void> {
    const { tenant, subscriptions, clock, logger } = this.#ports;
    const { bridge } = end;
    const config = tenant(tenantId);
    if (config === undefined || pushOf(this.#ports, config, bridge)?.announcesAll !== true) return;
    const stored = await subscriptions.get(tenantId, bridge, resourceHashOf(end.resource));
    if (stored === undefined || !isNewsOf(stored, clock.now())) return;
    const { madeAt = 0, heardAt } = stored;
    const isHeardSince = heardAt !== undefined && heardAt + HEARD_STEP_MS > readAt;
    if (madeAt > readAt || isHeardSince) return;
    logger.info('a change was not announced', { tenantId, bridge });
    await subscriptions.note(tenantId, stored, { unannouncedAt: clock.now() });
  }

  /** A notice of it came. @throws StorageError */
  async heard(tenantId: TenantId, subscription: Subscription): Promise<void> {
    const { subscriptions, clock } = this.#ports;
    const now = clock.now();
    const { heardAt } = subscription;
    const isLate = heardAt === undefined || now - heardAt >= HEARD_STEP_MS;
    if (isLate || isDoubted(subscription))
      await subscriptions.note(tenantId, subscription, { heardAt: now });
  }
}

function nameOf({ bridge, resource }: Pick<Subscription, 'bridge' | 'resource'>): string {
  return `${bridge} ${resource.toLowerCase()}`;
}
