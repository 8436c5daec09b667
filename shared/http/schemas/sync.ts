import * as z from 'zod';
import { component } from './component.ts';
import { Count, PathId, Success, Time } from './common.ts';

export const RouteParams = z.object({
  source: PathId.describe('Key or alias of the bridge that is read.'),
  target: PathId.describe('Key or alias of the bridge that is written.'),
});

export const Action = component(
  'Action',
  z
    .object({
      action: z.enum([
        'create',
        'update',
        'delete',
        'link',
        'unlink',
        'restore',
        'flag',
        'refuse',
        'keep',
      ]),
      source_event_id: z.string().nullable(),
      target_event_id: z.string().nullable(),
      reason: z.string(),
      rule: z.string(),
      outcome: z.enum(['planned', 'applied', 'failed', 'put-off']),
      error: z.string().optional(),
    })
    .describe('One decision of a run: ids and reasons, no content.'),
);

const results = {
  source_bridge: z.string(),
  target_bridge: z.string(),
  source_events_found: Count,
  created: Count,
  updated: Count,
  deleted: Count,
  skipped: Count,
  errors: z.array(
    z.object({
      event_id: z.string().nullable(),
      error: z.string(),
      rule: z.string(),
      event_data: z.null().describe('Kept for earlier clients: content stays in the two systems.'),
    }),
  ),
  processed_events: z.array(Action),
};

/** Members that only a dry run has. */
const plan = {
  events_to_process: Count.optional().describe('In a dry run: how many would be written.'),
  note: z.string().optional().describe('In a dry run.'),
};

const run = {
  run_id: z.string(),
  mapping_id: z.string(),
  outcome: z.enum(['completed', 'partial', 'busy', 'blocked', 'failed', 'skipped']),
  dry_run: z.boolean(),
  ...plan,
  duration_ms: z.number().nonnegative(),
};

const SyncResults = component(
  'SyncResults',
  z.object({ ...results, dry_run: z.literal(true).optional(), ...plan }),
);
export type SyncResults = z.output<typeof SyncResults>;

/** A run, however it was asked for. */
export const RunMembers = z.object(run);

const PairSync = component(
  'PairSync',
  z.object({ success: Success, sync_results: SyncResults, ...run, timestamp: Time }),
);

const BusySync = component(
  'BusySync',
  z
    .object({ success: Success, message: z.string(), ...run, timestamp: Time })
    .describe('Another run holds the pair, and will see to it.'),
);

const UnfinishedSync = component(
  'UnfinishedSync',
  z
    .object({
      success: Success,
      message: z.string(),
      run_id: z.string(),
      mapping_id: z.string(),
      status: z.literal('queued'),
      dry_run: z.boolean(),
      timestamp: Time,
    })
    .describe('The run had not ended after 20 s, and goes on.'),
);

const RouteSync = component(
  'RouteSync',
  z.object({
    success: Success,
    mappings_processed: Count,
    total_synced: Count,
    total_errors: Count,
    summary: z.object({
      total_source_events: Count,
      created: Count,
      updated: Count,
      deleted: Count,
      skipped: Count,
      errors: Count,
      success_rate: z.number().min(0).max(100).describe('Per cent of what was attempted.'),
    }),
    sync_results: z.array(
      z.union([
        z.object({ success: Success, ...run, ...results }),
        z.object({ success: z.literal(false), mapping_id: z.string(), error: z.string() }),
      ]),
    ),
    dry_run: z.boolean(),
    jobs_queued: Count.describe('Pairs that were left when 20 s were over, and are queued.'),
    queued_runs: z
      .array(z.object({ mapping_id: z.string(), run_id: z.string() }))
      .describe('Of those, and of pairs whose run had not ended by then.'),
    mappings_remaining: Count.describe(
      'Pairs that were left and, since the run was narrowed, are not.',
    ),
    timestamp: Time,
  }),
);

export type RouteBody = z.output<typeof RouteSync>;

export const syncAnswers = {
  200: component('SyncAnswer', z.union([PairSync, RouteSync])),
  202: component('QueuedSync', z.union([BusySync, UnfinishedSync, RouteSync])),
};
