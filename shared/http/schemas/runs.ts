import * as z from 'zod';
import { component } from './component.ts';
import { Count, PathId, Success, Time } from './common.ts';
import { Action } from './sync.ts';

export const RunParams = z.object({ id: PathId.describe('Id of a run.') });

const counts = z
  .object({
    created: Count,
    updated: Count,
    deleted: Count,
    flagged: Count,
    refused: Count,
    kept: Count,
    failed: Count,
    put_off: Count,
  })
  .describe('What was done; in a dry run, what is planned.');

const run = {
  cause: z
    .enum(['timer', 'notification', 'person', 'resend', 'reconcile', 'deletions', 'removal'])
    .describe('What asked for it.'),
  outcome: z.enum(['completed', 'partial', 'busy', 'blocked', 'failed', 'skipped']),
  dry_run: z.boolean(),
  started_at: Time,
  duration_ms: z.number().nonnegative(),
  found: z.object({ source: Count, target: Count }).describe('Items that the reads showed.'),
  counts,
  error: z.object({ kind: z.string(), message: z.string() }).nullable(),
  blocked_until: Time.nullable(),
};

export const RunSummary = component(
  'RunSummary',
  z.object({ run_id: z.string(), ...run }).describe('A run that has ended.'),
);

const EndedRun = component(
  'EndedRun',
  z.object({
    success: Success,
    run_id: z.string(),
    mapping_id: z.string(),
    status: z.literal('finished'),
    ...run,
    actions: z.array(Action).describe('What was decided: ids and reasons, no content.'),
    actions_omitted: Count.describe('Actions for which there was no room.'),
  }),
);

const WaitingRun = component(
  'WaitingRun',
  z.object({
    success: Success,
    run_id: z.string(),
    mapping_id: z.string(),
    status: z.literal('queued').describe('Queued or running: it has not ended.'),
    queued_at: Time,
  }),
);

export const Run = component('Run', z.union([EndedRun, WaitingRun]));

export const QueuedRun = component(
  'QueuedRun',
  z.object({
    success: Success,
    message: z.string(),
    mapping_id: z.string(),
    run_id: z.string(),
    status: z.literal('queued'),
  }),
);
