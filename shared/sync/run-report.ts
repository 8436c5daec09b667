import type { MappingId, Side } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';

export type { ActionReport, RunReport } from '../model/run.ts';

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
  /**
   * The system of this side announces its changes: it is read only where the other side shows something
   * new, or where something of the pair waits for a pass.
   */
  readonly quiet?: Side;
  /** Events that may have gone away: looked at by id, whatever the reads say or leave out. */
  readonly look?: readonly MappingId[];
  /** Events that rest, parked or paused because something keeps undoing what is written: once more. */
  readonly retry?: readonly MappingId[] | 'all';
}
