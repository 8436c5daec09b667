/**
 * What the description or a documented example says and we pass over, each with its reason. Nothing
 * else is passed over.
 */

/** Members of answers that the description does not name. Member → why it may be there. */
export const ADDED_MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'microsoft.graph.ODataErrors.MainError': {
    '@event.existingEventId': 'semantics.md 4: seen on ErrorDuplicateTransactionId',
    innererror: 'semantics.md 8: the older spelling of innerError',
  },
  // Described as an object of no members, which would leave it open.
  'microsoft.graph.ODataErrors.InnerError': {
    code: 'semantics.md 8: codes are nested',
    date: 'in the documented errors',
    'request-id': 'in the documented errors',
    'client-request-id': 'in the documented errors',
    innerError: 'semantics.md 8: inner errors are nested',
  },
};

const EVENT_PATHS = ['', '/cancel', '/accept', '/decline', '/tentativelyAccept', '/instances'];

/** Paths that the description leaves out, and what describes them. */
export const ALIASES: readonly {
  readonly paths: readonly string[];
  readonly from: RegExp;
  readonly to: string;
  readonly reason: string;
}[] = ['/calendar', '/calendars/{calendar-id}'].map((calendar) => ({
  paths: EVENT_PATHS.map((rest) => `/users/{user-id}${calendar}/events/{event-id}${rest}`),
  from: new RegExp(`${calendar.replaceAll(/[{}]/g, '\\$&')}(?=/events/\\{event-id\\})`),
  to: '',
  reason: 'each page of an event operation names these paths; the description kept the shortest',
}));

/** Members of documented answers that an answer of ours may lack. */
export const TOLERATED_ABSENCES: readonly {
  readonly path: RegExp;
  /** Templates of the operations; all where it is missing. */
  readonly of?: RegExp;
  readonly reason: string;
}[] = [
  {
    path: /^\$\.uid$/,
    reason: 'on the page of one create; the metadata of v1.0 has no such member',
  },
  { path: /^\$\.transactionId$/, reason: 'semantics.md 4: returned only if it was set' },
  {
    path: /\.location\.(?:address|coordinates)\./,
    reason: 'comes back as it was written, and most places are written by their name alone',
  },
  {
    path: /\.onlineMeeting\.(?:conferenceId|tollNumber)$/,
    reason: 'only where the tenant has dial-in conferencing',
  },
  {
    path: /^\$\.value\[\]\.(?:mailNickname|otherMails|proxyAddresses)$/,
    of: /^\/users$/,
    reason: 'not among the members that a user has by default, only where selected',
  },
  {
    path: /\.geocoordinates$/,
    of: /^\/places\//,
    reason: 'spelt so on the pages of room lists only; the metadata has geoCoordinates',
  },
  {
    path: /\.(?:isManaged|displayDevice)$/,
    of: /^\/places\//,
    reason: 'the metadata of v1.0 has dropped the first and renamed the second displayDeviceName',
  },
  {
    path: /\.notificationContentType$/,
    of: /^\/subscriptions/,
    reason: 'the metadata of v1.0 has dropped it',
  },
  {
    path: /^\$\.responses\[\]\.headers\.(?:x-ms-resource-unit|X-\w+Cluster|X-Tasks-CorrelationId)$/,
    reason: 'metering and routing of the directory and of Planner',
  },
  {
    path: /^\$\.responses\[\]\.body(?:$|\.)/,
    reason: 'bodies of other operations; ours are checked by their own',
  },
];
