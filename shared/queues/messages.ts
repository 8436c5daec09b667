import * as z from 'zod';

/** What a run that was asked for leaves out; see `RunOptions`. Instants as epoch milliseconds. */
const NarrowingSchema = z.object({
  target: z.enum(['a', 'b']).exactOptional(),
  skipUpdates: z.boolean().exactOptional(),
  handleDeletions: z.boolean().exactOptional(),
  range: z.object({ start: z.int(), end: z.int() }).exactOptional(),
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
    'detectDeletions',
    'reconcileDeletions',
  ]),
});
export type FanOutJob = z.infer<typeof FanOutJobSchema>;

export const JobSchema = z.discriminatedUnion('kind', [SyncJobSchema, FanOutJobSchema]);
export type Job = z.infer<typeof JobSchema>;

export const QUEUES = {
  sync: 'sync-jobs',
  low: 'sync-jobs-low',
  deletionChecks: 'deletion-checks',
  bookingEvents: 'booking-events',
} as const;
