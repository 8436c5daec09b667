import type { Json, Town } from '../../support/town.ts';
import type { Case, Placed } from './case.ts';
import { FROM_BOOKING } from './from-booking.ts';
import { FROM_OUTLOOK } from './from-outlook.ts';
import { bookingOf, outlookOf, shownInBooking, shownInOutlook, type Shown } from './shown.ts';

/** From the system where cases are made to the one where their copies are. */
export interface Way {
  readonly cases: readonly Case[];
  /** All that the system says of what is there. */
  readonly original: (town: Town, one: Placed) => Promise<readonly Json[]>;
  readonly copy: (town: Town, one: Placed) => Promise<readonly Json[]>;
  readonly shownAsMade: (town: Town, items: readonly Json[]) => Promise<Shown>;
  readonly shownAsCopy: (town: Town, items: readonly Json[]) => Promise<Shown>;
  /** A person gives the copy another title. */
  readonly rename: (town: Town, one: Placed, item: Json, title: string) => Promise<void>;
  /** The members that hold the titles. */
  readonly title: string;
  readonly copyTitle: string;
}

const outlookShown = async (_town: Town, items: readonly Json[]): Promise<Shown> =>
  Promise.resolve(shownInOutlook(items));

export const WAYS: Readonly<Record<string, Way>> = {
  'From Outlook to the booking system': {
    cases: FROM_OUTLOOK,
    original: outlookOf,
    copy: bookingOf,
    shownAsMade: outlookShown,
    shownAsCopy: shownInBooking,
    rename: async (town, _one, item, title) => {
      await town.person('PUT', `events/${String(item['id'])}`, { name: title });
    },
    title: 'subject',
    copyTitle: 'name',
  },
  'From the booking system to Outlook': {
    cases: FROM_BOOKING,
    original: async (town, one) => {
      const rows = await bookingOf(town, one);
      const whole = rows.map(async (row) =>
        row['type'] === 'event' ? { ...row, ...(await town.booked(Number(row['id']))) } : row,
      );
      return await Promise.all(whole);
    },
    copy: outlookOf,
    shownAsMade: shownInBooking,
    shownAsCopy: outlookShown,
    rename: async (town, { room }, item, title) =>
      await town.change(room, String(item['id']), { subject: title }),
    title: 'name',
    copyTitle: 'subject',
  },
};
