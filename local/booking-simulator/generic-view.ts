import type { BookingStore, EventRow, Resource } from './store.ts';
import { endOf, startOf } from './tables.ts';
import { instantMs } from './wall-time.ts';

type Json = Record<string, unknown>;

/** An item of `GET /api/resources`. */
export function resourceView(store: BookingStore, domain: string, resource: Resource): Json {
  const { id, name, capacity, building_id, description_json: texts = {} } = resource;
  return {
    id: String(id),
    name,
    description: texts['no'] ?? texts['en'] ?? Object.values(texts)[0] ?? '',
    type: 'room',
    capacity: capacity ?? null,
    location: store.buildingName(domain, building_id),
    active: true,
  };
}

/** An event as a list shows it: times are instants in UTC, ids are texts. */
export function eventView(
  store: BookingStore,
  domain: string,
  row: EventRow,
  resource: Resource | undefined,
): Json {
  const { createdMs, updatedMs } = store.events.stamp(domain, row.id);
  return {
    id: String(row.id),
    title: row.name,
    name: row.name,
    start_time: utc(instantMs(startOf(row))),
    end_time: utc(instantMs(endOf(row))),
    description: row.description,
    contact_name: row.contact_name,
    contact_email: row.contact_email,
    attendees: row.contact_email === '' ? [] : [row.contact_email],
    organization: row.customer_organization_name ?? '',
    status: 'confirmed',
    created_at: new Date(createdMs).toISOString(),
    updated_at: new Date(updatedMs).toISOString(),
    resource_name: resource?.name ?? '',
    location: row.building_name,
  };
}

/** What the answer to a create tells of the new event. */
export function createdView(row: EventRow, resourceId: number): Json {
  return {
    id: String(row.id),
    title: row.name,
    start_time: utc(instantMs(startOf(row))),
    end_time: utc(instantMs(endOf(row))),
    resource_id: String(resourceId),
  };
}

/** Whole seconds, as the columns keep them. */
function utc(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
