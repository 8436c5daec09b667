import {
  at,
  eventInput,
  eventPath,
  IMMUTABLE,
  makeGraph,
  PERSON,
  PROPERTY,
  ROOM,
  ROOM_LIST,
} from '../../local/graph-simulator/support.ts';
import { DAILY } from './simulator-scenes.ts';

const PLACE = {
  displayName: 'Town hall',
  locationType: 'conferenceRoom',
  locationEmailAddress: ROOM,
  address: { street: 'Storgata 1', city: 'Asker', postalCode: '1383', countryOrRegion: 'Norway' },
  coordinates: { latitude: 59.8, longitude: 10.4 },
};

/** Events of every kind that the simulator holds. */
const CONTENTS: readonly Record<string, unknown>[] = [
  {},
  { body: { contentType: 'html', content: '<p>Sak 1</p>' }, importance: 'high' },
  { body: { contentType: 'text', content: 'Sak 1\nSak 2' }, categories: ['Red category'] },
  { isAllDay: true, start: at('2026-12-04T00:00:00'), end: at('2026-12-06T00:00:00') },
  { sensitivity: 'private', location: PLACE },
  { showAs: 'tentative', locations: [PLACE, { displayName: 'Library' }] },
  { showAs: 'oof', isReminderOn: false, transactionId: 'content-1' },
  { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' },
  { attendees: [{ type: 'required', emailAddress: { address: PERSON, name: 'Kari' } }] },
  { attendees: [{ type: 'optional', emailAddress: { address: 'guest@else.example' } }] },
  { recurrence: DAILY },
  {
    recurrence: {
      pattern: { type: 'relativeYearly', interval: 1, daysOfWeek: ['monday'], month: 1 },
      range: { type: 'numbered', startDate: '2026-12-03', numberOfOccurrences: 2 },
    },
  },
  {
    recurrence: {
      pattern: { type: 'weekly', interval: 2, daysOfWeek: ['thursday'], firstDayOfWeek: 'monday' },
      range: { type: 'endDate', startDate: '2026-12-03', endDate: '2027-01-31' },
    },
  },
  { singleValueExtendedProperties: [{ id: PROPERTY, value: 'booking_system' }] },
  { start: at('2026-12-03T10:00:00', 'W. Europe Standard Time'), subject: null },
];

const VIEWS: readonly { readonly query: string; readonly prefer?: string }[] = [
  { query: '' },
  { query: '', prefer: 'outlook.timezone="W. Europe Standard Time"' },
  { query: '', prefer: 'outlook.body-content-type="text", IdType="ImmutableId"' },
  { query: '$select=subject,start,end,location' },
  {
    query: `$expand=${encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${PROPERTY}')`)}`,
  },
];
const RANGE = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-02-01T00:00:00Z';

/** Reads all kinds of events in all views, by each way there is, page by page. */
export async function readEverything(): Promise<void> {
  const graph = await makeGraph({ pageSizeDefault: 3 });
  const pages = async (path: string, prefer?: string): Promise<void> => {
    const headers = prefer === undefined ? {} : { prefer };
    for (let next: string | undefined = path; next !== undefined;) {
      const { status, body } = await graph.call('GET', next, { headers });
      if (status !== 200) throw new Error(`${next}: ${status} ${JSON.stringify(body)}`);
      next = body['@odata.nextLink'] as string | undefined;
    }
  };
  for (const content of CONTENTS) {
    const { id } = await graph.create(content, ROOM, IMMUTABLE);
    for (const { query, prefer } of VIEWS) await pages(`${eventPath(id)}?${query}`, prefer);
    const written = await graph.call('PATCH', eventPath(id), { body: { subject: 'Changed' } });
    if (written.status !== 200) throw new Error(JSON.stringify(written.body));
  }
  for (const { query, prefer } of VIEWS) {
    await pages(`/users/${ROOM}/events?${query}`, prefer);
    await pages(`/users/${ROOM}/calendarView?${RANGE}&${query}`, prefer);
  }
  await pages(`/users/${ROOM}/calendarView/delta?${RANGE}`, 'odata.maxpagesize=2');
  for (const list of [
    '/users',
    '/groups/group-1/members',
    '/places/microsoft.graph.room',
    '/places/microsoft.graph.roomList',
    `/places/${ROOM_LIST}/microsoft.graph.roomList/rooms`,
  ])
    await pages(`${list}?$top=1`);
  await graph.call('POST', `/users/${ROOM}/calendar/getSchedule`, {
    body: {
      schedules: [ROOM, PERSON],
      startTime: at('2026-12-03T00:00:00'),
      endTime: at('2026-12-08T00:00:00'),
      availabilityViewInterval: 60,
    },
    headers: { prefer: 'outlook.timezone="W. Europe Standard Time"' },
  });
  await graph.create(eventInput({ subject: 'last' }));
}
