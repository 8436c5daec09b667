import type { Context } from 'hono';
import { isEmpty, phpInt, readBody } from './body.ts';
import { applyFields, parseFields, wholeEventErrors, type EventFields } from './event-fields.ts';
import { findConflict, newEvent } from './event-rules.ts';
import type { Call, Route } from './routing.ts';
import { eventObject } from './serialize.ts';
import type { EventRow } from './store.ts';

export const eventRoutes: Route[] = [
  { method: 'POST', path: '/booking/resources/:id/events', handle: createForResource },
  { method: 'POST', path: '/booking/events', handle: createForResources },
  { method: 'GET', path: '/booking/events/:id', handle: getEvent },
  { method: 'PUT', path: '/booking/events/:id', handle: updateEvent },
  { method: 'PATCH', path: '/booking/events/:id/toggle-active', handle: toggleActive },
  { method: 'DELETE', path: '/booking/events/:id', handle: deleteEvent, personOnly: true },
];

/** Fields that a new event takes from the request; REST forces all others. */
const SENT_ON_CREATE = new Set([
  'from_',
  'to_',
  'description',
  'contact_name',
  'contact_email',
  'contact_phone',
  'homepage',
  'equipment',
  'participant_limit',
  'activity_id',
  'agegroups',
  'audience',
]);

async function createForResource(c: Context, call: Call): Promise<Response> {
  const resourceId = phpInt(c.req.param('id'));
  if (resourceId <= 0) return c.json({ error: 'Invalid resource ID' }, 400);
  call.touches([resourceId]);
  if (call.store.resource(call.domain, resourceId)?.active !== 1)
    return c.json({ error: 'Resource not found' }, 404);
  const body = await readBody(c.req.raw);
  if (!body.ok) return c.json({ error: body.error }, 400);
  const missing = missingField(body.fields, ['title', 'from_', 'to_', 'source']);
  if (missing !== undefined) return c.json({ error: `Missing required field: ${missing}` }, 400);
  const made = create(c, call, [resourceId], body.fields);
  if (made instanceof Response) return made;
  const { row, sent } = made;
  const event = eventObject(row, sent);
  return c.json({ id: row.id, event_id: row.id, success: true, event }, 201);
}

async function createForResources(c: Context, call: Call): Promise<Response> {
  const body = await readBody(c.req.raw);
  if (!body.ok) return c.json({ error: body.error }, 400);
  const missing = missingField(body.fields, ['title', 'from_', 'to_', 'resource_ids']);
  if (missing !== undefined) return c.json({ error: `Missing required field: ${missing}` }, 400);
  const asked = body.fields['resource_ids'];
  const list: unknown = typeof asked === 'string' ? asked.split(',') : asked;
  if (!Array.isArray(list)) return c.json({ error: 'resource_ids must be a list of ids' }, 400);
  const ids = [...new Set(list.map(phpInt))].filter((id) => id > 0);
  if (ids.length === 0) return c.json({ error: 'resource_ids holds no valid id' }, 400);
  call.touches(ids);
  const unknown = ids.filter((id) => call.store.resource(call.domain, id)?.active !== 1);
  if (unknown.length > 0)
    return c.json({ error: `Resource not found: ${unknown.join(', ')}` }, 404);
  const made = create(c, call, ids, body.fields);
  if (made instanceof Response) return made;
  const { row, sent } = made;
  const message = `Event created for ${ids.length} resources`;
  const event = eventObject(row, sent);
  return c.json(
    { success: true, id: row.id, event_id: row.id, message, event, resources: ids },
    201,
  );
}

function missingField(fields: Record<string, unknown>, required: string[]): string | undefined {
  return required.find((field) => isEmpty(fields[field]));
}

