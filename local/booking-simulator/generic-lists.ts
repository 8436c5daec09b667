import type { Context } from 'hono';
import { parseWindow } from './generic-fields.ts';
import {
  findResource,
  invalid,
  isListed,
  type GenericCall,
  type GenericRoute,
} from './generic-routing.ts';
import { eventView, resourceView } from './generic-view.ts';
import type { EventRow } from './store.ts';
import { overlaps, startOf } from './tables.ts';
import { timeOrder } from './wall-time.ts';

export const genericLists: readonly GenericRoute[] = [
  { method: 'GET', path: '/api/resources', handle: listResources },
  { method: 'GET', path: '/api/resources/:id/events', handle: listEvents },
  { method: 'GET', path: '/api/groups', handle: listGroups },
  { method: 'GET', path: '/api/users/:id/events', handle: listUserEvents },
];

type List = 'resources' | 'events' | 'groups';

function list(
  c: Context,
  { settings }: GenericCall,
  name: List,
  items: readonly unknown[],
  more: Record<string, unknown> = {},
): Response {
  if (settings.wrapper === 'bare') return c.json(items);
  const member = settings.wrapper === 'data' ? 'data' : name;
  return c.json({ success: true, ...more, [member]: items, count: items.length });
}

function listResources(c: Context, call: GenericCall): Response {
  const { store, domain } = call;
  const resources = store
    .resources(domain)
    .filter(isListed)
    .sort((a, b) => a.id - b.id);
  return list(
    c,
    call,
    'resources',
    resources.map((resource) => resourceView(store, domain, resource)),
  );
}

/** Groups are no rows of their own here: those that have a booking. */
function listGroups(c: Context, call: GenericCall): Response {
  const groups = new Map<number, string>();
  for (const { group_id, group_name } of call.store.bookings.ofDomain(call.domain))
    if (!groups.has(group_id)) groups.set(group_id, group_name);
  return list(
    c,
    call,
    'groups',
    [...groups].map(([id, name]) => ({ id: String(id), name })),
  );
}

/** Active events only; allocations and bookings are not part of this interface. */
function listEvents(c: Context, call: GenericCall): Response {
  const resource = findResource(c, call);
  if (resource instanceof Response) return resource;
  const query = c.req.query();
  const window = parseWindow(query);
  if (!window.ok) return invalid(c, window.faults);
  const { store, domain } = call;
  const events = store.events.overlapping(domain, resource.id, window.from, window.to);
  return list(
    c,
    call,
    'events',
    inOrder(events).map((row) => eventView(store, domain, row, resource)),
    {
      resource_id: String(resource.id),
      date_range: { start: query['start_date'], end: query['end_date'] },
    },
  );
}

/** Every active event whose contact is the user, in the window where one is asked for. */
function listUserEvents(c: Context, call: GenericCall): Response {
  const { store, domain } = call;
  const user = (c.req.param('id') ?? '').toLowerCase();
  const query = c.req.query();
  const isBounded = query['start_date'] !== undefined || query['end_date'] !== undefined;
  const window = isBounded ? parseWindow(query) : { ok: true as const, from: '', to: '~' };
  if (!window.ok) return invalid(c, window.faults);
  const events = store.events
    .ofDomain(domain)
    .filter(({ active, contact_email }) => active === 1 && contact_email.toLowerCase() === user)
    .filter((row) => overlaps(row, window.from, window.to));
  return list(
    c,
    call,
    'events',
    inOrder(events).map((row) =>
      eventView(store, domain, row, store.resource(domain, row.resources[0] ?? 0)),
    ),
  );
}

function inOrder(rows: readonly EventRow[]): EventRow[] {
  const key = (row: EventRow): string => timeOrder(startOf(row));
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))) || a.id - b.id);
}
