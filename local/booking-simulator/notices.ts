import { createHmac, randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { isTaken, statusOfPost } from '../simulator-kit/notice-post.ts';
import { FAIR, fateOf, type NoticeWeather, type Send } from '../simulator-kit/notice-weather.ts';
import { eventView } from './generic-view.ts';
import { allocationObject, bookingObject, eventObject } from './serialize.ts';
import type { BookingStore } from './store.ts';
import { localMarkedUtc } from './wall-time.ts';
import type { GenericWebhook, LoggedNotice, PorticoWebhook, Saved, Webhook } from './webhooks.ts';

interface Waiting {
  readonly id: string;
  readonly webhook: Pick<Webhook, 'domain' | 'id' | 'url'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly dueMs: number;
  readonly about: Omit<LoggedNotice, 'time' | 'http_status'>;
}

/** What became of notices since the start. */
export interface NoticeCounts {
  readonly made: number;
  readonly lost: number;
  readonly doubled: number;
  readonly delivered: number;
  /** Not taken, or not answered in time: gone for good. */
  readonly refused: number;
  readonly waiting: number;
}

/** Tells subscribers of what people change in the web pages: each change once, and never again. */
export class Notices {
  weather: NoticeWeather = FAIR;
  readonly #clock: SimulatorClock;
  readonly #store: BookingStore;
  readonly #send: Send;
  readonly #random: () => number;
  readonly #waiting: DurableMap<Waiting>;
  readonly #counts = { made: 0, lost: 0, doubled: 0, delivered: 0, refused: 0 };
  #pumping: Promise<void> | undefined;

  constructor(
    journal: Journal,
    parts: { clock: SimulatorClock; store: BookingStore; send: Send; random: () => number },
  ) {
    this.#clock = parts.clock;
    this.#store = parts.store;
    this.#send = parts.send;
    this.#random = parts.random;
    this.#waiting = journal.collection('notices');
  }

  /** A person has saved something. What is not active is told as `deleted`, whatever was done to it. */
  saved(domain: string, change: Saved): void {
    const told: Saved = change.row.active === 1 ? change : { ...change, changeType: 'deleted' };
    for (const webhook of this.#store.webhooks.wanting(domain, told)) this.#add(webhook, told);
  }

  /** Sends what is due; asked again while it works, it goes on. */
  async pump(): Promise<void> {
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
    });
    await this.#pumping;
  }

  counts(): NoticeCounts {
    return { ...this.#counts, waiting: this.#waiting.size };
  }

  clear(): void {
    this.#waiting.clear();
  }

  #add(webhook: Webhook, change: Saved): void {
    // The generic contract knows events alone.
    if (webhook.contract === 'generic' && change.entityType !== 'event') return;
    this.#counts.made += 1;
    const waits = fateOf(this.weather, this.#random);
    if (waits.length === 0) this.#counts.lost += 1;
    if (waits.length > 1) this.#counts.doubled += 1;
    const now = this.#clock.now();
    const content =
      webhook.contract === 'portico'
        ? porticoNotice(webhook, change, now)
        : this.#genericNotice(webhook, change, now);
    const body = JSON.stringify(content);
    const { domain, id: webhookId, url } = webhook;
    for (const waitMs of waits) {
      const id = randomUUID();
      this.#waiting.set(id, {
        id,
        webhook: { domain, id: webhookId, url },
        headers: this.#headersOf(webhook, body),
        body,
        dueMs: now + waitMs,
        about: {
          change_type: change.changeType,
          entity_type: change.entityType,
          entity_id: change.row.id,
        },
      });
    }
  }

  #headersOf(webhook: Webhook, body: string): Record<string, string> {
    const headers = { 'content-type': 'application/json' };
    if (webhook.contract === 'generic') return headers;
    const { secretKey, domain } = webhook;
    const key = this.#store.webhooks.keys.get(domain);
    return {
      ...headers,
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(secretKey === null ? {} : { 'x-booking-signature': signatureOf(secretKey, body) }),
    };
  }

  #genericNotice({ domain, resourceId }: GenericWebhook, change: Saved, now: number) {
    if (change.entityType !== 'event') throw new TypeError('the generic contract knows events');
    const { changeType, row } = change;
    const resource = this.#store.resource(domain, resourceId ?? 0);
    return {
      action: changeType,
      resource_id: String(resourceId),
      event_id: String(row.id),
      event: eventView(this.#store, domain, row, resource),
      timestamp: new Date(now).toISOString(),
      source: 'booking_system',
    };
  }

  async #pumpAll(): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const due = [...this.#waiting.values()].filter(({ dueMs }) => dueMs <= now);
      if (due.length === 0) return;
      await Promise.all(due.map((one) => this.#deliver(one)));
    }
  }

  async #deliver({ id, webhook, headers, body, about }: Waiting): Promise<void> {
    // Before it is sent: a system that is stopped meanwhile does not send it again.
    this.#waiting.delete(id);
    const status = await statusOfPost(this.#send, { url: webhook.url, headers, body });
    if (isTaken(status)) this.#counts.delivered += 1;
    else this.#counts.refused += 1;
    const time = localMarkedUtc(this.#clock.now());
    this.#store.webhooks.addToLog(webhook, { time, ...about, http_status: status });
  }
}

function signatureOf(secretKey: string, body: string): string {
  return `sha256=${createHmac('sha256', secretKey).update(body, 'utf8').digest('hex')}`;
}

function porticoNotice(
  { id, resourceId, clientState }: PorticoWebhook,
  change: Saved,
  now: number,
) {
  const { changeType, entityType, row } = change;
  const item = {
    subscription_id: id,
    change_type: changeType,
    entity_type: entityType,
    resource_id: resourceId,
    entityId: row.id,
    entity_data: dataOf(change),
    clientState,
    timestamp: localMarkedUtc(now),
    resources: row.resources,
  };
  return { value: [item] };
}

function dataOf({ entityType, row }: Saved): Record<string, unknown> {
  switch (entityType) {
    case 'event':
      return eventObject(row);
    case 'booking':
      return bookingObject(row);
    case 'allocation':
      return allocationObject(row);
  }
}
