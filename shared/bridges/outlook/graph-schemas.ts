import * as z from 'zod';
import { BridgeError } from '../../model/errors.ts';

/** A wall clock of up to seven fractional digits, and its zone by its Windows or IANA name. */
const DateTimeTimeZoneSchema = z.object({ dateTime: z.string(), timeZone: z.string() });

/** The members of Graph's event resource that are read; others are dropped. */
const EventSchema = z.object({
  id: z.string().min(1),
  '@odata.etag': z.string().min(1),
  type: z.string().nullish(),
  seriesMasterId: z.string().nullish(),
  iCalUId: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.object({ contentType: z.string(), content: z.string().nullish() }).nullish(),
  start: DateTimeTimeZoneSchema,
  end: DateTimeTimeZoneSchema,
  originalStartTimeZone: z.string().nullish(),
  originalStart: z.string().nullish(),
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  isOrganizer: z.boolean().nullish(),
  attendees: z.array(z.unknown()).nullish(),
  sensitivity: z.string().nullish(),
  showAs: z.string().nullish(),
  organizer: z
    .object({
      emailAddress: z
        .object({ name: z.string().nullish(), address: z.string().nullish() })
        .nullish(),
    })
    .nullish(),
  transactionId: z.string().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).nullish(),
});

export type GraphEvent = z.output<typeof EventSchema>;

const SubscriptionSchema = z.object({
  id: z.string().min(1),
  resource: z.string(),
  notificationUrl: z.string().nullish(),
  clientState: z.string().nullish(),
  expirationDateTime: z.string(),
});
export type GraphSubscription = z.output<typeof SubscriptionSchema>;

const RemovedSchema = z.object({ id: z.string().min(1), '@removed': z.object({}) });

const PageSchema = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
});

const BatchSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

const RoomSchema = z.object({
  emailAddress: z.string().nullish(),
  displayName: z.string().nullish(),
  capacity: z.number().nullish(),
  building: z.string().nullish(),
});

const MemberSchema = z.object({
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
});

const RoomListSchema = z.object({
  emailAddress: z.string().nullish(),
  displayName: z.string().nullish(),
});

export type GraphRoomList = z.output<typeof RoomListSchema>;
export type GraphRoom = z.output<typeof RoomSchema>;
export type GraphMember = z.output<typeof MemberSchema>;
export type GraphBatchAnswer = z.output<typeof BatchSchema>['responses'][number];

/** Graph writes its enumerations in camel case; a few old answers begin with a capital. */
export function isEnum(value: string | null | undefined, member: string): boolean {
  return value?.toLowerCase() === member.toLowerCase();
}

export interface GraphPage {
  readonly value: readonly unknown[];
  readonly nextLink: string | undefined;
  readonly deltaLink: string | undefined;
}

/** @throws BridgeError `invalid-response`, as all parsers here: it names the member, no content. */
export function parseEvent(json: unknown, what: string): GraphEvent {
  return parse(EventSchema, json, what);
}

export function parsePage(json: unknown, what: string): GraphPage {
  const page = parse(PageSchema, json, what);
  const { value, '@odata.nextLink': nextLink, '@odata.deltaLink': deltaLink } = page;
  return { value, nextLink, deltaLink };
}

/** An item of a delta page: an event, or the id of one that is no longer there. */
export function parseDeltaItem(
  json: unknown,
  what: string,
): { readonly removed: string } | { readonly event: GraphEvent } {
  const isRemoved = typeof json === 'object' && json !== null && '@removed' in json;
  return isRemoved
    ? { removed: parse(RemovedSchema, json, what).id }
    : { event: parse(EventSchema, json, what) };
}

export function parseBatch(json: unknown, what: string): readonly GraphBatchAnswer[] {
  return parse(BatchSchema, json, what).responses;
}

export function parseRoom(json: unknown, what: string): GraphRoom {
  return parse(RoomSchema, json, what);
}

export function parseMember(json: unknown, what: string): GraphMember {
  return parse(MemberSchema, json, what);
}

export function parseRoomList(json: unknown, what: string): GraphRoomList {
  return parse(RoomListSchema, json, what);
}

export function parseSubscription(json: unknown, what: string): GraphSubscription {
  return parse(SubscriptionSchema, json, what);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  throw new BridgeError(
    'invalid-response',
    `Graph's answer to ${what} has another shape: ${member}: ${issue?.message ?? 'not valid'}`,
  );
}
