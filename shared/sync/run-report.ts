import type { BridgeFault } from '../model/errors.ts';
import type { ExternalId, MappingId, PairId, RunId, Side } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';

/** How a run may be narrowed (rule 8): what is left out keeps its cursor where it was. */
export interface RunOptions {
  /** Write to this side only. */
  readonly target?: Side;
  /** Plan and tell, write nothing. */
  readonly dryRun?: boolean;
  /** Leave existing copies as they are. */
  readonly skipUpdates?: boolean;
  /** False: end no copy. */
  readonly handleDeletions?: boolean;
  /** Only events that touch this range. */
  readonly range?: { readonly start: Instant; readonly end: Instant };
  /** Read both sides completely, whatever the cursors say. */
  readonly complete?: boolean;
  /** Events that were paused because something keeps undoing what is written: once more. */
  readonly retry?: readonly MappingId[];
}

/** One decision of a run, without content: ids, what was decided, by which rule, what came of it. */
export interface ActionReport {
  readonly action:
    'create' | 'update' | 'delete' | 'link' | 'unlink' | 'restore' | 'flag' | 'refuse';
  /** The side that is written, where one is. */
  readonly target?: Side;
  readonly mappingId?: MappingId;
  readonly sourceEventId?: ExternalId;
  readonly targetEventId?: ExternalId;
  /** Stable id of the row of the truth table or of the rule. */
  readonly rule: string;
  readonly reason: string;
  /** `planned` in a dry run. */
  readonly outcome: 'planned' | 'applied' | 'failed' | 'put-off';
  readonly error?: string;
}

export interface RunReport {
  readonly runId: RunId;
  readonly pairId: PairId;
  /**
   * `completed`: everything that was planned is done, cursors moved. `partial`: some of it failed
   * and is tried again by the next run. `busy`: another run holds the pair; it or a re-sent job
   * will see to it. `blocked`: a side asked us to stay away until `blockedUntil`. `failed`: nothing
   * could be decided. `skipped`: a job that a later run has already answered.
   */
  readonly outcome: 'completed' | 'partial' | 'busy' | 'blocked' | 'failed' | 'skipped';
  readonly dryRun: boolean;
  /** Items that the reads showed. */
  readonly found: Readonly<Record<Side, number>>;
  readonly actions: readonly ActionReport[];
  readonly error?: { readonly kind: BridgeFault | 'internal'; readonly message: string };
  readonly blockedUntil?: Instant;
  readonly startedAt: Instant;
  readonly durationMs: number;
}
