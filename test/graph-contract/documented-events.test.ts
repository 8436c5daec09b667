import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseEvent, type GraphEvent } from '../../shared/bridges/outlook/graph-schemas.ts';
import { toGraphMembers, toItem } from '../../shared/bridges/outlook/outlook-mapper.ts';
import { slotOf } from '../../shared/model/event.ts';
import { FIELDS } from '../../shared/model/fields.ts';
import { formatInstant } from '../../shared/model/time.ts';
import { EVENTS, create, write } from '../shared/bridges/outlook/phrases.ts';
import { OSLO, world, type Json } from '../shared/bridges/outlook/support.ts';
import { graphMissing, needsGraph } from '../support/graph-contract/description.ts';
import { readExamples } from '../support/graph-contract/examples.ts';
import { memberOf } from '../support/graph-contract/exchange.ts';
import { graphContract } from '../support/graph-contract/hook.ts';

/** Members that do not come back from the generic event, each with the reason. */
const LOST: Readonly<Record<string, string>> = {
  id: 'names the copy in one mailbox; kept beside the event',
  '@odata.etag': 'the version; kept beside the event',
  '@odata.type': 'of the answer',
  '@odata.context': 'of the answer',
  changeKey: 'the version once more',
  createdDateTime: 'the service writes it',
  lastModifiedDateTime: 'the service writes it; read as `updated`',
  iCalUId: 'the service writes it; read as `uid`',
  webLink: 'leads to the copy in one mailbox',
  type: 'follows from the recurrence; read to tell a series from its occurrences',
  seriesMasterId: 'names the series of an occurrence; kept beside the event',
  recurrence: 'a series crosses as its occurrences (decision 7)',
  bodyPreview: 'follows from the body',
  hasAttachments: 'attachments stay where they are',
  isDraft: 'the service writes it',
  isCancelled: 'read: a cancelled event is one that is gone',
  isOrganizer: 'read as the right to change the event',
  organizer: 'read as the contact; the room is the organizer of what is written into it',
  attendees: 'whoever is written there gets mail; read as the right to change the event',
  hideAttendees: 'of attendees',
  responseStatus: 'of attendees',
  responseRequested: 'of attendees',
  allowNewTimeProposals: 'of attendees',
  location: 'the room is the place',
  locations: 'the room is the place',
  categories: 'colours of one mailbox',
  importance: 'no system of bookings has it',
  isReminderOn: 'of a person, not of a room',
  reminderMinutesBeforeStart: 'of a person, not of a room',
  isOnlineMeeting: 'an online meeting cannot be moved to another event',
  onlineMeeting: 'an online meeting cannot be moved to another event',
  onlineMeetingProvider: 'an online meeting cannot be moved to another event',
  onlineMeetingUrl: 'an online meeting cannot be moved to another event',
  originalStartTimeZone: 'read as the zone of the event; times are written in UTC',
  originalEndTimeZone: 'times are written in UTC',
  sensitivity: 'read: what is private crosses as a busy block (decision 7)',
  showAs: 'read; what is written is busy (decision 7)',
  transactionId: 'of one create; the bridge has its own',
  singleValueExtendedProperties: 'marks of other apps; the bridge writes its own',
};

const HTML =
  'HTML -> plain text: the bridge asks for text, which the service then makes of it; HTML that comes ' +
  'all the same is not shown, so that no markup crosses';

/** Members that come back with another value, by example, each with the reason. */
const CHANGED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'create-event-in-calendar': { body: HTML },
  'create-event-multiple-locations': { body: HTML },
  'create-event-online-meeting': { body: HTML },
  'create-event-transaction-id': { body: HTML },
  'extended-property-create-event': { body: HTML },
  'get-event': { body: HTML },
  'get-event-multiple-locations': { body: HTML },
  'list-events': { body: HTML },
};

/** Examples with series, and what each of their events is: a master is no event of its own. */
const SERIES: Readonly<Record<string, readonly ('master' | 'event')[]>> = {
  'create-event-recurring-daily': ['master', 'master'],
  'create-event-recurring-weekly': ['master', 'master'],
  'list-instances': ['event', 'event', 'event', 'event'],
};

/** Examples whose events no bridge could read. */
const NOT_WHOLE: Readonly<Record<string, string>> = {
  'list-calendar-view': 'the page shows six members, neither id nor times; the bridge reads delta',
};

interface Documented {
  readonly name: string;
  readonly json: Json;
}

/** Every event of the examples: sent ones as the service would answer them, with id and version. */
function documentedEvents(): readonly Documented[] {
  return readExamples()
    .filter(({ placeholders }) => placeholders !== true)
    .flatMap(({ name, request, response }) => [
      ...eventsIn(request.path, request.body).map((json) => ({ name, json: asAnswered(json) })),
      ...eventsIn(request.path, response?.body).map((json) => ({ name, json })),
    ])
    .filter(({ name }) => !(name in NOT_WHOLE));
}

function eventsIn(path: string, body: unknown): readonly Json[] {
  const isEvents = /\/(?:events|calendarView|instances|delta)(?:[/?]|$)/.test(path);
  if (!isEvents || /\/(?:cancel|accept|decline)$/.test(path) || typeof body !== 'object') return [];
  const list = memberOf(body, 'value') ?? (body === null || 'error' in body ? [] : [body]);
  return (list as readonly Json[]).filter((item) => !('@removed' in item));
}

function asAnswered(json: Json): Json {
  const type = json['recurrence'] === undefined ? 'singleInstance' : 'seriesMaster';
  return { id: 'id', '@odata.etag': 'W/"1"', type, ...json };
}