function create(
  c: Context,
  call: Call,
  resourceIds: number[],
  body: Record<string, unknown>,
): Response | { row: EventRow; sent: EventFields } {
  const taken = Object.entries(body).filter(
    ([field, value]) => (call.person || SENT_ON_CREATE.has(field)) && !isEmpty(value),
  );
  const parsed = parseFields({ ...Object.fromEntries(taken), name: body['title'] });
  if (!parsed.ok) return c.json({ error: 'Validation failed', details: parsed.details }, 400);
  const row = applyFields(newEvent(call.store, call.domain, resourceIds), parsed.fields);
  if (row.organizer === '') row.organizer = row.contact_name || 'Calendar Bridge';
  const details = wholeEventErrors(row, parsed.fields);
  if (details.length > 0) return c.json({ error: 'Validation failed', details }, 400);
  const conflict = findConflict(call.store, call.domain, row);
  if (conflict !== undefined) return conflictResponse(c, conflict);
  call.store.events.put(call.domain, row);
  call.saved({ changeType: 'created', entityType: 'event', row });
  return { row, sent: parsed.fields };
}

function findEvent(c: Context, call: Call): EventRow | Response {
  const id = phpInt(c.req.param('id'));
  if (id <= 0) return c.json({ error: 'Invalid event ID' }, 400);
  const event = call.store.events.get(call.domain, id);
  if (event === undefined) return c.json({ error: 'Event not found' }, 404);
  call.touches(event.resources);
  return event;
}

function getEvent(c: Context, call: Call): Response {
  const event = findEvent(c, call);
  return event instanceof Response ? event : c.json(eventObject(event));
}

async function updateEvent(c: Context, call: Call): Promise<Response> {
  const event = findEvent(c, call);
  if (event instanceof Response) return event;
  const body = await readBody(c.req.raw);
  if (!body.ok) return c.json({ error: body.error }, 400);
  // Over REST an empty value counts as not sent, so nothing can be blanked; web pages can.
  const sent = Object.entries(body.fields).filter(([, value]) => call.person || !isEmpty(value));
  if (sent.length === 0) return c.json({ error: 'No update data provided' }, 400);
  const parsed = parseFields(Object.fromEntries(sent));
  if (!parsed.ok) return c.json({ error: 'Validation failed', details: parsed.details }, 400);
  const { fields } = parsed;
  const row = applyFields(event, fields);
  call.touches([...new Set([...event.resources, ...row.resources])]);
  const details = wholeEventErrors(row, fields);
  if (details.length > 0) return c.json({ error: 'Validation failed', details }, 400);
  if (row.resources.some((id) => call.store.resource(call.domain, id) === undefined))
    return c.json({ error: 'Failed to update event' }, 500);
  const moves =
    fields.sentFrom !== undefined || fields.sentTo !== undefined || fields.resources !== undefined;
  if (moves || event.active !== 1) {
    const conflict = findConflict(call.store, call.domain, row);
    if (conflict !== undefined) return conflictResponse(c, conflict);
  }
  call.store.events.put(call.domain, row);
  call.saved({ changeType: 'updated', entityType: 'event', row });
  return c.json({ success: true, event: eventObject(row, fields) });
}

async function toggleActive(c: Context, call: Call): Promise<Response> {
  const event = findEvent(c, call);
  if (event instanceof Response) return event;
  const body = await readBody(c.req.raw, { mayBeBlank: true });
  if (!body.ok) return c.json({ error: body.error }, 400);
  const asked = body.fields['active'] ?? undefined;
  const active = asked === undefined ? event.active !== 1 : !isEmpty(asked);
  const row: EventRow = { ...event, active: active ? 1 : 0 };
  if (active && event.active !== 1) {
    const conflict = findConflict(call.store, call.domain, row);
    if (conflict !== undefined) return conflictResponse(c, conflict);
  }
  call.store.events.put(call.domain, row);
  call.saved({ changeType: 'updated', entityType: 'event', row });
  const message = active ? 'Event activated' : 'Event deactivated';
  return c.json({ success: true, message, event_id: row.id, active, event: eventObject(row) });
}

function deleteEvent(c: Context, call: Call): Response {
  const event = findEvent(c, call);
  if (event instanceof Response) return event;
  call.store.events.delete(call.domain, event.id);
  call.saved({ changeType: 'deleted', entityType: 'event', row: event });
  return c.json({ success: true });
}

function conflictResponse(c: Context, details: string): Response {
  return c.json({ error: 'Time conflict detected', details }, 409);
}
