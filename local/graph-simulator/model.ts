/** A room or a person of a tenant; both own exactly one calendar. */
export interface Mailbox {
  /** `{tenantId}|{address}`: the key of all that belongs to the mailbox. */
  key: string;
  tenantId: string;
  /** SMTP address in lower case. */
  address: string;
  /** GUID of the user object behind the mailbox. */
  objectId: string;
  /** GUID of the place; differs from the object id, as in a real tenant. */
  placeId: string;
  kind: 'room' | 'person';
  displayName: string;
  capacity?: number | undefined;
  /**
   * What the room's calendar processing writes as subject of a person's meeting. Exchange's own
   * default is the organizer's name with the body removed (`AddOrganizerToSubject`).
   */
  subjectFrom: 'meeting' | 'organizer';
  /** A meeting that its organizer cancelled stays in the calendar with `isCancelled`. */
  keepCancelled: boolean;
}

/** Where an event lies in time. All-day events have midnights of `startZone` here. */
export interface EventTime {
  isAllDay: boolean;
  startMs: number;
  /** Exclusive. */
  endMs: number;
  /** Zone names as the client wrote them (Windows or IANA). */
  startZone: string;
  endZone: string;
}

export interface ItemBody {
  contentType: 'text' | 'html';
  content: string;
}

export interface Attendee {
  type: 'required' | 'optional' | 'resource';
  emailAddress: { name: string; address: string };
  response: ResponseKind;
  /** Epoch ms of the response, or null for none. */
  responseMs: number | null;
}

export type ResponseKind =
  'none' | 'organizer' | 'tentativelyAccepted' | 'accepted' | 'declined' | 'notResponded';

/** In the order of their numbers, from Sunday. */
export const DAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type DayOfWeek = (typeof DAYS)[number];

export type PatternType =
  'daily' | 'weekly' | 'absoluteMonthly' | 'relativeMonthly' | 'absoluteYearly' | 'relativeYearly';

export type WeekIndex = 'first' | 'second' | 'third' | 'fourth' | 'last';

/** Graph's patternedRecurrence. What a pattern's type does not use is empty, 0 or the first. */
export interface Recurrence {
  pattern: {
    type: PatternType;
    interval: number;
    month: number;
    dayOfMonth: number;
    daysOfWeek: DayOfWeek[];
    firstDayOfWeek: DayOfWeek;
    index: WeekIndex;
  };
  range: {
    type: 'endDate' | 'numbered' | 'noEnd';
    /** `YYYY-MM-DD` in `recurrenceTimeZone`. */
    startDate: string;
    /** Inclusive; only for `endDate`. */
    endDate?: string;
    /** Only for `numbered`. */
    numberOfOccurrences?: number;
    recurrenceTimeZone: string;
  };
}

/** A `singleValueLegacyExtendedProperty` under its normalized id. */
export interface ExtendedProperty {
  id: string;
  value: string;
}

/** What one occurrence differs in from its series. */
export interface SeriesException {
  content: Partial<EventContent>;
  extendedProperties: ExtendedProperty[];
  modifiedMs: number;
}

/** What was done to single occurrences, by the date of their slot (`YYYY-MM-DD`). */
export interface SeriesChanges {
  cancelled: string[];
  exceptions: Record<string, SeriesException>;
}

/** What a client may write of an event. */
export interface EventContent {
  subject: string | null;
  body: ItemBody;
  time: EventTime;
  locations: Record<string, unknown>[];
  attendees: Attendee[];
  recurrence: Recurrence | null;
  /** Absent where every occurrence is as its series; ends with each change of its times. */
  seriesChanges?: SeriesChanges | undefined;
  showAs: string;
  sensitivity: string;
  importance: string;
  categories: string[];
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  responseRequested: boolean;
  hideAttendees: boolean;
  allowNewTimeProposals: boolean;
  isOnlineMeeting: boolean;
  onlineMeetingProvider: string;
}

/** An event as one mailbox holds it. The copies of a meeting share `iCalUId` and nothing else. */
export interface StoredEvent extends EventContent {
  uid: string;
  mailboxKey: string;
  tenantId: string;
  /** The id with `Prefer: IdType="ImmutableId"`. */
  immutableId: string;
  /** The id without that preference. */
  defaultId: string;
  iCalUId: string;
  createdMs: number;
  modifiedMs: number;
  /** Number of the last change among all changes of the simulator; the etag comes from it. */
  changeSeq: number;
  isOrganizer: boolean;
  organizer: { name: string; address: string };
  isCancelled: boolean;
  response: ResponseKind;
  responseMs: number | null;
  transactionId: string | null;
  extendedProperties: ExtendedProperty[];
}

/** What is left of a deleted event, for delta. */
export interface Tombstone {
  uid: string;
  mailboxKey: string;
  immutableId: string;
  defaultId: string;
  changeSeq: number;
}
