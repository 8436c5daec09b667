import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import type { AllocationRow, BookingRow, EventRow } from './store.ts';
import { keyOf } from './tables.ts';

export const CHANGE_TYPES = ['created', 'updated', 'deleted'] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

export const ENTITY_TYPES = ['event', 'booking', 'allocation', 'all'] as const;

/** A row that was saved, or taken away (`deleted`, with the row as it was). */
export type Saved = { readonly changeType: ChangeType } & (
  | { readonly entityType: 'event'; readonly row: EventRow }
  | { readonly entityType: 'booking'; readonly row: BookingRow }
  | { readonly entityType: 'allocation'; readonly row: AllocationRow }
);

interface AnyWebhook {
  readonly id: string;
  readonly domain: string;
  readonly url: string;
  /** Null: every resource of the domain. */
  readonly resourceId: number | null;
  readonly entityType: (typeof ENTITY_TYPES)[number];
  readonly changeTypes: readonly ChangeType[];
}

/** Of the contract of `/booking/webhooks`. */
export interface PorticoWebhook extends AnyWebhook {
  readonly contract: 'portico';
  readonly clientState: string | null;
  readonly secretKey: string | null;
  readonly createdMs: number;
  readonly expiresMs: number;
}

/** Of the generic contract, which has no state, no signature and no end. */
export interface GenericWebhook extends AnyWebhook {
  readonly contract: 'generic';
}

export type Webhook = PorticoWebhook | GenericWebhook;

/** What became of one notice: 0 where nobody answered in time. */
export interface LoggedNotice {
  readonly time: string;
  readonly change_type: ChangeType;
  readonly entity_type: Saved['entityType'];
  readonly entity_id: number;
  readonly http_status: number;
}

const LOGGED_MAX = 50;

/** Who is told of changes, by both contracts; in the order in which they asked. */
export class Webhooks {
  /** By domain: what goes out as `X-API-Key` with its notices. */
  readonly keys: DurableMap<string>;
  readonly #clock: SimulatorClock;
  readonly #stored: DurableMap<Webhook>;
  readonly #logs: DurableMap<readonly LoggedNotice[]>;

  constructor(journal: Journal, clock: SimulatorClock) {
    this.#clock = clock;
    this.#stored = journal.collection('webhooks');
    this.#logs = journal.collection('webhook-logs');
    this.keys = journal.collection('webhook-keys');
  }

  addPortico(
    wanted: Omit<PorticoWebhook, 'contract' | 'id' | 'createdMs' | 'expiresMs'>,
    lifeMs: number,
  ): PorticoWebhook {
    const createdMs = this.#clock.now();
    const expiresMs = createdMs + lifeMs;
    return this.#put({ ...wanted, contract: 'portico', id: randomUUID(), createdMs, expiresMs });
  }

  addGeneric(wanted: Omit<GenericWebhook, 'contract' | 'id'>): GenericWebhook {
    return this.#put({ ...wanted, contract: 'generic', id: randomUUID() });
  }

  renew(webhook: PorticoWebhook, lifeMs: number): PorticoWebhook {
    return this.#put({ ...webhook, expiresMs: this.#clock.now() + lifeMs });
  }

  /** One that lives. */
  get<C extends Webhook['contract']>(
    contract: C,
    domain: string,
    id: string,
  ): Extract<Webhook, { contract: C }> | undefined {
    return this.list(contract, domain).find((one) => one.id === id);
  }

  list<C extends Webhook['contract']>(
    contract: C,
    domain: string,
  ): Extract<Webhook, { contract: C }>[] {
    return this.#living(domain).filter(
      (one): one is Extract<Webhook, { contract: C }> => one.contract === contract,
    );
  }

  delete({ domain, id }: Pick<Webhook, 'domain' | 'id'>): void {
    this.#stored.delete(keyOf(domain, id));
    this.#logs.delete(keyOf(domain, id));
  }

  /** As the system loses one, of whatever domain: nobody is told. */
  forget(id: string): void {
    const lost = [...this.#stored.values()].filter((one) => one.id === id);
    for (const one of lost) this.delete(one);
  }

  /** Those that want to hear of it: by the rooms it is in now. */
  wanting(domain: string, { entityType, changeType, row }: Saved): Webhook[] {
    return this.#living(domain).filter(
      (one) =>
        one.changeTypes.includes(changeType) &&
        (one.entityType === 'all' || one.entityType === entityType) &&
        (one.resourceId === null || row.resources.includes(one.resourceId)),
    );
  }

  log({ domain, id }: Pick<Webhook, 'domain' | 'id'>): readonly LoggedNotice[] {
    return this.#logs.get(keyOf(domain, id)) ?? [];
  }

  addToLog(webhook: Pick<Webhook, 'domain' | 'id'>, entry: LoggedNotice): void {
    const key = keyOf(webhook.domain, webhook.id);
    if (this.#stored.has(key))
      this.#logs.set(key, [entry, ...this.log(webhook)].slice(0, LOGGED_MAX));
  }

  clear(): void {
    this.#stored.clear();
    this.#logs.clear();
  }

  #put<T extends Webhook>(webhook: T): T {
    this.#stored.set(keyOf(webhook.domain, webhook.id), webhook);
    return webhook;
  }

  /** Those that live, of every domain and contract. */
  all(): Webhook[] {
    const now = this.#clock.now();
    return [...this.#stored.values()].filter(
      (one) => one.contract === 'generic' || one.expiresMs > now,
    );
  }

  #living(domain: string): Webhook[] {
    return this.all().filter((one) => one.domain === domain);
  }
}
