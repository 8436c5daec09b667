import { bodyAsHtml, bodyAsText, bodyPreview } from './body-text.ts';
import { changeKeyOf, etagOf, occurrenceId } from './ids.ts';
import type { ResponseKind, SeriesChanges, StoredEvent } from './model.ts';
import type { Preferences } from './preferences.ts';
import type { Instance, InstanceOfSeries } from './series.ts';
import { viewTimes } from './time.ts';

/** How an answer shows events: the request's preferences, `$select` and `$expand`. */
export interface ViewOptions extends Pick<Preferences, 'zone' | 'bodyAsText' | 'immutableIds'> {
  select?: ReadonlySet<string> | undefined;
  /** Normalized ids of the extended properties to show. */
  expand?: readonly string[] | undefined;
}

export type EventView = Record<string, unknown>;

export function idOf(
  { event, occurrence }: Instance,
  { immutableIds }: Pick<ViewOptions, 'immutableIds'>,
): string {
  if (occurrence !== undefined) return occurrenceId(event.uid, occurrence.date, immutableIds);
  return immutableIds ? event.immutableId : event.defaultId;
}

/** All members of the event resource, cut to `$select`. */
export function viewEvent(instance: Instance, options: ViewOptions): EventView {
  const full = fullView(instance, options);
  const shown =
    options.select === undefined
      ? full
      : Object.fromEntries(
          Object.entries(full).filter(
            ([name]) => name === '@odata.etag' || name === 'id' || options.select?.has(name),
          ),
        );
  const properties = expanded(instance.event, options.expand);
  return properties === undefined ? shown : { ...shown, singleValueExtendedProperties: properties };
}

/** The few members that delta gives of an occurrence; the rest is on its master. */
export function viewBareOccurrence(
  { event, occurrence }: InstanceOfSeries,
  options: ViewOptions,
): EventView {
  return {
    '@odata.type': '#microsoft.graph.event',
    '@odata.etag': etagOf(event.changeSeq),
    id: idOf({ event, occurrence }, options),
    seriesMasterId: idOf({ event }, options),
    type: 'occurrence',
    ...viewTimes({ ...event.time, ...occurrence }, options.zone),
  };
}

function fullView(instance: Instance, options: ViewOptions): EventView {
  const { event, occurrence } = instance;
  const id = idOf(instance, options);
  const time = occurrence === undefined ? event.time : { ...event.time, ...occurrence };
  return {
    '@odata.etag': etagOf(event.changeSeq),
    id,
    createdDateTime: timestamp(event.createdMs),
    lastModifiedDateTime: timestamp(event.modifiedMs),
    changeKey: changeKeyOf(event.changeSeq),
    categories: event.categories,
    ...(event.transactionId !== null && { transactionId: event.transactionId }),
    originalStartTimeZone: event.time.startZone,
    originalEndTimeZone: event.time.endZone,
    ...(occurrence !== undefined && {
      originalStart: new Date(occurrence.originalStartMs).toISOString(),
    }),
    // The id of one occurrence holds its date where the id of the series has zeros (MS-OXOCAL).
    iCalUId:
      occurrence === undefined
        ? event.iCalUId
        : `${event.iCalUId.slice(0, 32)}${occurrence.date.replaceAll('-', '')}${event.iCalUId.slice(40)}`,
    reminderMinutesBeforeStart: event.reminderMinutesBeforeStart,
    isReminderOn: event.isReminderOn,
    hasAttachments: false,
    subject: event.subject,
    bodyPreview: bodyPreview(event.body),
    importance: event.importance,
    sensitivity: event.sensitivity,
    isAllDay: event.time.isAllDay,
    isCancelled: event.isCancelled,
    isDraft: false,
    isOrganizer: event.isOrganizer,
    responseRequested: event.responseRequested,
    seriesMasterId: occurrence === undefined ? null : idOf({ event }, options),
    showAs: event.showAs,
    type: typeOf(instance),
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}&exvsurl=1&path=/calendar/item`,
    onlineMeetingUrl: null,
    isOnlineMeeting: event.isOnlineMeeting,
    onlineMeetingProvider: event.onlineMeetingProvider,
    allowNewTimeProposals: event.allowNewTimeProposals,
    hideAttendees: event.hideAttendees,
    responseStatus: status(event.response, event.responseMs),
    body: options.bodyAsText
      ? { contentType: 'text', content: bodyAsText(event.body) }
      : { contentType: 'html', content: bodyAsHtml(event.body) },
    ...viewTimes(time, options.zone),
    location: locationView(event.locations[0]),
    locations: event.locations.map(locationView),
    recurrence: occurrence === undefined ? recurrenceView(event) : null,
    attendees: event.attendees.map(({ type, emailAddress, response, responseMs }) => ({
      type,
      status: status(response, responseMs),
      emailAddress,
    })),
    organizer: { emailAddress: event.organizer },
    onlineMeeting: event.isOnlineMeeting
      ? { joinUrl: `https://teams.microsoft.com/l/meetup-join/${event.iCalUId}` }
      : null,
  };
}

