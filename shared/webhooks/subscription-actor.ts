import type { PushSource } from '../bridges/push-source.ts';
import { BridgeError, isNotFound } from '../model/errors.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import { isClaimed, type Subscription } from '../model/subscription.ts';
import { MINUTE_MS } from '../model/time.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { AlertStore, PairStore, SubscriptionStore, SyncStore } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { clientStateOf } from './client-state.ts';
import { lookAt } from './look-at.ts';
import { signingSecretOf } from './notice-signature.ts';
import { bridgeOf, type PushPorts } from './push-of.ts';
import { raiseSilence } from './silence-alert.ts';
import type { SubscriptionAction } from './subscription-plan.ts';
import {
  askedWith,
  heardOf,
  lifeOf,
  released,
  silenced,
  withoutId,
  withoutLife,
} from './subscription-states.ts';
import { termsOf, type WebhookSettings } from './webhook-settings.ts';

export interface SubscriptionPorts extends PushPorts {
  readonly clock: Clock;
  readonly alerts: AlertStore;
  readonly pairs: PairStore;
  readonly subscriptions: SubscriptionStore;
  readonly store: SyncStore;
  readonly queue: QueueSender;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  /** Undefined: nobody is asked to tell us anything. */
  readonly webhooks: WebhookSettings | undefined;
  /** How long to rest after so many failures in a row, in ms. */
  readonly backoff: (failures: number) => number;
}

/** Longer than one is made, renewed or ended: whoever has not done so by then has died at it. */
const CLAIM_MS = 5 * MINUTE_MS;
/** What became of a subscription, and how long its system asked to be left alone, in ms. */
export interface Acted {
  readonly subscription: Subscription;
  readonly waitMs: number;
}

/** What is to be stored of it, by what stands there: notices are noted while it is renewed. */
type Done = (present: Subscription) => Subscription;

/** Makes, renews and ends subscriptions, each by one process at a time, and stores what became of them. */
export class SubscriptionActor {
  readonly #ports: SubscriptionPorts;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
  }

  /**
   * What fails is noted with the subscription, and tried again later.
   * @returns undefined where somebody else is at it, or has been since the action was planned
   * @throws StorageError, QueueError
   */
  async act(
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
      await lookAt(
        this.#ports,
        tenantId,
        await this.#ports.pairs.findByResource(tenantId, bridge, resource),
      );
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
        ...askedWith(present),
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
    const terms = termsOf(webhooks, tenantId, bridge, resource);
    return (present) => ({
      ...live,
      ...heardOf(silenced(present)),
      terms,
      madeAt: now,
      ...lifeOf(made, now),
    });
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

/** How long the system wants no calls at all, in ms; a rest of one resource's is none of that. */
export function waitAskedFor({ kind, retryAfterMs = 0 }: BridgeError): number {
  return kind === 'throttled' || kind === 'unavailable' ? retryAfterMs : 0;
}
