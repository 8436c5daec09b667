import { graphEvent, graphTimes, PERSON, START, type Json, type Town } from '../../support/town.ts';
import { DAY_MS } from '../../../shared/model/time.ts';
import { dateAt, osloTimes, type Case } from './case.ts';
import type { Shown } from './shown.ts';

const LONG_TITLE = 'Kulturskolens årlige juleavslutning '.repeat(6).trim();
const LONG_TEXT = 'word '.repeat(8000).trim();
const TAKES_ROOM = 'takes the room as any other event';
const EACH = 'each occurrence by itself: the booking system has no series';

const same = (): Partial<Shown> => ({});

type More = Json | ((day: number) => Json);

function meeting(title: string, more: More = {}): Case['make'] {
  return async (town, day, room) =>
    await town.meet(room, {
      ...graphEvent(title, day, 9),
      ...(typeof more === 'function' ? more(day) : more),
    });
}

function text(content: string): Json {
  return { body: { contentType: 'text', content } };
}

function days(count: number): More {
  return (day) => ({ isAllDay: true, ...osloTimes(day, '00:00', '00:00', count) });
}

function weekday(day: number): string {
  const date = new Date(START + day * DAY_MS);
  return date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }).toLowerCase();
}

/** Three occurrences. */
function series(title: string, pattern: (day: number) => Json, hour = 9): Case['make'] {
  return meeting(title, (day) => ({
    ...graphTimes(day, hour),
    recurrence: {
      pattern: { interval: 1, ...pattern(day) },
      range: { type: 'numbered', startDate: dateAt(day), numberOfOccurrences: 3 },
    },
  }));
}

const dayOfMonth = (day: number): number => Number(dateAt(day).slice(8));
const month = (day: number): number => Number(dateAt(day).slice(5, 7));
const daily = series('Daily', () => ({ type: 'daily' }));

/** Which of its weekday the day is in its month. */
function index(day: number): string {
  const all = ['first', 'second', 'third', 'fourth', 'last'];
  return all[Math.floor((dayOfMonth(day) - 1) / 7)] ?? 'last';
}

/** A series of three. @returns the id of the second one */
async function secondOf(town: Town, day: number, room: number): Promise<string> {
  const master = await daily(town, day, room);
  const all = await town.calendar(room, '2028-01-01');
  return String(all.filter((event) => event['seriesMasterId'] === master)[1]?.['id']);
}

/** A series of three, of which the second one is changed. */
function exception(change: (day: number) => Json): Case['make'] {
  return async (town, day, room) => {
    await town.change(room, await secondOf(town, day, room), change(day + 1));
  };
}

