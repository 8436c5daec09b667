import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobOfBookingEvent } from '../../shared/queues/booking-event.ts';
import { startAzurite, type TestAzurite } from '../support/azurite.ts';
import { guideBlocks } from '../support/guide.ts';
import { bookingEventsQueue, sendBookingEvent, type BookingEvent } from './booking-event-sender.ts';

describe('the page on booking events', () => {
  const page = readFileSync(
    fileURLToPath(new URL('../../docs/booking-events.md', import.meta.url)),
    'utf8',
  );

  it('shows the sender that is tested here, word by word', () => {
    const files = guideBlocks('booking-events');
    expect(files.map(({ name }) => name)).toEqual(['test/docs/booking-event-sender.ts']);
    for (const { name, text } of files)
      expect(text).toBe(
        readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'),
      );
  });

  it('shows messages that are taken', () => {
    const shown = [...page.matchAll(/\{ ?"v":[^}]+\}/g)].map(([text]) => text);
    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const text of shown)
      expect(jobOfBookingEvent(JSON.parse(text))).toMatchObject({
        tenantId: 'municipal_a',
        resource: '12',
      });
  });
});

describe('the sender of booking events', () => {
  let azurite: TestAzurite;

  beforeAll(async () => {
    azurite = await startAzurite();
  });

  afterAll(async () => {
    await azurite.stop();
  });

  it('sends what the consumer reads, as base64 of JSON', async () => {
    const queue = new QueueClient(azurite.connectionString, 'booking-events');
    await queue.createIfNotExists();
    const event: BookingEvent = {
      v: 1,
      tenant: 'municipal_a',
      resource_id: 'Rådhussalen',
      action: 'deleted',
      time: '2026-06-01T10:00:00+02:00',
    };
    await sendBookingEvent(queue, event);
    const [received] = (await queue.receiveMessages()).receivedMessageItems;
    const text = Buffer.from(received?.messageText ?? '', 'base64').toString('utf8');
    expect(JSON.parse(text)).toEqual(event);
    expect(jobOfBookingEvent(JSON.parse(text))).toEqual({
      v: 1,
      kind: 'look',
      tenantId: 'municipal_a',
      bridge: 'booking_system',
      resource: 'Rådhussalen',
    });
  });

  it('signs in with its own identity at the queue of that name', () => {
    const { url } = bookingEventsQueue('https://town.queue.core.windows.net');
    expect(url).toBe('https://town.queue.core.windows.net/booking-events');
  });
});
