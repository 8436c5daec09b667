import * as z from 'zod';
import type { LookJob } from './messages.ts';

/** What a booking system's bridge is called where nobody called it otherwise. */
const BRIDGE_USUAL = 'booking_system';

/**
 * A message of the queue `booking-events`, from outside: "look at this resource", nothing else.
 * Whatever else it tells (`event_id`, `action`, `time`) is for its sender's own eyes: it is not read, and
 * so cannot be wrong. docs/booking-events.md says the same to those who send it.
 */
const BookingEventSchema = z.object({
  v: z.literal(1),
  /** As tenants are named here. */
  tenant: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  /** The tenant's name for the bridge, or an alias. */
  bridge: z
    .string()
    .regex(/^\w[\w-]{0,63}$/)
    .default(BRIDGE_USUAL),
  /** As the booking system names it; numbers may be sent as such. */
  resource_id: z.union([z.string().min(1).max(500), z.int().transform(String)]),
});

/**
 * The job that a message of `booking-events` is, as the host hands it on: parsed where it is JSON.
 * @throws ZodError where it is none: the host then parks it in the end
 */
export function jobOfBookingEvent(message: unknown): LookJob {
  return jobOf(BookingEventSchema.parse(message));
}

/** The same; undefined where it is none. */
export function readBookingEvent(message: unknown): LookJob | undefined {
  const parsed = BookingEventSchema.safeParse(message);
  return parsed.success ? jobOf(parsed.data) : undefined;
}

function jobOf({ tenant, bridge, resource_id }: z.output<typeof BookingEventSchema>): LookJob {
  return { v: 1, kind: 'look', tenantId: tenant, bridge, resource: resource_id };
}
