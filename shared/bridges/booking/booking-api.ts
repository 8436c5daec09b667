import { BridgeError } from '../../model/errors.ts';
import type { ResourceId } from '../../model/ids.ts';
import type { InstantRange, TimeZoneId } from '../../model/time.ts';
import type { CallContext } from '../bridge.ts';
import type { BookingClient } from './booking-client.ts';
import type { EventMembers } from './booking-fields.ts';
import { daysCovering, type ReadRow } from './booking-mapper.ts';
import {
  AllocationSchema,
  EventSchema,
  ResourcesSchema,
  ScheduleSchema,
  WrittenSchema,
  type Read,
  type ResourceRow,
} from './booking-schemas.ts';

/** Told to the system on each create; it asks for one and keeps none. */
const SOURCE = 'calendar_bridge';

/** The calls we make, one request each. Every method throws as `BookingClient.call`. */
export class BookingApi {
  readonly #client: BookingClient;
  readonly #zone: TimeZoneId;

  constructor(client: BookingClient, zone: TimeZoneId) {
    this.#client = client;
    this.#zone = zone;
  }

  /** All that are listed: active, and not hidden. A room in two buildings comes twice. */
  async resources(context: CallContext): Promise<readonly ResourceRow[]> {
    const { results } = await this.#client.call(
      // Nothing or a positive number is a page, and `total_records` cannot tell how many there are.
      { method: 'GET', path: '/booking/resources', query: { results: '-1' } },
      ResourcesSchema,
      context,
    );
    return [...new Map(results.map((row) => [row.id, row])).values()];
  }

  /** Every active row of the whole days that cover the range, so some that lie outside of it. */
  async schedule(
    resource: ResourceId,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly ReadRow[]> {
    const path = `${pathOf(resource)}/schedule`;
    const rows = await this.#client.call(
      { method: 'GET', path, query: daysCovering(range, this.#zone) },
      ScheduleSchema,
      context,
    );
    return rows.map(({ row, raw }) => ({ row, raw, source: 'schedule' }));
  }

  /** Also an inactive one. */
  async event(id: number, context: CallContext): Promise<ReadRow> {
    const path = `/booking/events/${id}`;
    return byId(await this.#client.call({ method: 'GET', path }, EventSchema, context));
  }

  /** Also an inactive one. */
  async allocation(id: number, context: CallContext): Promise<ReadRow> {
    const path = `/booking/allocations/${id}`;
    return byId(await this.#client.call({ method: 'GET', path }, AllocationSchema, context));
  }

  /** @throws BridgeError `conflict` where another active event holds the slot. */
  async createEvent(
    resource: ResourceId,
    { name, ...members }: EventMembers,
    context: CallContext,
  ): Promise<ReadRow> {
    const { event } = await this.#client.call(
      {
        method: 'POST',
        path: `${pathOf(resource)}/events`,
        body: { title: name, ...members, source: SOURCE },
      },
      WrittenSchema,
      context,
    );
    return byId(event);
  }

  /** Sets the members that are there. @throws BridgeError `conflict` as `createEvent`. */
  async updateEvent(id: number, members: EventMembers, context: CallContext): Promise<ReadRow> {
    const { event } = await this.#client.call(
      { method: 'PUT', path: `/booking/events/${id}`, body: members },
      WrittenSchema,
      context,
    );
    return byId(event);
  }

  /** Always says which: without a body the route flips, and a repeat would undo itself. */
  async setActive(id: number, active: 0 | 1, context: CallContext): Promise<ReadRow> {
    const { event } = await this.#client.call(
      { method: 'PATCH', path: `/booking/events/${id}/toggle-active`, body: { active } },
      WrittenSchema,
      context,
    );
    return byId(event);
  }
}

/** A resource is a number there; anything else is answered as a defect of the server. */
function pathOf(resource: ResourceId): string {
  if (/^\d+$/.test(resource)) return `/booking/resources/${resource}`;
  throw new BridgeError('not-found', 'booking system: a resource is named by its number there');
}

function byId(read: Read): ReadRow {
  return { ...read, source: 'id' };
}
