/** Starts the app as a user does and lets one event cross each way. Exit code 1 where it does not. */
import { signIn } from './support/booking-reader.ts';
import { startLocalApp, until } from './support/local-app.ts';

const startedAt = performance.now();
// The timers' own ticks are left out: what crosses is what this run fires.
const timers = ['syncBookingToOutlook', 'syncOutlookToBooking', 'detectDeletions'];
const quiet = timers.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
const app = await startLocalApp([], Object.fromEntries(quiet));
console.log(`ready after ${Math.round((performance.now() - startedAt) / 1000)} s`);
try {
  const [tenant] = app.endpoints.tenants;
  const [room] = tenant?.rooms ?? [];
  if (tenant === undefined || room === undefined) throw new Error('the demo has no room');
  const { graph, booking } = tenant;
  const systems = {
    fetch: (request: Request) => fetch(request),
    bookingUrl: booking.url,
    booking: {
      profile: 'portico' as const,
      login: booking.login ?? '',
      password: booking.password ?? '',
      domain: booking.domain ?? '',
    },
  };
  const session = new URLSearchParams({ ...(await signIn(systems)) }).toString();
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const user = `${graph.url}/users/${encodeURIComponent(room.mailbox)}`;
  const headers = { authorization: `Bearer ${graph.token}`, 'content-type': 'application/json' };
  const resource = `${booking.url}/booking/resources/${room.resource_id}`;
  await sent(`${user}/events`, headers, {
    subject: 'Smoke from Outlook',
    start: { dateTime: `${day}T09:00:00`, timeZone: 'Europe/Oslo' },
    end: { dateTime: `${day}T10:00:00`, timeZone: 'Europe/Oslo' },
  });
  await sent(
    `${resource}/events?${session}`,
    { 'content-type': 'application/json' },
    {
      title: 'Smoke from booking',
      source: 'web',
      contact_name: 'Smoke',
      from_: `${day}T12:00:00`,
      to_: `${day}T13:00:00`,
    },
  );
  await app.fire('syncOutlookToBooking');
  const range = `startDateTime=${day}T00:00:00Z&endDateTime=${day}T23:59:59Z`;
  const schedule = `${resource}/schedule?${session}&start_date=${day}&end_date=${day}`;
  await until(async () => (await text(schedule)).includes('Smoke from Outlook'));
  await until(async () =>
    (await text(`${user}/calendarView?${range}`, headers)).includes('Smoke from booking'),
  );
  console.log('one event crossed each way');
} finally {
  const code = await app.stop();
  console.log(`ended with code ${code}`);
  if (code !== 0) process.exitCode = 1;
}

async function sent(url: string, headers: Record<string, string>, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url.split('?')[0]}: ${answer.status} ${await answer.text()}`);
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  return await (await fetch(url, { headers })).text();
}
