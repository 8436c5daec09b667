import { StorageError } from '../errors.ts';
import {
  checkWrites,
  type Row,
  type RowQuery,
  type RowWrite,
  type StoredRow,
  type Table,
  type Tables,
} from '../table.ts';

/**
 * Tables in memory with the rules of the service: transactions, etags, limits, 404 for a table
 * nobody made. Each call takes effect in one step, before its promise settles.
 */
export class MemoryTables implements Tables {
  readonly #tables = new Map<string, MemoryTable>();

  table(name: string): Table {
    const found = (): MemoryTable => {
      const table = this.#tables.get(name);
      if (table === undefined)
        throw new StorageError('not-found', `there is no table ${name}`, {
          status: 404,
          code: 'TableNotFound',
        });
      return table;
    };
    return {
      get: async (partitionKey, rowKey) => found().get(partitionKey, rowKey),
      list: async (partitionKey, query) => found().list(partitionKey, query),
      write: async (partitionKey, writes) => {
        checkWrites(partitionKey, writes);
        return writes.length === 0 ? [] : found().write(partitionKey, writes);
      },
    };
  }

  async ensureTable(name: string): Promise<void> {
    if (!this.#tables.has(name)) this.#tables.set(name, new MemoryTable());
  }
}

class MemoryTable {
  readonly #partitions = new Map<string, Map<string, StoredRow>>();
  #writes = 0;

  get(partitionKey: string, rowKey: string): StoredRow | undefined {
    return this.#partitions.get(partitionKey)?.get(rowKey);
  }

  list(partitionKey: string, { from, to, equals = {}, limit }: RowQuery): readonly StoredRow[] {
    const matches = ({ rowKey, values }: StoredRow): boolean =>
      rowKey >= from &&
      rowKey < to &&
      Object.entries(equals).every(([name, value]) => values[name] === value);
    return [...(this.#partitions.get(partitionKey)?.values() ?? [])]
      .filter(matches)
      .sort((one, other) => (one.rowKey < other.rowKey ? -1 : 1))
      .slice(0, limit);
  }

  write(partitionKey: string, writes: readonly RowWrite[]): readonly string[] {
    const partition = this.#partitions.get(partitionKey) ?? new Map<string, StoredRow>();
    for (const write of writes) checkPrecondition(write, partition.get(write.row.rowKey));
    this.#partitions.set(partitionKey, partition);
    return writes.map((write) => {
      this.#writes += 1;
      const etag = `W/"${this.#writes}"`;
      const before = write.kind === 'merge' ? partition.get(write.row.rowKey) : undefined;
      partition.set(write.row.rowKey, { ...copyOf(write.row, before), etag });
      return etag;
    });
  }
}

function copyOf({ rowKey, values }: Row, before: Row | undefined): Row {
  return { rowKey, values: { ...before?.values, ...values } };
}

function checkPrecondition(write: RowWrite, stored: StoredRow | undefined): void {
  if (write.kind === 'insert' && stored !== undefined)
    throw new StorageError('conflict', `row ${write.row.rowKey} exists`, {
      status: 409,
      code: 'EntityAlreadyExists',
    });
  if (write.kind !== 'replace') return;
  if (stored === undefined)
    throw new StorageError('not-found', `there is no row ${write.row.rowKey}`, {
      status: 404,
      code: 'ResourceNotFound',
    });
  if (stored.etag !== write.etag)
    throw new StorageError('precondition-failed', `row ${write.row.rowKey} has moved`, {
      status: 412,
      code: 'UpdateConditionNotSatisfied',
    });
}
