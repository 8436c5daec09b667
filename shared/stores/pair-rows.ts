import { randomUUID } from 'node:crypto';
import { mappingIdOf, type ExternalId, type MappingId, type PairId } from '../model/ids.ts';
import type { Side, TenantId } from '../model/ids.ts';
import type { EventMapping, OldId } from '../model/mapping.ts';
import type { Hold } from '../model/hold.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { mapBounded } from './bounded.ts';
import { fromDecisionRow, toDecisionRow } from './brake-row.ts';
import { fromControlRows, toLeaseRow, type StoredControl } from './control-rows.ts';
import { StorageError } from './errors.ts';
import { TableLease, type LeaseContext } from './held-lease.ts';
import {
  CONTROL_ROWS,
  decisionKey,
  INDEX_ROWS,
  indexKey,
  MAPPING_ROWS,
  PARKED_ROWS,
  pairPartition,
  TABLES,
} from './keys.ts';
import { fromIndexRow, fromMappingRow, type IndexRow } from './mapping-row.ts';
import { fromParkedRow } from './parked-row.ts';
import type {
  ControlRows,
  DecisionRow,
  PairRows,
  ParkedMark,
  RaisedSignal,
  SyncStore,
  TakeResult,
} from './ports.ts';
import { isRace, markSignalSent, raiseSignal } from './signal.ts';
import type { RowWrite, Table, Tables } from './table.ts';

/**
 * How long a holder may stay silent before another may take the pair. Longer than a run's budget
 * (120 s), or two runs overlap.
 */
const LEASE_TTL_MS = 150_000;
const READS_AT_ONCE_MAX = 16;
const TAKE_ATTEMPTS_MAX = 4;

export interface SyncStoreOptions {
  readonly clock: Clock;
  readonly leaseTtlMs?: number;
  /** Never the same twice, over all processes. */
  readonly newCommitId?: () => string;
}

export class TableSyncStore implements SyncStore {
  readonly #table: Table;
  readonly #options: SyncStoreOptions;

  constructor(tables: Tables, options: SyncStoreOptions) {
    this.#table = tables.table(TABLES.sync);
    this.#options = options;
  }

