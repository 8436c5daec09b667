import { BridgeError, isNotFound } from '../../model/errors.ts';
import type { ResourceId } from '../../model/ids.ts';
import { formatInstant, MINUTE_MS, parseInstant } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import type { LiveSubscription, PushSource, WantedSubscription } from '../push-source.ts';
import { noHold, type GraphClient } from './graph-client.ts';
import { graphRequest } from './graph-requests.ts';
import { parseSubscription, type GraphSubscription } from './graph-schemas.ts';
import type { ListAll } from './outlook-directory.ts';

/** Under every maximum that was ever documented for events (4,230 min is the least of them). */
const LIFE_MS = 4_200 * MINUTE_MS;
const CHANGE_TYPES = 'created,updated,deleted';
const PAGES_MAX = 100;
/** They are throttled together, whichever mailbox they are about. */
const OURS = { mailbox: 'subscriptions', beforeCall: noHold } as const;

/**
 * Subscriptions to the events of mailboxes
 * (https://learn.microsoft.com/graph/api/resources/subscription). Of one app there is one for a
 * mailbox and its change types, so that a second one is refused with 409, and the first taken over.
 */
export class OutlookSubscriptions implements PushSource {
  readonly announcesAll = true;
  readonly lifeMs = LIFE_MS;
  readonly #client: GraphClient;
  readonly #all: ListAll;

  constructor(client: GraphClient, all: ListAll) {
    this.#client = client;
    this.#all = all;
  }

  async subscribe(wanted: WantedSubscription): Promise<LiveSubscription> {
    try {
      return await this.#create(wanted);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.kind !== 'conflict') throw error;
    }
    const path = pathOf(wanted.resource);
    const present = (await this.#list()).filter(({ resource }) => samePath(resource, path));
    const ours = present.find(
      ({ notificationUrl, clientState }) =>
        notificationUrl === wanted.notificationUrl && clientState === wanted.clientState,
    );
    if (ours !== undefined) return await this.renew(ours.id, wanted.until);
    // Of other terms: an address or a secret that is not used any more.
    for (const { id } of present) await this.unsubscribe(id);
    return await this.#create(wanted);
  }

  async renew(id: string, until: Instant): Promise<LiveSubscription> {
    const what = 'renewing a subscription';
    const request = graphRequest('PATCH /subscriptions/{subscription-id}', [id]);
    const body = { expirationDateTime: formatInstant(until) };
    return live(await this.#client.call({ ...request, body, ...OURS, what }), what);
  }

  async unsubscribe(id: string): Promise<void> {
    const request = graphRequest('DELETE /subscriptions/{subscription-id}', [id]);
    try {
      await this.#client.call({ ...request, ...OURS, what: 'ending a subscription' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async listIds(): Promise<readonly string[]> {
    return (await this.#list()).map(({ id }) => id);
  }

  async #create(wanted: WantedSubscription): Promise<LiveSubscription> {
    const { resource, notificationUrl, lifecycleUrl, clientState, until } = wanted;
    const what = `subscribing to ${resource}`;
    const body = {
      changeType: CHANGE_TYPES,
      notificationUrl,
      lifecycleNotificationUrl: lifecycleUrl,
      resource: pathOf(resource),
      expirationDateTime: formatInstant(until),
      clientState,
    };
    const request = graphRequest('POST /subscriptions');
    return live(await this.#client.call({ ...request, body, ...OURS, what }), what);
  }

  async #list(): Promise<readonly GraphSubscription[]> {
    return await this.#all({
      path: graphRequest('GET /subscriptions').path,
      what: 'listing subscriptions',
      mailbox: OURS.mailbox,
      parse: parseSubscription,
      pagesMax: PAGES_MAX,
    });
  }
}

function pathOf(resource: ResourceId): string {
  return `users/${encodeURIComponent(resource)}/events`;
}

/** Graph may add a slash, and writes names in any case. */
function samePath(one: string, other: string): boolean {
  const plain = (path: string): string => {
    const bare = path.replace(/^\//, '').toLowerCase();
    return decodable(bare) ? decodeURIComponent(bare) : bare;
  };
  return plain(one) === plain(other);
}

function decodable(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

function live(json: unknown, what: string): LiveSubscription {
  const { id, expirationDateTime } = parseSubscription(json, what);
  const expiresAt = parseInstant(expirationDateTime);
  if (expiresAt === undefined)
    throw new BridgeError('invalid-response', `Graph named no time of expiry, ${what}`);
  return { id, expiresAt };
}
