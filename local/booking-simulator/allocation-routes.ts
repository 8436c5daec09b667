import type { Context } from 'hono';
import * as z from 'zod';
import { isEmpty, phpInt, readBody } from './body.ts';
import type { Call, Route } from './routing.ts';
import { allocationObject } from './serialize.ts';
import type { AllocationRow, BookingStore } from './store.ts';
import { columnTime, sentInstantMs } from './wall-time.ts';

/** Bookings have no single-item route: only the web pages change them. */
export const allocationRoutes: Route[] = [
  { method: 'POST', path: '/booking/allocations', handle: createAllocation },
  { method: 'GET', path: '/booking/allocations/:id', handle: getAllocation },
  { method: 'PUT', path: '/booking/allocations/:id', handle: updateAllocation },
  { method: 'DELETE', path: '/booking/allocations/:id', handle: deleteAllocation },
  { method: 'PUT', path: '/booking/bookings/:id', handle: updateBooking, personOnly: true },
  { method: 'DELETE', path: '/booking/bookings/:id', handle: deleteBooking, personOnly: true },
];

const REQUIRED = ['organization_id', 'season_id', 'from_', 'to_', 'resource_ids'];

const time = z.string().refine((text) => columnTime(text) !== undefined);

/** What a write may set on an allocation or booking; other fields are dropped. */
const ChangeSchema = z
  .object({
    active: z.coerce.number().int(),
    organization_id: z.coerce.number().int(),
    season_id: z.coerce.number().int(),
    cost: z.coerce.number(),
    completed: z.coerce.number().int(),
    skip_bas: z.coerce.number().int(),
    additional_invoice_information: z.string(),
    building_name: z.string(),
    from_: time,
    to_: time,
    resources: z.array(z.coerce.number().int()).min(1),
  })
  .partial();

type Change = z.infer<typeof ChangeSchema>;

async function createAllocation(c: Context, call: Call): Promise<Response> {
  const body = await readBody(c.req.raw);
  if (!body.ok) return c.json({ error: `Internal server error: ${body.error}` }, 500);
  const missing = REQUIRED.find((field) => isEmpty(body.fields[field]));
  if (missing !== undefined) return c.json({ error: `Missing required field: ${missing}` }, 400);
  const change = parseChange({ ...body.fields, resources: body.fields['resource_ids'] });
  const organizationId = phpInt(body.fields['organization_id']);
  const row = applyChange<AllocationRow>(
    {
      ...ALLOCATION_DEFAULTS,
      id: call.store.allocations.nextId(call.domain),
      organization_id: organizationId,
      organization_name: organizationName(call.store, call.domain, organizationId),
    },
    change ?? {},
  );
  return saveAllocation(c, call, row, change, (allocation) =>
    c.json({ success: true, id: row.id, allocation }, 201),
  );
}

const ALLOCATION_DEFAULTS: Omit<AllocationRow, 'id' | 'organization_id' | 'organization_name'> = {
  active: 1,
  from: '',
  to: '',
  resources: [],
  building_name: 'Unknown',
  completed: 0,
  skip_bas: 0,
  cost: 0,
  organization_shortname: '',
  season_id: 1,
  additional_invoice_information: '',
};

/** Organizations are no rows of their own here; one is known by an allocation it already has. */
function organizationName(store: BookingStore, domain: string, id: number): string {
  for (const { id: resourceId } of store.resources(domain)) {
    const known = store.allocations
      .ofResource(domain, resourceId)
      .find((row) => row.organization_id === id);
    if (known !== undefined) return known.organization_name;
  }
  return `Organization ${id}`;
}

function findAllocation(c: Context, call: Call): AllocationRow | Response {
  const row = call.store.allocations.get(call.domain, phpInt(c.req.param('id')));
  if (row === undefined) return c.json({ error: 'Allocation not found' }, 404);
  call.touches(row.resources);
  return row;
}

function getAllocation(c: Context, call: Call): Response {
  const row = findAllocation(c, call);
  return row instanceof Response ? row : c.json(allocationObject(row));
}

