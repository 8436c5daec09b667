import { BridgeError } from '../model/errors.ts';
import { hashOf, type BridgeKey, type ResourceId, type TenantId } from '../model/ids.ts';
import type { SubscriptionPort } from '../model/notices.ts';
import { isRunnable } from '../model/pair.ts';
import type { Subscription } from '../model/subscription.ts';
import { QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { AlertStore, PairStore, SubscriptionStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { clientStateOf } from './client-state.ts';
import { pushOf, type PushPorts } from './push-of.ts';
import { raiseSilence } from './silence-alert.ts';
import { planSubscriptions, type SubscriptionAction } from './subscription-plan.ts';

/** Where systems reach us, and what shows that they were asked to. */
export interface WebhookSettings {
  /** Scheme, host and path before ours, without a slash at the end. */
  readonly baseUrl: string;
  /** The present one first; earlier ones stay good as long as subscriptions made with them live. */
  readonly secrets: readonly [string, ...string[]];
}

export interface SubscriptionPorts extends PushPorts {
  readonly clock: Clock;
  readonly alerts: AlertStore;
  readonly pairs: PairStore;
  readonly subscriptions: SubscriptionStore;
  readonly queue: QueueSender;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  /** Undefined: nobody is asked to tell us anything. */
  readonly webhooks: WebhookSettings | undefined;
  /** How long to rest after so many failures in a row, in ms. */
  readonly backoff: (failures: number) => number;
}

/** Keeps one living subscription for each resource of an active mapping whose system can announce. */
export class SubscriptionManager implements SubscriptionPort {
  readonly #ports: SubscriptionPorts;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
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
    if (tenant === undefined || this.#ports.webhooks === undefined) return;
    for (const key of tenant.bridges.keys())
      if (only === undefined || only === key) await this.#renewBridge(tenant, key);
  }

  /** Now, whatever its age. @returns what is stored of it afterwards */
  async renew(tenantId: TenantId, stored: Subscription): Promise<Subscription> {
    return await this.#act(tenantId, { kind: 'renew', resource: stored.resource, stored });
  }

  /** Its system has ended it by itself: another one is made. */
  async lost(tenantId: TenantId, stored: Subscription): Promise<Subscription> {
    return await this.#act(tenantId, { kind: 'recreate', resource: stored.resource, stored });
  }

  /** Ends it there; the row stays. It is made again while its resource is in an active mapping. */
  async remove(tenantId: TenantId, stored: Subscription): Promise<Subscription> {
    return await this.#act(tenantId, { kind: 'remove', resource: stored.resource, stored });
  }

  async #renewBridge(tenant: TenantConfig, bridge: BridgeKey): Promise<void> {
    const { pairs, subscriptions, clock, logger } = this.#ports;
    const push = pushOf(this.#ports, tenant, bridge);
    if (push === undefined) return;
    const ends = (await pairs.list(tenant.id))
      .filter(isRunnable)
      .flatMap(({ a, b }) => [a, b])
      .filter((end) => end.bridge === bridge);
    const stored = await subscriptions.list(tenant.id, bridge);
    if (ends.length === 0 && stored.length === 0) return;
    const living = await push.listIds().catch((error: unknown) => {
      if (!(error instanceof BridgeError)) throw error;
      const said = { tenantId: tenant.id, bridge, kind: error.kind, reason: error.message };
      logger.warn('which subscriptions live is not known', said);
      return undefined;
    });
    const actions = planSubscriptions({
      wanted: ends.map(({ resource }) => resource),
      stored,
      living: living && new Set(living),
      termsOf: (resource) => this.#termsOf(tenant.id, bridge, resource),
      now: clock.now(),
    });
    for (const action of actions) await this.#act(tenant.id, action, bridge);
  }

  async #act(
    tenantId: TenantId,
    action: SubscriptionAction,
    bridge = 'stored' in action ? action.stored?.bridge : undefined,
  ): Promise<Subscription> {
    const { subscriptions, clock, logger, backoff } = this.#ports;
    const { resource, kind } = action;
    const { stored } = action;
    if (bridge === undefined) throw new TypeError('a subscription has a bridge');
    const before = stored ?? { bridge, resource, failures: 0 };
    const { failure: _, retryAt: _r, ended: _e, ...rest } = before;
    let after: Subscription;
    if (kind === 'replace') await raiseSilence(this.#ports, tenantId, action.stored);
    try {
      after = { ...(await this.#done(tenantId, bridge, action, rest)), failures: 0 };
      logger.info('subscription', { tenantId, bridge, what: kind });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      const failures = before.failures + 1;
      const retryAt = (clock.now() +
        Math.max(backoff(failures), error.retryAfterMs ?? 0)) as Instant;
      after = { ...before, failures, failure: error.message, retryAt };
      const said = { tenantId, bridge, what: kind, kind: error.kind, reason: error.message };
      logger.warn('a subscription failed', said);
    }
    // What was announced to nobody is read now; before it is stored, so that a stop between the two
    // has it done again.
    const isMadeAgain =
      kind === 'recreate' || kind === 'replace' || (kind === 'renew' && after.id !== before.id);
    if (isMadeAgain && after.failures === 0) await this.#catchUp(tenantId, after);
    await subscriptions.put(tenantId, after);
    return after;
  }

  async #done(
    tenantId: TenantId,
    bridge: BridgeKey,
    { kind, resource }: SubscriptionAction,
    rest: Omit<Subscription, 'failure' | 'retryAt' | 'ended'>,
  ): Promise<Omit<Subscription, 'failures'>> {
    const tenant = this.#ports.tenant(tenantId);
    const push = tenant && pushOf(this.#ports, tenant, bridge);
    const { webhooks, clock } = this.#ports;
    if (push === undefined || webhooks === undefined)
      throw new BridgeError('rejected', `${bridge} announces nothing, or we cannot be reached`);
    const now = clock.now();
    if (kind === 'remove') {
      if (rest.id !== undefined) await push.unsubscribe(rest.id);
      const { id: _, terms: _t, expiresAt: _x, ...ended } = rest;
      return { ...ended, ended: true };
    }
    if (kind === 'replace' && rest.id !== undefined) await push.unsubscribe(rest.id);
    const until = (now + push.lifeMs) as Instant;
    const renewed =
      kind === 'renew' && rest.id !== undefined
        ? await push.renew(rest.id, until).catch((error: unknown) => {
            if (error instanceof BridgeError && error.kind === 'not-found') return undefined;
            throw error;
          })
        : undefined;
    if (renewed !== undefined) return { ...rest, renewedAt: now, expiresAt: renewed.expiresAt };
    const [secret] = webhooks.secrets;
    const url = `${webhooks.baseUrl}/tenants/${tenantId}/bridges/webhook/${bridge}`;
    const clientState = clientStateOf(secret, tenantId, bridge, resource);
    const made = await push.subscribe({
      resource,
      notificationUrl: url,
      lifecycleUrl: url,
      clientState,
      until,
    });
    const terms = this.#termsOf(tenantId, bridge, resource);
    const live = { ...rest, id: made.id, terms, renewedAt: now, expiresAt: made.expiresAt };
    return kind === 'replace' ? silenced(live) : live;
  }

  async #catchUp(
    tenantId: TenantId,
    { bridge, resource }: Pick<Subscription, 'bridge' | 'resource'>,
  ): Promise<void> {
    const { pairs, queue } = this.#ports;
    for (const pair of await pairs.findByResource(tenantId, bridge, resource))
      if (isRunnable(pair))
        await queue.send(QUEUES.sync, {
          v: 1,
          kind: 'sync',
          tenantId,
          pairId: pair.id,
          cause: 'notification',
        });
  }

  /** Moves with the address and the secret; says nothing of either. */
  #termsOf(tenantId: TenantId, bridge: BridgeKey, resource: ResourceId): string {
    const { webhooks } = this.#ports;
    if (webhooks === undefined) return '';
    const state = clientStateOf(webhooks.secrets[0], tenantId, bridge, resource);
    return hashOf(JSON.stringify([webhooks.baseUrl, state])).slice(0, 22);
  }
}

/** What went unannounced is dealt with; it is not relied on until something is heard. */
function silenced<T extends Pick<Subscription, 'unannouncedAt' | 'silentSince'>>({
  unannouncedAt,
  ...rest
}: T): Omit<T, 'unannouncedAt'> {
  return unannouncedAt === undefined ? rest : { ...rest, silentSince: unannouncedAt };
}
