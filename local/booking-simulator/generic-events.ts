import type { Context } from 'hono';
import { findConflict, newEvent } from './event-rules.ts';
import { applyGeneric, orderFaults, parseGeneric, type GenericFields } from './generic-fields.ts';
import {
  failure,
  findResource,
  idOf,
  invalid,
  type GenericCall,
  type GenericRoute,
} from './generic-routing.ts';
import { createdView } from './generic-view.ts';
import type { EventRow } from './store.ts';

const EVENT = '/api/resources/:id/events/:eventId';

export const genericEvents: readonly GenericRoute[] = [
  { method: 'POST', path: '/api/resources/:id/events', handle: createEvent },
  { method: 'PUT', path: EVENT, handle: updateEvent },
  { method: 'DELETE', path: EVENT, handle: deleteEvent },
];

/** The fields of a body, which is JSON whatever its content type says. */
async function readFields(c: Context): Promise<GenericFields | Response> {
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return failure(c, 400, ['INVALID_JSON', 'The body is no JSON object']);
  const parsed = parseGeneric(body as Record<string, unknown>);
  return parsed.ok ? parsed.fields : invalid(c, parsed.faults);
}

async function createEvent(c: Context, call: GenericCall): Promise<Response> {
  const resource = findResource(c, call);
  if (resource instanceof Response) return resource;
  const fields = await readFields(c);
  if (fields instanceof Response) return fields;
  const missing = (['title', 'start_time', 'end_time'] as const).filter(
    (name) => fields[name] === undefined,
  );
  if (missing.length > 0)
    return invalid(c, Object.fromEntries(missing.map((name) => [name, 'is required'])));
  const { store, domain, settings } = call;
  const row = applyGeneric(newEvent(store, domain, [resource.id]), fields);
  row.organizer = row.contact_name || 'Calendar Bridge';
  const refused = refusal(c, call, row, true);
  if (refused !== undefined) return refused;
  store.events.put(domain, row);
  const answer = {
    success: true,
    [settings.createdId]: String(row.id),
    message: 'Event created',
    event: createdView(row, resource.id),
  };
  return c.json(answer, 201);
}

/** An active event of the room in the path. */
function findEvent(c: Context, call: GenericCall): EventRow | Response {
  const resource = findResource(c, call);
  if (resource instanceof Response) return resource;
  const id = idOf(c.req.param('eventId'));
  const event = id === undefined ? undefined : call.store.events.get(call.domain, id);
  if (event?.active === 1 && event.resources.includes(resource.id)) {
    call.touches(event.resources);
    return event;
  }
  const details = { event_id: c.req.param('eventId') ?? '' };
  return failure(c, 404, ['EVENT_NOT_FOUND', 'Event not found'], details);
}

async function updateEvent(c: Context, call: GenericCall): Promise<Response> {
  const event = findEvent(c, call);
  if (event instanceof Response) return event;
  const fields = await readFields(c);
  if (fields instanceof Response) return fields;
  if (Object.values(fields).every((value) => value === undefined))
    return failure(c, 400, ['NOTHING_TO_CHANGE', 'The body names no member to change']);
  const row = applyGeneric(event, fields);
  const moves = fields.start_time !== undefined || fields.end_time !== undefined;
  const refused = refusal(c, call, row, moves);
  if (refused !== undefined) return refused;
  call.store.events.put(call.domain, row);
  return c.json({ success: true, event_id: String(row.id), message: 'Event updated' });
}

/** Ends the event for every room it holds; its row stays, inactive. */
function deleteEvent(c: Context, call: GenericCall): Response {
  const event = findEvent(c, call);
  if (event instanceof Response) return event;
  call.store.events.put(call.domain, { ...event, active: 0 });
  return c.json({ success: true, event_id: String(event.id), message: 'Event deleted' });
}

function refusal(
  c: Context,
  { store, domain }: GenericCall,
  row: EventRow,
  moves: boolean,
): Response | undefined {
  const faults = orderFaults(row);
  if (Object.keys(faults).length > 0) return invalid(c, faults);
  const conflict = moves ? findConflict(store, domain, row) : undefined;
  if (conflict === undefined) return undefined;
  return failure(c, 409, ['SLOT_TAKEN', 'The time is taken'], { conflict });
}
