import * as z from 'zod';
import { RUN_OUTCOMES } from '../../model/run.ts';
import { component } from './component.ts';
import { RemovalPlan } from './removal.ts';
import { RunSummary } from './runs.ts';
import { Count, pageMembers, PathId, Success, Time } from './common.ts';
import { VerificationSummary } from './verification.ts';

export const MappingParams = z.object({ id: PathId.describe('Id of a resource mapping.') });

export const DirectionName = z.enum(['source_to_target', 'target_to_source', 'bidirectional']);
export type DirectionName = z.output<typeof DirectionName>;
export const PolicyName = z.enum(['source', 'target', 'last_modified', 'flag']);
export type PolicyName = z.output<typeof PolicyName>;
export const MappingStatus = z.enum(['pending', 'synced', 'error', 'conflict', 'paused', 'stale']);

/** Where a pair's brake differs from its tenant's; null where it does not. */
const PairBrake = z.object({
  deletions_min: Count.nullable().describe('So many deletions never wait for anybody.'),
  deletions_percent: Count.nullable().describe(
    'So large a share of the mapped events never waits.',
  ),
  creates_min: Count.nullable().describe('So many copies never wait for anybody.'),
});

/** Members that a mapping and its status share. */
const settings = {
  sync_direction: DirectionName,
  conflict_policy: PolicyName,
  is_active: z.boolean().describe('False after it was deleted.'),
  sync_enabled: z.boolean().describe('False while paused.'),
  status: MappingStatus,
  status_reason: z.string().nullable(),
  last_run_at: Time.nullable(),
  last_synced_at: Time.nullable(),
  mapped_events: Count.nullable().describe(
    'Events with both of their copies when the last run ended; null before one has counted.',
  ),
  parked_events: Count.describe(
    'Events that failed by themselves and rest until their next try: `GET /bridges/queue/failed`.',
  ),
};

export const Mapping = component(
  'Mapping',
  z
    .object({
      id: z.string(),
      mapping_id: z.string(),
      bridge_from: z.string(),
      bridge_to: z.string(),
      resource_id: z.string(),
      resource_name: z.string().nullable(),
      calendar_id: z.string(),
      calendar_name: z.string().nullable(),
      source_calendar_id: z.string(),
      source_calendar_name: z.string().nullable(),
      target_calendar_id: z.string(),
      target_calendar_name: z.string().nullable(),
      ...settings,
      brake: PairBrake.nullable().describe('Its own limits; null where all are the tenant’s.'),
      sync_freshness: z.enum(['never', 'recent', 'daily', 'weekly', 'stale']),
      created_at: Time,
      updated_at: Time,
    })
    .describe('A resource of one bridge that is kept equal with one of another.'),
);

export const MappingList = component(
  'MappingList',
  z.object({ success: Success, mappings: z.array(Mapping), ...pageMembers }),
);

export const MappingsOfResource = component(
  'MappingsOfResource',
  z.object({
    success: Success,
    resource_id: z.string(),
    mappings: z.array(Mapping),
    ...pageMembers,
  }),
);

export const OneMapping = component('OneMapping', z.object({ success: Success, mapping: Mapping }));

export const ChangedMapping = component(
  'ChangedMapping',
  z.object({
    success: Success,
    mapping_id: z.string(),
    message: z.string(),
    mapping: Mapping,
    warnings: z
      .array(z.object({ kind: z.string(), message: z.string(), mapping_ids: z.array(z.string()) }))
      .optional()
      .describe('What may be meant, and should be looked at.'),
  }),
);

export const DeletedMapping = component(
  'DeletedMapping',
  z.object({ success: Success, mapping_id: z.string(), message: z.string() }),
);

const PlannedRemoval = component(
  'PlannedRemoval',
  RemovalPlan.extend({
    success: Success,
    mapping_id: z.string(),
    message: z.string(),
    copies: z.literal('remove'),
    dry_run: z.literal(true),
  }).describe('Nothing was changed.'),
);

const DoneRemoval = component(
  'DoneRemoval',
  z.object({
    success: Success,
    mapping_id: z.string(),
    message: z.string(),
    copies: z.literal('remove'),
    dry_run: z.literal(false),
    run_id: z.string(),
    outcome: z.enum(RUN_OUTCOMES),
    removed: Count.describe('Copies that are removed by now, by this or an earlier try.'),
    kept: Count,
    left: Count.describe('Copies still to be removed: ask again.'),
  }),
);

export const UnfinishedRemoval = component(
  'UnfinishedRemoval',
  z
    .object({
      success: Success,
      mapping_id: z.string(),
      message: z.string(),
      copies: z.literal('remove'),
      dry_run: z.literal(false),
      run_id: z.string(),
      status: z.literal('queued'),
    })
    .describe('The removal had not ended after 20 s, and goes on.'),
);

export const MappingDeletion = component(
  'MappingDeletion',
  z.union([PlannedRemoval, DoneRemoval, DeletedMapping]),
);

const states = z.object({
  pending: Count,
  synced: Count,
  error: Count,
  conflict: Count,
  cancelled: Count,
  refused: Count,
  total: Count,
});

const HeldEvent = component(
  'HeldEvent',
  z
    .object({
      event_mapping_id: z.string(),
      status: z.enum(['pending', 'synced', 'error', 'conflict', 'cancelled', 'refused']),
      origin: z.enum(['source', 'target']),
      source_event_id: z.string().nullable(),
      target_event_id: z.string().nullable(),
      rule: z.string().nullable(),
      reason: z.string().nullable(),
      last_synced_at: Time.nullable(),
      updated_at: Time,
    })
    .describe('An event that a person should look at.'),
);

export const MappingState = component(
  'MappingState',
  z.object({
    success: Success,
    mapping_id: z.string(),
    ...settings,
    events: states.describe('How many events are in which state.'),
    attention: z.array(HeldEvent),
    attention_total: Count,
    verification: VerificationSummary.nullable().describe('The last one, if there was any.'),
    open_holds: z.array(z.string()).describe('Ids of holds that a person has to decide.'),
    last_error: z
      .object({ run_id: z.string(), at: Time, kind: z.string(), message: z.string() })
      .nullable()
      .describe('Of the latest run that failed as a whole, among the last 50.'),
    history: z.array(RunSummary).describe('Runs that have ended, the newest first.'),
    next: pageMembers.next,
  }),
);
