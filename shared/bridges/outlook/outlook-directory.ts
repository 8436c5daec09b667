import type { ResourceId } from '../../model/ids.ts';
import { formatInstant, type InstantRange } from '../../model/time.ts';
import type { CalendarGroup, CalendarResource } from '../bridge.ts';
import { PREFERENCES } from './graph-client.ts';
import {
  parseEvent,
  parseGroup,
  parseMember,
  parseRoom,
  type GraphEvent,
  type GraphGroup,
  type GraphRoom,
} from './graph-schemas.ts';

/** One listing of Graph's, of as many pages as there are. */
export interface Listing<T> {
  readonly path: string;
  /** The call in words, for errors and the log: no content, no person. */
  readonly what: string;
  readonly parse: (json: unknown, what: string) => T;
  /** Sent with each page. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly beforeCall?: () => Promise<void>;
}

/** Reads a listing to its end. @throws BridgeError, also where it does not end */
export type ListAll = <T>(listing: Listing<T>) => Promise<readonly T[]>;

const DIRECTORY_PAGE_SIZE = 100;
const EVENT_PAGE_SIZE = 200;

/** Rooms, or only those that are members of a group. */
export async function listRooms(
  all: ListAll,
  groupId: string | undefined,
): Promise<readonly CalendarResource[]> {
  const rooms = await all({
    path: `/places/microsoft.graph.room?$top=${DIRECTORY_PAGE_SIZE}`,
    what: 'listing rooms',
    parse: parseRoom,
  });
  const members = groupId === undefined ? undefined : await membersOf(all, groupId);
  return rooms
    .map(resourceOf)
    .filter((room) => room !== undefined)
    .filter(({ id }) => members?.has(id.toLowerCase()) !== false);
}

/** Addresses in lower case. */
async function membersOf(all: ListAll, groupId: string): Promise<ReadonlySet<string>> {
  const members = await all({
    path: `/groups/${encodeURIComponent(groupId)}/members?$top=${DIRECTORY_PAGE_SIZE}`,
    what: 'listing the members of the group',
    parse: parseMember,
  });
  const addresses = members.flatMap(({ mail, userPrincipalName }) => [mail, userPrincipalName]);
  return new Set(addresses.map((address) => (address ?? '').toLowerCase()));
}

/** Every group of the organization (https://learn.microsoft.com/graph/api/group-list). */
export async function listGroups(all: ListAll): Promise<readonly CalendarGroup[]> {
  const groups = await all({
    path: `/groups?$select=id,displayName,mail,description&$top=${DIRECTORY_PAGE_SIZE}`,
    what: 'listing groups',
    parse: parseGroup,
  });
  return groups.map(groupOf);
}

/**
 * Single events, occurrences and exceptions of a person's default calendar that touch the range
 * (https://learn.microsoft.com/graph/api/user-list-calendarview), each once: a page can repeat what
 * moved while paging.
 */
export async function readUserEvents(
  all: ListAll,
  userId: string,
  { start, end }: InstantRange,
  beforeCall: () => Promise<void>,
): Promise<readonly GraphEvent[]> {
  const query = new URLSearchParams({
    startDateTime: formatInstant(start),
    endDateTime: formatInstant(end),
  }).toString();
  const user = encodeURIComponent(userId);
  const events = await all({
    path: `/users/${user}/calendarView?${query}&$top=${EVENT_PAGE_SIZE}`,
    what: "reading a person's calendar",
    parse: parseEvent,
    headers: { Prefer: [...PREFERENCES, 'outlook.timezone="UTC"'].join(', ') },
    beforeCall,
  });
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function groupOf({ id, displayName, mail, description }: GraphGroup): CalendarGroup {
  return {
    id,
    name: displayName ?? id,
    ...(isText(mail) ? { email: mail } : {}),
    ...(isText(description) ? { description } : {}),
  };
}

function resourceOf(room: GraphRoom): CalendarResource | undefined {
  const { emailAddress, displayName, capacity, building } = room;
  const email = emailAddress ?? '';
  if (email === '') return undefined;
  return {
    id: email as ResourceId,
    name: displayName ?? email,
    email,
    kind: 'room',
    ...(building === undefined || building === null ? {} : { description: building }),
    ...(capacity === undefined || capacity === null ? {} : { capacity }),
  };
}

function isText(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== '';
}
