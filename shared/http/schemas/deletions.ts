import * as z from 'zod';
import { component } from './component.ts';
import { Count, Success } from './common.ts';

const errors = z.array(z.object({ mapping_id: z.string(), error: z.string() }));

const runs = z
  .array(z.object({ mapping_id: z.string(), run_id: z.string() }))
  .describe('Runs that had not ended after 20 s: their outcome is at `/runs/{id}`.');

export const DeletionSyncAnswer = component(
  'DeletionSyncAnswer',
  z.object({
    success: Success,
    message: z.string(),
    results: z.object({
      checked: Count.describe('Events with both of their copies, in pairs whose runs ended.'),
      deleted: Count.describe('Copies that were ended.'),
      errors,
    }),
    runs,
  }),
);

export const DeletionQueueAnswer = component(
  'DeletionQueueAnswer',
  z.object({
    success: Success,
    message: z.string(),
    results: z.object({
      processed: Count.describe('Events that were missed and looked at.'),
      deletions_found: Count.describe('Of those: confirmed to be gone.'),
      errors,
    }),
    runs,
  }),
);

export const QueuedForAll = component(
  'QueuedForAll',
  z.object({
    success: Success,
    message: z.string(),
    tenants_queued: Count,
    errors: z.array(z.object({ tenant_id: z.string(), error: z.string() })),
  }),
);

const counts = {
  cancelled: Count.describe('Events that ended on both sides.'),
  deleted: Count.describe('Copies that the bridge ended, since the other one was gone.'),
  failed: Count.describe('Tries to end a copy that failed.'),
  restored: Count.describe('Cancelled events that came back, and got their copy again.'),
  made_again: Count.describe('Copies made again, since the event was not to end.'),
  held: Count.describe('Events that went away with many others, and waited for a person.'),
  kept: Count.describe('Copies that were left where they are: past, shared, or not approved.'),
  removed: Count.describe('Copies taken away together with their mapping.'),
};

const Counts = z.object(counts);
export type DeletionCounts = z.output<typeof Counts>;

export const DeletionStats = component(
  'DeletionStats',
  z
    .object({
      success: Success,
      start_date: z.string(),
      end_date: z.string(),
      totals: Counts,
      by_bridge: z
        .record(
          z.string(),
          Counts.pick({
            deleted: true,
            failed: true,
            restored: true,
            made_again: true,
            removed: true,
          }),
        )
        .describe('By the bridge where the copy was written.'),
      by_day: z
        .array(z.object({ date: z.iso.date(), ...counts }))
        .describe('Days of the tenant’s zone on which there was something, the latest first.'),
      open_holds: Count.describe('Holds of deletions that a person has to decide.'),
    })
    .describe('What was done about deletions, counted from the log of each run.'),
);
