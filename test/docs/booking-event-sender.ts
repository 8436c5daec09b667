import { DefaultAzureCredential } from '@azure/identity';
import { QueueClient } from '@azure/storage-queue';

/** "Look at this resource": nothing else is read of it. */
export interface BookingEvent {
  readonly v: 1;
  /** The tenant's id in calendar-bridge. */
  readonly tenant: string;
  readonly resource_id: string | number;
  /** Default: `booking_system`. */
  readonly bridge?: string;
  /** For your own eyes. */
  readonly event_id?: string | number;
  readonly action?: 'created' | 'updated' | 'deleted';
  /** ISO 8601. */
  readonly time?: string;
}

/** @param serviceUri e.g. `https://calendarbridge.queue.core.windows.net` */
export function bookingEventsQueue(serviceUri: string): QueueClient {
  return new QueueClient(`${serviceUri}/booking-events`, new DefaultAzureCredential());
}

/** Call it after the change is committed: who reads before that finds nothing new. */
export async function sendBookingEvent(queue: QueueClient, event: BookingEvent): Promise<void> {
  await queue.sendMessage(Buffer.from(JSON.stringify(event), 'utf8').toString('base64'));
}
