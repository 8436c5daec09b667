/**
 * Starts the app as a user does, lets one event of each tenant cross each way, and has every room
 * compared. Exit code 1 where something of it fails.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TenantEndpoint } from '../local/start/endpoints.ts';
import { signIn } from '../local/verify/booking-reader.ts';
import { startLocalApp, until, type LocalApp } from './support/local-app.ts';
import { post } from './support/post.ts';

const startedAt = performance.now();
// The timers' own ticks are left out: what crosses is what this run fires.
const timers = ['syncBookingToOutlook', 'syncOutlookToBooking', 'detectDeletions'];
const quiet = timers.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
const app = await startLocalApp([], Object.fromEntries(quiet));
console.log(`ready after ${Math.round((performance.now() - startedAt) / 1000)} s`);
try {
  for (const tenant of app.endpoints.tenants) await crosses(app, tenant);
  verify(app);
} finally {
  const code = await app.stop();
  console.log(`ended with code ${code}`);
  if (code !== 0) process.exitCode = 1;
}

/** As `npm run verify:local` does. */
function verify({ dataDir }: LocalApp): void {
  const script = fileURLToPath(new URL('../local/verify/main.ts', import.meta.url));
  const run = spawnSync(process.execPath, [script, '--data-dir', dataDir], { encoding: 'utf8' });
  console.log(run.stdout);
  if (run.status !== 0) throw new Error(`the rooms are not equal: ${run.stderr}`);
}

async function crosses(
  { fire }: LocalApp,
  { id, graph, booking, rooms: [room] }: TenantEndpoint,
): Promise<void> {
  if (room === undefined) throw new Error(`${id} has no room`);
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const user = `${graph.url}/users/${encodeURIComponent(room.mailbox)}`;
  const headers = { authorization: `Bearer ${graph.token}`, 'content-type': 'application/json' };
  await post(
    `${user}/events`,
    {
      subject: 'Smoke from Outlook',
      start: { dateTime: `${day}T09:00:00`, timeZone: 'Europe/Oslo' },
      end: { dateTime: `${day}T10:00:00`, timeZone: 'Europe/Oslo' },
    },
    headers,
  );
  const access = await bookingAccess(booking, room.resource_id, day);
  await post(access.create, access.event('Smoke from booking', 12), access.headers);
  await fire('syncOutlookToBooking');
  const range = `startDateTime=${day}T00:00:00Z&endDateTime=${day}T23:59:59Z`;
  await until(async () => (await text(access.list, access.headers)).includes('Smoke from Outlook'));
  await until(async () =>
    (await text(`${user}/calendarView?${range}`, headers)).includes('Smoke from booking'),
  );
  console.log(`${id}: one event crossed each way, by the ${booking.profile} contract`);
}

/** How a person's program makes and lists events of a room, by either contract. */
interface BookingAccess {
  readonly create: string;
  readonly list: string;
  readonly headers: Record<string, string>;
  /** A new event of one hour, at an hour of Oslo. */
  readonly event: (title: string, hour: number) => Record<string, string>;
}

async function bookingAccess(
  booking: TenantEndpoint['booking'],
  resourceId: string,
  day: string,
): Promise<BookingAccess> {
  const days = `start_date=${day}&end_date=${day}`;
  const json = { 'content-type': 'application/json' };
  const at = (hour: number): string => `${day}T${hour}:00:00`;
  if (booking.profile === 'generic') {
    const events = `${booking.url}/api/resources/${resourceId}/events`;
    return {
      create: events,
      list: `${events}?${days}`,
      headers: { ...json, authorization: `Bearer ${booking.apiKey}` },
      event: (title, hour) => ({ title, start_time: at(hour), end_time: at(hour + 1) }),
    };
  }
  const system = { fetch: (request: Request) => fetch(request), bookingUrl: booking.url, booking };
  const session = new URLSearchParams({ ...(await signIn(system)) }).toString();
  const resource = `${booking.url}/booking/resources/${resourceId}`;
  return {
    create: `${resource}/events?${session}`,
    list: `${resource}/schedule?${session}&${days}`,
    headers: json,
    event: (title, hour) => ({
      title,
      source: 'web',
      contact_name: 'Smoke',
      from_: at(hour),
      to_: at(hour + 1),
    }),
  };
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  return await (await fetch(url, { headers })).text();
}
