import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bookingReader } from '../../local/verify/booking-reader.ts';
import { sendBookingEvent } from '../docs/booking-event-sender.ts';
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

/** Of the coming days in Outlook. */
async function subjectsIn({ mailbox }: { readonly mailbox: string }): Promise<readonly string[]> {
  const range = `startDateTime=${day(2)}T00:00:00Z&endDateTime=${day(6)}T00:00:00Z`;
  const path = `users/${encodeURIComponent(mailbox)}/calendarView?${range}&$top=100`;
  const answer = await fetch(`${systems.graphUrl}/${path}`, {
    headers: { authorization: `Bearer ${systems.graphToken}` },
  });
  const { value } = (await answer.json()) as { value: { subject: string }[] };
  return value.map(({ subject }) => subject);
}

it("a person's change in the booking pages is announced, signed, and crosses without any timer", async () => {
  const [, hall] = HALLS;
  if (hall === undefined) throw new Error('no hall');
  const { domain } = systems.booking;
  const control = `${systems.bookingUrl}/__sim`;
  await until(async () => {
    const answer = await fetch(`${control}/subscriptions`);
    const { subscriptions } = (await answer.json()) as {
      subscriptions: { domain: string; resource_id: number }[];
    };
    const subscribed = subscriptions.filter((one) => one.domain === domain);
    return HALLS.every(({ resourceId }) =>
      subscribed.some(({ resource_id }) => resource_id === Number(resourceId)),
    );
  });
  const person = async (method: string, path: string, body: object): Promise<unknown> =>
    await post(`${control}/people`, { method, path, domain, body });
  const made = (await person('POST', `/booking/resources/${hall.resourceId}/events`, {
    title: 'Announced in the pages',
    from_: `${day(3)}T12:00:00`,
    to_: `${day(3)}T13:00:00`,
    source: 'web',
    contact_name: 'Per',
  })) as { id: number };
  await until(async () => (await subjectsIn(hall)).includes('Announced in the pages'));
  await person('PATCH', `/booking/events/${made.id}/toggle-active`, { active: 0 });
  await until(async () => !(await subjectsIn(hall)).includes('Announced in the pages'));
  const { counts } = (await (await fetch(`${control}/notices`)).json()) as {
    counts: { delivered: number; refused: number };
  };
  expect(counts.delivered).toBeGreaterThanOrEqual(2);
  expect(counts.refused).toBe(0);
  const { body } = await app.api('GET', '/tenants/municipal_a/bridges/booking/subscriptions');
  expect((body as { subscriptions: object[] }).subscriptions).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ calendar_id: hall.resourceId, status: 'active' }),
    ]),
  );
}, 120_000);

it('a change that nobody was told of crosses once a message to booking-events names its room', async () => {
  const [hall] = HALLS;
  if (hall === undefined) throw new Error('no hall');
  const control = `${systems.bookingUrl}/__sim`;
  await post(`${control}/notices`, { lost: 1 });
  try {
    await post(`${control}/people`, {
      method: 'POST',
      path: `/booking/resources/${hall.resourceId}/events`,
      domain: systems.booking.domain,
      body: {
        title: 'Told by a queue',
        from_: `${day(4)}T12:00:00`,
        to_: `${day(4)}T13:00:00`,
        source: 'web',
        contact_name: 'Per',
      },
    });
  } finally {
    await post(`${control}/notices`, {});
  }
  const queue = new QueueClient(app.endpoints.storage, 'booking-events');
  const event = { v: 1, tenant: 'municipal_a', resource_id: hall.resourceId } as const;
  await sendBookingEvent(queue, event);
  await until(async () => (await subjectsIn(hall)).includes('Told by a queue'));
  expect(await subjectsIn(hall)).toContain('Told by a queue');
}, 120_000);

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
