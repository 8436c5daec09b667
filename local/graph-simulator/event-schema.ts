import * as z from 'zod';
import { badRequest } from './errors.ts';
import { DAYS } from './model.ts';

/** Enum values come in any case and are kept in Graph's own camelCase. */
function anyCase<const T extends readonly string[]>(...values: T) {
  const canonical = new Map(values.map((value) => [value.toLowerCase(), value]));
  return z
    .preprocess(
      (value) =>
        typeof value === 'string' ? (canonical.get(value.toLowerCase()) ?? value) : value,
      z.enum(values),
    )
    .optional();
}

const DateTimeTimeZone = z.strictObject({
  dateTime: z.string(),
  timeZone: z.string().nullish(),
});

const EmailAddress = z.strictObject({
  address: z.string(),
  name: z.string().nullish(),
});

const Location = z.strictObject({
  displayName: z.string().nullish(),
  locationEmailAddress: z.string().nullish(),
  locationUri: z.string().nullish(),
  locationType: anyCase(
    'default',
    'conferenceRoom',
    'homeAddress',
    'businessAddress',
    'geoCoordinates',
    'streetAddress',
    'hotel',
    'restaurant',
    'localBusiness',
    'postalAddress',
  ),
  uniqueId: z.string().nullish(),
  uniqueIdType: anyCase('unknown', 'locationStore', 'directory', 'private', 'bing'),
  address: z.record(z.string(), z.unknown()).nullish(),
  coordinates: z.record(z.string(), z.unknown()).nullish(),
});

const IsoDate = z.iso.date();

const RecurrenceSchema = z.strictObject({
  pattern: z.strictObject({
    type: anyCase(
      'daily',
      'weekly',
      'absoluteMonthly',
      'relativeMonthly',
      'absoluteYearly',
      'relativeYearly',
    ),
    interval: z.int().positive(),
    daysOfWeek: z.array(z.preprocess(lowerCase, z.enum(DAYS))).optional(),
    firstDayOfWeek: z.preprocess(lowerCase, z.enum(DAYS)).optional(),
    dayOfMonth: z.int().min(0).max(31).optional(),
    month: z.int().min(0).max(12).optional(),
    index: anyCase('first', 'second', 'third', 'fourth', 'last'),
  }),
  range: z.strictObject({
    type: anyCase('endDate', 'numbered', 'noEnd'),
    startDate: IsoDate,
    endDate: IsoDate.nullish(),
    numberOfOccurrences: z.int().nonnegative().nullish(),
    recurrenceTimeZone: z.string().nullish(),
  }),
});

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

const EventSchema = z.strictObject({
  subject: z.string().nullish(),
  body: z
    .strictObject({ contentType: anyCase('text', 'html'), content: z.string().nullish() })
    .nullish(),
  start: DateTimeTimeZone.optional(),
  end: DateTimeTimeZone.optional(),
  isAllDay: z.boolean().nullish(),
  location: Location.nullish(),
  locations: z.array(Location).optional(),
  attendees: z
    .array(
      z.strictObject({
        emailAddress: EmailAddress,
        type: anyCase('required', 'optional', 'resource'),
        status: z.unknown().optional(),
        proposedNewTime: z.unknown().optional(),
      }),
    )
    .max(500, 'an event has at most 500 attendees')
    .optional(),
  recurrence: RecurrenceSchema.nullish(),
  showAs: anyCase('unknown', 'free', 'tentative', 'busy', 'oof', 'workingElsewhere'),
  sensitivity: anyCase('normal', 'personal', 'private', 'confidential'),
  importance: anyCase('low', 'normal', 'high'),
  categories: z.array(z.string()).optional(),
  isReminderOn: z.boolean().nullish(),
  reminderMinutesBeforeStart: z.int().nullish(),
  responseRequested: z.boolean().nullish(),
  hideAttendees: z.boolean().nullish(),
  allowNewTimeProposals: z.boolean().nullish(),
  isOnlineMeeting: z.boolean().nullish(),
  onlineMeetingProvider: anyCase(
    'unknown',
    'skypeForBusiness',
    'skypeForConsumer',
    'teamsForBusiness',
  ),
  transactionId: z.string().nullish(),
  singleValueExtendedProperties: z
    .array(z.strictObject({ id: z.string(), value: z.string() }))
    .optional(),
});

export type EventInput = z.output<typeof EventSchema>;
export type DateTimeTimeZoneInput = z.output<typeof DateTimeTimeZone>;
export type RecurrenceInput = z.output<typeof RecurrenceSchema>;

/** Members of an event that only the service writes. */
const READ_ONLY = new Set(
  [
    'id',
    'createdDateTime',
    'lastModifiedDateTime',
    'changeKey',
    'bodyPreview',
    'hasAttachments',
    'iCalUId',
    'isCancelled',
    'isDraft',
    'isOrganizer',
    'onlineMeeting',
    'onlineMeetingUrl',
    'organizer',
    'originalStart',
    'originalStartTimeZone',
    'originalEndTimeZone',
    'responseStatus',
    'seriesMasterId',
    'type',
    'webLink',
  ].map((name) => name.toLowerCase()),
);

/** Every member name the schema knows at any depth, by its lower case. */
const MEMBER_NAMES = new Map(memberNames(EventSchema).map((name) => [name.toLowerCase(), name]));

/**
 * Checks the body of a create or update. Names of members and enum values are taken in any case.
 * @throws GraphError 400 naming the member that is unknown, read-only or wrong.
 */
export function parseEventInput(json: unknown): EventInput {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw badRequest('BadRequest', 'The body of the request is not a JSON object.');
  for (const name of Object.keys(json))
    if (READ_ONLY.has(name.toLowerCase()))
      throw badRequest('ErrorInvalidPropertySet', `The property '${name}' is read-only.`);
  const parsed = EventSchema.safeParse(canonical(json));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw badRequest(
      'RequestBodyRead',
      `The property '${issue.keys.join("', '")}' does not exist on type 'microsoft.graph.event'.`,
    );
  throw badRequest('ErrorPropertyValidationFailure', z.prettifyError(parsed.error));
}

/** Members under their canonical names, without OData annotations. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.includes('@odata.'))
      .map(([name, member]) => [MEMBER_NAMES.get(name.toLowerCase()) ?? name, canonical(member)]),
  );
}

function memberNames(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) {
    const members = Object.values(schema.shape);
    return Object.keys(schema.shape).concat(
      ...members.map((member) => memberNames(member as z.ZodType)),
    );
  }
  if (schema instanceof z.ZodArray) return memberNames(schema.element as z.ZodType);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return memberNames(schema.unwrap() as z.ZodType);
  return [];
}
