import { parseHoldId } from '../../model/hold.ts';
import type { BridgeKey, PairId, Side } from '../../model/ids.ts';
import { dateOf, toLocal, type TimeZoneId } from '../../model/time.ts';
import type { SyncLogEntry } from '../../stores/ports.ts';
import type { DeletionCounts } from '../schemas/deletions.ts';

type Counter = keyof DeletionCounts;
/** Those of copies that were written, which are on one side. */
type WrittenCounter = 'deleted' | 'failed' | 'restored' | 'made_again' | 'removed';

const WRITTEN: readonly WrittenCounter[] = [
  'deleted',
  'failed',
  'restored',
  'made_again',
  'removed',
];

/** Rules by which a copy is made of an event whose former copy went away. */
const MADE_AGAIN = new Set(['recreate', 'edit-beats-delete', 'hold-restored']);

export interface CountedDeletions {
  readonly totals: DeletionCounts;
  readonly byBridge: ReadonlyMap<BridgeKey, Pick<DeletionCounts, WrittenCounter>>;
  /** By date in the zone. */
  readonly byDay: ReadonlyMap<string, DeletionCounts>;
}

/** Counts entries of the sync log, in whatever order they come. */
export class DeletionCounter {
  readonly #zone: TimeZoneId;
  readonly #bridgeOf: (pairId: PairId, side: Side) => BridgeKey | undefined;
  readonly #totals = nothing();
  readonly #byBridge = new Map<BridgeKey, DeletionCounts>();
  readonly #byDay = new Map<string, DeletionCounts>();
  /** A flag that stands is told again where more of it is known: it is one all the same. */
  readonly #flagged = new Set<string>();

  constructor(zone: TimeZoneId, bridgeOf: (pairId: PairId, side: Side) => BridgeKey | undefined) {
    this.#zone = zone;
    this.#bridgeOf = bridgeOf;
  }

  add(entry: SyncLogEntry): void {
    for (const counter of countersOf(entry)) {
      if ((counter === 'held' || counter === 'kept') && this.#isTold(entry)) continue;
      this.#totals[counter] += 1;
      const date = dateOf(toLocal(entry.at, this.#zone));
      countIn(this.#byDay, date)[counter] += 1;
      const { pairId, target } = entry;
      const bridge = target === undefined ? undefined : this.#bridgeOf(pairId, target);
      if (bridge !== undefined) countIn(this.#byBridge, bridge)[counter] += 1;
    }
  }

  #isTold({ pairId, mappingId, rule, holdId }: SyncLogEntry): boolean {
    const key = JSON.stringify([pairId, mappingId, rule, holdId]);
    const isTold = this.#flagged.has(key);
    this.#flagged.add(key);
    return isTold;
  }

  result(): CountedDeletions {
    const written = [...this.#byBridge].map(([bridge, counts]) => [bridge, pick(counts)] as const);
    return { totals: this.#totals, byBridge: new Map(written), byDay: this.#byDay };
  }
}

function countersOf({ action, rule, outcome, holdId }: SyncLogEntry): readonly Counter[] {
  if (action === 'delete' && outcome === 'failed') return ['failed'];
  if (outcome !== 'applied') return [];
  switch (action) {
    case 'delete':
      return rule === 'made-by-us' ? ['removed'] : ['deleted', 'cancelled'];
    case 'unlink':
      return rule === 'both-gone' ? ['cancelled'] : ['kept'];
    case 'create':
      if (rule === 'returned') return ['restored'];
      return MADE_AGAIN.has(rule) ? ['made_again'] : [];
    case 'flag':
      if (rule === 'kept' || rule === 'shared') return ['kept'];
      return rule === 'held' && parseHoldId(holdId ?? '')?.kind === 'deletions' ? ['held'] : [];
    default:
      return [];
  }
}

function nothing(): DeletionCounts {
  return {
    cancelled: 0,
    deleted: 0,
    failed: 0,
    restored: 0,
    made_again: 0,
    held: 0,
    kept: 0,
    removed: 0,
  };
}

function countIn<K>(counts: Map<K, DeletionCounts>, key: K): DeletionCounts {
  const known = counts.get(key) ?? nothing();
  counts.set(key, known);
  return known;
}

function pick(counts: DeletionCounts): Pick<DeletionCounts, WrittenCounter> {
  const members = WRITTEN.map((counter) => [counter, counts[counter]] as const);
  return Object.fromEntries(members) as Pick<DeletionCounts, WrittenCounter>;
}
