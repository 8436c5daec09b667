import type { Side } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { mapBounded } from '../stores/bounded.ts';
import type { AuditEntry, BrakeCount, PairStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import type { Brakes, HoldEvent } from './holding.ts';
import { recentOf, type Share } from './plan/brake.ts';
import type { BrakeState, DeleteAction } from './plan/state.ts';

const READS_AT_ONCE_MAX = 16;

interface BrakeStores {
  readonly work: WorkStore;
  readonly pairs: PairStore;
  readonly store: SyncStore;
}

/**
 * What the tenant's other pairs count on the bridges of this one's sides. Undefined while one of
 * them has never counted: of a part no share can be said.
 */
export async function otherPairs(
  stores: BrakeStores,
  pair: Pair,
  now: Instant,
): Promise<BrakeState['others']> {
  const [pairs, counts] = await Promise.all([
    stores.pairs.list(pair.tenantId),
    stores.work.listBrakeCounts(pair.tenantId),
  ]);
  const told = new Map(counts.map((count) => [count.pairId, count]));
  const others = pairs.filter(
    ({ id, active, lastSyncedAt }) => id !== pair.id && active && lastSyncedAt !== undefined,
  );
  const all = await mapBounded(
    others,
    READS_AT_ONCE_MAX,
    async (other) => told.get(other.id) ?? (await restored(stores, other)),
  );
  if (all.includes(undefined)) return undefined;
  const sides = all.flatMap((count) => (count === undefined ? [] : [count.a, count.b]));
  const shareOn = (side: Side): Share => {
    const alike = sides.filter(({ bridge }) => bridge === pair[side].bridge);
    return {
      recent: alike.reduce((sum, { deletions }) => sum + recentOf(deletions, now), 0),
      known: alike.reduce((sum, { known }) => sum + known, 0),
    };
  };
  return { a: shareOn('a'), b: shareOn('b') };
}

/** The count of a pair whose copy is lost, by what stands with the pair itself. */
async function restored({ store, work }: BrakeStores, pair: Pair): Promise<BrakeCount | undefined> {
  const { brake } = await store.forPair(pair.tenantId, pair.id).readControl();
  if (brake.a.known === undefined || brake.b.known === undefined) return undefined;
  const count = countOf(pair, brake);
  await work.putBrakeCount(pair.tenantId, count);
  return count;
}

/** What the pair tells its tenant's other pairs. */
export function countOf(pair: Pair, brakes: Brakes): BrakeCount {
  const sideOf = (side: Side) => ({
    bridge: pair[side].bridge,
    known: brakes[side].known ?? 0,
    deletions: brakes[side].deletions,
  });
  return { pairId: pair.id, a: sideOf('a'), b: sideOf('b') };
}

/** The part of the service that acts where no person does. */
const ENGINE = 'sync';

/** Before it is stored, so that a crash can make a row too many, and never one too few. */
export function holdAudit(events: readonly HoldEvent[], now: Instant): readonly AuditEntry[] {
  return events.flatMap(({ hold, what }) => {
    if (what === 'changed' || what === 'closed') return [];
    const { decidedBy, id, items, since, decidedAt, why } = hold;
    const isDecided = what === 'approved' || what === 'rejected';
    return [
      {
        // Told again after a crash it has the time it had, and stands there once.
        at: what === 'opened' ? since : isDecided ? (decidedAt ?? now) : now,
        who: isDecided ? (decidedBy ?? ENGINE) : ENGINE,
        what: `hold.${what}`,
        targetId: id,
        outcome: `${items} held; ${why.count + why.recent} of ${why.known} (${why.rule})`,
      },
    ];
  });
}

/**
 * One row each copy that is to be ended, by the mapping that leads to both ids, and another for one
 * that then was not.
 */
export function deletionAudit(
  pair: Pair,
  actions: readonly DeleteAction[],
  what: 'asked' | 'not-done',
  now: Instant,
): readonly AuditEntry[] {
  return actions.map(({ mappingId, target, exempt }) => ({
    at: now,
    who: ENGINE,
    what: what === 'asked' ? 'event.cancel' : 'event.cancel-failed',
    targetId: mappingId,
    outcome:
      `on side ${target} (${pair[target].bridge}) of ${pair.id}` +
      (exempt === true ? ', approved' : ''),
  }));
}

/** Each hold as it is after all of these. */
export function holdsIn(events: readonly HoldEvent[]): readonly HoldEvent['hold'][] {
  return [...new Map(events.map(({ hold }) => [hold.id, hold])).values()];
}
