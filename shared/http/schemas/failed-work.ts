import * as z from 'zod';
import { RETRIED_IDS_MAX } from '../../queues/messages.ts';
import { component, requestBody } from './component.ts';
import { Count, pageMembers, PathId, Success, Time } from './common.ts';

export const FailedParams = z.object({ id: PathId.describe('Id of a piece of failed work.') });

export const FailedItem = component(
  'FailedItem',
  z
    .object({
      id: z.string(),
      kind: z
        .enum(['event', 'pair', 'message'])
        .describe(
          'An event that failed by itself; a pair whose passes fail; a message that could not be handled.',
        ),
      mapping_id: z.string().nullable(),
      event_mapping_id: z.string().nullable(),
      source_event_id: z.string().nullable(),
      target_event_id: z.string().nullable(),
      queue: z.string().nullable().describe('Of a message.'),
      job: z.string().nullable().describe('Of a message: what it asked for.'),
      attempts: Count.describe('Failures in a row.'),
      since: Time,
      next_try_at: Time.nullable().describe('Null where nothing tries it by itself.'),
      reason: z.string(),
    })
    .describe('Something that did not work and is not done.'),
);

export const FailedList = component(
  'FailedList',
  z.object({ success: Success, failed: z.array(FailedItem), ...pageMembers }),
);

const QueuedRetry = z.object({ mapping_id: z.string(), run_id: z.string() });

export const Retried = component(
  'Retried',
  z
    .object({ success: Success, message: z.string(), runs: z.array(QueuedRetry) })
    .describe('The runs that try it again; none for a message, which is in its queue again.'),
);

export const RetryBody = requestBody(
  'RetryRequest',
  z.object({
    event_mapping_ids: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(RETRIED_IDS_MAX)
      .optional()
      .describe('Only these events of the pair; else all that rest.'),
  }),
);

export const Dismissed = component(
  'Dismissed',
  z.object({ success: Success, message: z.string(), id: z.string() }),
);
