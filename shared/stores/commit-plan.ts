import { StorageError } from './errors.ts';
import { toBrakeRow } from './brake-row.ts';
import { toCursorRow, toWindowRow } from './control-rows.ts';
import { toIndexRow, toMappingRow } from './mapping-row.ts';
import { parkedRowsOf } from './parked-row.ts';
import type { RowChange } from './ports.ts';
import { bodyBytes, checkRow, TRANSACTION_BYTES_MAX, TRANSACTION_ROWS_MAX } from './table.ts';
import type { Row, RowWrite } from './table.ts';

/** The lease row is in each of them. */
const ROWS_MAX = TRANSACTION_ROWS_MAX - 1;
const BYTES_MAX = TRANSACTION_BYTES_MAX - 4096;

/**
 * Shares the rows of a commit out to transactions, in order and as few as fit. A mapping and its
 * rows of its index and mark stay together; brakes go into the first, cursors and the window into the last. Where a row comes up twice in
 * one transaction, the later one counts. No changes: one transaction of no rows.
 * @throws StorageError `too-large` when a row, or a mapping with its index rows, fits in none
 */
export function planTransactions(changes: readonly RowChange[]): readonly (readonly RowWrite[])[] {
  const closing = changes.flatMap(closingRows);
  const packed: Batch[] = [new Batch()];
  for (const change of changes)
    if (change.kind === 'brake') pack(packed, [toBrakeRow(change.side, change.row)]);
  for (const change of changes)
    if (change.kind === 'mapping')
      pack(packed, [
        toMappingRow(change.mapping),
        ...change.index.map((indexed) => toIndexRow(change.mapping.id, indexed)),
        ...parkedRowsOf(change.mapping, change.wasParked === true),
      ]);
  if (closing.length > 0) pack(packed, closing);
  return packed.map((batch) => batch.writes());
}

function closingRows(change: RowChange): readonly Row[] {
  switch (change.kind) {
    case 'mapping':
    case 'brake':
      return [];
    case 'cursor':
      return [toCursorRow(change.side, change.row)];
    case 'window':
      return [toWindowRow(change.row)];
  }
}

function pack(packed: Batch[], group: readonly Row[]): void {
  for (const row of group) checkRow(row);
  if (packed.at(-1)?.add(group) === true) return;
  const next = new Batch();
  if (!next.add(group))
    throw new StorageError(
      'too-large',
      `${group.length} rows that belong together, from ${group[0]?.rowKey} on, fit in no transaction`,
    );
  packed.push(next);
}

class Batch {
  readonly #rows = new Map<string, Row>();
  #bytes = 0;

  /** False, and nothing added, where the whole group has no room. */
  add(group: readonly Row[]): boolean {
    const added = new Set(group.map(({ rowKey }) => rowKey).filter((key) => !this.#rows.has(key)));
    const bytes = group.reduce((sum, row) => sum + bodyBytes(row), this.#bytes);
    if (this.#rows.size + added.size > ROWS_MAX || bytes > BYTES_MAX) return false;
    for (const row of group) this.#rows.set(row.rowKey, row);
    this.#bytes = bytes;
    return true;
  }

  writes(): readonly RowWrite[] {
    return [...this.#rows.values()].map((row) => ({ kind: 'upsert', row }));
  }
}
