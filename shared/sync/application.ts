import type { WriteOutcome } from '../bridges/bridge.ts';
import type { BridgeError } from '../model/errors.ts';
import type { MappingId, Side } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import type { SnapshotItem } from '../model/snapshot.ts';
import type { Instant } from '../util/clock.ts';
import { assertNever } from '../util/invariant.ts';
import { flagged, linked, unlinked } from './plan/outcome.ts';
import type { MappingChange } from './plan/mapping-change.ts';
import { orderSteps, type Step } from './plan/slots.ts';
import type { PlanState, SyncAction, UpdateAction } from './plan/state.ts';

/**
 * What became of one action. `flagged`: refused because its slot is taken, which its row now says.
 * `put-off`: not tried, or overtaken; the next pass decides again.
 */
export interface Applied {
  readonly action: SyncAction;
  readonly outcome: 'applied' | 'flagged' | 'failed' | 'put-off';
  readonly target?: { readonly item?: SnapshotItem };
  readonly error?: BridgeError;
  /** It failed by itself, and rests: nothing of it is left to the cursors. */
  readonly isParked?: true;
}

export interface Application {
  readonly done: readonly Applied[];
  /** A side asked us to stay away for so long. */
  readonly waitMs: Readonly<Partial<Record<Side, number>>>;
  /** Something moved under our hands: read again at once. */
  readonly overtaken: boolean;
  /** An exchange of slots was broken off; what was set aside for it is looked at by every pass. */
  readonly isHalfWay: boolean;
}

/** The side an action writes to, or none. */
export function writesTo(action: SyncAction): Side | undefined {
  return 'target' in action ? action.target : undefined;
}

/** Writes committed at once: whole requests of the bridge, and few enough for one transaction. */
const CHUNK_MAX = 40;

export function rememberedBy(state: PlanState, action: SyncAction): MappingChange | undefined {
  switch (action.kind) {
    case 'link':
      return linked(state, action);
    case 'unlink':
      return unlinked(state, action);
    case 'flag':
      return flagged(state, action);
    case 'create':
    case 'update':
    case 'restore':
    case 'delete':
      return undefined;
    default:
      return assertNever(action);
  }
}

/** Ended by us; gone already is what was wanted. */
export function isEnded(outcome: WriteOutcome | undefined): boolean {
  return outcome?.kind === 'applied' || outcome?.kind === 'missing';
}

export function resultOf(
  outcome: WriteOutcome,
  change: MappingChange | undefined,
): Applied['outcome'] {
  if (outcome.kind === 'failed') return 'failed';
  if (outcome.kind === 'stale' || outcome.kind === 'missing')
    return change === undefined ? 'put-off' : 'applied';
  if (outcome.kind === 'duplicate') return outcome.item === undefined ? 'failed' : 'put-off';
  return outcome.kind === 'slot-taken' ? 'flagged' : 'applied';
}

/** Updates in order, and afterwards the return of every item that an earlier pass left inactive. */
export function resumesOf(
  mappings: readonly EventMapping[],
  target: Side,
  actions: readonly UpdateAction[],
  state: PlanState,
): readonly Step[] {
  const steps = orderSteps(state, actions, target);
  const resumed = new Set<MappingId>(
    steps.flatMap((step) => (step.kind === 'resume' ? [step.mapping.id] : [])),
  );
  const left = state.capabilities[target].suspends
    ? mappings.filter(({ suspended, id }) => suspended === target && !resumed.has(id))
    : [];
  return [...steps, ...left.map((mapping) => ({ kind: 'resume' as const, mapping, target }))];
}

/** Counts what is told chunk by chunk, a series as one. */
export class Units {
  readonly #seen = new Set<string>();

  /** How many of them were not counted before. */
  added(units: readonly string[]): number {
    const before = this.#seen.size;
    for (const unit of units) this.#seen.add(unit);
    return this.#seen.size - before;
  }
}

export function* chunks<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += CHUNK_MAX)
    yield list.slice(from, from + CHUNK_MAX);
}

/** Until when a side asked us to stay away. */
export function untilOf(waitMs: number | undefined, now: Instant): Instant | undefined {
  return waitMs === undefined || waitMs <= 0 ? undefined : ((now + waitMs) as Instant);
}
