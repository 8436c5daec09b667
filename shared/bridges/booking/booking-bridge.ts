import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { FIELDS } from '../../model/fields.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../../model/ids.ts';
import type { Snapshot, Verdict, Window } from '../../model/snapshot.ts';
import { overlaps, type TimeZoneId } from '../../model/time.ts';
import type { BridgeSettings, Locale } from '../../tenants/tenant-config.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { AbstractCalendarBridge } from '../abstract-calendar-bridge.ts';
import {
  UNBOUNDED,
  type BridgeHealth,
  type BridgeWrite,
  type CalendarBridge,
  type CalendarResource,
  type CallContext,
  type Candidate,
  type WriteOutcome,
} from '../bridge.ts';
import type { HttpPorts } from '../calls/caller.ts';
import { healthBy } from '../health-check.ts';
import type { NoticeFormat } from '../notice-format.ts';
import { RestBridge } from '../rest/rest-bridge.ts';
import { REST_NOTICES } from '../rest/rest-notices.ts';
import { BookingApi } from './booking-api.ts';
import { BookingClient } from './booking-client.ts';
import { CONTACT_NAME_MAX, DESCRIPTION_MAX, TITLE_MAX } from './booking-fields.ts';
import { slotOfRow, toItem, type Place } from './booking-mapper.ts';
import { toResource } from './booking-resources.ts';
import { parseBookingSettings, type PorticoSettings } from './booking-settings.ts';
import { BookingSubscriptions } from './booking-subscriptions.ts';
import { VerdictReader } from './booking-verdicts.ts';
import { BookingWriter } from './booking-writes.ts';
import { PORTICO_NOTICES } from './portico-notices.ts';

/**
 * The bridge of a booking system from its settings: of the profile `generic` by the generic contract,
 * else Portico's.
 * @throws BridgeSettingsError
 */
export function createBookingBridge(
  key: BridgeKey,
  settings: BridgeSettings,
  ports: HttpPorts,
): CalendarBridge {
  if (settings.values['profile'] === 'generic') return new RestBridge(key, settings, ports);
  return new BookingSystemBridge(key, parseBookingSettings(settings), ports);
}

/** How the system behind such settings announces. */
export function bookingNotices({ values }: BridgeSettings): NoticeFormat {
  return values['profile'] === 'generic' ? REST_NOTICES : PORTICO_NOTICES;
}

/**
 * Portico Estate's booking system over REST. It has no change feed, no versions and no stamps:
 * every read is a complete one of whole days (one request), and a write is known again by its slot
 * and name. Only events are written; allocations and bookings are shown.
 */
export class BookingSystemBridge extends AbstractCalendarBridge {
  readonly key: BridgeKey;
  readonly mapperVersion = 2;
  readonly capabilities: BridgeCapabilities = {
    changes: 'list',
    readable: FIELDS,
    writable: FIELDS,
    // Not by the system itself: a placeholder is written, and read as nothing.
    canBlank: true,
    titleCharsMax: TITLE_MAX,
    descriptionCharsMax: DESCRIPTION_MAX,
    contactNameCharsMax: CONTACT_NAME_MAX,
    recurrence: 'occurrences',
    allDay: true,
    conditionalWrites: false,
    exclusiveSlots: true,
    suspends: true,
    stamps: false,
    lastModified: false,
    // So that each outcome can be committed before the next write is sent.
    writesPerRequestMax: 1,
    push: true,
  };
  readonly push: BookingSubscriptions;
  readonly #api: BookingApi;
  readonly #zone: TimeZoneId;
  readonly #locale: Locale;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(key: BridgeKey, settings: PorticoSettings, ports: HttpPorts) {
    super();
    this.key = key;
    this.#zone = settings.timeZone;
    this.#locale = settings.locale;
    const client = new BookingClient(settings, ports);
    this.#api = new BookingApi(client, settings.timeZone);
    this.push = new BookingSubscriptions(client, settings.timeZone, ports.clock);
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  async listResources(): Promise<readonly CalendarResource[]> {
    return (await this.#api.resources(UNBOUNDED)).map(toResource);
  }

  async readChanges(
    resource: ResourceId,
    _cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot> {
    const place = this.#placeOf(resource);
    const rows = await this.#api.schedule(resource, window, context);
    const items = rows
      // The days asked for stick out of the window; silence must mean the same as for the other side.
      .filter(({ row }) => overlaps(slotOfRow(row, this.#zone), window))
      .map((read) => toItem(read, place));
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

  override async write(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    return await super.write(resource, withSuspensions(writes), context);
  }

  protected async writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    const place = this.#placeOf(resource);
    const now = this.#clock.now();
    const writer = new BookingWriter(this.#api, place, now, this.#logger, context);
    const outcomes: WriteOutcome[] = [];
    for (const write of writes) outcomes.push(await writer.write(write));
    return outcomes;
  }

  async checkHealth(): Promise<BridgeHealth> {
    return await healthBy(this.#clock, async () => {
      const { length } = await this.#api.resources(UNBOUNDED);
      return `signed in; ${length} resources`;
    });
  }

  #placeOf(resource: ResourceId): Place {
    return { resource, zone: this.#zone, locale: this.#locale };
  }

  #verdicts(resource: ResourceId, context: CallContext): VerdictReader {
    const place = this.#placeOf(resource);
    return new VerdictReader(this.#api, place, this.#clock.now(), context);
  }
}

/** An update after a `suspend` in the same list is of an item that we made inactive. */
function withSuspensions(writes: readonly BridgeWrite[]): readonly BridgeWrite[] {
  const suspended = new Set<ExternalId>();
  return writes.map((write) => {
    if (write.kind === 'suspend') suspended.add(write.id);
    if (write.kind === 'resume') suspended.delete(write.id);
    return write.kind === 'update' && suspended.has(write.id)
      ? { ...write, suspended: true }
      : write;
  });
}
