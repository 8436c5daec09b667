import * as z from 'zod';
import { Calendar } from './bridges.ts';
import { BridgeParams, pageMembers, PathId, Success, Time } from './common.ts';
import { component } from './component.ts';

export const ResourceList = component(
  'ResourceList',
  z.object({
    success: Success,
    bridge: z.string(),
    resources: z.array(Calendar),
    ...pageMembers,
  }),
);

const Group = component(
  'Group',
  z.object({
    id: z.string(),
    name: z.string(),
    email: z.string().optional(),
    description: z.string().optional(),
    bridge_type: z.string(),
  }),
);

export const GroupList = component(
  'GroupList',
  z.object({ success: Success, bridge: z.string(), groups: z.array(Group), ...pageMembers }),
);

export const ResourceParams = BridgeParams.extend({
  resourceId: PathId.describe('As the system names the resource: a mailbox, a number.'),
});

export const UserParams = BridgeParams.extend({
  userId: PathId.describe('As the system names the person: an address, an object id.'),
});

const Moment = z.union([Time, z.iso.date()]);

export const CalendarItem = component(
  'CalendarItem',
  z
    .object({
      id: z.string(),
      subject: z
        .string()
        .nullable()
        .describe('Of a private event the default title; null where this read does not show it.'),
      description: z.string().nullable(),
      start: Moment.describe('In UTC; a date for all-day events.'),
      end: Moment.describe('The first moment, or day, after it.'),
      all_day: z.boolean(),
      timezone: z.string().nullable().describe('In which it was made; null for all-day events.'),
      organizer: z
        .object({ name: z.string().nullable(), email: z.string().nullable() })
        .nullable()
        .describe('Whom to ask about it.'),
      status: z.enum(['confirmed', 'tentative', 'cancelled']),
      show_as: z.enum(['free', 'busy']),
      is_private: z.boolean(),
      not_copied_because: z.enum(['series', 'zero-length', 'end-before-start', 'free']).nullable(),
      last_modified: Time.nullable(),
      bridge_type: z.string(),
    })
    .describe('An item of a calendar, read live and not stored.'),
);

const items = {
  start_date: Time,
  end_date: Time,
  calendar_items: z.array(CalendarItem),
  ...pageMembers,
};

export const ResourceItems = component(
  'ResourceItems',
  z.object({ success: Success, bridge: z.string(), resource_id: z.string(), ...items }),
);

export const UserItems = component(
  'UserItems',
  z.object({ success: Success, bridge: z.string(), user_id: z.string(), ...items }),
);
