import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../local/simulator-kit/request-log.ts';
import { signIn } from '../../local/verify/booking-reader.ts';
import { areEqual, compareRooms } from '../../local/verify/comparator.ts';
import { hallsOf, openHalls, type HallSystems } from '../support/halls.ts';
import { startLocalApp, type LocalApp } from '../support/local-app.ts';
import { post } from '../support/post.ts';

const ROOMS = 50;
const EVENTS_A_SIDE = 20;
const TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'detectDeletions',
  'reconcileDeletions',
  'checkHealth',
] as const;

/** The demo's first tenant gets fifty rooms more, made through the simulators' seeds and our API. */
describe('fifty rooms on the running app', () => {
  let app: LocalApp;
  let systems: HallSystems;
  const rooms = hallsOf(ROOMS);
  const days = { from: dayFromNow(1), to: dayFromNow(60) };

  beforeAll(async () => {
    // The timers' own ticks are left out, so that what is counted is what the test fires.
    const quiet = Object.fromEntries(
      TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']),
    );
    app = await startLocalApp([], quiet);
    systems = await openHalls(app.endpoints, rooms);
    // The first reads of new subscriptions are over before people use what the mailboxes allow at once.
    await app.idle();
    await makeEvents();
  }, 240_000);

  afterAll(async () => {
    const { pids } = app.endpoints;
    expect(await app.stop()).toBe(0);
    expect(Object.keys(pids).sort()).toEqual(['authority', 'azurite', 'booking', 'graph', 'host']);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
  }, 30_000);

  /** Twenty events a room on each side, every third with equal neighbours' titles and some whole days. */
  async function makeEvents(): Promise<void> {
    const session = new URLSearchParams({ ...(await signIn(systems)) }).toString();
    await Promise.all(
      rooms.map(async ({ resourceId, mailbox }) => {
        const user = encodeURIComponent(mailbox);
        for (let index = 0; index < EVENTS_A_SIDE; index += 1) {
          const day = dayFromNow(2 + index);
          const zone = { timeZone: 'Europe/Oslo' };
          await post(
            `${systems.graphUrl}/users/${user}/events`,
            {
              subject: `Outlook ${index % 3}`,
              start: { dateTime: `${day}T09:00:00`, ...zone },
              end: { dateTime: `${day}T10:30:00`, ...zone },
            },
            { authorization: `Bearer ${systems.graphToken}` },
          );
          const whole = index % 10 === 9;
          const bookingDay = whole ? dayFromNow(30 + index) : day;
          await post(`${systems.bookingUrl}/booking/resources/${resourceId}/events?${session}`, {
            title: `Booking ${index}`,
            source: 'web',
            contact_name: 'Per',
            from_: whole ? `${bookingDay}T00:00:00` : `${day}T18:00:00`,
            to_: whole ? `${dayFromNow(31 + index)}T00:00:00` : `${day}T20:00:00`,
          });
        }
      }),
    );
  }

  it('are equal, one to one, after one run of each timer; ten more runs of every timer write nothing', async () => {
    await app.fire(...TIMERS);
    const compared = await compareRooms(systems, rooms, days);
    expect(compared.filter((room) => !areEqual([room]))).toEqual([]);
    const total = (side: 'inOutlook' | 'inBooking'): number =>
      compared.reduce((sum, room) => sum + room[side], 0);
    expect([total('inOutlook'), total('inBooking')]).toEqual([2000, 2000]);

    const since = new Date().toISOString();
    for (let round = 0; round < 10; round += 1) await app.fire(...TIMERS);
    expect(await writesSince(since)).toEqual([]);

    const moved = await moveOne();
    const after = await compareRooms(systems, rooms, days);
    expect(areEqual(after)).toBe(false);
    expect(after.filter((room) => !areEqual([room])).map(({ room }) => room.mailbox)).toEqual([
      moved,
    ]);
  }, 420_000);

  /** A person moves one event: the comparator must see it. */
  async function moveOne(): Promise<string> {
    const [room] = rooms;
    if (room === undefined) throw new Error('no room');
    const headers = { authorization: `Bearer ${systems.graphToken}` };
    const base = `${systems.graphUrl}/users/${encodeURIComponent(room.mailbox)}/events`;
    const page = await (await fetch(`${base}?$top=1`, { headers })).json();
    const [event] = (page as { value: { id: string }[] }).value;
    const day = dayFromNow(3);
    const zone = { timeZone: 'Europe/Oslo' };
    const answer = await fetch(`${base}/${encodeURIComponent(event?.id ?? '')}`, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        start: { dateTime: `${day}T06:00:00`, ...zone },
        end: { dateTime: `${day}T06:30:00`, ...zone },
      }),
    });
    expect(answer.status).toBe(200);
    return room.mailbox;
  }

  /** Writes that anybody made, those inside a `$batch` counted. */
  async function writesSince(since: string): Promise<LoggedRequest[]> {
    const { graph, booking } = app.endpoints.simulators ?? { graph: '', booking: '' };
    const logs = await Promise.all(
      [graph, booking].map(async (url) => {
        const answer = await fetch(`${url}/__sim/requests?since=${since}`);
        return ((await answer.json()) as { requests: LoggedRequest[] }).requests;
      }),
    );
    return logs
      .flat()
      .filter(
        ({ method, path }) =>
          method !== 'GET' && !path.endsWith('$batch') && !path.startsWith('/login'),
      );
  }
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
