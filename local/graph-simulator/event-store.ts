import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { defaultIdOf, iCalUIdOf, immutableIdOf } from './ids.ts';
import type { StoredEvent, Tombstone } from './model.ts';
import type { ChangeType } from './subscriptions.ts';

/** What the store itself sets on an event. */
type Assigned = 'uid' | 'immutableId' | 'defaultId' | 'changeSeq' | 'createdMs' | 'modifiedMs';
export type NewEvent = Omit<StoredEvent, Assigned>;

/** The events of all mailboxes, with a number for each change so that delta can tell what is new. */
export class EventStore {
  /** Told of each change, once it is there to be read. */
  onChange: (changeType: ChangeType, event: StoredEvent) => void = () => undefined;
  readonly #clock: SimulatorClock;
  readonly #events: DurableMap<StoredEvent>;
  readonly #tombstones: DurableMap<Tombstone>;
  readonly #counters: DurableMap<number>;
  readonly #ofMailbox = new Map<string, Map<string, StoredEvent>>();
  readonly #removedOfMailbox = new Map<string, Tombstone[]>();
  readonly #uidOfId = new Map<string, string>();
  readonly #uidsOfMeeting = new Map<string, Set<string>>();

  constructor(journal: Journal, clock: SimulatorClock) {
    this.#clock = clock;
    this.#events = journal.collection('events');
    this.#tombstones = journal.collection('tombstones');
    this.#counters = journal.collection('counters');
    for (const event of this.#events.values()) this.#index(event);
    for (const tombstone of this.#tombstones.values()) this.#indexRemoved(tombstone);
  }

  /** Number of the latest change. */
  get changeSeq(): number {
    return this.#counters.get('change') ?? 0;
  }

  get(uid: string): StoredEvent | undefined {
    return this.#events.get(uid);
  }

  /** An event of the mailbox by its id of either form, which differ in nothing but the letters. */
  byId(mailboxKey: string, id: string): StoredEvent | undefined {
    const uid = this.#uidOfId.get(`${mailboxKey}|${id}`);
    return uid === undefined ? undefined : this.#events.get(uid);
  }

  /** In the order of creation. */
  ofMailbox(mailboxKey: string): StoredEvent[] {
    return [...(this.#ofMailbox.get(mailboxKey)?.values() ?? [])];
  }

  removedAfter(mailboxKey: string, changeSeq: number): Tombstone[] {
    const removed = this.#removedOfMailbox.get(mailboxKey) ?? [];
    return removed.filter((tombstone) => tombstone.changeSeq > changeSeq);
  }

  /** The copies of a meeting in other mailboxes of the tenant. */
  otherCopies(event: StoredEvent): StoredEvent[] {
    const uids = this.#uidsOfMeeting.get(`${event.tenantId}|${event.iCalUId}`) ?? new Set();
    return [...uids]
      .map((uid) => this.#events.get(uid))
      .filter((copy) => copy !== undefined && copy.uid !== event.uid) as StoredEvent[];
  }

  newICalUId(tenantId: string): string {
    return iCalUIdOf(tenantId, this.#next('meeting'));
  }

  add(event: NewEvent): StoredEvent {
    const item = this.#next('item');
    const nowMs = this.#clock.now();
    const added = this.#put({
      ...event,
      uid: String(item),
      immutableId: immutableIdOf(item),
      defaultId: defaultIdOf(item),
      createdMs: nowMs,
      modifiedMs: nowMs,
      changeSeq: this.#next('change'),
    });
    this.onChange('created', added);
    return added;
  }

  /** Every write counts as a change, also one that changes no member, as Exchange has it. */
  replace(event: StoredEvent): StoredEvent {
    const modifiedMs = this.#clock.now();
    const replaced = this.#put({ ...event, modifiedMs, changeSeq: this.#next('change') });
    this.onChange('updated', replaced);
    return replaced;
  }

  remove(event: StoredEvent): void {
    const { uid, mailboxKey, immutableId, defaultId, tenantId, iCalUId } = event;
    const changeSeq = this.#next('change');
    const tombstone = { uid, mailboxKey, immutableId, defaultId, changeSeq };
    this.#tombstones.set(uid, tombstone);
    this.#indexRemoved(tombstone);
    this.#events.delete(uid);
    this.#ofMailbox.get(mailboxKey)?.delete(uid);
    this.#uidOfId.delete(`${mailboxKey}|${immutableId}`);
    this.#uidOfId.delete(`${mailboxKey}|${defaultId}`);
    this.#uidsOfMeeting.get(`${tenantId}|${iCalUId}`)?.delete(uid);
    this.onChange('deleted', event);
  }

  /** Forgets all events. Counters go on, so that no id and no etag comes twice. */
  clear(): void {
    this.#events.clear();
    this.#tombstones.clear();
    for (const index of [
      this.#ofMailbox,
      this.#removedOfMailbox,
      this.#uidOfId,
      this.#uidsOfMeeting,
    ])
      index.clear();
  }

  #put(event: StoredEvent): StoredEvent {
    this.#events.set(event.uid, event);
    this.#index(event);
    return event;
  }

  #next(counter: 'item' | 'change' | 'meeting'): number {
    const value = (this.#counters.get(counter) ?? 0) + 1;
    this.#counters.set(counter, value);
    return value;
  }

  #index(event: StoredEvent): void {
    const { uid, mailboxKey, immutableId, defaultId, tenantId, iCalUId } = event;
    entry(this.#ofMailbox, mailboxKey, () => new Map<string, StoredEvent>()).set(uid, event);
    this.#uidOfId.set(`${mailboxKey}|${immutableId}`, uid);
    this.#uidOfId.set(`${mailboxKey}|${defaultId}`, uid);
    entry(this.#uidsOfMeeting, `${tenantId}|${iCalUId}`, () => new Set<string>()).add(uid);
  }

  #indexRemoved(tombstone: Tombstone): void {
    entry(this.#removedOfMailbox, tombstone.mailboxKey, () => []).push(tombstone);
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
