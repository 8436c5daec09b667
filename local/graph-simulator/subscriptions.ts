import * as z from 'zod';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import type { Send } from '../simulator-kit/notice-weather.ts';
import type { Directory } from './directory.ts';
import { badRequest, GraphError } from './errors.ts';
import { guidOf } from './ids.ts';

const MINUTE_MS = 60_000;
/** https://learn.microsoft.com/graph/change-notifications-overview, subscription lifetime of Outlook events. */
const LIFE_MAX_MINUTES = 10_080;
/** A time nearer than this is moved there. */
const LIFE_MIN_MINUTES = 45;
const HANDSHAKE_MS = 10_000;

export const CHANGE_TYPES = ['created', 'updated', 'deleted'] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

export interface Subscription {
  readonly id: string;
  readonly tenantId: string;
  /** As the client wrote it. */
  readonly resource: string;
  readonly mailboxKey: string;
  readonly changeTypes: readonly ChangeType[];
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  readonly expiresMs: number;
}

const HttpUrl = z.url({ protocol: /^https?$/ });
const InputSchema = z.object({
  changeType: z.string().min(1),
  notificationUrl: HttpUrl,
  lifecycleNotificationUrl: HttpUrl.nullish(),
  resource: z.string().min(1),
  expirationDateTime: z.iso.datetime({ offset: true }),
  clientState: z.string().max(128).nullish(),
});
const RenewalSchema = z.strictObject({
  '@odata.type': z.string().optional(),
  expirationDateTime: z.iso.datetime({ offset: true }),
});

/** Subscriptions to the events of mailboxes, of one app in each tenant. */
export class Subscriptions {
  readonly #clock: SimulatorClock;
  readonly #directory: Directory;
  readonly #send: Send;
  readonly #stored: DurableMap<Subscription>;
  readonly #counters: DurableMap<number>;

  constructor(journal: Journal, clock: SimulatorClock, directory: Directory, send: Send) {
    this.#clock = clock;
    this.#directory = directory;
    this.#send = send;
    this.#stored = journal.collection('subscriptions');
    this.#counters = journal.collection('subscription-counters');
  }

