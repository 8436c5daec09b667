import * as z from 'zod';
import { VERDICTS } from '../../model/verification.ts';
import { component } from './component.ts';
import { Count, Success, Time } from './common.ts';

const FieldName = z.enum(['title', 'slot', 'description', 'contact']);

const Difference = component(
  'Difference',
  z
    .object({
      kind: z.enum(['only-source', 'only-target', 'fields']),
      event_mapping_id: z.string().nullable(),
      source_event_id: z.string().nullable(),
      target_event_id: z.string().nullable(),
      fields: z.array(FieldName).describe('Those that differ, where both copies are there.'),
      rule: z.string().describe('What explains it; `unexplained` where nothing does.'),
      reason: z.string(),
      pending: z.boolean().describe('The next run does away with it.'),
    })
    .describe('An event in which the two sides differ: ids and names, no content.'),
);

const found = {
  run_id: z.string(),
  verdict: z.enum(VERDICTS),
  verified_at: Time,
  window: z.object({ start: Time, end: Time }).describe('What was read of both sides.'),
  shown: z.object({ source: Count, target: Count }).describe('Items that the reads showed.'),
  counts: z.object({
    equal: Count,
    explained: Count,
    unexplained: Count,
    pending: Count.describe('Explained ones that the next run does away with.'),
    held: Count.describe('Explained ones that wait for a decision.'),
  }),
  by_rule: z.record(z.string(), Count).describe('How many differences each rule explains.'),
  compared_fields: z.array(FieldName),
  hidden_fields: z
    .array(FieldName)
    .describe('Of these: some lists do not show them. `deep=true` reads them by id.'),
};

export const Verification = component(
  'Verification',
  z.object({
    ...found,
    differences: z.array(Difference).describe('What nothing explains first.'),
    differences_omitted: Count,
  }),
);

/** What a status says of the last one. */
export const VerificationSummary = z.object({
  run_id: z.string(),
  verified_at: Time,
  verdict: z.enum(VERDICTS),
  unexplained: Count,
  explained: Count,
});

export const VerifyAnswer = component(
  'VerifyAnswer',
  z.object({
    success: Success,
    mapping_id: z.string(),
    sync_enabled: z.boolean().describe('False while paused: pending differences then stay.'),
    verification: Verification,
  }),
);

export const UnfinishedVerification = component(
  'UnfinishedVerification',
  z
    .object({
      success: Success,
      message: z.string(),
      mapping_id: z.string(),
      run_id: z.string(),
      status: z.literal('queued'),
    })
    .describe('The reads had not ended after 20 s, and go on.'),
);
