import { StorageError } from '../../../shared/stores/errors.ts';
import type { RowWrite, Table, Tables } from '../../../shared/stores/table.ts';

/**
 * `lose-answer`: done, but the caller hears of a lost connection. `repeat`: done twice, as an SDK
 * does whose first answer was lost, so that the caller hears what the second try met. `drop`: not
 * done. A function runs before the write.
 */
export type Fault = 'lose-answer' | 'repeat' | 'drop' | (() => Promise<unknown>);

/** Tables whose next writes go wrong as told; the rest goes through. */
export class FaultyTables implements Tables {
  readonly #inner: Tables;
  readonly #faults: (Fault | 'none')[] = [];
  /** Writes asked for, in transactions. */
  readonly writes: (readonly RowWrite[])[] = [];

  constructor(inner: Tables) {
    this.#inner = inner;
  }

  /** One fault for each write to come, in order. */
  next(...faults: readonly (Fault | 'none')[]): void {
    this.#faults.push(...faults);
  }

  table(name: string): Table {
    const inner = this.#inner.table(name);
    return {
      get: (partitionKey, rowKey) => inner.get(partitionKey, rowKey),
      list: (partitionKey, query) => inner.list(partitionKey, query),
      write: (partitionKey, writes) => this.#write(inner, partitionKey, writes),
    };
  }

  async ensureTable(name: string): Promise<void> {
    await this.#inner.ensureTable(name);
  }

  async #write(
    inner: Table,
    partitionKey: string,
    writes: readonly RowWrite[],
  ): Promise<readonly string[]> {
    const fault = this.#faults.shift() ?? 'none';
    this.writes.push(writes);
    if (typeof fault === 'function') await fault();
    if (fault === 'drop') throw new StorageError('unavailable', 'the request never arrived');
    const etags = await inner.write(partitionKey, writes);
    if (fault === 'repeat') return inner.write(partitionKey, writes);
    if (fault === 'lose-answer') throw new StorageError('unavailable', 'the answer was lost');
    return etags;
  }
}
