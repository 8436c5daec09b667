import type { BridgeCapabilities } from '../model/capabilities.ts';
import { BridgeError } from '../model/errors.ts';
import { FIELDS, type EventContent, type Field } from '../model/fields.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../model/ids.ts';
import type { NativeVersion, Snapshot, SnapshotItem, Verdict, Window } from '../model/snapshot.ts';
import { overlaps, type TimeZoneId } from '../model/time.ts';
import type { Clock } from '../util/clock.ts';
import { assertNever } from '../util/invariant.ts';
import { AbstractCalendarBridge } from './abstract-calendar-bridge.ts';
import type {
  BridgeHealth,
  BridgeWrite,
  CalendarResource,
  CallContext,
  CreateWrite,
  SlotWrite,
  UpdateWrite,
  WriteOutcome,
} from './bridge.ts';
import { membersOf, onlyShown } from './memory-fields.ts';
import { MemoryCalendar, newEvent, type StoredItem } from './memory-calendar.ts';

export interface MemoryBridgeOptions {
  readonly clock: Clock;
  readonly resources: readonly CalendarResource[];
  readonly key?: BridgeKey;
  /** Zone in which all-day events take their days. Default UTC. */
  readonly timeZone?: TimeZoneId;
  /** Where it differs from a system that can do everything but does not refuse overlaps. */
  readonly capabilities?: Partial<BridgeCapabilities>;
  /** Readable fields that only a read by id shows. */
  readonly hidden?: readonly Field[];
}

const EVERYTHING: BridgeCapabilities = {
  changes: 'delta',
  readable: FIELDS,
  writable: FIELDS,
  canBlank: true,
  titleCharsMax: 255,
  descriptionCharsMax: 32_768,
  contactNameCharsMax: 255,
  recurrence: 'occurrences',
  allDay: true,
  conditionalWrites: true,
  exclusiveSlots: false,
  suspends: false,
  stamps: true,
  lastModified: true,
  writesPerRequestMax: 20,
  push: false,
};

/**
 * A calendar system in memory, whose abilities are a choice: the reference for what the bridge
 * contract means. People act on its `calendar`. A suspended item is silent in `readChanges` and
 * shown by `readItems`.
 */
export class MemoryBridge extends AbstractCalendarBridge {
  readonly key: BridgeKey;
  readonly capabilities: BridgeCapabilities;
  readonly mapperVersion = 1;
  readonly calendar: MemoryCalendar;
  readonly #resources: readonly CalendarResource[];
  readonly #shownInList: readonly Field[];

