import { createHash } from 'node:crypto';
import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { BridgeError } from '../../model/errors.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../../model/ids.ts';
import type { Snapshot, SnapshotItem, Verdict, Window } from '../../model/snapshot.ts';
import { overlaps, type InstantRange } from '../../model/time.ts';
import type { BridgeSettings } from '../../tenants/tenant-config.ts';
import { AbstractCalendarBridge } from '../abstract-calendar-bridge.ts';
import {
  UNBOUNDED,
  type BridgeHealth,
  type BridgeWrite,
  type CalendarGroup,
  type CalendarResource,
  type CallContext,
  type Candidate,
  type WriteOutcome,
} from '../bridge.ts';
import type { HttpPorts } from '../calls/caller.ts';
import { healthBy } from '../health-check.ts';
import type { PushSource } from '../push-source.ts';
import { stableJson } from '../stable-json.ts';
import { RestApi } from './rest-api.ts';
import { RestClient } from './rest-client.ts';
import { readableFields, toItem, writableFields } from './rest-mapper.ts';
import { toGroup, toResource } from './rest-resources.ts';
import { parseRestSettings, type RestSettings } from './rest-settings.ts';
import { RestSubscriptions } from './rest-subscriptions.ts';
import { VerdictReader } from './rest-verdicts.ts';
import { RestWriter } from './rest-writes.ts';

/**
 * A calendar system over REST that is described by settings alone: addresses, names of members, the
 * key. The default is the contract the earlier service asked of booking systems. It has no change
 * feed, no versions and no stamps: every read is a complete list, and a write is known again by its
 * slot and title.
 */
export class RestBridge extends AbstractCalendarBridge {
  readonly key: BridgeKey;
  /** Other settings read and write differently: another number, and complete reads. */
  readonly mapperVersion: number;
  readonly capabilities: BridgeCapabilities;
  /** Where the settings have `list_groups`. */
  readonly listGroups?: () => Promise<readonly CalendarGroup[]>;
  /** Where the settings have `list_user_events`. */
  readonly readUserItems?: (
    userId: string,
    range: InstantRange,
    context: CallContext,
  ) => Promise<readonly SnapshotItem[]>;
  /** Where the settings have `subscribe_webhook`. */
  readonly push?: PushSource;
  readonly #settings: RestSettings;
  readonly #api: RestApi;
  readonly #ports: HttpPorts;

  /** @throws BridgeSettingsError */
  constructor(key: BridgeKey, settings: BridgeSettings, ports: HttpPorts) {
    super();
    this.key = key;
    this.#settings = parseRestSettings(settings);
    this.#ports = ports;
    this.mapperVersion = versionOf(this.#settings);
    this.capabilities = capabilitiesOf(this.#settings);
    const client = new RestClient(key, this.#settings, ports);
    this.#api = new RestApi(client, this.#settings, (first, read, pagesMax) =>
      this.collectPages(first, read, pagesMax),
    );
    if (this.capabilities.push) this.push = new RestSubscriptions(client, this.#settings);
    const { list_groups: groups, list_user_events: userEvents } = this.#settings.endpoints;
    if (groups !== undefined) this.listGroups = () => this.#listGroups();
    if (userEvents !== undefined)
      this.readUserItems = (userId, range, context) => this.#readUserItems(userId, range, context);
  }

  async listResources(): Promise<readonly CalendarResource[]> {
    const rows = await this.#api.list('list_resources', ['resources', 'data'], UNBOUNDED);
    const resources = rows.flatMap(
      (row, index) =>
        toResource(row, `${this.key}: list_resources: row ${index}`, this.#settings) ?? [],
    );
    return [...new Map(resources.map((resource) => [resource.id, resource])).values()];
  }

  async readChanges(
    resource: ResourceId,
    _cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot> {
    const rows = await this.#api.events(resource, window, context);
    const items = rows.flatMap((row) =>
      // What was asked for sticks out of the window; silence must mean the same on both sides.
      row.isEnded || !overlaps(row.slot, window) ? [] : [toItem(row, resource, this.#settings)],
    );
    return { kind: 'complete', window, items };
  }

  async readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    const candidates = ids.map((id) => ({ id }));
    return await this.#verdicts(resource, context).judge(candidates, false);
  }

  override async confirmGone(
    resource: ResourceId,
    candidates: readonly Candidate[],
    _window: Window,
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    return await this.#verdicts(resource, context).judge(candidates, true);
  }

  protected async writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    const now = this.#ports.clock.now();
    const writer = new RestWriter(this.#api, this.#settings, resource, now, context);
    const outcomes: WriteOutcome[] = [];
    for (const write of writes) outcomes.push(await writer.write(write));
    return outcomes;
  }

  async checkHealth(): Promise<BridgeHealth> {
    return await healthBy(this.#ports.clock, async () => {
      const { length } = await this.listResources();
      return `answers; ${length} resources`;
    });
  }

  /** None where the system does not know the address: groups are an optional part of the contract. */
  async #listGroups(): Promise<readonly CalendarGroup[]> {
    try {
      const rows = await this.#api.list('list_groups', ['groups', 'data'], UNBOUNDED);
      return rows.map((row, index) =>
        toGroup(row, `${this.key}: list_groups: row ${index}`, this.#settings),
      );
    } catch (error) {
      // Whether in the contract's own words or by the page of a web server.
      if (error instanceof BridgeError && error.status === 404) return [];
      throw error;
    }
  }

  async #readUserItems(
    userId: string,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly SnapshotItem[]> {
    const rows = await this.#api.eventsOfUser(userId, range, context);
    return rows.flatMap((row) => {
      if (row.isEnded || !overlaps(row.slot, range)) return [];
      const resource = (row.resources?.[0] ?? userId) as ResourceId;
      return [toItem(row, resource, this.#settings, 'none')];
    });
  }

  #verdicts(resource: ResourceId, context: CallContext): VerdictReader {
    const now = this.#ports.clock.now();
    return new VerdictReader(this.#api, this.#settings, resource, now, context);
  }
}

function versionOf(settings: RestSettings): number {
  // Neither the key nor the address says what is read or written, nor does what is announced.
  const { auth: _, baseUrl: _baseUrl, endpoints: all, ...rest } = settings;
  const { subscribe_webhook: _made, unsubscribe_webhook: _ended, ...endpoints } = all;
  const how = stableJson({ ...rest, endpoints });
  const digest = createHash('sha256').update(how).digest('hex');
  // 48 bits, so that it is exact as a number.
  return Number.parseInt(digest.slice(0, 12), 16);
}

function capabilitiesOf(settings: RestSettings): BridgeCapabilities {
  const { mappings, endpoints } = settings;
  return {
    changes: 'list',
    readable: readableFields(mappings),
    writable: writableFields(mappings),
    canBlank: true,
    titleCharsMax: settings.titleCharsMax,
    descriptionCharsMax: settings.descriptionCharsMax,
    contactNameCharsMax: settings.contactNameCharsMax,
    recurrence: 'occurrences',
    // By midnights of the system's zone.
    allDay: true,
    conditionalWrites: false,
    exclusiveSlots: settings.exclusiveSlots,
    suspends: false,
    stamps: false,
    lastModified: mappings.read.updated_at !== undefined,
    // So that each outcome can be committed before the next write is sent.
    writesPerRequestMax: 1,
    push: endpoints.subscribe_webhook !== undefined,
  };
}
