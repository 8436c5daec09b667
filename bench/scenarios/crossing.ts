import { setTimeout as pause } from 'node:timers/promises';
import { bookingReader } from '../../local/verify/booking-reader.ts';
import { areEqual, compareRooms, type ComparedRoom } from '../../local/verify/comparator.ts';
import type { HallSystems } from '../../test/support/halls.ts';
import { post } from '../../test/support/post.ts';
import { openAnnounced, PATIENCE_MS, type AnnouncedHalls } from '../announced-halls.ts';
import { quantile, type Figure, type Scenario } from '../scenario.ts';

const ROOMS = 20;
const EDITS = 100;
const EVERY_MS = 200;
const LOOK_MS = 25;
const GIVEN_UP_MS = 60_000;

type Way = 'Outlook to booking' | 'booking to Outlook';

interface Edit {
  readonly room: ComparedRoom;
  readonly title: string;
}

/** A person's edit on one side, until the other side shows it: creates, then renames of them. */
export const crossing: Scenario = {
  name: 'crossing',
  about: `${EDITS} edits of people each way over ${ROOMS} rooms, timers off, until the other side shows them`,
  run: async (say) => {
    const opened = await openAnnounced(ROOMS);
    try {
      const figures: Figure[] = [];
      for (const way of ['Outlook to booking', 'booking to Outlook'] as const) {
        say(`${way}: one edit every ${EVERY_MS} ms`);
        const times = await cross(opened, way);
        figures.push(
          { name: `${way}, median`, value: quantile(times, 0.5), unit: 'ms', max: 2000 },
          { name: `${way}, 99th percentile`, value: quantile(times, 0.99), unit: 'ms', max: 5000 },
        );
        await opened.app.idle(PATIENCE_MS);
      }
      const { systems, halls } = opened;
      if (!areEqual(await compareRooms(systems, halls, days())))
        throw new Error('both sides are not equal at the end');
      return figures;
    } finally {
      await opened.app.stop();
    }
  },
};

async function cross({ systems, halls }: AnnouncedHalls, way: Way): Promise<readonly number[]> {
  const people = way === 'Outlook to booking' ? outlookPeople(systems) : webPeople(systems);
  const titles =
    way === 'Outlook to booking' ? await bookingTitles(systems) : outlookTitles(systems);
  const made: { readonly room: ComparedRoom; readonly id: string }[] = [];
  const waits: Promise<number>[] = [];
  for (let n = 0; n < EDITS; n += 1) {
    const room = halls[n % ROOMS];
    if (room === undefined) throw new Error('there is no such room');
    const edit = { room, title: `${way} ${n}` };
    const startedAt = performance.now();
    // The second half renames what the first one made, in its order.
    const earlier = made[n - EDITS / 2];
    if (earlier === undefined) made.push({ room, id: await people.create(edit, n) });
    else await people.rename({ room: earlier.room, title: edit.title }, earlier.id);
    waits.push(shown(titles, { room: earlier?.room ?? room, title: edit.title }, startedAt));
    await pause(Math.max(0, EVERY_MS - (performance.now() - startedAt)));
  }
  return await Promise.all(waits);
}

type Titles = (room: ComparedRoom) => Promise<readonly string[]>;

async function shown(titles: Titles, { room, title }: Edit, startedAt: number): Promise<number> {
  for (;;) {
    const passed = performance.now() - startedAt;
    if ((await titles(room)).includes(title)) return performance.now() - startedAt;
    if (passed > GIVEN_UP_MS) throw new Error(`${title} has not crossed in a minute`);
    await pause(LOOK_MS);
  }
}

/** One look at a room at a time, which all who wait for something there share. */
function shared(look: Titles): Titles {
  const looks = new Map<ComparedRoom, Promise<readonly string[]>>();
  return async (room) => {
    const running = looks.get(room) ?? look(room).finally(() => looks.delete(room));
    looks.set(room, running);
    return await running;
  };
}

async function bookingTitles(systems: HallSystems): Promise<Titles> {
  const read = await bookingReader(systems);
  return shared(async ({ resourceId }) =>
    (await read(resourceId, days(), false)).map((line) => line.split(' | ')[0] ?? ''),
  );
}

function outlookTitles({ graphUrl, graphToken }: HallSystems): Titles {
  const { from, to } = days();
  const range = `startDateTime=${from}T00:00:00Z&endDateTime=${to}T00:00:00Z&$top=200`;
  return shared(async ({ mailbox }) => {
    const url = `${graphUrl}/users/${encodeURIComponent(mailbox)}/calendarView?${range}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${graphToken}` } });
    // A mailbox takes four calls at once, the bridge's among them.
    if (answer.status === 429) return [];
    const { value } = (await answer.json()) as { value: { subject: string }[] };
    return value.map(({ subject }) => subject);
  });
}

interface People {
  /** At a time of its own. */
  create(edit: Edit, slot: number): Promise<string>;
  rename(edit: Edit, id: string): Promise<void>;
}

function outlookPeople({ graphUrl, graphToken }: HallSystems): People {
  const headers = { authorization: `Bearer ${graphToken}` };
  const events = ({ mailbox }: ComparedRoom): string =>
    `${graphUrl}/users/${encodeURIComponent(mailbox)}/events`;
  return {
    create: async ({ room, title }, slot) => {
      const { from, to } = timesOf(slot, 8);
      const zoned = (dateTime: string) => ({ dateTime, timeZone: 'Europe/Oslo' });
      const body = { subject: title, start: zoned(from), end: zoned(to) };
      return ((await post(events(room), body, headers)) as { id: string }).id;
    },
    rename: async ({ room, title }, id) => {
      const url = `${events(room)}/${encodeURIComponent(id)}`;
      await post(url, { subject: title }, headers, 'PATCH');
    },
  };
}

function webPeople({ bookingUrl, booking }: HallSystems): People {
  const change = async (method: string, path: string, body: unknown): Promise<unknown> =>
    await post(`${bookingUrl}/__sim/people`, { method, path, domain: booking.domain, body });
  return {
    create: async ({ room, title }, slot) => {
      const { from, to } = timesOf(slot, 13);
      const path = `/booking/resources/${room.resourceId}/events`;
      const body = { source: 'web', contact_name: 'Per', title, from_: from, to_: to };
      return String(((await change('POST', path, body)) as { id: number }).id);
    },
    rename: async ({ title }, id) => {
      await change('PUT', `/booking/events/${id}`, { name: title });
    },
  };
}

/** Half an hour, at a time that no other edit of its room and side has. */
function timesOf(slot: number, hour: number): { readonly from: string; readonly to: string } {
  const round = Math.floor(slot / ROOMS);
  const date = dayFromNow(2 + round);
  return { from: `${date}T${pad(hour)}:00:00`, to: `${date}T${pad(hour)}:30:00` };
}

function pad(hour: number): string {
  return String(hour).padStart(2, '0');
}

function dayFromNow(ahead: number): string {
  return new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
}

function days(): { readonly from: string; readonly to: string } {
  return { from: dayFromNow(1), to: dayFromNow(30) };
}