  constructor(options: MemoryBridgeOptions) {
    super();
    this.key = options.key ?? ('memory' as BridgeKey);
    const chosen = options.capabilities ?? {};
    // Who refuses overlaps has a way to untie an exchange, unless told otherwise.
    const suspends = chosen.exclusiveSlots ?? EVERYTHING.suspends;
    this.capabilities = { ...EVERYTHING, suspends, ...chosen };
    this.calendar = new MemoryCalendar({
      clock: options.clock,
      timeZone: options.timeZone ?? ('UTC' as TimeZoneId),
      exclusiveSlots: this.capabilities.exclusiveSlots,
    });
    this.#resources = options.resources;
    this.#shownInList = this.capabilities.readable.filter(
      (field) => options.hidden?.includes(field) !== true,
    );
  }

  /** What is active on the resource now, with every readable field, whatever the window. */
  itemsOf(resource: ResourceId): readonly SnapshotItem[] {
    return this.calendar
      .everOn(resource)
      .filter(({ state, resources }) => state === 'active' && resources.includes(resource))
      .map((item) => this.#show(item, resource));
  }

  listResources(): Promise<readonly CalendarResource[]> {
    return Promise.resolve(this.#resources);
  }

  checkHealth(): Promise<BridgeHealth> {
    return Promise.resolve({ status: 'healthy', detail: 'in memory', responseMs: 0 });
  }

  async readChanges(
    resource: ResourceId,
    cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot> {
    await context.beforeCall();
    this.#checkResource(resource);
    const shows = ({ state, resources, event }: StoredItem): boolean =>
      state === 'active' &&
      resources.includes(resource) &&
      overlaps(this.calendar.slot(event), window);
    const known = this.calendar.everOn(resource);
    const itemsAmong = (found: readonly StoredItem[]): SnapshotItem[] =>
      found.filter(shows).map((item) => this.#show(item, resource, this.#shownInList));
    if (this.capabilities.changes === 'list')
      return { kind: 'complete', window, items: itemsAmong(known) };

    const next = `${window.version}:${this.calendar.sequence}`;
    const since = this.#sequenceOf(cursor, window);
    if (since === undefined)
      return { kind: 'complete', window, items: itemsAmong(known), cursor: next };
    const changed = known.filter(({ sequence }) => sequence > since);
    return {
      kind: 'changes',
      window,
      items: itemsAmong(changed),
      removed: changed.filter((item) => !shows(item)).map(({ id }) => id),
      seriesScopes: [],
      cursor: next,
    };
  }

  async readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    await context.beforeCall();
    this.#checkResource(resource);
    return ids.map((id): Verdict => {
      const item = this.calendar.get(id);
      if (item === undefined || item.state === 'removed') return { kind: 'gone' };
      if (!item.resources.includes(resource)) return { kind: 'elsewhere' };
      return { kind: 'alive', item: this.#show(item, resource) };
    });
  }

  protected async writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    await context.beforeCall();
    this.#checkResource(resource);
    return writes.map((write) => this.#apply(resource, write));
  }

  #apply(resource: ResourceId, write: BridgeWrite): WriteOutcome {
    if (write.kind === 'create') return this.#create(resource, write);
    const item = this.calendar.get(write.id);
    if (item === undefined || item.state === 'removed' || !item.resources.includes(resource))
      return write.kind === 'cancel' ? { kind: 'applied' } : { kind: 'missing' };
    if (item.rights !== 'full')
      return { kind: 'failed', error: new BridgeError('rejected', `${item.id} is not ours`) };
    if ('version' in write && this.#isStale(item, write.version)) return { kind: 'stale' };
    switch (write.kind) {
      case 'update':
        return this.#update(resource, item, write);
      case 'cancel':
        this.calendar.remove(item.id);
        return { kind: 'applied' };
      case 'suspend':
      case 'resume':
        return this.#changeSlot(resource, item, write);
      default:
        return assertNever(write);
    }
  }

  #create(resource: ResourceId, write: CreateWrite): WriteOutcome {
    const { stamps, writable } = this.capabilities;
    const repeated = stamps ? this.calendar.byIdempotencyKey(write.idempotencyKey) : undefined;
    if (repeated !== undefined)
      return repeated.state === 'removed'
        ? { kind: 'duplicate' }
        : { kind: 'duplicate', item: this.#show(repeated, resource) };
    const blank: EventContent = { ...write.content, title: '', description: '', participants: {} };
    const content = { ...blank, ...membersOf(writable, write.content, this.capabilities) };
    const holder = this.calendar.holderOf({ event: newEvent(content), resources: [resource] });
    if (holder !== undefined)
      return this.#isSameMeeting(holder, content) && !stamps
        ? { kind: 'duplicate', item: this.#show(holder, resource) }
        : { kind: 'slot-taken', detail: `held by ${holder.id}` };
    const { idempotencyKey, stamp } = write;
    const item = this.calendar.create(resource, content, stamps ? { idempotencyKey, stamp } : {});
    return { kind: 'applied', item: this.#show(item, resource) };
  }

  #update(resource: ResourceId, item: StoredItem, write: UpdateWrite): WriteOutcome {
    const event = { ...item.event, ...membersOf(write.fields, write.content, this.capabilities) };
    const holder = item.state === 'active' ? this.calendar.holderOf({ ...item, event }) : undefined;
    if (holder !== undefined) return { kind: 'slot-taken', detail: `held by ${holder.id}` };
    return {
      kind: 'applied',
      item: this.#show(this.calendar.change(item.id, { event }), resource),
    };
  }

  #changeSlot(resource: ResourceId, item: StoredItem, { kind }: SlotWrite): WriteOutcome {
    const state = kind === 'suspend' ? 'suspended' : 'active';
    const holder = kind === 'resume' ? this.calendar.holderOf(item) : undefined;
    if (holder !== undefined) return { kind: 'slot-taken', detail: `held by ${holder.id}` };
    const changed = item.state === state ? item : this.calendar.change(item.id, { state });
    return { kind: 'applied', item: this.#show(changed, resource) };
  }

  #show(
    item: StoredItem,
    resource: ResourceId,
    shown: readonly Field[] = this.capabilities.readable,
  ): SnapshotItem {
    const { stamp, modified, event } = item;
    return {
      id: item.id,
      event: onlyShown(event, shown),
      shown,
      version: this.#versionOf(item),
      rights: item.rights,
      sharedWith: item.resources.filter((other) => other !== resource),
      stamp: stamp === undefined ? { state: 'none' } : { state: 'read', stamp },
      ...(this.capabilities.lastModified ? { lastModified: modified } : {}),
      ...(item.unsupported === undefined ? {} : { unsupported: item.unsupported }),
      ...(item.state === 'suspended' ? { suspended: true } : {}),
    };
  }

  #versionOf({ sequence, event }: StoredItem): NativeVersion {
    return this.capabilities.conditionalWrites
      ? { etag: String(sequence) }
      : { raw: JSON.stringify(event) };
  }

  #isStale(item: StoredItem, version: NativeVersion | undefined): boolean {
    const present = this.#versionOf(item);
    return (
      version !== undefined &&
      'etag' in present &&
      (!('etag' in version) || version.etag !== present.etag)
    );
  }

  #isSameMeeting({ event }: StoredItem, content: EventContent): boolean {
    const [one, other] = [this.calendar.slot(event), this.calendar.slot(newEvent(content))];
    return event.title === content.title && one.start === other.start && one.end === other.end;
  }

  /** Undefined where there is no cursor, or one of another window. */
  #sequenceOf(cursor: string | undefined, window: Window): number | undefined {
    if (cursor === undefined) return undefined;
    const [, version, sequence] = /^(\d+):(\d+)$/.exec(cursor) ?? [];
    if (version === undefined || Number(sequence) < this.calendar.oldestCursor)
      throw new BridgeError('cursor-expired', `${this.key}: the cursor is too old`);
    return Number(version) === window.version ? Number(sequence) : undefined;
  }

  #checkResource(resource: ResourceId): void {
    if (!this.#resources.some(({ id }) => id === resource))
      throw new BridgeError('not-found', `${this.key} has no resource ${resource}`);
  }
}
