import * as z from 'zod';
import { component } from './component.ts';
import { Count, pageMembers, Success, Time } from './common.ts';

const HealthStatus = z.enum(['healthy', 'degraded', 'unhealthy']);

const health = {
  status: HealthStatus,
  detail: z.string().describe('What was tried and, where it failed, what to do.'),
  response_ms: z.number().nonnegative(),
};

const Field = z.enum(['title', 'slot', 'description', 'contact']);

const Capabilities = component(
  'Capabilities',
  z.object({
    webhooks: z.boolean(),
    recurring_events: z.boolean(),
    all_day_events: z.boolean(),
    max_events_per_request: Count,
    changes: z.enum(['delta', 'list']),
    readable_fields: z.array(Field),
    writable_fields: z.array(Field),
    can_blank: z.boolean(),
    title_chars_max: Count,
    description_chars_max: Count,
    contact_name_chars_max: Count,
    conditional_writes: z.boolean(),
    exclusive_slots: z.boolean(),
    suspends: z.boolean(),
    stamps: z.boolean(),
    last_modified: z.boolean(),
  }),
);

const Bridge = component(
  'Bridge',
  z.object({
    name: z.string(),
    type: z.string(),
    class: z.string(),
    capabilities: Capabilities,
    health: z.object(health),
  }),
);

const BrokenBridge = component(
  'BrokenBridge',
  z
    .object({ name: z.string(), error: z.string(), status: z.literal('error') })
    .describe('A bridge that cannot be made from its settings.'),
);

export const BridgeList = component(
  'BridgeList',
  z.object({
    success: Success,
    bridges: z.record(z.string(), z.union([Bridge, BrokenBridge])).describe('By key.'),
    count: Count,
    timestamp: Time,
  }),
);

const statistics = z.object({
  mappings: Count,
  paused: Count,
  pending: Count,
  synced: Count,
  error: Count,
  conflict: Count,
  stale: Count.describe('No pass has been completed for three intervals.'),
  last_synced_at: Time.nullable(),
});

export const BridgesHealth = component(
  'BridgesHealth',
  z.object({
    success: Success,
    overall_health: HealthStatus,
    bridges: z.record(
      z.string(),
      z.object({ name: z.string(), type: z.string(), ...health, statistics }),
    ),
    summary: z.object({ total_bridges: Count, healthy_bridges: Count, unhealthy_bridges: Count }),
    statistics,
    open_holds: Count.describe('Holds that a person has to decide: `GET /holds`.'),
    timestamp: Time,
  }),
);

/** A room, piece of equipment or calendar. */
export const Calendar = component(
  'Calendar',
  z.object({
    id: z.string(),
    name: z.string(),
    email: z.string().optional(),
    description: z.string().optional(),
    type: z.enum(['room', 'equipment', 'calendar', 'other']),
    capacity: Count.optional(),
    bridge_type: z.string(),
    raw_data: z.null().describe('Kept for earlier clients: what the system said is not passed on.'),
  }),
);

export const CalendarList = component(
  'CalendarList',
  z.object({
    success: Success,
    bridge_name: z.string(),
    bridge_type: z.string(),
    calendars: z.array(Calendar),
    ...pageMembers,
  }),
);
