import { afterAll, beforeAll, expect, it } from 'vitest';
import { bookingReader } from '../../local/verify/booking-reader.ts';
import { hallsOf, openHalls, type HallSystems } from '../support/halls.ts';
import { startLocalApp, until, type LocalApp } from '../support/local-app.ts';
import { post } from '../support/post.ts';

const HALLS = hallsOf(2);
/** No timer ticks: what crosses was announced. */
const TIMERS = ['syncBookingToOutlook', 'syncOutlookToBooking', 'detectDeletions'];

let app: LocalApp;
let systems: HallSystems;

beforeAll(async () => {
  const quiet = TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
  app = await startLocalApp([], Object.fromEntries(quiet));
  systems = await openHalls(app.endpoints, HALLS);
}, 120_000);

afterAll(async () => {
  await app.stop();
}, 30_000);

function day(ahead: number): string {
  return new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
}

it('a mapped room is subscribed to, and a change there crosses without any timer', async () => {
  const authorization = { authorization: `Bearer ${systems.graphToken}` };
  await until(async () => {
    const answer = await fetch(`${systems.graphUrl}/subscriptions`, { headers: authorization });
    const { value } = (await answer.json()) as { value: { resource: string }[] };
    return HALLS.every(({ mailbox }) =>
      value.some(({ resource }) => decodeURIComponent(resource).includes(mailbox)),
    );
  });
  const [hall] = HALLS;
  if (hall === undefined) throw new Error('no hall');
  const at = (hour: number): object => ({
    dateTime: `${day(3)}T${hour}:00:00`,
    timeZone: 'Europe/Oslo',
  });
  const events = `${systems.graphUrl}/users/${encodeURIComponent(hall.mailbox)}/events`;
  await post(events, { subject: 'Announced', start: at(10), end: at(11) }, authorization);
  const read = await bookingReader(systems);
  await until(async () => {
    const lines = await read(hall.resourceId, { from: day(2), to: day(4) }, false);
    return lines.some((line) => line.startsWith('Announced |'));
  });
  const { body } = await app.api('GET', '/tenants/municipal_a/bridges/outlook/subscriptions');
  expect((body as { subscriptions: { status: string }[] }).subscriptions).toEqual(
    expect.arrayContaining([expect.objectContaining({ status: 'active' })]),
  );
}, 120_000);
