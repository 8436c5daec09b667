import { slotOf } from '../../model/event.ts';
import type { Side } from '../../model/ids.ts';
import { overlaps, type InstantRange, type TimeZoneId } from '../../model/time.ts';
import { assertNever } from '../../util/invariant.ts';
import type { SyncAction } from './state.ts';

/** See `RunOptions`: what a run was asked to leave alone. */
export interface Narrowing {
  readonly target?: Side;
  readonly skipUpdates?: boolean;
  readonly handleDeletions?: boolean;
  readonly range?: InstantRange;
}

/** The actions a narrowed run applies, and those it leaves for a whole one (rule 8). */
export function narrow(
  actions: readonly SyncAction[],
  options: Narrowing,
  zone: TimeZoneId,
): { readonly wanted: readonly SyncAction[]; readonly left: readonly SyncAction[] } {
  const wanted = actions.filter((action) => isWanted(action, options, zone));
  return { wanted, left: actions.filter((action) => !wanted.includes(action)) };
}

function isWanted(action: SyncAction, options: Narrowing, zone: TimeZoneId): boolean {
  switch (action.kind) {
    case 'create':
      return aims(action.target, options) && touches(slotOf(action.source.event, zone), options);
    case 'update':
    case 'restore':
      return (
        options.skipUpdates !== true &&
        aims(action.target, options) &&
        touches(slotOf(action.source.event, zone), options)
      );
    case 'delete':
      return (
        options.handleDeletions !== false &&
        aims(action.target, options) &&
        touches(action.mapping[action.target], options)
      );
    case 'unlink':
      return options.handleDeletions !== false;
    case 'link':
    case 'flag':
      return true;
    default:
      return assertNever(action);
  }
}

function aims(target: Side, options: Narrowing): boolean {
  return options.target === undefined || options.target === target;
}

function touches(range: InstantRange | undefined, options: Narrowing): boolean {
  return options.range === undefined || (range !== undefined && overlaps(range, options.range));
}
