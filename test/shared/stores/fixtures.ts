import { mappingIdOf, type ExternalId, type PairId, type Side } from '../../../shared/model/ids.ts';
import type { TenantId } from '../../../shared/model/ids.ts';
import type { EventMapping, SideState } from '../../../shared/model/mapping.ts';
import { makeStores, type Stores } from '../../../shared/stores/stores.ts';
import type { HeldLease, PairRows, RowChange } from '../../../shared/stores/ports.ts';
import type { Tables } from '../../../shared/stores/table.ts';
import type { Clock, Instant } from '../../../shared/util/clock.ts';
import { silentLogger } from '../../../shared/util/logger.ts';

export const LEASE_TTL_MS = 150_000;

export class TestClock implements Clock {
  #now = Date.parse('2026-11-23T09:00:00Z');

  now(): Instant {
    return this.#now as Instant;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

export interface StoreTest {
  readonly clock: TestClock;
  readonly stores: Stores;
  readonly tenantId: TenantId;
  readonly pairId: PairId;
  readonly rows: PairRows;
}

let tests = 0;

/** Stores with a tenant and a pair that no other test has. */
export function storeTest(tables: Tables): StoreTest {
  tests += 1;
  const clock = new TestClock();
  const stores = makeStores(tables, { clock, logger: silentLogger, leaseTtlMs: LEASE_TTL_MS });
  const tenantId = `tenant-${tests}` as TenantId;
  const pairId = `pair_${tests}-xyz` as PairId;
  return { clock, stores, tenantId, pairId, rows: stores.sync.forPair(tenantId, pairId) };
}

export async function held(rows: PairRows, holder = 'run-1'): Promise<HeldLease> {
  const result = await rows.take(holder);
  if (result.kind === 'busy') throw new Error(`busy until ${result.until}`);
  return result.lease;
}

function sideState(id: string, over: Partial<SideState> = {}): SideState {
  return {
    id: id as ExternalId,
    fingerprint: { title: 'AbCdEfGh_-0', slot: 'zzzzzzzzzzz' },
    fpVersion: 1,
    keyVersion: 'k1',
    start: Date.parse('2026-12-01T08:00:00Z') as Instant,
    end: Date.parse('2026-12-01T09:30:00Z') as Instant,
    rights: 'full',
    ...over,
  };
}

/** A mapping born on side a as `idA`, with its copy `idB` on side b. */
export function mapping(idA: string, idB: string, over: Partial<EventMapping> = {}): EventMapping {
  return {
    id: mappingIdOf('a', idA as ExternalId),
    origin: 'a',
    state: 'synced',
    generation: 0,
    a: sideState(idA),
    b: sideState(idB),
    owed: [],
    restores: 0,
    updatedAt: Date.parse('2026-11-23T09:00:00Z') as Instant,
    ...over,
  };
}

export function change(
  event: EventMapping,
  ...index: readonly { side: Side; id: string; old?: true }[]
): RowChange {
  return {
    kind: 'mapping',
    mapping: event,
    index: index.map((one) => ({ ...one, id: one.id as ExternalId })),
  };
}

export function cursor(side: Side, text: string): RowChange {
  const row = { cursor: text, windowVersion: 3, digest: 'd1', planVersion: 'p1' };
  return { kind: 'cursor', side, row };
}

export const ids = (side: Side, ...texts: readonly string[]): { side: Side; id: ExternalId }[] =>
  texts.map((text) => ({ side, id: text as ExternalId }));
