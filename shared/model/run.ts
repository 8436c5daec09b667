import type { Instant } from '../util/clock.ts';
import type { BridgeFault } from './errors.ts';
import type { ExternalId, MappingId, PairId, RunId, Side } from './ids.ts';

/** What asked for a run. `resend`: what an earlier one put off. `removal`: the pair ends. `verify`: nothing is written. */
export const RUN_CAUSES = [
  'timer',
  'notification',
  'person',
  'resend',
  'reconcile',
  'deletions',
  'removal',
  'verify',
] as const;
export type RunCause = (typeof RUN_CAUSES)[number];

/**
 * `completed`: everything that was planned is done, cursors moved. `partial`: some of it failed, now or
 * in an earlier run, and is tried again by a later one. `busy`: another run holds the pair; it or a re-sent job will see to
 * it. `blocked`: a side asked us to stay away until `blockedUntil`. `failed`: nothing could be
 * decided. `skipped`: a job that a later run has already answered, or of a pair that is paused or has
 * ended; or nothing was to be done: one side showed nothing new, and the other one’s system announces
 * its changes.
 */
export const RUN_OUTCOMES = [
  'completed',
  'partial',
  'busy',
  'blocked',
  'failed',
  'skipped',
] as const;

/** What can be decided about an event. */
export const RUN_ACTIONS = [
  'create',
  'update',
  'delete',
  'link',
  'unlink',
  'restore',
  'flag',
  'refuse',
  'keep',
] as const;

/** One decision of a run, without content: ids, what was decided, by which rule, what came of it. */
export interface ActionReport {
  readonly action: (typeof RUN_ACTIONS)[number];
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
  readonly cause: RunCause;
  readonly outcome: (typeof RUN_OUTCOMES)[number];
  readonly dryRun: boolean;
  /** Items that the reads showed. */
  readonly found: Readonly<Record<Side, number>>;
  readonly actions: readonly ActionReport[];
  readonly error?: { readonly kind: BridgeFault | 'internal'; readonly message: string };
  readonly blockedUntil?: Instant;
  readonly startedAt: Instant;
  readonly durationMs: number;
}

/** A run in a list: its decisions are counted. In a dry run the counts are of what is planned. */
export interface RunSummary extends Omit<RunReport, 'actions'> {
  readonly counts: RunCounts;
}

export interface RunCounts {
  readonly created: number;
  /** Put back ones included. */
  readonly updated: number;
  readonly deleted: number;
  /** Left for a person to decide. */
  readonly flagged: number;
  readonly refused: number;
  /** Copies that the removal of a pair left where they are. */
  readonly kept: number;
  readonly failed: number;
  readonly putOff: number;
}

export function summaryOf({ actions, ...run }: RunReport): RunSummary {
  const done = actions.filter(({ outcome }) => outcome === 'applied' || outcome === 'planned');
  const count = (...kinds: readonly ActionReport['action'][]): number =>
    done.filter(({ action }) => kinds.includes(action)).length;
  return {
    ...run,
    counts: {
      created: count('create'),
      updated: count('update', 'restore'),
      deleted: count('delete'),
      flagged: count('flag'),
      refused: count('refuse'),
      kept: count('keep'),
      failed: actions.filter(({ outcome }) => outcome === 'failed').length,
      putOff: actions.filter(({ outcome }) => outcome === 'put-off').length,
    },
  };
}
