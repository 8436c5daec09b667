import { pairIdOf, type BridgeKey, type PairId, type ResourceId } from '../model/ids.ts';
import type { TenantId } from '../model/ids.ts';
import { mirrored, type Pair } from '../model/pair.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { mapBounded } from './bounded.ts';
import { DamagedRowError, DuplicatePairError, StorageError } from './errors.ts';
import {
  PAIR_ROWS,
  pairKey,
  pairRunKey,
  prefixRange,
  resourceKey,
  resourcePrefix,
  TABLES,
  tenantPartition,
} from './keys.ts';
import {
  fromResourceRow,
  neverRunRow,
  toPair,
  toPairRow,
  toPairRunRow,
  toResourceRow,
  type PairSettings,
} from './pair-row.ts';
import type { NewPair, PairPatch, PairRunResult, PairStore, StoredPair } from './ports.ts';
import { isRace } from './signal.ts';
import type { Table, Tables } from './table.ts';

const EDIT_ATTEMPTS_MAX = 5;
const READS_AT_ONCE_MAX = 16;

export class TablePairStore implements PairStore {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(tables: Tables, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#table = tables.table(TABLES.pairs);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A damaged row is logged by its key and left out, so that the tenant's other rooms go on. */
  async list(tenantId: TenantId): Promise<readonly Pair[]> {
    const rows = await this.#table.list(tenantPartition(tenantId), PAIR_ROWS);
    const byKey = new Map(rows.map((row) => [row.rowKey, row]));
    return rows
      .filter(({ rowKey }) => !rowKey.endsWith(':run'))
      .flatMap((row) => {
        try {
          return [toPair(tenantId, row, byKey.get(`${row.rowKey}:run`))];
        } catch (error) {
          if (!(error instanceof DamagedRowError)) throw error;
          this.#logger.error(error.message, { tenantId, rowKey: error.rowKey });
          return [];
        }
      });
  }

  async get(tenantId: TenantId, id: PairId): Promise<StoredPair | undefined> {
    const key = pairKey(id);
    const rows = await this.#table.list(tenantPartition(tenantId), {
      from: key,
      to: prefixRange(`${key}:`).to,
    });
    const settings = rows.find(({ rowKey }) => rowKey === key);
    const run = rows.find(({ rowKey }) => rowKey === pairRunKey(id));
    return settings && { pair: toPair(tenantId, settings, run), etag: settings.etag };
  }

  async create(wanted: NewPair): Promise<StoredPair> {
    const { tenantId, a, b } = wanted;
    const id = pairIdOf(tenantId, a, b);
    const stored = await this.get(tenantId, id);
    if (stored?.pair.active === true) throw new DuplicatePairError(id);
    const now = this.#clock.now();
    const settings: PairSettings = {
      ...(stored === undefined ? wanted : inTheOrderOf(stored.pair, wanted)),
      id,
      active: true,
      createdAt: stored?.pair.createdAt ?? now,
      updatedAt: now,
    };
    const row = toPairRow(settings);
    const keys = new Set([a, b].map((end) => resourceKey(end.bridge, end.resource, id)));
    try {
      const [etag = ''] = await this.#table.write(tenantPartition(tenantId), [
        stored === undefined
          ? { kind: 'insert', row }
          : { kind: 'replace', row, etag: stored.etag },
        { kind: 'upsert', row: neverRunRow(id) },
        ...[...keys].map((rowKey) => ({ kind: 'upsert', row: toResourceRow(rowKey, id) }) as const),
      ]);
      return { pair: { ...settings, status: 'pending' }, etag };
    } catch (error) {
      if (isRace(error)) throw new DuplicatePairError(id);
      throw error;
    }
  }

  async update(
    tenantId: TenantId,
    id: PairId,
    patch: PairPatch,
    etag?: string,
  ): Promise<StoredPair> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.get(tenantId, id);
      if (stored === undefined)
        throw new StorageError('not-found', `there is no resource mapping ${id}`);
      const pair = { ...patched(stored.pair, patch), updatedAt: this.#clock.now() };
      try {
        const [newEtag = ''] = await this.#table.write(tenantPartition(tenantId), [
          { kind: 'replace', row: toPairRow(pair), etag: etag ?? stored.etag },
        ]);
        return { pair, etag: newEtag };
      } catch (error) {
        if (etag !== undefined || !isRace(error) || attempt === EDIT_ATTEMPTS_MAX) throw error;
      }
    }
  }

  async findByResource(
    tenantId: TenantId,
    bridge: BridgeKey,
    resource: ResourceId,
  ): Promise<readonly Pair[]> {
    const prefix = resourcePrefix(bridge, resource);
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, prefixRange(prefix));
    const ids = rows.map((row) => fromResourceRow(partitionKey, row));
    const stored = await mapBounded(ids, READS_AT_ONCE_MAX, (id) => this.get(tenantId, id));
    return stored.filter((found) => found !== undefined).map(({ pair }) => pair);
  }

  async recordRun(tenantId: TenantId, id: PairId, result: PairRunResult): Promise<void> {
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'merge', row: toPairRunRow(id, result) },
    ]);
  }
}

function patched({ nameA, nameB, brake, ...pair }: Pair, patch: PairPatch): Pair {
  const wanted = { nameA, nameB, brake, ...patch };
  const { nameA: _a, nameB: _b, brake: _c, ...settings } = patch;
  return {
    ...pair,
    ...settings,
    ...names(wanted.nameA, wanted.nameB),
    ...(wanted.brake === undefined ? {} : { brake: wanted.brake }),
  };
}

function names(
  nameA: string | undefined,
  nameB: string | undefined,
): Pick<Pair, 'nameA' | 'nameB'> {
  return { ...(nameA === undefined ? {} : { nameA }), ...(nameB === undefined ? {} : { nameB }) };
}

/**
 * The wanted settings with the sides of the pair as it was: its event mappings know which copy is
 * on which side.
 */
function inTheOrderOf(before: Pair, wanted: NewPair): NewPair {
  const sameOrder =
    before.a.bridge === wanted.a.bridge &&
    before.a.resource.toLowerCase() === wanted.a.resource.toLowerCase();
  return sameOrder ? wanted : mirrored(wanted);
}
