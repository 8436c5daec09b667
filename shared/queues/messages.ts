import * as z from 'zod';
import { LIFECYCLE } from '../model/notices.ts';

/** Well under 48 KiB with the longest ids that there are. */
export const RETRIED_IDS_MAX = 500;

/** What a run that was asked for leaves out, and what it tries again; see `RunOptions`. Instants as epoch milliseconds. */
const NarrowingSchema = z.object({
  target: z.enum(['a', 'b']).exactOptional(),
  skipUpdates: z.boolean().exactOptional(),
  handleDeletions: z.boolean().exactOptional(),
  range: z.object({ start: z.int(), end: z.int() }).exactOptional(),
  /** Ids of event mappings, or all of the pair. */
  retry: z
    .union([z.literal('all'), z.array(z.string().min(1)).max(RETRIED_IDS_MAX)])
    .exactOptional(),
});

/**
 * Queue messages hold ids, never events, and each says "look at this", not "do this": any of them
 * may be lost, doubled or late. `v` lets old and new code run side by side during an update.
 */
export const SyncJobSchema = z.object({
  v: z.literal(1),
  kind: z.literal('sync'),
  tenantId: z.string().min(1),
  pairId: z.string().min(1),
  cause: z.enum(['timer', 'notification', 'person', 'resend', 'reconcile', 'deletions']),
  /** A person waits for this run: it is never dropped. */
  runId: z.string().optional(),
  /** Count of the pair's signal when this was sent. */
  signal: z.int().nonnegative().optional(),
  /** Read both sides completely. */
  complete: z.boolean().optional(),
  /** Side whose system announces its changes, where the other one's are to be looked for. */
  quiet: z.enum(['a', 'b']).exactOptional(),
  /** Absent: all of the pair. */
  options: NarrowingSchema.optional(),
});
export type SyncJob = z.infer<typeof SyncJobSchema>;

/** One a tenant and timer tick: its consumer reads the tenant's pairs and enqueues the due ones. */
export const FanOutJobSchema = z.object({
  v: z.literal(1),
  kind: z.literal('fan-out'),
  tenantId: z.string().min(1),
  timer: z.enum([
    'syncBookingToOutlook',
    'syncOutlookToBooking',
    'processDeletionQueue',
    'detectDeletions',
    'reconcileDeletions',
    'maintenance',
    /** Also when a mapping is made or changed. */
    'renewSubscriptions',
    /** No timer's: a person asks that all of a tenant's rooms be read completely. */
    'syncDeletions',
  ]),
});
export type FanOutJob = z.infer<typeof FanOutJobSchema>;

/** Has a tenant's subscriptions made and renewed, as its timer does. */
export function renewalOf(tenantId: string): FanOutJob {
  return { v: 1, kind: 'fan-out', tenantId, timer: 'renewSubscriptions' };
}

/** Well under 48 KiB with the longest ids that there are. */
export const CHECKED_IDS_MAX = 500;

/** Events of a pair that may have gone away: to be looked at by id, in a pass over the pair. */
const DeletionCheckSchema = z.object({
  v: z.literal(1),
  kind: z.literal('deletion-check'),
  tenantId: z.string().min(1),
  pairId: z.string().min(1),
  mappingIds: z.array(z.string().min(1)).min(1).max(CHECKED_IDS_MAX),
});
export type DeletionCheck = z.infer<typeof DeletionCheckSchema>;

/** Reads both sides of a pair completely and says in what they differ; nothing is changed. */
const VerifyJobSchema = z.object({
  v: z.literal(1),
  kind: z.literal('verify'),
  tenantId: z.string().min(1),
  pairId: z.string().min(1),
});

/** Notices of one message, and the bytes of their JSON: with the rest of it under 48 KiB. */
export const NOTICES_MAX = 200;
export const NOTICE_BYTES_MAX = 44 * 1024;

/** What a system has announced: hashes of resources, with what its subscription says it is. */
const NoticeJobSchema = z.object({
  v: z.literal(1),
  kind: z.literal('notice'),
  tenantId: z.string().min(1),
  bridge: z.string().min(1),
  notices: z
    .array(
      z.object({
        resourceHash: z.string().min(1),
        /** Absent where the contract names none: then the present one is meant. */
        subscriptionId: z.string().min(1).exactOptional(),
        /** Of the life of the subscription itself. */
        lifecycle: z.enum(LIFECYCLE).exactOptional(),
      }),
    )
    .min(1)
    .max(NOTICES_MAX),
});
export type NoticeJob = z.infer<typeof NoticeJobSchema>;

/** Something of a resource may have changed, by whatever told us: its pairs are looked at. */
const LookJobSchema = z.object({
  v: z.literal(1),
  kind: z.literal('look'),
  tenantId: z.string().min(1),
  /** A name of the bridge, which may be an alias. */
  bridge: z.string().min(1),
  resource: z.string().min(1),
});
export type LookJob = z.infer<typeof LookJobSchema>;

export const JobSchema = z.discriminatedUnion('kind', [
  NoticeJobSchema,
  LookJobSchema,
  SyncJobSchema,
  FanOutJobSchema,
  DeletionCheckSchema,
  VerifyJobSchema,
]);
export type Job = z.infer<typeof JobSchema>;

export const QUEUES = {
  sync: 'sync-jobs',
  low: 'sync-jobs-low',
  deletionChecks: 'deletion-checks',
  bookingEvents: 'booking-events',
} as const;