export const FROM_OUTLOOK: readonly Case[] = [
  { what: 'title', make: meeting('Budget – æøå 🎭') },
  {
    what: 'title of 209 characters',
    make: meeting(LONG_TITLE),
    copy: () => ({ title: `${LONG_TITLE.slice(0, 126).trimEnd()}…` }),
    loss: 'cut at 127 characters with a mark; Outlook keeps the whole',
  },
  {
    what: 'no title',
    make: meeting(''),
    copy: () => ({ title: 'Busy' }),
    loss: 'the word for “busy” in the tenant’s language (`LOCALE`)',
  },
  { what: 'description, text', make: meeting('Text', text('One\nTwo')) },
  {
    what: 'description, HTML',
    make: meeting('HTML', {
      body: { contentType: 'html', content: '<p>One</p><p>Two <b>bold</b></p>' },
    }),
    loss: 'as text; Outlook keeps the HTML until the description is changed in the booking system',
  },
  {
    what: 'description of 39,999 characters',
    make: meeting('Long', text(LONG_TEXT)),
    copy: () => ({ description: `${LONG_TEXT.slice(0, 32_767).trimEnd()}…` }),
    loss: 'cut at 32,768 characters with a mark; Outlook keeps the whole',
  },
  {
    what: 'location, categories, reminder, importance',
    make: meeting('Adorned', {
      location: { displayName: 'At the back', address: {}, coordinates: {} },
      categories: ['Red category'],
      reminderMinutesBeforeStart: 30,
      importance: 'high',
    }),
    loss: 'stay in Outlook',
  },
  { what: 'tentative', make: meeting('Perhaps', { showAs: 'tentative' }), loss: TAKES_ROOM },
  { what: 'out of office', make: meeting('Away', { showAs: 'oof' }), loss: TAKES_ROOM },
  { what: 'shown as free', make: meeting('Free', { showAs: 'free' }), none: 'takes no room' },
  {
    what: 'working elsewhere',
    make: meeting('Elsewhere', { showAs: 'workingElsewhere' }),
    none: 'takes no room',
  },
  {
    what: 'private or personal',
    make: meeting('Secret', { sensitivity: 'private', ...text('Secret') }),
    copy: () => ({ title: 'Busy', description: '' }),
    loss: 'its time alone',
    renamed: 'stays in the copy',
  },
  {
    what: 'confidential',
    make: meeting('Secret', { sensitivity: 'confidential' }),
    copy: () => ({ title: 'Busy' }),
    loss: 'its time alone',
    renamed: 'stays in the copy',
  },
  {
    what: 'without length',
    make: meeting('Instant', (day) => graphTimes(day, 9, 0)),
    none: 'takes no room',
  },
  {
    what: 'a person’s meeting in the room',
    make: async (town, day) =>
      await town.outlook('POST', `${PERSON}/events`, {
        ...graphEvent('Invited', day, 9),
        attendees: [{ type: 'resource', emailAddress: { address: 'room-1@town.example' } }],
      }),
    renamed: 'put back',
  },
  {
    what: 'a meeting of the room’s own with guests',
    make: meeting('Guests', {
      attendees: [{ type: 'required', emailAddress: { address: PERSON } }],
    }),
    loss: 'guests stay in Outlook',
    renamed: 'put back',
  },
  { what: 'over midnight', make: meeting('Late', (day) => osloTimes(day, '22:00', '02:00', 1)) },
  {
    what: 'three days, from 16:00 to 14:00',
    make: meeting('Camp', (day) => osloTimes(day, '16:00', '14:00', 2)),
  },
  {
    what: 'over the hour that spring leaves out',
    day: 124,
    room: 2,
    make: meeting('Spring', (day) => osloTimes(day, '01:30', '03:30')),
  },
  {
    what: 'both runs of the hour that autumn repeats, from 02:00 to 02:00',
    day: 341,
    room: 2,
    make: meeting('Autumn', (day) => graphTimes(day, 0)),
    copy: { portico: () => ({ times: ['2027-10-31T00:00 to 2027-10-31T02:00'] }), generic: same },
    loss: {
      portico: 'till 03:00: its wall clock cannot tell the two runs apart',
      generic: undefined,
    },
  },
  { what: 'a whole day', make: meeting('Day', days(1)) },
  { what: 'three whole days', make: meeting('Days', days(3)) },
  {
    what: 'whole days over the change of spring',
    day: 123,
    make: meeting('Easter', days(3)),
  },
  { what: 'series: daily', make: daily, loss: EACH },
  {
    what: 'series: weekly, on two days',
    span: 21,
    hour: 4,
    make: series(
      'Weekly',
      (day) => ({ type: 'weekly', daysOfWeek: [weekday(day), weekday(day + 2)] }),
      4,
    ),
    loss: EACH,
  },
  {
    what: 'series: on a day of the month',
    span: 75,
    hour: 5,
    make: series('Monthly', (day) => ({ type: 'absoluteMonthly', dayOfMonth: dayOfMonth(day) }), 5),
    loss: EACH,
  },
  {
    what: 'series: on a weekday of the month',
    span: 80,
    hour: 6,
    make: series(
      'Nth',
      (day) => ({ type: 'relativeMonthly', daysOfWeek: [weekday(day)], index: index(day) }),
      6,
    ),
    loss: EACH,
  },
  {
    what: 'series: on a day of the year',
    span: 200,
    hour: 3,
    make: series(
      'Yearly',
      (day) => ({ type: 'absoluteYearly', dayOfMonth: dayOfMonth(day), month: month(day) }),
      3,
    ),
    loss: `${EACH}, as far as the window reaches`,
  },
  {
    what: 'series: on a weekday of the year',
    span: 200,
    hour: 2,
    make: series(
      'Nth yearly',
      (day) => ({
        type: 'relativeYearly',
        daysOfWeek: [weekday(day)],
        index: index(day),
        month: month(day),
      }),
      2,
    ),
    loss: `${EACH}, as far as the window reaches`,
  },
  {
    what: 'occurrence that was moved',
    make: exception((day) => graphTimes(day, 14)),
    loss: EACH,
  },
  {
    what: 'occurrence that was changed',
    make: exception(() => ({ subject: 'Another' })),
    loss: EACH,
  },
  {
    what: 'occurrence that was taken out',
    make: async (town, day, room) => town.remove(room, await secondOf(town, day, room)),
    loss: EACH,
  },
];