  /**
   * Makes one, once both of its addresses have echoed a token.
   * @throws GraphError 400, 404, 409
   */
  async create(tenantId: string, json: unknown): Promise<Subscription> {
    const input = parsed(InputSchema, json);
    const changeTypes = changeTypesOf(input.changeType);
    const mailboxKey = this.#mailboxKeyOf(tenantId, input.resource);
    const expiresMs = this.#expiryOf(input.expirationDateTime);
    this.#refuseDuplicate(tenantId, mailboxKey, changeTypes);
    const { notificationUrl, lifecycleNotificationUrl = null } = input;
    await this.#shakeHands(notificationUrl);
    if (lifecycleNotificationUrl !== null) await this.#shakeHands(lifecycleNotificationUrl);
    // Another one may have been made while the hands were shaken.
    this.#refuseDuplicate(tenantId, mailboxKey, changeTypes);
    const { resource, clientState = null } = input;
    return this.#put({
      id: this.#newId(),
      tenantId,
      resource,
      mailboxKey,
      changeTypes,
      notificationUrl,
      lifecycleNotificationUrl,
      clientState,
      expiresMs,
    });
  }

  /** The living ones of a tenant, oldest first. */
  list(tenantId: string): Subscription[] {
    return this.#living().filter((one) => one.tenantId === tenantId);
  }

  /** @throws GraphError 404 */
  get(tenantId: string, id: string): Subscription {
    const found = this.#living().find((one) => one.tenantId === tenantId && one.id === id);
    if (found === undefined)
      throw new GraphError(404, 'ResourceNotFound', `The object was not found.`);
    return found;
  }

  /** @throws GraphError 400, 404 */
  renew(tenantId: string, id: string, json: unknown): Subscription {
    const found = this.get(tenantId, id);
    const { expirationDateTime } = parsed(RenewalSchema, json);
    return this.#put({ ...found, expiresMs: this.#expiryOf(expirationDateTime) });
  }

  /** @throws GraphError 404 */
  remove(tenantId: string, id: string): void {
    this.#stored.delete(this.get(tenantId, id).id);
  }

  /** Those that want to hear of a change in a mailbox. */
  wanting(mailboxKey: string, changeType: ChangeType): readonly Subscription[] {
    return this.#living().filter(
      (one) => one.mailboxKey === mailboxKey && one.changeTypes.includes(changeType),
    );
  }

  /** By id, whatever its tenant; for the controls. */
  byId(id: string): Subscription | undefined {
    return this.#living().find((one) => one.id === id);
  }

  /** Those of a mailbox, whatever they want to hear. */
  ofMailbox(mailboxKey: string): readonly Subscription[] {
    return this.#living().filter((one) => one.mailboxKey === mailboxKey);
  }

  /** As Graph loses one: nobody is told. */
  forget(id: string): void {
    this.#stored.delete(id);
  }

  clear(): void {
    this.#stored.clear();
  }

  #living(): Subscription[] {
    const now = this.#clock.now();
    return [...this.#stored.values()].filter(({ expiresMs }) => expiresMs > now);
  }

  #put(subscription: Subscription): Subscription {
    this.#stored.set(subscription.id, subscription);
    return subscription;
  }

  #newId(): string {
    const count = (this.#counters.get('made') ?? 0) + 1;
    this.#counters.set('made', count);
    return guidOf(`subscription ${count}`);
  }

  #mailboxKeyOf(tenantId: string, resource: string): string {
    const [, user = ''] = /^\/?users\/([^/]+)\/(?:calendar\/)?events\/?$/i.exec(resource) ?? [];
    if (user === '')
      throw badRequest('InvalidRequest', `The resource '${resource}' can not be subscribed to.`);
    const mailbox = this.#directory.find(tenantId, decodeURIComponent(user));
    if (mailbox === undefined)
      throw new GraphError(404, 'ResourceNotFound', `The mailbox '${user}' was not found.`);
    return mailbox.key;
  }

  #expiryOf(text: string): number {
    const now = this.#clock.now();
    const asked = Date.parse(text);
    if (asked > now + LIFE_MAX_MINUTES * MINUTE_MS)
      throw badRequest(
        'InvalidRequest',
        `Subscription expiration can only be ${LIFE_MAX_MINUTES} minutes in the future.`,
      );
    if (asked <= now)
      throw badRequest('InvalidRequest', 'Subscription expiration must be in the future.');
    return Math.max(asked, now + LIFE_MIN_MINUTES * MINUTE_MS);
  }

  #refuseDuplicate(tenantId: string, mailboxKey: string, changeTypes: readonly ChangeType[]): void {
    const same = this.#living().find(
      (one) =>
        one.tenantId === tenantId &&
        one.mailboxKey === mailboxKey &&
        one.changeTypes.join() === changeTypes.join(),
    );
    if (same !== undefined)
      throw new GraphError(
        409,
        'ExtensionError',
        `Subscription Id ${same.id} already exists for the requested combination`,
      );
  }

  /** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation */
  async #shakeHands(address: string): Promise<void> {
    const url = new URL(address);
    const token = `Validation: Testing client application reachability ${this.#newId()} & more`;
    url.searchParams.set('validationToken', token);
    const request = new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      signal: AbortSignal.timeout(HANDSHAKE_MS),
    });
    const failed = (why: string): GraphError =>
      badRequest('ValidationError', `Subscription validation request failed. ${why}`);
    const answer = await this.#send(request).catch(() => {
      throw failed(`The endpoint did not answer within ${HANDSHAKE_MS / 1000} seconds.`);
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    if (answer.status !== 200 || text !== token || !type.startsWith('text/plain'))
      throw failed('Must respond with 200 OK, text/plain and the token that was sent.');
  }
}

function changeTypesOf(text: string): readonly ChangeType[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !CHANGE_TYPES.some((type) => type === name));
  if (unknown !== undefined)
    throw badRequest('InvalidRequest', `The change type '${unknown}' is not supported.`);
  return CHANGE_TYPES.filter((type) => names.includes(type));
}

function parsed<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (!result.success) throw badRequest('InvalidRequest', z.prettifyError(result.error));
  return result.data;
}
