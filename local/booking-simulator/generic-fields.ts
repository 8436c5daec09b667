import * as z from 'zod';
import { anyText, email, text } from './event-fields.ts';
import type { EventRow } from './store.ts';
import { endOf, startOf } from './tables.ts';
import { dayWindow, timeOrder, wallTimeOf } from './wall-time.ts';

/** Why a request cannot be taken, by the name of the member at fault. */
export type Faults = Record<string, string>;

const time = z.string('must be a date with time').transform((sent, context) => {
  const wall = wallTimeOf(sent);
  if (wall !== undefined) return wall;
  context.addIssue({ code: 'custom', message: 'must be a date with time, in ISO 8601' });
  return z.NEVER;
});

/** What a write may set; whatever else is sent is dropped, `source` and `bridge_import` too. */
const FieldsSchema = z
  .object({
    title: text(255).refine((title) => title.trim() !== '', 'must not be empty'),
    start_time: time,
    end_time: time,
    description: anyText,
    contact_name: text(50),
    contact_email: email,
  })
  .partial();

export type GenericFields = z.output<typeof FieldsSchema>;

/**
 * The fields a body sets, or what is wrong with it. `name` stands for a missing `title`, the first of
 * `attendees` for a missing `contact_email`; null is the empty text.
 */
export function parseGeneric(
  body: Record<string, unknown>,
): { ok: true; fields: GenericFields } | { ok: false; faults: Faults } {
  const { attendees } = body;
  const first: unknown = Array.isArray(attendees) ? attendees[0] : undefined;
  const sent = {
    ...body,
    ...(body['title'] === undefined && 'name' in body ? { title: body['name'] } : {}),
    ...(body['contact_email'] === undefined && Array.isArray(attendees)
      ? { contact_email: first ?? '' }
      : {}),
  };
  const filled = Object.entries(sent).map(([name, value]) => [name, value ?? '']);
  const parsed = FieldsSchema.safeParse(Object.fromEntries(filled));
  if (parsed.success) return { ok: true, fields: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => [String(path[0]), message]);
  return { ok: false, faults: Object.fromEntries(faults) as Faults };
}

/** An event after a write: what was sent over what is there. An empty text blanks. */
export function applyGeneric(event: EventRow, fields: GenericFields): EventRow {
  const { title: name, start_time: start, end_time: end, ...texts } = fields;
  const set = Object.entries({ name, ...texts }).filter(([, value]) => value !== undefined);
  return {
    ...event,
    ...(Object.fromEntries(set) as Partial<EventRow>),
    ...(start === undefined ? {} : { from: start.column, from_second_run: start.isSecondRun }),
    ...(end === undefined ? {} : { to: end.column, to_second_run: end.isSecondRun }),
  };
}

/** Rules over the whole event. */
export function orderFaults(event: EventRow): Faults {
  return timeOrder(startOf(event)) < timeOrder(endOf(event))
    ? {}
    : { end_time: 'must be later than start_time' };
}

/** `start_date` and `end_date` of a list, as the store compares times. Both are needed. */
export function parseWindow(
  query: Record<string, string>,
): { ok: true; from: string; to: string } | { ok: false; faults: Faults } {
  const { start_date: start, end_date: end, format = 'json' } = query;
  const from = bound(start, 'from');
  const to = bound(end, 'to');
  const faults: Faults = {};
  if (from === undefined) faults['start_date'] = WINDOW_FAULT;
  if (to === undefined) faults['end_date'] = WINDOW_FAULT;
  if (from !== undefined && to !== undefined && from >= to)
    faults['end_date'] = 'must be later than start_date';
  if (format !== 'json') faults['format'] = 'must be json';
  if (from === undefined || to === undefined || Object.keys(faults).length > 0)
    return { ok: false, faults };
  return { ok: true, from, to };
}

const WINDOW_FAULT = 'is required: YYYY-MM-DD (the whole day), or an instant in ISO 8601';

function bound(sent: string | undefined, side: 'from' | 'to'): string | undefined {
  if (sent === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(sent)) return dayWindow(sent, sent)?.[side];
  const wall = wallTimeOf(sent);
  return wall === undefined ? undefined : timeOrder(wall);
}
