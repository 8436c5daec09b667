import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { isTaken, statusOfPost } from '../simulator-kit/notice-post.ts';
import { FAIR, fateOf, type NoticeWeather, type Send } from '../simulator-kit/notice-weather.ts';
import { etagOf } from './ids.ts';
import type { StoredEvent } from './model.ts';
import type { ChangeType, Subscription, Subscriptions } from './subscriptions.ts';

/** Graph gives up after four hours (change-notifications-delivery-webhooks). */
const GIVEN_UP_AFTER_MS = 4 * 3_600_000;
const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 30 * 60_000;
/** Items of one POST. */
const ITEMS_MAX = 100;

export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed';

interface Notice {
  readonly id: string;
  readonly url: string;
  readonly item: Readonly<Record<string, unknown>>;
  readonly madeMs: number;
  readonly dueMs: number;
  readonly attempts: number;
}

/** What became of notices since the start. */
export interface NoticeCounts {
  readonly made: number;
  readonly lost: number;
  readonly doubled: number;
  readonly delivered: number;
  /** POSTs that were not taken, and are tried again. */
  readonly refused: number;
  readonly givenUp: number;
  readonly waiting: number;
}

/** Tells subscribers of changes: soon, in any order, more than once, and again where it was not taken. */
export class Notices {
  weather: NoticeWeather = FAIR;
  readonly #clock: SimulatorClock;
  readonly #subscriptions: Subscriptions;
  readonly #send: Send;
  readonly #waiting: DurableMap<Notice>;
  readonly #random: () => number;
  readonly #counts = { made: 0, lost: 0, doubled: 0, delivered: 0, refused: 0, givenUp: 0 };
  #numbered = 0;
  #pumping: Promise<void> | undefined;

  constructor(
    journal: Journal,
    parts: {
      clock: SimulatorClock;
      subscriptions: Subscriptions;
      send: Send;
      random: () => number;
    },
  ) {
    this.#clock = parts.clock;
    this.#subscriptions = parts.subscriptions;
    this.#send = parts.send;
    this.#random = parts.random;
    this.#waiting = journal.collection('notices');
  }

  /**
   * A change of an event. Exchange tells some changes several times: a new event is updated at once
   * by the room's own processing (microsoft-graph-docs-contrib 3072).
   */
  changed(changeType: ChangeType, event: StoredEvent): void {
    const types: readonly ChangeType[] =
      changeType === 'created'
        ? ['created', 'updated']
        : changeType === 'updated'
          ? ['updated', 'updated']
          : ['deleted'];
    for (const type of types)
      for (const subscription of this.#subscriptions.wanting(event.mailboxKey, type))
        this.#add(subscription.notificationUrl, itemOf(subscription, type, event));
  }

  /** Tells of the subscription itself; nobody where it has no address for that. */
  lifecycle(subscription: Subscription, lifecycleEvent: LifecycleEvent): void {
    const { lifecycleNotificationUrl } = subscription;
    if (lifecycleNotificationUrl === null) return;
    this.#add(lifecycleNotificationUrl, { ...baseOf(subscription), lifecycleEvent });
  }

  /** Sends what is due, those for one address together; asked again while it works, it goes on. */
  async pump(): Promise<void> {
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
    });
    await this.#pumping;
  }

  counts(): NoticeCounts {
    return { ...this.#counts, waiting: this.#waiting.size };
  }

  /** When the next one is due; undefined where none waits. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { dueMs } of this.#waiting.values())
      if (next === undefined || dueMs < next) next = dueMs;
    return next;
  }

  clear(): void {
    this.#waiting.clear();
  }

  #add(url: string, item: Notice['item']): void {
    this.#counts.made += 1;
    const waits = fateOf(this.weather, this.#random);
    if (waits.length === 0) this.#counts.lost += 1;
    if (waits.length > 1) this.#counts.doubled += 1;
    const madeMs = this.#clock.now();
    for (const waitMs of waits) {
      this.#numbered += 1;
      const id = `${madeMs}-${this.#numbered}`;
      const dueMs = madeMs + waitMs;
      this.#waiting.set(id, { id, url, item: { ...item, id }, madeMs, dueMs, attempts: 0 });
    }
  }

  async #pumpAll(): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const due = [...this.#waiting.values()].filter(({ dueMs }) => dueMs <= now);
      if (due.length === 0) return;
      const groups = [...Map.groupBy(due, ({ url }) => url)].flatMap(([url, notices]) =>
        chunked(notices, ITEMS_MAX).map((chunk) => ({ url, notices: chunk })),
      );
      await Promise.all(groups.map(({ url, notices }) => this.#deliver(url, notices)));
    }
  }

  async #deliver(url: string, notices: readonly Notice[]): Promise<void> {
    const status = await statusOfPost(this.#send, {
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: notices.map(({ item }) => item) }),
    });
    if (isTaken(status)) {
      this.#counts.delivered += notices.length;
      for (const { id } of notices) this.#waiting.delete(id);
      return;
    }
    this.#counts.refused += 1;
    for (const notice of notices) this.#putOff(notice);
  }

  #putOff(notice: Notice): void {
    const now = this.#clock.now();
    if (now - notice.madeMs >= GIVEN_UP_AFTER_MS) {
      this.#counts.givenUp += 1;
      this.#waiting.delete(notice.id);
      return;
    }
    const restMs = Math.min(RETRY_FIRST_MS * 2 ** notice.attempts, RETRY_MAX_MS);
    this.#waiting.set(notice.id, {
      ...notice,
      attempts: notice.attempts + 1,
      dueMs: now + restMs,
    });
  }
}

function baseOf({ id, expiresMs, clientState, tenantId }: Subscription) {
  return {
    subscriptionId: id,
    subscriptionExpirationDateTime: new Date(expiresMs).toISOString(),
    ...(clientState === null ? {} : { clientState }),
    tenantId,
  };
}

function itemOf(subscription: Subscription, changeType: ChangeType, event: StoredEvent) {
  const user = subscription.mailboxKey.split('|')[1] ?? '';
  const path = `Users/${user}/Events/${event.defaultId}`;
  return {
    ...baseOf(subscription),
    changeType,
    resource: path,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.Event',
      '@odata.id': path,
      '@odata.etag': etagOf(event.changeSeq),
      id: event.defaultId,
    },
  };
}

function chunked<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
