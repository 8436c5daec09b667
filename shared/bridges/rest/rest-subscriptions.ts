import { BridgeError, isNotFound } from '../../model/errors.ts';
import { UNBOUNDED } from '../bridge.ts';
import {
  refusalToAnnounce,
  type LiveSubscription,
  type PushSource,
  type WantedSubscription,
} from '../push-source.ts';
import type { RestClient } from './rest-client.ts';
import { valueAt } from './rest-paths.ts';
import type { RestSettings } from './rest-settings.ts';

/** Where an answer names the subscription, if the settings do not say. */
const ID_PATHS = ['subscription_id', 'id'];

/**
 * Subscriptions of the generic contract: they cannot be listed, do not end by themselves, and nothing
 * of theirs is signed. Our state stands in the address, and so comes back with each notice.
 */
export class RestSubscriptions implements PushSource {
  /** Of a change that its REST routes made, or that was not taken at once, it says nothing. */
  readonly announcesAll = false;
  readonly lifeMs = Infinity;
  readonly #client: RestClient;
  readonly #settings: RestSettings;

  constructor(client: RestClient, settings: RestSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async subscribe({
    resource,
    notificationUrl,
    clientState,
  }: WantedSubscription): Promise<LiveSubscription> {
    const callback = new URL(notificationUrl);
    callback.searchParams.set('client_state', clientState);
    const filling = { resource_id: resource, callback_url: callback.href };
    const said = await this.#client
      .call('subscribe_webhook', filling, UNBOUNDED)
      .catch((error: unknown) => {
        throw refusalToAnnounce(
          error,
          'Where it has none, set the endpoint subscribe_webhook to null.',
        );
      });
    const dataKey =
      this.#settings.endpoints.subscribe_webhook?.dataKey ?? this.#settings.responseDataKey;
    const places = [dataKey === undefined ? undefined : valueAt(said.value, dataKey), said.value];
    const ids = places.flatMap((place) => ID_PATHS.map((path) => valueAt(place, path)));
    const id = ids.find((found) => typeof found === 'string' || typeof found === 'number');
    // Without a name it could never be ended: it is no subscription of ours.
    if (id === undefined || id === '')
      throw new BridgeError('invalid-response', `${said.call}: it has no subscription_id`);
    return { id: String(id) };
  }

  async unsubscribe(id: string): Promise<void> {
    try {
      await this.#client.call('unsubscribe_webhook', { subscription_id: id }, UNBOUNDED);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
