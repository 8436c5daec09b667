import { BridgeError } from '../model/errors.ts';
import { slotOf, type CalendarEvent } from '../model/event.ts';
import type { EventContent } from '../model/fields.ts';
import type { ExternalId, ResourceId } from '../model/ids.ts';
import type { Rights, Stamp, UnsupportedReason } from '../model/snapshot.ts';
import { overlaps, type InstantRange, type TimeZoneId } from '../model/time.ts';
import type { Clock, Instant } from '../util/clock.ts';

export interface StoredItem {
  readonly id: ExternalId;
  readonly event: CalendarEvent;
  readonly resources: readonly ResourceId[];
  readonly rights: Rights;
  readonly unsupported?: UnsupportedReason | undefined;
  readonly stamp?: Stamp | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly state: 'active' | 'suspended' | 'removed';
  /** Number of its last change among all changes of the calendar. */
  readonly sequence: number;
  readonly modified: Instant;
  /** Every resource that ever held it: a change feed has to tell those too. */
  readonly seenOn: ReadonlySet<ResourceId>;
}

/** What an item may have besides its content. */
export interface ItemExtras {
  /** Default `full`. */
  readonly rights?: Rights;
  /** Further resources of the same item. */
  readonly alsoOn?: readonly ResourceId[];
  readonly unsupported?: UnsupportedReason;
  /** Copy and paste takes our stamp along. */
  readonly stamp?: Stamp;
  readonly idempotencyKey?: string;
}

export interface MemoryCalendarOptions {
  readonly clock: Clock;
  readonly timeZone: TimeZoneId;
  readonly exclusiveSlots: boolean;
}

export function newEvent(content: EventContent): CalendarEvent {
  return { ...content, status: 'confirmed', privacy: 'public' };
}

/** The items of a calendar system in memory, as people and the bridge change them. */
export class MemoryCalendar {
  readonly #options: MemoryCalendarOptions;
  readonly #items = new Map<ExternalId, StoredItem>();
  #sequence = 0;
  #oldestCursor = 0;

  constructor(options: MemoryCalendarOptions) {
    this.#options = options;
  }

  /** Number of the last change. */
  get sequence(): number {
    return this.#sequence;
  }

  /** A cursor below this one is too old. */
  get oldestCursor(): number {
    return this.#oldestCursor;
  }

  /** @throws BridgeError `conflict` where slots are exclusive and this one is taken. */
  create(resource: ResourceId, content: EventContent, extras: ItemExtras = {}): StoredItem {
    const { rights, alsoOn, ...rest } = extras;
    return this.#store({
      ...rest,
      id: `item-${this.#items.size + 1}` as ExternalId,
      event: newEvent(content),
      resources: [resource, ...(alsoOn ?? [])],
      rights: rights ?? 'full',
      state: 'active',
      seenOn: new Set(),
    });
  }

  /** @throws BridgeError `not-found`; `conflict` where slots are exclusive and this one is taken. */
  change(
    id: ExternalId,
    change: Partial<Pick<StoredItem, 'event' | 'resources' | 'state' | 'rights'>>,
  ): StoredItem {
    const item = this.#items.get(id);
    if (item === undefined) throw new BridgeError('not-found', `no item ${id}`);
    return this.#store({ ...item, ...change });
  }

  edit(id: ExternalId, members: Partial<CalendarEvent>): StoredItem {
    const event = this.get(id)?.event;
    return this.change(id, event === undefined ? {} : { event: { ...event, ...members } });
  }

  remove(id: ExternalId): StoredItem {
    return this.change(id, { state: 'removed' });
  }

  /** Every cursor handed out so far is too old from now on. */
  expireCursors(): void {
    this.#sequence += 1;
    this.#oldestCursor = this.#sequence;
  }

  get(id: ExternalId): StoredItem | undefined {
    return this.#items.get(id);
  }

  byIdempotencyKey(key: string): StoredItem | undefined {
    return [...this.#items.values()].find(({ idempotencyKey }) => idempotencyKey === key);
  }

  /** Items that are, or ever were, on the resource, in the order they were made. */
  everOn(resource: ResourceId): readonly StoredItem[] {
    return [...this.#items.values()].filter(({ seenOn }) => seenOn.has(resource));
  }

  slot(event: CalendarEvent): InstantRange {
    return slotOf(event, this.#options.timeZone);
  }

  /** Who holds the slot on one of the resources, where slots are exclusive. */
  holderOf(
    wanted: Pick<StoredItem, 'event' | 'resources'> & { readonly id?: ExternalId },
  ): StoredItem | undefined {
    if (!this.#options.exclusiveSlots) return undefined;
    const slot = this.slot(wanted.event);
    return [...this.#items.values()].find(
      ({ id, state, resources, event }) =>
        id !== wanted.id &&
        state === 'active' &&
        resources.some((resource) => wanted.resources.includes(resource)) &&
        overlaps(this.slot(event), slot),
    );
  }

  #store(item: Omit<StoredItem, 'sequence' | 'modified'>): StoredItem {
    const holder = item.state === 'active' ? this.holderOf(item) : undefined;
    if (holder !== undefined)
      throw new BridgeError('conflict', `the slot of ${item.id} is held by ${holder.id}`);
    this.#sequence += 1;
    const stored: StoredItem = {
      ...item,
      sequence: this.#sequence,
      modified: this.#options.clock.now(),
      seenOn: new Set([...item.seenOn, ...item.resources]),
    };
    this.#items.set(stored.id, stored);
    return stored;
  }
}
