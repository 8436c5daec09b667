import { answer, mailboxCall, pageOf, type Api, type GraphContext } from './api.ts';
import { badRequest, GraphError } from './errors.ts';
import { calendarId } from './calendars.ts';
import type { RoomList } from './directory.ts';
import type { Mailbox } from './model.ts';
import { listOptions, queryOf } from './query.ts';
import { Routes } from './routes.ts';
import { windowsZoneNames } from './zones.ts';

const DIRECTORY_PAGE_SIZE = 100;

/** Users, rooms, groups and mailbox settings: what a client reads to find its calendars. */
export function directoryRoutes(api: Api): Routes {
  const app = new Routes();
  const { directory } = api;
  app.get('/places/microsoft.graph.room', [200, 400], (c) =>
    list(c, 'places/microsoft.graph.room', directory.rooms(c.env.principal.tenantId).map(room)),
  );
  app.get('/places/microsoft.graph.roomList', [200, 400], (c) =>
    list(
      c,
      'places/microsoft.graph.roomList',
      directory.roomLists(c.env.principal.tenantId).map(roomList),
    ),
  );
  app.get('/places/:place/microsoft.graph.roomList/rooms', [200, 400, 404], (c) =>
    listRoomsOf(c, api),
  );
  app.get('/places/:place', [200, 404], (c) => getPlace(c, api));
  app.get('/users', [200, 400], (c) =>
    list(
      c,
      'users',
      directory.users(c.env.principal.tenantId).map((u) => user(u)),
      '$skiptoken',
    ),
  );
  app.get('/users/:user', [200, 400, 404], (c) => {
    const { mailbox, base } = mailboxCall(c, api);
    return answer({ '@odata.context': `${base}/$metadata#users/$entity`, ...user(mailbox) });
  });
  app.get('/groups/:group/members', [200, 400, 404], (c) => listMembers(c, api));
  app.get('/groups/:group/members/microsoft.graph.user', [200, 400, 404], (c) =>
    listMembers(c, api),
  );
  app.get('/users/:user/mailboxSettings', [200, 400, 404], (c) => getMailboxSettings(c, api));
  app.get('/users/:user/outlook/supportedTimeZones', [200, 400, 404], (c) => {
    const { base } = mailboxCall(c, api);
    const value = windowsZoneNames().map((alias) => ({ alias, displayName: alias }));
    return answer({
      '@odata.context': `${base}/$metadata#Collection(microsoft.graph.timeZoneInformation)`,
      value,
    });
  });
  app.get('/users/:user/calendar', [200, 400, 404], (c) => {
    const { mailbox, base } = mailboxCall(c, api);
    const context = `${base}/$metadata#users('${mailbox.objectId}')/calendar/$entity`;
    return answer({ '@odata.context': context, ...calendar(mailbox) });
  });
  app.get('/users/:user/calendars', [200, 400, 404], (c) => {
    const { mailbox } = mailboxCall(c, api);
    return list(c, `users('${mailbox.objectId}')/calendars`, [calendar(mailbox)]);
  });
  return app;
}

/**
 * Pages of 100 unless `$top` asks for another size. Users and members are not skipped by number: a
 * link to their next page holds a token.
 * @throws GraphError 400 for other options.
 */
function list(
  c: GraphContext,
  context: string,
  all: readonly Record<string, unknown>[],
  paging: '$skip' | '$skiptoken' = '$skip',
): Response {
  const url = new URL(c.req.url);
  const query = queryOf(url);
  const { top, skip } = listOptions(query, ['$top', paging]);
  const size = Math.min(top ?? DIRECTORY_PAGE_SIZE, DIRECTORY_PAGE_SIZE);
  const { page, nextLink } = pageOf(all, { url, page: c.env.page }, { skip, size, paging });
  return answer({
    '@odata.context': `${url.origin}/v1.0/$metadata#${context}`,
    ...(nextLink !== undefined && { '@odata.nextLink': nextLink }),
    value: page,
  });
}

function getPlace(c: GraphContext, { directory }: Api): Response {
  const id = c.req.param('place') ?? '';
  const { tenantId } = c.env.principal;
  const place = directory.place(tenantId, id);
  const found =
    place === undefined
      ? asPlace('roomList', directory.roomList(tenantId, id), roomList)
      : asPlace('room', place, room);
  if (found === undefined) throw noPlace(id);
  return answer({
    '@odata.context': `${new URL(c.req.url).origin}/v1.0/$metadata#places/$entity`,
    ...found,
  });
}

function asPlace<T>(
  type: 'room' | 'roomList',
  place: T | undefined,
  view: (place: T) => Record<string, unknown>,
): Record<string, unknown> | undefined {
  return place && { '@odata.type': `#microsoft.graph.${type}`, ...view(place) };
}

