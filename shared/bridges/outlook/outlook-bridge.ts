import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { BridgeError } from '../../model/errors.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../../model/ids.ts';
import type { Snapshot, SnapshotItem, Verdict, Window } from '../../model/snapshot.ts';
import type { InstantRange, TimeZoneId } from '../../model/time.ts';
import { AbstractCalendarBridge } from '../abstract-calendar-bridge.ts';
import type {
  BridgeHealth,
  BridgeWrite,
  CalendarGroup,
  CalendarResource,
  CallContext,
  WriteOutcome,
} from '../bridge.ts';
import { GraphBatches, REQUESTS_PER_BATCH_MAX } from './graph-batch.ts';
import { noHold, type GraphClient, type OutlookPorts } from './graph-client.ts';
import { readDelta } from './graph-delta.ts';
import { graphRequest, type GraphPath } from './graph-requests.ts';
import { parsePage } from './graph-schemas.ts';
import { listRoomLists, listRooms, readUserEvents, type ListAll } from './outlook-directory.ts';
import { OutlookItems } from './outlook-items.ts';
import {
  DESCRIPTION_CHARS_MAX,
  isCancelled,
  isOutside,
  MAPPER_VERSION,
  TITLE_CHARS_MAX,
  toItem,
  itemReader,
  type ItemReader,
} from './outlook-mapper.ts';
import { absentMasters, seriesScopesOf, wholeEvents } from './outlook-series.ts';
import { OutlookSubscriptions } from './outlook-subscriptions.ts';
import { OutlookWriter } from './outlook-writer.ts';

export interface OutlookBridgeOptions {
  readonly key: BridgeKey;
  readonly client: GraphClient;
  readonly ports: OutlookPorts;
  /** The tenant's: all-day events take their days in it. */
  readonly timeZone: TimeZoneId;
  /** Private and confidential events of rooms are read like any other; those of people never are. */
  readonly copiesPrivate: boolean;
  /** Only rooms of this room list (an address) or group (an object id) are listed. */
  readonly groupId?: string;
}

const LIST_PAGES_MAX = 1000;

/** Rooms of Microsoft 365 by Microsoft Graph v1.0. A resource's id is the room's mailbox address. */
export class OutlookBridge extends AbstractCalendarBridge {
  readonly key: BridgeKey;
  readonly mapperVersion = MAPPER_VERSION;
  readonly capabilities: BridgeCapabilities = {
    changes: 'delta',
    readable: ['title', 'slot', 'description', 'contact'],
    writable: ['title', 'slot', 'description'],
    canBlank: true,
    titleCharsMax: TITLE_CHARS_MAX,
    descriptionCharsMax: DESCRIPTION_CHARS_MAX,
    contactNameCharsMax: 255,
    recurrence: 'occurrences',
    allDay: true,
    conditionalWrites: true,
    exclusiveSlots: false,
    suspends: false,
    stamps: true,
    lastModified: true,
    writesPerRequestMax: REQUESTS_PER_BATCH_MAX,
    push: true,
  };
  readonly push: OutlookSubscriptions;
  readonly #options: OutlookBridgeOptions;
  readonly #toItem: ItemReader;
  readonly #items: OutlookItems;
  readonly #writer: OutlookWriter;

  constructor(options: OutlookBridgeOptions) {
    super();
    this.key = options.key;
    this.#options = options;
    this.push = new OutlookSubscriptions(options.client, this.#all);
    const batches = new GraphBatches(options.client, options.ports);
    const { timeZone, ports } = options;
    this.#toItem = itemReader(options);
    this.#items = new OutlookItems(batches, this.#toItem);
    this.#writer = new OutlookWriter(this.#items, this.#toItem, timeZone, ports.clock);
  }

  async readChanges(
    resource: ResourceId,
    cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot> {
    const round = await readDelta(this.#options.client, {
      mailbox: resource,
      cursor,
      window,
      beforeCall: () => context.beforeCall(),
    });
    const masters = await this.#items.masters(resource, absentMasters(round.events), context);
    const items: SnapshotItem[] = [];
    const removed = [...round.removed] as ExternalId[];
    for (const event of wholeEvents(round.events, masters)) {
      const item = this.#toItem(event);
      if (isCancelled(event) || isOutside(item, window, this.#options.timeZone))
        removed.push(item.id);
      else items.push(item);
    }
    const next = round.cursor;
    return round.isComplete
      ? { kind: 'complete', window, items, cursor: next }
      : {
          kind: 'changes',
          window,
          items,
          removed,
          seriesScopes: seriesScopesOf(round.events, window),
          cursor: next,
        };
  }

  readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    return this.#items.read(resource, ids, context);
  }

  protected writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    return this.#writer.write(resource, writes, context);
  }

  async listResources(): Promise<readonly CalendarResource[]> {
    return await listRooms(this.#all, this.#options.groupId);
  }

  async listGroups(): Promise<readonly CalendarGroup[]> {
    return await listRoomLists(this.#all);
  }

  /**
   * @param userId Object id or user principal name.
   * @throws BridgeError `not-found` where the organization has no such mailbox
   */
  async readUserItems(
    userId: string,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly SnapshotItem[]> {
    const beforeCall = (): Promise<void> => context.beforeCall();
    const events = await readUserEvents(this.#all, userId, range, beforeCall);
    return events
      .filter((event) => !isCancelled(event))
      .map((event) => toItem(event, this.#options.timeZone));
  }

  async checkHealth(): Promise<BridgeHealth> {
    const { client, ports } = this.#options;
    const from = ports.clock.now();
    const health = (status: BridgeHealth['status'], detail: string): BridgeHealth => ({
      status,
      detail,
      responseMs: ports.clock.now() - from,
    });
    try {
      const what = 'listing one room';
      const request = graphRequest('GET /places/microsoft.graph.room', [], '$top=1');
      parsePage(await client.call({ ...request, what, beforeCall: noHold }), what);
      return health('healthy', 'signed in, and Graph listed a room');
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      return health(error.kind === 'throttled' ? 'degraded' : 'unhealthy', error.message);
    }
  }

  readonly #all: ListAll = ({
    path,
    what,
    parse,
    headers = {},
    beforeCall = noHold,
    mailbox,
    pagesMax = LIST_PAGES_MAX,
  }) => {
    const { client } = this.#options;
    const read = async (at: GraphPath) => {
      const whose = mailbox === undefined ? {} : { mailbox };
      const json = await client.call({
        method: 'GET',
        path: at,
        headers,
        what,
        beforeCall,
        ...whose,
      });
      const { value, nextLink } = parsePage(json, what);
      const items = value.map((item) => parse(item, what));
      if (nextLink === undefined) return { items };
      const next = client.pathOf(nextLink);
      if (next === undefined)
        throw new BridgeError('invalid-response', `Graph links to another host: ${what}`);
      return { items, next };
    };
    return this.collectPages(path, read, pagesMax);
  };
}
