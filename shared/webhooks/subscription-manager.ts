import type { PushSource } from '../bridges/push-source.ts';
import { BridgeError } from '../model/errors.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { SubscriptionPort } from '../model/notices.ts';
import { isRunnable } from '../model/pair.ts';
import type { Subscription } from '../model/subscription.ts';
import { MINUTE_MS } from '../model/time.ts';
import { QUEUES, renewalOf } from '../queues/messages.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { bridgeOf } from './push-of.ts';
import { SubscriptionActor, waitAskedFor, type SubscriptionPorts } from './subscription-actor.ts';
import { planSubscriptions } from './subscription-plan.ts';
import { withoutLife } from './subscription-states.ts';
import { termsOf, type WebhookSettings } from './webhook-settings.ts';

/** A tenant with many rooms is gone on with in another message: a function has five minutes. */
const BUDGET_MS = 2 * MINUTE_MS;
/** Graph wants one renewed lately not to be reauthorized as well. */
const REAUTHORIZED_AGAIN_MS = 10 * MINUTE_MS;

/** Keeps one living subscription for each resource of an active mapping whose system can announce. */
export class SubscriptionManager implements SubscriptionPort {
  readonly #ports: SubscriptionPorts;
  readonly #actor: SubscriptionActor;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
    this.#actor = new SubscriptionActor(ports);
  }

  get canBeTold(): boolean {
    return this.#ports.webhooks !== undefined;
  }

  async list(tenantId: TenantId, bridge: BridgeKey): Promise<readonly Subscription[]> {
    return await this.#ports.subscriptions.list(tenantId, bridge);
  }

  /**
   * Does what is due for a tenant: of one bridge, where that is named. What fails is noted with its
   * subscription, and tried again later.
   * @throws StorageError, QueueError
   */
  async renewTenant(tenantId: TenantId, only?: BridgeKey): Promise<void> {
    const tenant = this.#ports.tenant(tenantId);
    const { webhooks } = this.#ports;
    if (tenant === undefined || webhooks === undefined) return;
    const until = (this.#ports.clock.now() + BUDGET_MS) as Instant;
    for (const key of tenant.bridges.keys())
      if (only === undefined || only === key)
        await this.#renewBridge(tenant, key, { webhooks, until });
  }

  /**
   * Now, whatever its age.
   * @returns what is stored of it afterwards; undefined where somebody else is at it
   */
  async renew(tenantId: TenantId, stored: Subscription): Promise<Subscription | undefined> {
    return await this.#now(tenantId, 'renew', stored);
  }

  /** Its system asks for it to be renewed, which it may have been already. */
  async reauthorize(tenantId: TenantId, stored: Subscription): Promise<void> {
    const { renewedAt = 0 } = stored;
    if (this.#ports.clock.now() - renewedAt >= REAUTHORIZED_AGAIN_MS)
      await this.renew(tenantId, stored);
  }

  /**
   * Its system has ended it by itself: another one is made.
   * @returns as `renew`
   */
  async lost(tenantId: TenantId, stored: Subscription): Promise<Subscription | undefined> {
    return await this.#now(tenantId, 'recreate', stored);
  }

  /**
   * Ends it there; the row stays. It is made again while its resource is in an active mapping.
   * @returns as `renew`
   */
  async remove(tenantId: TenantId, stored: Subscription): Promise<Subscription | undefined> {
    return await this.#now(tenantId, 'remove', stored);
  }

  async #now(
    tenantId: TenantId,
    kind: 'renew' | 'recreate' | 'remove',
    stored: Subscription,
  ): Promise<Subscription | undefined> {
    const { resource } = stored;
    return (await this.#actor.act(tenantId, { kind, resource, stored }, stored.bridge))
      ?.subscription;
  }

  async #renewBridge(
    tenant: TenantConfig,
    bridge: BridgeKey,
    { webhooks, until }: { readonly webhooks: WebhookSettings; readonly until: Instant },
  ): Promise<void> {
    const { pairs, subscriptions, clock } = this.#ports;
    const system = bridgeOf(this.#ports, tenant, bridge);
    if (system === undefined) return;
    const { push } = system;
    const ends = (await pairs.list(tenant.id))
      .filter(isRunnable)
      .flatMap(({ a, b }) => [a, b])
      .filter((end) => end.bridge === bridge);
    const stored = await subscriptions.list(tenant.id, bridge);
    if (push === undefined) {
      // It announced once, and does not any more: nothing is due, nor failing.
      for (const one of stored)
        if (one.ended !== true) await subscriptions.change(tenant.id, one, () => withoutLife(one));
      return;
    }
    const isAny = stored.some(({ id }) => id !== undefined);
    const living = isAny ? await this.#livingIds(tenant.id, bridge, push) : undefined;
    if (living !== undefined && 'waitMs' in living) {
      await this.#later(tenant.id, living.waitMs);
      return;
    }
    const actions = planSubscriptions({
      wanted: ends.map(({ resource }) => resource),
      stored,
      living: living && new Set(living),
      termsOf: (resource) => termsOf(webhooks, tenant.id, bridge, resource),
      now: clock.now(),
    });
    for (const action of actions) {
      const isSpent = clock.now() >= until;
      const waitMs = isSpent
        ? 0
        : ((await this.#actor.act(tenant.id, action, bridge))?.waitMs ?? 0);
      if (!isSpent && waitMs === 0) continue;
      await this.#later(tenant.id, waitMs);
      return;
    }
  }

  /** The time is over, or the system asked to be left alone: what is left to do is taken up then. */
  async #later(tenantId: TenantId, delayMs: number): Promise<void> {
    await this.#ports.queue.send(QUEUES.low, renewalOf(tenantId), { delayMs });
  }

  /** Undefined where the system cannot say, or did not; how long to wait where it asked for that. */
  async #livingIds(
    tenantId: TenantId,
    bridge: BridgeKey,
    push: PushSource,
  ): Promise<readonly string[] | { readonly waitMs: number } | undefined> {
    return await push.listIds?.().catch((error: unknown) => {
      if (!(error instanceof BridgeError)) throw error;
      const said = { tenantId, bridge, kind: error.kind, reason: error.message };
      this.#ports.logger.warn('which subscriptions live is not known', said);
      const waitMs = waitAskedFor(error);
      return waitMs > 0 ? { waitMs } : undefined;
    });
  }
}
