import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { jobOfBookingEvent } from '../shared/queues/booking-event.ts';
import { QUEUES } from '../shared/queues/messages.ts';
import { CONNECTION, type FunctionApp } from './app.ts';

/** What booking systems announce by a message. What cannot be read goes to the poison queue. */
export function registerBookingEvents(app: FunctionApp, services: Lazy<BackgroundServices>): void {
  app.storageQueue('processBookingEvent', {
    queueName: QUEUES.bookingEvents,
    connection: CONNECTION,
    handler: async (message) => {
      const job = jobOfBookingEvent(message);
      await (await services()).jobs.handle(job);
    },
  });
}
