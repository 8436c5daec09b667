import { bookingTimes, type Json, type TownOptions } from '../../support/town.ts';
import { dateAt, type Case } from './case.ts';

const LONG_TITLE = 'x'.repeat(255);
const KEPT = 'stay in the booking system';
const NOT_LISTED = 'the generic contract lists events alone';

/** Rows that are the booking system's own to change. */
export const RESERVATIONS: NonNullable<TownOptions['booking']> = {
  allocations: [
    {
      id: 1,
      from_: `${dateAt(200)} 17:00:00`,
      to_: `${dateAt(200)} 19:00:00`,
      resources: [1],
      organization_name: 'Chess club',
      organization_id: 1,
      season_id: 1,
      active: 1,
      skip_bas: 0,
    },
  ],
  bookings: [
    {
      id: 1,
      from_: `${dateAt(210)} 17:00:00`,
      to_: `${dateAt(210)} 19:00:00`,
      resources: [1],
      group_name: 'Juniors',
      group_id: 1,
      allocation_id: null,
      season_id: 1,
      activity_id: 1,
      activity_name: '',
      active: 1,
      skip_bas: 0,
    },
  ],
};

function booking(title: string, more: Json | ((day: number) => Json) = {}): Case['make'] {
  return async (town, day, room) =>
    await town.book(room, {
      title,
      contact_name: '-',
      ...bookingTimes(day, 9),
      ...(typeof more === 'function' ? more(day) : more),
    });
}

function wall(day: number, from: string, to: string, days = 0): Json {
  return { from_: `${dateAt(day)}T${from}:00`, to_: `${dateAt(day + days)}T${to}:00` };
}

export const FROM_BOOKING: readonly Case[] = [
  { what: 'title', make: booking('Choir – æøå') },
  { what: 'title of 255 characters', make: booking(LONG_TITLE) },
  { what: 'description', make: booking('Described', { description: 'One\nTwo' }) },
  {
    what: 'contact, with an address',
    make: booking('Asked', { contact_name: 'Per', contact_email: 'per@choir.example' }),
    copy: () => ({ contact: '' }),
    loss: 'stays in the booking system: Outlook mails whoever is written into an event',
  },
  {
    what: 'equipment, homepage, audience, cost, organizer',
    make: booking('Rich', {
      equipment: 'Projector',
      homepage: 'https://choir.example',
      organizer: 'The choir',
    }),
    loss: KEPT,
  },
  { what: 'over midnight', make: booking('Late', (day) => wall(day, '22:00', '02:00', 1)) },
  {
    what: 'three days, from 16:00 to 14:00',
    make: booking('Camp', (day) => wall(day, '16:00', '14:00', 2)),
  },
  { what: 'from 00:00 to 00:00', make: booking('Day', (day) => wall(day, '00:00', '00:00', 1)) },
  {
    what: 'from 00:00 to 23:59',
    make: booking('Till the end', (day) => wall(day, '00:00', '23:59')),
    copy: ({ times }) => ({ times: times.map((time) => wholeDay(time)) }),
    loss: 'a whole day; the booking system keeps its 23:59 until the time is changed in Outlook',
  },
  {
    what: 'three days, from 00:00 to 00:00',
    make: booking('Days', (day) => wall(day, '00:00', '00:00', 3)),
  },
  {
    what: 'whole days over the change of spring',
    day: 123,
    make: booking('Easter', (day) => wall(day, '00:00', '00:00', 3)),
  },
  {
    what: 'not active',
    make: async (town, day, room) => {
      const id = await town.book(room, { title: 'Off', ...bookingTimes(day, 9) });
      await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    },
    none: 'takes no room',
  },
  {
    what: 'in two rooms',
    make: async (town, day) =>
      await town.book([1, 2], { title: 'Both', contact_name: '-', ...bookingTimes(day, 9) }),
    loss: 'a copy in each room’s calendar; what is changed in one of them is changed in both',
  },
  {
    what: 'allocation',
    day: 200,
    make: async () => {},
    copy: () => ({ description: 'Tildeling: Chess club' }),
    loss: 'says what it is (`LOCALE`); the booking system has no description of it',
    none: { portico: undefined, generic: NOT_LISTED },
    renamed: 'put back',
  },
  {
    what: 'booking of a group',
    day: 210,
    make: async () => {},
    copy: () => ({ description: 'Booking: Juniors' }),
    loss: 'says what it is (`LOCALE`); the booking system has no description of it',
    none: { portico: undefined, generic: NOT_LISTED },
    renamed: 'put back',
  },
];

/** `2027-01-02T23:00 to 2027-01-03T22:59`, by the dates of Oslo. */
function wholeDay(time: string): string {
  const [, end = ''] = time.split(' to ');
  const date = end.slice(0, 10);
  const next = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
  return `${date} to ${next}`;
}
