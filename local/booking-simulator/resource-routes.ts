import type { Context } from 'hono';
import { phpInt } from './body.ts';
import type { Call, Route } from './routing.ts';
import { allocationRow, bookingRow, eventRow, resourceItem } from './serialize.ts';
import type { Resource } from './store.ts';
import { dayWindow } from './wall-time.ts';

/** Page size where a user has set no preference. */
const RESULTS_DEFAULT = 15;

export const resourceRoutes: Route[] = [
  { method: 'GET', path: '/booking/resources', handle: listResources },
  { method: 'GET', path: '/booking/resources/:id/schedule', handle: schedule },
];

function listResources(c: Context, { store, domain }: Call): Response {
  const start = phpInt(c.req.query('start') ?? 0);
  const results = phpInt(c.req.query('results') ?? RESULTS_DEFAULT);
  const sort = sortField(c.req.query('sort'));
  const dir = c.req.query('dir')?.toLowerCase() === 'desc' ? 'DESC' : 'ASC';
  const active = store.resources(domain).filter((resource) => resource.active === 1);
  const listed = active
    .filter((resource) => resource.hidden_in_frontend === 0)
    .sort((a, b) => compare(a[sort], b[sort]) * (dir === 'DESC' ? -1 : 1));
  const page = results > 0 ? listed.slice(start, start + results) : listed;
  const short = c.req.query('short') === '1';
  return c.json({
    total_records: active.length,
    start,
    sort,
    dir,
    results: page.map((resource) => resourceItem(resource, short)),
  });
}

type SortField = 'id' | 'name' | 'activity_id' | 'sort';

function sortField(asked: string | undefined): SortField {
  return asked === 'name' || asked === 'activity_id' || asked === 'sort' ? asked : 'id';
}

function compare(a: Resource[SortField], b: Resource[SortField]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function schedule(c: Context, call: Call): Response {
  const { store, domain, account } = call;
  const id = phpInt(c.req.param('id'));
  if (id <= 0) return c.json({ error: 'Invalid resource ID' }, 500);
  call.touches([id]);
  const resource = store.resource(domain, id);
  if (resource?.active !== 1) return c.json({ error: 'Resource not found' }, 404);
  const startDate = c.req.query('start_date');
  if (startDate === undefined) return c.json({ error: 'start_date is required' }, 400);
  const days = dayWindow(startDate, c.req.query('end_date'));
  if (days === undefined) return c.json({ error: 'Invalid date format (YYYY-MM-DD)' }, 400);
  // A hidden resource exists for the first check and not for the query after it.
  if (resource.hidden_in_frontend === 1) return c.json([]);
  const { from, to } = days;
  return c.json([
    ...store.allocations
      .overlapping(domain, id, from, to)
      .map((row) => allocationRow(row, resource)),
    ...store.bookings.overlapping(domain, id, from, to).map((row) => bookingRow(row, resource)),
    ...store.events
      .overlapping(domain, id, from, to)
      .map((row) => eventRow(row, resource, account)),
  ]);
}