function listRoomsOf(c: GraphContext, { directory }: Api): Response {
  const { tenantId } = c.env.principal;
  const id = c.req.param('place') ?? '';
  const found = directory.roomList(tenantId, id);
  if (found === undefined) throw noPlace(id);
  const rooms = found.rooms.flatMap((address) => directory.place(tenantId, address) ?? []);
  return list(
    c,
    `places('${encodeURIComponent(found.address)}')/microsoft.graph.roomList/rooms`,
    rooms.map(room),
  );
}

function noPlace(id: string): GraphError {
  return new GraphError(404, 'ErrorItemNotFound', `The place '${id}' was not found.`);
}

function listMembers(c: GraphContext, { directory }: Api): Response {
  const { tenantId } = c.env.principal;
  const id = c.req.param('group') ?? '';
  const group = directory.group(tenantId, id);
  if (group === undefined)
    throw new GraphError(
      404,
      'Request_ResourceNotFound',
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    );
  const members = group.members.flatMap((address) => directory.find(tenantId, address) ?? []);
  const entries = members.map((member) => user(member, '#microsoft.graph.user'));
  return list(c, 'directoryObjects', entries, '$skiptoken');
}

function getMailboxSettings(c: GraphContext, api: Api): Response {
  const { mailbox, base, query } = mailboxCall(c, api);
  if ([...query.keys()].some((name) => name.startsWith('$')))
    throw badRequest('ErrorInvalidUrlQuery', 'mailboxSettings takes no query options here.');
  return answer({
    '@odata.context': `${base}/$metadata#users('${mailbox.objectId}')/mailboxSettings`,
    automaticRepliesSetting: {
      status: 'disabled',
      externalAudience: 'none',
      scheduledStartDateTime: { dateTime: '2026-01-01T00:00:00.0000000', timeZone: 'UTC' },
      scheduledEndDateTime: { dateTime: '2026-01-02T00:00:00.0000000', timeZone: 'UTC' },
      internalReplyMessage: '',
      externalReplyMessage: '',
    },
    archiveFolder: null,
    timeZone: MAILBOX_ZONE,
    language: { locale: 'nb-NO', displayName: 'Norwegian Bokmål (Norway)' },
    dateFormat: 'dd.MM.yyyy',
    timeFormat: 'HH:mm',
    delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
    userPurpose: mailbox.kind === 'room' ? 'room' : 'user',
    workingHours: WORKING_HOURS,
  });
}

/** All mailboxes of the simulator live in Norway's time. */
export const MAILBOX_ZONE = 'W. Europe Standard Time';

export const WORKING_HOURS = {
  daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  startTime: '08:00:00.0000000',
  endTime: '17:00:00.0000000',
  timeZone: { name: MAILBOX_ZONE },
};

function user({ objectId, address, displayName }: Mailbox, type?: string): Record<string, unknown> {
  return {
    ...(type !== undefined && { '@odata.type': type }),
    id: objectId,
    displayName,
    mail: address,
    userPrincipalName: address,
    businessPhones: [],
    givenName: null,
    jobTitle: null,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    surname: null,
  };
}

function room({ placeId, address, displayName, capacity }: Mailbox): Record<string, unknown> {
  return {
    id: placeId,
    emailAddress: address,
    displayName,
    address: null,
    geoCoordinates: null,
    phone: '',
    nickname: displayName,
    label: null,
    capacity: capacity ?? null,
    building: null,
    floorNumber: null,
    floorLabel: null,
    isWheelChairAccessible: null,
    bookingType: 'standard',
    tags: [],
    audioDeviceName: null,
    videoDeviceName: null,
    displayDeviceName: null,
  };
}

function roomList({ placeId, address, displayName }: RoomList): Record<string, unknown> {
  return {
    id: placeId,
    emailAddress: address,
    displayName,
    address: null,
    geoCoordinates: null,
    phone: '',
    label: null,
    isWheelChairAccessible: null,
    tags: [],
  };
}

function calendar(mailbox: Mailbox): Record<string, unknown> {
  return {
    id: calendarId(mailbox),
    name: 'Calendar',
    color: 'auto',
    hexColor: '',
    isDefaultCalendar: true,
    canShare: true,
    canViewPrivateItems: true,
    canEdit: true,
    allowedOnlineMeetingProviders: ['teamsForBusiness'],
    defaultOnlineMeetingProvider: 'teamsForBusiness',
    isTallyingResponses: true,
    isRemovable: false,
    owner: { name: mailbox.displayName, address: mailbox.address },
  };
}
