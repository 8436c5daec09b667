import type { LiveSubscription, PushSource } from '../bridges/push-source.ts';
import { BridgeError, isNotFound } from '../model/errors.ts';
import { hashOf, type BridgeKey, type ResourceId, type TenantId } from '../model/ids.ts';
import type { SubscriptionPort } from '../model/notices.ts';
import { isRunnable } from '../model/pair.ts';
import { isClaimed, type Subscription } from '../model/subscription.ts';
import { MINUTE_MS } from '../model/time.ts';
import { QUEUES, renewalOf } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { AlertStore, PairStore, SubscriptionStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { clientStateOf } from './client-state.ts';
import { signingSecretOf } from './notice-signature.ts';
import { bridgeOf, type PushPorts } from './push-of.ts';
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

/** Longer than one is made, renewed or ended: whoever has not done so by then has died at it. */
const CLAIM_MS = 5 * MINUTE_MS;
/** A tenant with many rooms is gone on with in another message: a function has five minutes. */
const BUDGET_MS = 2 * MINUTE_MS;
/** Graph wants one renewed lately not to be reauthorized as well. */
const REAUTHORIZED_AGAIN_MS = 10 * MINUTE_MS;

/** What became of a subscription, and how long its system asked to be left alone, in ms. */
interface Acted {
  readonly subscription: Subscription;
  readonly waitMs: number;
}

/** What is to be stored of it, by what stands there: notices are noted while it is renewed. */
type Done = (present: Subscription) => Subscription;

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
    const until = (this.#ports.clock.now() + BUDGET_MS) as Instant;
    for (const key of tenant.bridges.keys())
      if (only === undefined || only === key) await this.#renewBridge(tenant, key, until);
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
    return (await this.#act(tenantId, { kind, resource, stored }, stored.bridge))?.subscription;
  }

  async #renewBridge(tenant: TenantConfig, bridge: BridgeKey, until: Instant): Promise<void> {
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
      termsOf: (resource) => this.#termsOf(tenant.id, bridge, resource),
      now: clock.now(),
    });
    for (const action of actions) {
      const isSpent = clock.now() >= until;
      const waitMs = isSpent ? 0 : ((await this.#act(tenant.id, action, bridge))?.waitMs ?? 0);
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

  /** @returns undefined where somebody else is at it, or has been since the action was planned */
  async #act(
    tenantId: TenantId,
    action: SubscriptionAction,
    bridge: BridgeKey,
  ): Promise<Acted | undefined> {
    const { subscriptions, clock, logger, backoff } = this.#ports;
    const { resource, kind } = action;
    const known = action.stored ?? { bridge, resource, failures: 0 };
    const claimed = await this.#claim(tenantId, known);
    if (claimed === undefined) {
      logger.info('a subscription is left to whoever is at it', { tenantId, bridge, what: kind });
      return undefined;
    }
    let before = claimed;
    let after: Done;
    let waitMs = 0;
    if (kind === 'replace') await raiseSilence(this.#ports, tenantId, claimed);
    try {
      const { push, webhooks } = this.#pushOf(tenantId, bridge);
      if (before.id !== undefined && endsFirst(kind, push)) {
        await push.unsubscribe(before.id);
        // Whatever fails from here on, also we ourselves: this one is over.
        before = withoutId(before);
        await subscriptions.change(tenantId, before, (present = before) => withoutId(present));
      }
      after = await this.#done(tenantId, push, webhooks, action, before);
      logger.info('subscription', { tenantId, bridge, what: kind });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      const failures = before.failures + 1;
      waitMs = waitAskedFor(error);
      const restMs = waitMs > 0 ? waitMs : Math.max(backoff(failures), error.retryAfterMs ?? 0);
      const retryAt = (clock.now() + restMs) as Instant;
      const failure = error.message;
      after = (present) => ({ ...released(present), failures, failure, retryAt });
      const said = { tenantId, bridge, what: kind, kind: error.kind, reason: failure };
      // The same again is no news.
      if (before.failure === failure) logger.info('a subscription still fails', said);
      else logger.warn('a subscription failed', said);
    }
    const { id, failures } = after(before);
    // What was announced to nobody is read now; before it is stored, so that a stop between the two
    // has it done again.
    const isOther = id !== undefined && id !== known.id;
    if (isOther || (kind === 'recreate' && failures === 0))
      await this.#catchUp(tenantId, { bridge, resource });
    const subscription = await subscriptions.change(tenantId, before, (present = before) =>
      after(present),
    );
    return { subscription: subscription ?? after(before), waitMs };
  }

  /** Keeps others from it as long as that takes. */
  async #claim(tenantId: TenantId, known: Subscription): Promise<Subscription | undefined> {
    const { subscriptions, clock } = this.#ports;
    return await subscriptions.change(tenantId, known, (present = known) => {
      const now = clock.now();
      const isAsKnown =
        present.id === known.id &&
        present.renewedAt === known.renewedAt &&
        present.failures === known.failures;
      if (!isAsKnown || isClaimed(present, now)) return undefined;
      return { ...present, claimedUntil: (now + CLAIM_MS) as Instant };
    });
  }

  async #done(
    tenantId: TenantId,
    push: PushSource,
    webhooks: WebhookSettings,
    { kind }: SubscriptionAction,
    { bridge, resource, id }: Subscription,
  ): Promise<Done> {
    const now = this.#ports.clock.now();
    if (kind === 'remove') {
      if (id !== undefined) await push.unsubscribe(id);
      return withoutLife;
    }
    const until = (now + push.lifeMs) as Instant;
    const renewed =
      kind === 'renew' && id !== undefined
        ? await push.renew?.(id, until).catch((error: unknown) => {
            if (isNotFound(error)) return undefined;
            throw error;
          })
        : undefined;
    const live = { bridge, resource, failures: 0 };
    if (renewed !== undefined)
      return (present) => ({
        ...live,
        ...heardOf(present),
        ...termsOf(present),
        ...lifeOf(renewed, now),
      });
    const [secret] = webhooks.secrets;
    const url = `${webhooks.baseUrl}/tenants/${tenantId}/bridges/webhook/${bridge}`;
    const made = await push.subscribe({
      resource,
      notificationUrl: url,
      lifecycleUrl: url,
      clientState: clientStateOf(secret, tenantId, bridge, resource),
      signingSecret: signingSecretOf(secret, tenantId, bridge),
      until,
    });
    const terms = this.#termsOf(tenantId, bridge, resource);
    return (present) => ({
      ...live,
      ...heardOf(silenced(present)),
      terms,
      madeAt: now,
      ...lifeOf(made, now),
    });
  }

  async #catchUp(
    tenantId: TenantId,
    { bridge, resource }: Pick<Subscription, 'bridge' | 'resource'>,
  ): Promise<void> {
    const { pairs, queue } = this.#ports;
    for (const pair of await pairs.findByResource(tenantId, bridge, resource))
      if (isRunnable(pair))
        await queue.send(QUEUES.low, {
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

  /** @throws BridgeError `rejected` where the bridge announces nothing. */
  #pushOf(
    tenantId: TenantId,
    bridge: BridgeKey,
  ): { readonly push: PushSource; readonly webhooks: WebhookSettings } {
    const { webhooks } = this.#ports;
    const tenant = this.#ports.tenant(tenantId);
    const push = tenant && bridgeOf(this.#ports, tenant, bridge)?.push;
    if (push === undefined || webhooks === undefined)
      throw new BridgeError('rejected', `${bridge} announces nothing, or we cannot be reached`);
    return { push, webhooks };
  }
}

/**
 * Whether the present one is ended before another is made: where its terms are not the wanted ones, or
 * where the system could not find it again among others, it would announce beside the new one.
 */
function endsFirst(kind: SubscriptionAction['kind'], push: PushSource): boolean {
  switch (kind) {
    case 'register':
    case 'replace':
      return true;
    case 'recreate':
      return push.listIds === undefined;
    case 'renew':
      return push.renew === undefined;
    case 'remove':
      return false;
  }
}

/** What went unannounced is dealt with; it is not relied on until something is heard. */
function silenced({ unannouncedAt, ...rest }: Subscription): Subscription {
  return unannouncedAt === undefined ? rest : { ...rest, silentSince: unannouncedAt };
}

/** Nobody is at it any more. */
function released(subscription: Subscription): Subscription {
  const { claimedUntil: _, ...rest } = subscription;
  return rest;
}

function withoutId(subscription: Subscription): Subscription {
  const { id: _, terms: _t, expiresAt: _x, endless: _n, ...rest } = subscription;
  return rest;
}

/** What it was asked for with, and when: a renewal leaves that. */
function termsOf({ terms, madeAt }: Subscription): Pick<Subscription, 'terms' | 'madeAt'> {
  return {
    ...(terms === undefined ? {} : { terms }),
    ...(madeAt === undefined ? {} : { madeAt }),
  };
}

/** What is known of its announcing, which outlives it. */
function heardOf({
  heardAt,
  unannouncedAt,
  silentSince,
}: Subscription): Pick<Subscription, 'heardAt' | 'unannouncedAt' | 'silentSince'> {
  return {
    ...(heardAt === undefined ? {} : { heardAt }),
    ...(unannouncedAt === undefined ? {} : { unannouncedAt }),
    ...(silentSince === undefined ? {} : { silentSince }),
  };
}

/** What is stored of one that is there since now, or was renewed. */
function lifeOf(
  { id, expiresAt }: LiveSubscription,
  now: Instant,
): Pick<Subscription, 'id' | 'renewedAt' | 'expiresAt' | 'endless'> {
  return { id, renewedAt: now, ...(expiresAt === undefined ? { endless: true } : { expiresAt }) };
}

/** What is stored of one that is over. */
function withoutLife({ bridge, resource, renewedAt }: Subscription): Subscription {
  const ended = { bridge, resource, failures: 0, ended: true } as const;
  return renewedAt === undefined ? ended : { ...ended, renewedAt };
}

/** How long the system wants no calls at all, in ms; a rest of one resource's is none of that. */
function waitAskedFor({ kind, retryAfterMs = 0 }: BridgeError): number {
  return kind === 'throttled' || kind === 'unavailable' ? retryAfterMs : 0;
}
