import * as z from 'zod';
import { BridgeError, isNotFound } from '../../model/errors.ts';
import {
  MINUTE_MS,
  parseInstant,
  parseLocalDateTime,
  toInstant,
  type TimeZoneId,
} from '../../model/time.ts';
import type { Clock, Instant } from '../../util/clock.ts';
import { UNBOUNDED } from '../bridge.ts';
import {
  refusalToAnnounce,
  type LiveSubscription,
  type PushSource,
  type WantedSubscription,
} from '../push-source.ts';
import type { BookingClient } from './booking-client.ts';

/** The most it grants: 30 days. */
const LIFE_MINUTES = 43_200;
const PATH = '/booking/webhooks/subscriptions';

const id = z.union([z.string().min(1), z.int().transform(String)]);
const SubscriptionSchema = z.object({
  subscription_id: id,
  webhook_url: z.string().nullish(),
  /** Asked for by this name, and kept by the other. */
  calendar_id: id.nullish(),
  resource_id: id.nullish(),
  client_state: z.string().nullish(),
  expires_at: z.string(),
});
const OneSchema = z.object({ success: z.literal(true), subscription: SubscriptionSchema });
const ListSchema = z.object({ subscriptions: z.array(SubscriptionSchema) });
const EndedSchema = z.object({ success: z.literal(true) });
type Row = z.output<typeof SubscriptionSchema>;

/**
 * Subscriptions to the events, bookings and allocations of resources. The system makes as many of one
 * as are asked for, so those that are there are looked at first.
 */
export class BookingSubscriptions implements PushSource {
  /** Of a change that its REST routes made, or that was not taken at once, it says nothing. */
  readonly announcesAll = false;
  readonly lifeMs = LIFE_MINUTES * MINUTE_MS;
  readonly #client: BookingClient;
  readonly #zone: TimeZoneId;
  readonly #clock: Clock;

  constructor(client: BookingClient, zone: TimeZoneId, clock: Clock) {
    this.#client = client;
    this.#zone = zone;
    this.#clock = clock;
  }

  async subscribe(wanted: WantedSubscription): Promise<LiveSubscription> {
    const { resource, notificationUrl, clientState, until } = wanted;
    const present = (await this.#list().catch(refuse)).filter(
      (row) =>
        (row.calendar_id ?? row.resource_id) === resource && row.webhook_url === notificationUrl,
    );
    const ours = present.find((row) => row.client_state === clientState);
    for (const other of present) if (other !== ours) await this.unsubscribe(other.subscription_id);
    if (ours === undefined) return await this.#create(wanted);
    try {
      return await this.renew(ours.subscription_id, until);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return await this.#create(wanted);
    }
  }

  async renew(subscriptionId: string, until: Instant): Promise<LiveSubscription> {
    const body = { expirationMinutes: this.#minutesTo(until) };
    const path = `${PATH}/${encodeURIComponent(subscriptionId)}`;
    const call = { method: 'PATCH', path, body } as const;
    return this.#live((await this.#client.call(call, OneSchema, UNBOUNDED)).subscription);
  }

  async unsubscribe(subscriptionId: string): Promise<void> {
    const path = `${PATH}/${encodeURIComponent(subscriptionId)}`;
    try {
      await this.#client.call({ method: 'DELETE', path }, EndedSchema, UNBOUNDED);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async listIds(): Promise<readonly string[]> {
    return (await this.#list()).map((row) => row.subscription_id);
  }

  async #create(wanted: WantedSubscription): Promise<LiveSubscription> {
    const { resource, notificationUrl, clientState, signingSecret, until } = wanted;
    const body = {
      webhook_url: notificationUrl,
      calendar_id: resource,
      entity_type: 'all',
      change_types: ['created', 'updated', 'deleted'],
      client_state: clientState,
      secretKey: signingSecret,
      expirationMinutes: this.#minutesTo(until),
    };
    const call = { method: 'POST', path: PATH, body } as const;
    const { subscription } = await this.#client.call(call, OneSchema, UNBOUNDED).catch(refuse);
    return this.#live(subscription);
  }

  async #list(): Promise<readonly Row[]> {
    const call = { method: 'GET', path: PATH } as const;
    return (await this.#client.call(call, ListSchema, UNBOUNDED)).subscriptions;
  }

  #minutesTo(until: Instant): number {
    const minutes = Math.floor((until - this.#clock.now()) / MINUTE_MS);
    return Math.min(LIFE_MINUTES, Math.max(1, minutes));
  }

  #live({ subscription_id, expires_at }: Row): LiveSubscription {
    const expiresAt = carefulInstant(expires_at, this.#zone);
    if (expiresAt === undefined)
      throw new BridgeError('invalid-response', 'booking system: expires_at is no time');
    return { id: subscription_id, expiresAt };
  }
}

/** @throws what it is given, or that the system announces nothing. */
function refuse(error: unknown): never {
  throw refusalToAnnounce(error, '');
}

/**
 * A time of the system's webhooks: its wall clock, marked as UTC or not at all. Read both ways, and the
 * earlier one is taken: who renews too soon loses nothing. An offset that is none of UTC is believed.
 */
export function carefulInstant(text: string, zone: TimeZoneId): Instant | undefined {
  const bare = text.trim().replace(/(?:Z|[+-]00:?00)$/i, '');
  const local = parseLocalDateTime(bare);
  if (local === undefined) return parseInstant(text);
  const asUtc = parseInstant(`${local}Z`);
  const asLocal = toInstant(local, zone);
  return asUtc === undefined || asLocal < asUtc ? asLocal : asUtc;
}