async function updateAllocation(c: Context, call: Call): Promise<Response> {
  const row = findAllocation(c, call);
  if (row instanceof Response) return row;
  const body = await readBody(c.req.raw);
  if (!body.ok) return c.json({ error: `Internal server error: ${body.error}` }, 500);
  const sent = Object.entries(body.fields).filter(([, value]) => value !== null);
  if (sent.length === 0) return c.json({ error: 'No update data provided' }, 400);
  const change = parseChange(Object.fromEntries(sent));
  return saveAllocation(c, call, applyChange(row, change ?? {}), change, (allocation) =>
    c.json({ success: true, allocation }),
  );
}

function deleteAllocation(c: Context, call: Call): Response {
  const row = findAllocation(c, call);
  if (row instanceof Response) return row;
  call.store.allocations.delete(call.domain, row.id);
  call.saved({ changeType: 'deleted', entityType: 'allocation', row });
  return c.json({ success: true, message: 'Allocation deleted' });
}

function parseChange(fields: Record<string, unknown>): Change | undefined {
  const parsed = ChangeSchema.safeParse(fields);
  return parsed.success ? parsed.data : undefined;
}

function applyChange<T extends { from: string; to: string }>(row: T, change: Change): T {
  const { from_: sentFrom, to_: sentTo, ...rest } = change;
  const set = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...row,
    ...(Object.fromEntries(set) as Partial<T>),
    from: columnTime(sentFrom ?? row.from) ?? row.from,
    to: columnTime(sentTo ?? row.to) ?? row.to,
  };
}

function saveAllocation(
  c: Context,
  call: Call,
  row: AllocationRow,
  change: Change | undefined,
  answer: (allocation: Record<string, unknown>) => Response,
): Response {
  call.touches(row.resources);
  if (change === undefined || sentInstantMs(row.from) >= sentInstantMs(row.to)) {
    const details = { time: 'The times are not valid, or the end is not later than the start' };
    return c.json({ error: 'Validation failed', details }, 400);
  }
  const details = conflicts(call.store, call.domain, row);
  if (Object.keys(details).length > 0)
    return c.json({ error: 'Time conflict detected', details }, 409);
  const isNew = call.store.allocations.get(call.domain, row.id) === undefined;
  call.store.allocations.put(call.domain, row);
  const changeType = isNew ? 'created' : 'updated';
  call.saved({ changeType, entityType: 'allocation', row });
  return answer(allocationObject(row));
}

/** An allocation collides with events, other allocations, and bookings that are not part of it. */
function conflicts(
  store: BookingStore,
  domain: string,
  row: AllocationRow,
): Record<string, string> {
  const { events, allocations, bookings } = store;
  const found: Record<string, string> = {};
  for (const id of row.resources) {
    const window = [domain, id, row.from, row.to] as const;
    const event = events.overlapping(...window)[0];
    const allocation = allocations.overlapping(...window).find((other) => other.id !== row.id);
    const booking = bookings.overlapping(...window).find((b) => b.allocation_id !== row.id);
    if (event !== undefined) found['conflict_event'] = `Overlaps event #${event.id}`;
    if (allocation !== undefined)
      found['conflict_allocation'] = `Overlaps allocation #${allocation.id}`;
    if (booking !== undefined) found['conflict_booking'] = `Overlaps booking #${booking.id}`;
  }
  return found;
}

async function updateBooking(c: Context, call: Call): Promise<Response> {
  const before = call.store.bookings.get(call.domain, phpInt(c.req.param('id')));
  if (before === undefined) return c.json({ error: 'Booking not found' }, 404);
  const body = await readBody(c.req.raw);
  const change = body.ok ? parseChange(body.fields) : undefined;
  if (change === undefined) return c.json({ error: 'Validation failed' }, 400);
  const row = applyChange(before, change);
  call.store.bookings.put(call.domain, row);
  call.saved({ changeType: 'updated', entityType: 'booking', row });
  return c.json({ success: true, id: row.id });
}

function deleteBooking(c: Context, call: Call): Response {
  const row = call.store.bookings.get(call.domain, phpInt(c.req.param('id')));
  if (row === undefined) return c.json({ error: 'Booking not found' }, 404);
  call.store.bookings.delete(call.domain, row.id);
  call.saved({ changeType: 'deleted', entityType: 'booking', row });
  return c.json({ success: true });
}