/** The member `cancelledOccurrences` of a series that is read by its id and asked for it. */
export function cancelledOccurrences(
  { event, occurrence }: Instance,
  options: ViewOptions,
): { cancelledOccurrences?: string[] } {
  const isAsked = options.select?.has('cancelledOccurrences') === true;
  if (!isAsked || event.recurrence === null || occurrence !== undefined) return {};
  const { cancelled = [] }: Partial<SeriesChanges> = event.seriesChanges ?? {};
  const masterId = idOf({ event }, options);
  return { cancelledOccurrences: cancelled.map((date) => `OID.${masterId}.${date}`) };
}

function expanded(event: StoredEvent, wanted: readonly string[] | undefined) {
  const found = event.extendedProperties.filter(({ id }) => wanted?.includes(id));
  return found.length === 0 ? undefined : found;
}

function typeOf({ event, occurrence, isException }: Instance): string {
  if (occurrence !== undefined) return isException === true ? 'exception' : 'occurrence';
  return event.recurrence === null ? 'singleInstance' : 'seriesMaster';
}

/** Graph writes its own times with seven fractional digits. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}

function status(response: ResponseKind, ms: number | null): Record<string, string> {
  return { response, time: ms === null ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString() };
}

function locationView(location: Record<string, unknown> | undefined): Record<string, unknown> {
  if (location === undefined)
    return {
      displayName: '',
      locationType: 'default',
      uniqueIdType: 'unknown',
      address: {},
      coordinates: {},
    };
  const displayName = location['displayName'] ?? '';
  return {
    locationType: 'default',
    uniqueId: displayName,
    uniqueIdType: 'private',
    ...location,
    displayName,
  };
}

/** With the members that a pattern does not use, which Graph fills with zeros and defaults. */
function recurrenceView({ recurrence }: StoredEvent) {
  if (recurrence === null) return null;
  const { pattern, range } = recurrence;
  return {
    pattern,
    range: { endDate: '0001-01-01', numberOfOccurrences: 0, ...range },
  };
}

/** Every member that `$select` may name. */
export const EVENT_MEMBERS: readonly string[] = [
  'id',
  'createdDateTime',
  'lastModifiedDateTime',
  'changeKey',
  'cancelledOccurrences',
  'categories',
  'transactionId',
  'originalStartTimeZone',
  'originalEndTimeZone',
  'originalStart',
  'iCalUId',
  'reminderMinutesBeforeStart',
  'isReminderOn',
  'hasAttachments',
  'subject',
  'bodyPreview',
  'importance',
  'sensitivity',
  'isAllDay',
  'isCancelled',
  'isDraft',
  'isOrganizer',
  'responseRequested',
  'seriesMasterId',
  'showAs',
  'type',
  'webLink',
  'onlineMeetingUrl',
  'isOnlineMeeting',
  'onlineMeetingProvider',
  'allowNewTimeProposals',
  'hideAttendees',
  'responseStatus',
  'body',
  'start',
  'end',
  'location',
  'locations',
  'recurrence',
  'attendees',
  'organizer',
  'onlineMeeting',
];
