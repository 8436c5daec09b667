import type { ResourceId } from '../../model/ids.ts';
import { formatInstant, type InstantRange } from '../../model/time.ts';
import type { CalendarGroup, CalendarResource } from '../bridge.ts';
import { PREFERENCES } from './graph-client.ts';
import { graphRequest, type GraphPath } from './graph-requests.ts';
import {
  parseEvent,
  parseMember,
  parseRoom,
  parseRoomList,
  type GraphEvent,
  type GraphRoom,
  type GraphRoomList,
} from './graph-schemas.ts';

/** One listing of Graph's, of as many pages as there are. */
export interface Listing<T> {
  readonly path: GraphPath;
  /** The call in words, for errors and the log: no content, no person. */
  readonly what: string;
  readonly parse: (json: unknown, what: string) => T;
  /** Sent with each page. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly beforeCall?: () => Promise<void>;
  /** As `GraphCall.mailbox`. */
  readonly mailbox?: string;
  /** More than these, and it is taken not to end. */
  readonly pagesMax?: number;
}

/** Reads a listing to its end. @throws BridgeError, also where it does not end */
export type ListAll = <T>(listing: Listing<T>) => Promise<readonly T[]>;

const DIRECTORY_PAGE_SIZE = 100;
const EVENT_PAGE_SIZE = 200;

const DIRECTORY_PAGE = `$top=${DIRECTORY_PAGE_SIZE}`;

/**
 * Rooms: all of them; those of a room list, where `groupId` is its address; else those that are
 * members of the group with that object id.
 */
export async function listRooms(
  all: ListAll,
  groupId: string | undefined,
): Promise<readonly CalendarResource[]> {
  const isRoomList = groupId?.includes('@') === true;
  const rooms = await all({
    path: isRoomList
      ? graphRequest(
          'GET /places/{place-id}/microsoft.graph.roomList/rooms',
          [groupId],
          DIRECTORY_PAGE,
        ).path
      : graphRequest('GET /places/microsoft.graph.room', [], DIRECTORY_PAGE).path,
    what: isRoomList ? 'listing the rooms of the room list' : 'listing rooms',
    parse: parseRoom,
  });
  const members = groupId === undefined || isRoomList ? undefined : await membersOf(all, groupId);
  return rooms
    .map(resourceOf)
    .filter((room) => room !== undefined)
    .filter(({ id }) => members?.has(id.toLowerCase()) !== false);
}

/** Addresses in lower case. */
async function membersOf(all: ListAll, groupId: string): Promise<ReadonlySet<string>> {
  const members = await all({
    path: graphRequest('GET /groups/{group-id}/members', [groupId], DIRECTORY_PAGE).path,
    what: 'listing the members of the group',
    parse: parseMember,
  });
  const addresses = members.flatMap(({ mail, userPrincipalName }) => [mail, userPrincipalName]);
  return new Set(addresses.map((address) => (address ?? '').toLowerCase()));
}

/**
 * The room lists of the organization (https://learn.microsoft.com/graph/api/place-list): the groups
 * that Exchange itself knows rooms by. Their address can be set as the group that rooms are of.
 */
export async function listRoomLists(all: ListAll): Promise<readonly CalendarGroup[]> {
  const lists = await all({
    path: graphRequest('GET /places/microsoft.graph.roomList', [], DIRECTORY_PAGE).path,
    what: 'listing room lists',
    parse: parseRoomList,
  });
  return lists.flatMap((list) => groupOf(list) ?? []);
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
  const events = await all({
    path: graphRequest(
      'GET /users/{user-id}/calendarView',
      [userId],
      `${query}&$top=${EVENT_PAGE_SIZE}`,
    ).path,
    what: "reading a person's calendar",
    parse: parseEvent,
    headers: { Prefer: [...PREFERENCES, 'outlook.timezone="UTC"'].join(', ') },
    beforeCall,
  });
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function groupOf({ emailAddress, displayName }: GraphRoomList): CalendarGroup | undefined {
  const email = emailAddress ?? '';
  if (email === '') return undefined;
  return { id: email, name: displayName ?? email, email };
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