/** What of a native event is carried, in a form that can be compared. */
function carriedOf(event: GraphEvent): Record<string, unknown> {
  const { event: generic } = toItem(event, OSLO);
  const { start, end } = slotOf(generic, OSLO);
  return {
    subject: event.subject ?? '',
    start: formatInstant(start),
    end: formatInstant(end),
    isAllDay: event.isAllDay ?? false,
  };
}

/** A member's value in the one form that two ways of writing it share. */
function meaningOf(event: GraphEvent, member: string, value: unknown): unknown {
  if (member === 'start' || member === 'end' || member === 'isAllDay')
    return carriedOf(event)[member];
  if (member !== 'body') return value;
  const content = memberOf(value, 'content');
  const contentType = String(memberOf(value, 'contentType')).toLowerCase();
  return content === '' ? { content } : { contentType, content };
}

/** Native to generic to native. */
function thereAndBack(event: GraphEvent): Json {
  return toGraphMembers(FIELDS, toItem(event, OSLO).event, OSLO);
}

describe('documented events', () => {
  beforeEach(needsGraph);

  const events = graphMissing === undefined ? documentedEvents() : [];
  const single = events.filter(({ name }) => !(name in SERIES));

  it('are there, in every form the pages show', () => {
    expect(events.length).toBeGreaterThan(25);
    expect(single.length).toBeGreaterThan(18);
    const names = new Set(readExamples().map(({ name }) => name));
    expect(Object.keys({ ...SERIES, ...NOT_WHOLE }).filter((name) => !names.has(name))).toEqual([]);
  });

  it('come back from the generic event with title, times and text as they were', () => {
    for (const { name, json } of single) {
      // The bridge asks for text; the pages show HTML, whose text is the preview beside it.
      const content = (json['bodyPreview'] as string | undefined) ?? 'Sak 1';
      const native = parseEvent({ ...json, body: { contentType: 'text', content } }, name);
      const back = thereAndBack(native);
      const again = parseEvent({ ...asAnswered(back), type: 'singleInstance' }, name);
      expect({ name, ...carriedOf(again) }).toEqual({ name, ...carriedOf(native) });
      expect(back).toMatchObject({ body: { contentType: 'text', content: content.trim() } });
    }
  });

  it('lose no member but the listed ones, and each of those is lost somewhere', () => {
    const lost = new Set<string>();
    for (const { name, json } of single) {
      const back = thereAndBack(parseEvent(json, name));
      for (const member of Object.keys(json)) if (!(member in back)) lost.add(member);
    }
    expect([...lost].toSorted()).toEqual(Object.keys(LOST).toSorted());
  });

  it('change the value of no member but the listed ones', () => {
    const changed = new Map<string, Set<string>>();
    for (const { name, json } of single) {
      const native = parseEvent(json, name);
      const back = thereAndBack(native);
      const again = parseEvent({ ...asAnswered(back), type: 'singleInstance' }, name);
      for (const member of Object.keys(json).filter((one) => one in back)) {
        const [before, after] = [
          meaningOf(native, member, json[member]),
          meaningOf(again, member, back[member]),
        ];
        if (!isDeepStrictEqual(before, after))
          changed.set(name, (changed.get(name) ?? new Set()).add(member));
      }
    }
    const listed = Object.entries(CHANGED).map(([name, members]) => [name, Object.keys(members)]);
    const found = [...changed].map(([name, members]) => [name, [...members]]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(listed));
  });

  it('show no HTML as a description', () => {
    const html = single.filter(({ json }) =>
      /^html$/i.test(String(memberOf(json['body'], 'contentType'))),
    );
    expect(html.length).toBeGreaterThan(15);
    for (const { name, json } of html) {
      const isEmpty = memberOf(json['body'], 'content') === '';
      const { shown } = toItem(parseEvent(json, name), OSLO);
      expect([name, shown.includes('description')]).toEqual([name, isEmpty]);
    }
  });

  it.each(Object.entries(SERIES))('of series are masters or events: %s', (name, kinds) => {
    const items = events
      .filter((documented) => documented.name === name)
      .map(({ json }) => toItem(parseEvent(json, name), OSLO));
    const found = items.map(({ unsupported, masterId }) =>
      unsupported === 'series' ? 'master' : masterId === undefined ? 'single' : 'event',
    );
    expect(found).toEqual(kinds);
  });

  it('are written by requests that fit the description, and held as they were meant', async () => {
    const place = world();
    for (const [n, { name, json }] of single.entries()) {
      const native = parseEvent(json, name);
      const { event } = toItem(native, OSLO);
      const [made] = await write(place, { ...create(n), content: event });
      if (made?.kind !== 'applied' || made.item === undefined)
        throw new Error(`${name}: ${made?.kind}`);
      const { id, version } = made.item;
      const { mappingId, stamp } = create(n);
      const fields = FIELDS.filter((field) => field !== 'contact');
      const update = { kind: 'update', mappingId, stamp, id, version, fields } as const;
      const [changed] = await write(place, { ...update, content: event });
      expect([name, changed?.kind]).toEqual([name, 'applied']);
      const held = await place.graph('GET', `${EVENTS}/${encodeURIComponent(id)}`);
      const kept = carriedOf(parseEvent(held, name));
      expect({ name, ...kept }).toEqual({ name, ...carriedOf(native) });
    }
    const written = ['POST', 'PATCH'].map((method) =>
      [...(graphContract?.bridgeRequests ?? [])]
        .filter(([row]) => row.startsWith(`${method} /users/`))
        .reduce((sum, [, { bridge }]) => sum + bridge, 0),
    );
    expect(written.every((requests) => requests >= single.length)).toBe(true);
  });
});