  forPair(tenantId: TenantId, pairId: PairId): PairRows {
    const { clock, leaseTtlMs = LEASE_TTL_MS, newCommitId = randomUUID } = this.#options;
    const partitionKey = pairPartition(tenantId, pairId);
    return new TablePairRows({ table: this.#table, partitionKey, clock, leaseTtlMs, newCommitId });
  }
}

class TablePairRows implements PairRows {
  readonly #context: LeaseContext;

  constructor(context: LeaseContext) {
    this.#context = context;
  }

  async take(holder: string): Promise<TakeResult> {
    const { clock, leaseTtlMs, newCommitId, partitionKey } = this.#context;
    const commitIds = new Set<string>();
    let failure: StorageError | undefined;
    for (let attempt = 0; attempt < TAKE_ATTEMPTS_MAX; attempt += 1) {
      const stored = await this.#readStored();
      const { holding, leaseEtag } = stored;
      if (holding?.expiresAt !== undefined && holding.expiresAt > clock.now()) {
        const { commitId, expiresAt } = holding;
        if (!commitIds.has(commitId) || leaseEtag === undefined)
          return { kind: 'busy', until: expiresAt };
        // Ours: the answer to the write was lost, or its repeat was refused.
        const taken = { ...stored, holder, leaseEtag, commitId, expiresAt };
        return { kind: 'held', lease: new TableLease(this.#context, taken) };
      }
      if (failure !== undefined) throw failure;
      const commitId = newCommitId();
      commitIds.add(commitId);
      const expiresAt = (clock.now() + leaseTtlMs) as Instant;
      const result = await this.#writeLease(stored, { holder, commitId, expiresAt });
      if (typeof result === 'string') {
        const taken = { ...stored, holder, leaseEtag: result, commitId, expiresAt };
        return { kind: 'held', lease: new TableLease(this.#context, taken) };
      }
      if (result.kind === 'unavailable') failure = result;
    }
    throw (
      failure ?? new StorageError('conflict', `the lease of ${partitionKey} keeps changing hands`)
    );
  }

  /** The new etag, or what went wrong where reading the row again can settle it. */
  async #writeLease(
    { control, leaseEtag }: StoredControl,
    holding: { holder: string; commitId: string; expiresAt: Instant },
  ): Promise<string | StorageError> {
    const { table, partitionKey } = this.#context;
    const row = toLeaseRow(control.lease, holding);
    const write: RowWrite =
      leaseEtag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag: leaseEtag };
    try {
      const [etag] = await table.write(partitionKey, [write]);
      return etag ?? new StorageError('unavailable', `the lease of ${partitionKey} has no etag`);
    } catch (error) {
      if (error instanceof StorageError && (isRace(error) || error.kind === 'unavailable'))
        return error;
      throw error;
    }
  }

  async readControl(): Promise<ControlRows> {
    return (await this.#readStored()).control;
  }

  async #readStored(): Promise<StoredControl> {
    const { table, partitionKey } = this.#context;
    return fromControlRows(partitionKey, await table.list(partitionKey, CONTROL_ROWS));
  }

  async loadAll(): Promise<readonly EventMapping[]> {
    const { table, partitionKey } = this.#context;
    const rows = await table.list(partitionKey, MAPPING_ROWS);
    return rows.map((row) => fromMappingRow(partitionKey, row));
  }

  async loadByIds(
    ids: readonly { readonly side: Side; readonly id: ExternalId }[],
  ): Promise<{ mappings: readonly EventMapping[]; old: readonly OldId[] }> {
    const mappings = new Map<MappingId, EventMapping>();
    const note = (mapping: EventMapping | undefined): void => {
      if (mapping !== undefined) mappings.set(mapping.id, mapping);
    };
    const wanted = [...new Map(ids.map((one) => [mappingIdOf(one.side, one.id), one])).entries()];
    const indexed = await mapBounded(wanted, READS_AT_ONCE_MAX, async ([mappingId, one]) => {
      const mapping = await this.#getMapping(mappingId);
      note(mapping);
      if (mapping?.[one.side]?.id === one.id) return undefined;
      return this.#getIndex(one.side, one.id);
    });
    const rows = indexed.filter((row) => row !== undefined);
    const missing = new Set(rows.map((row) => row.mappingId).filter((id) => !mappings.has(id)));
    const found = await mapBounded([...missing], READS_AT_ONCE_MAX, (id) => this.#getMapping(id));
    found.forEach(note);
    return { mappings: [...mappings.values()], old: rows.filter(({ old }) => old).map(toOldId) };
  }

  async loadOld(): Promise<readonly OldId[]> {
    const { table, partitionKey } = this.#context;
    const rows = await table.list(partitionKey, INDEX_ROWS);
    return rows
      .map((row) => fromIndexRow(partitionKey, row))
      .filter(({ old }) => old)
      .map(toOldId);
  }

  async loadParked(): Promise<readonly ParkedMark[]> {
    const { table, partitionKey } = this.#context;
    const rows = await table.list(partitionKey, PARKED_ROWS);
    return rows.map((row) => fromParkedRow(partitionKey, row)).filter((mark) => mark !== undefined);
  }

  async loadMappings(ids: readonly MappingId[]): Promise<readonly EventMapping[]> {
    const found = await mapBounded(ids, READS_AT_ONCE_MAX, (id) => this.#getMapping(id));
    return found.filter((mapping) => mapping !== undefined);
  }

  async #getMapping(id: MappingId): Promise<EventMapping | undefined> {
    const { table, partitionKey } = this.#context;
    const row = await table.get(partitionKey, id);
    return row && fromMappingRow(partitionKey, row);
  }

  async #getIndex(side: Side, id: ExternalId): Promise<IndexRow | undefined> {
    const { table, partitionKey } = this.#context;
    const row = await table.get(partitionKey, indexKey(side, id));
    return row && fromIndexRow(partitionKey, row);
  }

  async raise(): Promise<RaisedSignal> {
    return raiseSignal(this.#context);
  }

  async markSent(count: number): Promise<void> {
    await markSignalSent(this.#context, count);
  }

  async decide(
    { side, kind }: Pick<Hold, 'side' | 'kind'>,
    decision: DecisionRow,
  ): Promise<boolean> {
    const { table, partitionKey } = this.#context;
    const row = toDecisionRow(side, kind, decision);
    for (let attempt = 1; ; attempt += 1) {
      const stored = await table.get(partitionKey, decisionKey(side, kind));
      if (stored && fromDecisionRow(partitionKey, stored).holdId === decision.holdId) return false;
      try {
        await table.write(partitionKey, [
          stored ? { kind: 'replace', row, etag: stored.etag } : { kind: 'insert', row },
        ]);
        return true;
      } catch (error) {
        if (!isRace(error) || attempt === TAKE_ATTEMPTS_MAX) throw error;
      }
    }
  }
}

function toOldId({ side, id, mappingId }: IndexRow): OldId {
  return { side, id, mappingId };
}
