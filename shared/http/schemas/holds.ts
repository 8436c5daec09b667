import * as z from 'zod';
import { component, requestBody } from './component.ts';
import { Count, pageMembers, PathId, Success, Time } from './common.ts';

export const HoldParams = z.object({ id: PathId.describe('Id of a hold.') });

export const HoldStateName = z.enum(['open', 'approved', 'rejected', 'withdrawn', 'expired']);

const Evidence = z.object({
  read: z.enum(['complete', 'changes']),
  shown: Count.describe('Items that the read showed.'),
  known: Count.describe('Events mapped with a copy there.'),
});

export const Hold = component(
  'Hold',
  z
    .object({
      id: z.string(),
      mapping_id: z.string(),
      side: z.enum(['source', 'target']).describe('Where things went away, or were to be made.'),
      kind: z.enum(['deletions', 'creates']),
      state: HoldStateName,
      items: Count.describe('Events that are in it now.'),
      why: z.object({
        rule: z.enum(['emptied', 'pair', 'tenant', 'flood']),
        count: Count.describe('Events of this batch.'),
        recent: Count.describe('The same within 24 hours before, let pass.'),
        known: Count.describe('Mapped events that the share is of.'),
        percent: Count,
        min: Count.describe('So many never wait.'),
        percent_max: Count.describe('So large a share never waits.'),
      }),
      evidence: z.object({ source: Evidence, target: Evidence }),
      samples: z.array(
        z.object({
          event_mapping_id: z.string(),
          source_event_id: z.string().nullable(),
          target_event_id: z.string().nullable(),
          start: Time,
          end: Time,
        }),
      ),
      since: Time,
      expires_at: Time.describe('Not decided by then, it counts as rejected.'),
      decided_by: z.string().nullable(),
      decided_at: Time.nullable(),
      decision_reason: z.string().nullable(),
      carried_out: z.boolean().describe('Nothing of it waits any more.'),
      closed_at: Time.nullable(),
    })
    .describe('Changes that are too many at once, and wait for a person. Ids and times only.'),
);

export const HoldList = component(
  'HoldList',
  z.object({ success: Success, holds: z.array(Hold), ...pageMembers }),
);

export const OneHold = component('OneHold', z.object({ success: Success, hold: Hold }));

export const DecidedHold = component(
  'DecidedHold',
  z.object({
    success: Success,
    message: z.string(),
    mapping_id: z.string(),
    run_id: z.string(),
    status: z.literal('queued'),
    hold: Hold,
  }),
);

export const DecisionBody = requestBody(
  'HoldDecision',
  z.object({
    reason: z
      .string('expected a text')
      .trim()
      .max(200, 'expected 200 characters or less')
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected no control characters')
      .optional()
      .describe('For the audit; nothing about persons.'),
  }),
);
