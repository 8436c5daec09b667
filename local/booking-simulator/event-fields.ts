import * as z from 'zod';
import type { EventRow } from './store.ts';
import { endOf, startOf } from './tables.ts';
import { columnTime, instantMs, sentInstantMs } from './wall-time.ts';

const int = z.union(
  [
    z.int(),
    z.boolean().transform(Number),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ],
  'must be an integer',
);

export const anyText = z.union([z.string(), z.number().transform(String)], 'must be a string');

/** The real system measures text in bytes of UTF-8, so a Norwegian letter counts twice. */
export function text(maxBytes: number): z.ZodType<string> {
  return anyText.refine(
    (value) => Buffer.byteLength(value) <= maxBytes,
    `must be ${maxBytes} characters or less`,
  );
}

export const email = anyText.refine(
  (value) => value === '' || z.email().safeParse(value).success,
  'must be a valid email address',
);

const time = z
  .string('must be a valid date/time')
  .refine((value) => columnTime(value) !== undefined, 'must be a valid date/time');

/** Fields of an event as its model names them; whatever else is sent (also `title`) is dropped. */
const FieldsSchema = z
  .object({
    active: int,
    name: text(255),
    organizer: text(255),
    description: anyText,
    equipment: anyText,
    homepage: text(255),
    contact_name: text(50),
    contact_email: email,
    contact_phone: text(50),
    from_: time,
    to_: time,
    activity_id: int,
    cost: z.coerce.number('must be a number').nonnegative('must not be negative'),
    skip_bas: int,
    completed: int,
    reminder: int,
    is_public: int,
    include_in_list: int,
    customer_internal: int,
    access_requested: int,
    participant_limit: int.refine((value) => value >= 0, 'must not be negative'),
    customer_identifier_type: anyText,
    customer_ssn: anyText,
    customer_organization_number: anyText,
    customer_organization_id: int,
    customer_organization_name: anyText,
    additional_invoice_information: anyText,
    resources: z.array(int, 'must be a list of ids').min(1, 'must not be empty'),
    agegroups: z.array(z.object({ agegroup_id: int, male: int, female: int })),
    audience: z.array(int),
  })
  .partial();

/** Checked fields. The times are still the texts that were sent. */
export type EventFields = Omit<z.infer<typeof FieldsSchema>, 'from_' | 'to_'> & {
  sentFrom?: string | undefined;
  sentTo?: string | undefined;
};

/** The fields a body sets, or one sentence for each that is wrong. */
export function parseFields(
  sent: Record<string, unknown>,
): { ok: true; fields: EventFields } | { ok: false; details: string[] } {
  const parsed = FieldsSchema.safeParse(sent);
  if (parsed.success) {
    const { from_: sentFrom, to_: sentTo, ...rest } = parsed.data;
    return { ok: true, fields: { ...rest, sentFrom, sentTo } };
  }
  const details = parsed.error.issues.map(
    (issue) => `${label(String(issue.path[0]))} ${issue.message}`,
  );
  return { ok: false, details };
}

/** An event after a write: what was sent over what is there, times as the column keeps them. */
export function applyFields(event: EventRow, fields: EventFields): EventRow {
  const { sentFrom, sentTo, ...rest } = fields;
  const set = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) as Partial<EventRow>;
  return {
    ...event,
    ...set,
    from: columnTime(sentFrom ?? event.from) ?? event.from,
    to: columnTime(sentTo ?? event.to) ?? event.to,
    from_second_run: sentFrom === undefined && event.from_second_run === true,
    to_second_run: sentTo === undefined && event.to_second_run === true,
  };
}

/** Rules over the whole event. Sent offsets count here, though the column drops them. */
export function wholeEventErrors(event: EventRow, fields: EventFields): string[] {
  const errors: string[] = [];
  if (event.name === '') errors.push('Name is required');
  const { sentFrom, sentTo } = fields;
  const from = sentFrom === undefined ? instantMs(startOf(event)) : sentInstantMs(sentFrom);
  const to = sentTo === undefined ? instantMs(endOf(event)) : sentInstantMs(sentTo);
  if (from >= to) errors.push('The end must be later than the start');
  return errors;
}

function label(field: string): string {
  const words = field.replaceAll('_', ' ').trimEnd();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
