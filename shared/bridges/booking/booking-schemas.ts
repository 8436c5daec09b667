import * as z from 'zod';

/** PHP and its database driver give whole numbers as numbers or as digits. */
const wholeNumber = z.union(
  [
    z.int(),
    z
      .string()
      .regex(/^\d+$/)
      .transform((digits) => Number(digits)),
  ],
  'expected a whole number',
);

/** Schedule rows have 0 or 1, event objects have true or false. */
const flag = z.union(
  [z.boolean(), z.literal([0, 1, '0', '1']).transform((value) => Number(value) === 1)],
  'expected a flag',
);

/** A member that is null says as little as one that is left out. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

/** Schedule rows name resources by objects, event objects by ids. */
const resourceIds = z
  .array(z.union([wholeNumber, z.object({ id: wholeNumber }).transform(({ id }) => id)]))
  .optional();

const reservation = {
  id: wholeNumber,
  active: flag.default(true),
  /** ISO 8601 with an offset; by-id allocations have the column's naive wall clock. */
  from_: z.string(),
  to_: z.string(),
  resources: resourceIds,
};

const event = {
  ...reservation,
  name: text,
  description: text,
  contact_name: text,
  contact_email: text,
};

const EventRow = z.object({ type: z.literal('event'), ...event });
const BookingRow = z.object({ type: z.literal('booking'), ...reservation, group_name: text });
const AllocationRow = z.object({
  type: z.literal('allocation'),
  ...reservation,
  organization_name: text,
});

const RowSchema = z.discriminatedUnion('type', [EventRow, BookingRow, AllocationRow]);
export type ScheduleRow = z.output<typeof RowSchema>;

/** A row as it was parsed, and the same row as it was sent, with the members nobody asked for. */
export interface Read<Row = ScheduleRow> {
  readonly row: Row;
  readonly raw: unknown;
}

function withRaw<Row>(schema: z.ZodType<Row>): z.ZodType<Read<Row>> {
  return z.unknown().transform((raw, context) => {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return { row: parsed.data, raw };
    for (const { path, message } of parsed.error.issues)
      context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  });
}

/** `GET /booking/resources/{id}/schedule`. */
export const ScheduleSchema = z.array(withRaw<ScheduleRow>(RowSchema));

/** `GET /booking/events/{id}`: no `type`, since the route says it. */
export const EventSchema = withRaw<ScheduleRow>(
  z.object(event).transform((members) => ({ type: 'event' as const, ...members })),
);

/** `GET /booking/allocations/{id}`: ids of its organization and season, but no names. */
export const AllocationSchema = withRaw<ScheduleRow>(
  z
    .object({ ...reservation, organization_name: text })
    .transform((members) => ({ type: 'allocation' as const, ...members })),
);

/** Answer of `POST .../events` (201), `PUT /booking/events/{id}` and `PATCH .../toggle-active`. */
export const WrittenSchema = z.object({ success: z.literal(true), event: EventSchema });

/** `POST /login`. `session_name` is the name of the query parameter that carries the id. */
export const LoginSchema = z.object({
  session_name: z.string().min(1),
  session_id: z.string().min(1),
});

/** `GET /booking/resources`. `total_records` also counts hidden ones, so it is not read. */
export const ResourcesSchema = z.object({
  results: z.array(
    z.object({
      id: wholeNumber,
      name: z.string(),
      capacity: wholeNumber.nullish(),
      /** A text for each language, as an object or as JSON in a string; PHP's empty one is a list. */
      description_json: z.unknown().optional(),
    }),
  ),
});
export type ResourceRow = z.output<typeof ResourcesSchema>['results'][number];
