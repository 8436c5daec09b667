import * as z from 'zod';
import { pagingFields } from '../paging.ts';
import { Count, pageMembers, Success, Time } from './common.ts';
import { component } from './component.ts';

const Status = z.enum(['active', 'silent', 'failing', 'expired', 'ended']);

const Subscription = component(
  'Subscription',
  z.object({
    subscription_id: z.string().nullable().describe('As its system names it.'),
    calendar_id: z.string(),
    bridge_type: z.string(),
    status: Status,
    is_active: z.boolean(),
    expires_at: Time.nullable(),
    last_renewed_at: Time.nullable(),
    last_heard_at: Time.nullable().describe('When a notice last came, to within five minutes.'),
    unannounced_at: Time.nullable().describe('When a change was found that nothing had announced.'),
    failures: Count.describe('Tries in a row that failed.'),
    error: z.string().nullable(),
    next_try_at: Time.nullable(),
  }),
);

export const SubscriptionQuery = z.object({
  search: z.string().max(200).optional().describe('A part of the calendar’s id.'),
  status: Status.optional(),
  ...pagingFields,
});

export const SubscriptionList = component(
  'SubscriptionList',
  z.object({
    success: Success,
    bridge: z.string(),
    subscriptions: z.array(Subscription).readonly(),
    ...pageMembers,
  }),
);

export const SubscriptionRun = component(
  'SubscriptionRun',
  z.object({
    success: Success,
    bridge: z.string(),
    subscriptions: z.array(Subscription).readonly(),
    errors: z.array(z.object({ calendar_id: z.string(), error: z.string() })),
    total_subscriptions: Count,
    total_errors: Count,
  }),
);

export const OneSubscription = component(
  'OneSubscription',
  z.object({ success: z.boolean(), bridge: z.string(), subscription: Subscription }),
);

export const NoticesTaken = component(
  'NoticesTaken',
  z.object({
    success: Success,
    message: z.string(),
    bridge: z.string(),
    target_bridge: z.null().describe('Whatever is mapped to the calendar is looked at.'),
  }),
);

export const NoticesBody = component(
  'Notices',
  z.union([
    z
      .object({
        value: z.array(
          z.object({
            subscriptionId: z.string(),
            clientState: z.string().nullable().optional(),
            tenantId: z.string().optional(),
            changeType: z.string().optional(),
            resource: z.string().optional(),
            lifecycleEvent: z.string().optional(),
          }),
        ),
      })
      .describe('Of Microsoft Graph.'),
    z
      .object({
        value: z.array(
          z.object({
            subscription_id: z.union([z.string(), z.int()]),
            clientState: z.string().nullable().optional(),
            change_type: z.string().optional(),
            entity_type: z.string().optional(),
            resource_id: z.union([z.string(), z.int()]).nullable().optional(),
            entityId: z.union([z.string(), z.int()]).optional(),
          }),
        ),
      })
      .describe('Of Portico’s booking system, signed.'),
    z
      .object({
        action: z.string().optional(),
        resource_id: z.union([z.string(), z.int()]).optional(),
        event_id: z.union([z.string(), z.int()]).optional(),
      })
      .describe('Of the generic contract; the state stands in the query.'),
  ]),
);
