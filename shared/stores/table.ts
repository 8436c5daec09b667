import { StorageError } from './errors.ts';

/** Int32 where it is a number: instants are ISO 8601 text, which sorts and survives. */
export type Value = string | number | boolean;

export interface Row {
  readonly rowKey: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface StoredRow extends Row {
  readonly etag: string;
}

/**
 * `insert`: `conflict` when the row exists. `replace`: `precondition-failed` when it moved since
 * `etag`, `not-found` when it is gone. `upsert` puts the whole row in place whatever was there,
 * `merge` only the values that are named. Rows are never deleted: a delete inside a transaction
 * drops its etag and fails on a missing row, so a replayed one could not be told from a race.
 */
export type RowWrite =
  | { readonly kind: 'insert' | 'upsert' | 'merge'; readonly row: Row }
  | { readonly kind: 'replace'; readonly row: Row; readonly etag: string };

export interface RowQuery {
  /** Inclusive, in ordinal order of UTF-16 units. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  /** Values that a row must have. */
  readonly equals?: Readonly<Record<string, string>>;
  /** Rows, over all pages. Without one: all of them. */
  readonly limit?: number;
}

/** What the stores need of a table. Every call may throw a `StorageError`. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined>;
  /** In the order of row keys. */
  list(partitionKey: string, query: RowQuery): Promise<readonly StoredRow[]>;
  /**
   * All or nothing, in one transaction of at most 100 rows, each named once. Answers the new etags
   * in the order of `writes`; no writes: no call.
   */
  write(partitionKey: string, writes: readonly RowWrite[]): Promise<readonly string[]>;
}

export interface Tables {
  table(name: string): Table;
  /** Makes it if it is not there. */
  ensureTable(name: string): Promise<void>;
}

export const TRANSACTION_ROWS_MAX = 100;
/** The service takes 4 MiB; the rest is room for what its headers and escapes add. */
export const TRANSACTION_BYTES_MAX = 3.5 * 1024 * 1024;
/** The service takes 1 MiB of UTF-16 an entity. */
const ROW_BYTES_MAX = 0.9 * 1024 * 1024;
export const VALUE_CHARS_MAX = 32_768;
const KEY_CHARS_MAX = 512;
/** Multipart headers, keys and punctuation of one write, generously. */
const WRITE_OVERHEAD_BYTES = 1024;

/** What a row takes of a transaction's body, in bytes, rounded up. */
export function bodyBytes(row: Row): number {
  return WRITE_OVERHEAD_BYTES + Buffer.byteLength(JSON.stringify(row.values), 'utf8');
}

/** What a row takes in the table, in bytes: text is kept as UTF-16. */
function rowBytes(row: Row): number {
  const valueBytes = ([name, value]: [string, Value]): number =>
    8 + 2 * name.length + (typeof value === 'string' ? 2 * value.length : 8);
  return Object.entries(row.values).reduce((sum, entry) => sum + valueBytes(entry), 256);
}

/**
 * Refuses what the service would refuse, before it is sent: `/` in a key, for one, is answered as
 * if the service were down.
 * @throws StorageError `too-large` or `other`
 */
export function checkWrites(partitionKey: string, writes: readonly RowWrite[]): void {
  const keys = new Set<string>();
  let bytes = 0;
  checkKey(partitionKey);
  for (const { row } of writes) {
    checkRow(row);
    keys.add(row.rowKey);
    bytes += bodyBytes(row);
  }
  if (keys.size !== writes.length)
    throw new StorageError('other', `a transaction names a row of ${partitionKey} twice`);
  if (writes.length > TRANSACTION_ROWS_MAX || bytes > TRANSACTION_BYTES_MAX + WRITE_OVERHEAD_BYTES)
    throw new StorageError(
      'too-large',
      `a transaction of ${writes.length} rows and ${bytes} bytes is past the limits`,
    );
}

/** @throws StorageError `too-large` or `other` */
export function checkRow(row: Row): void {
  checkKey(row.rowKey);
  for (const [name, value] of Object.entries(row.values)) {
    if (typeof value === 'string' && value.length > VALUE_CHARS_MAX)
      throw new StorageError('too-large', `${name} of ${row.rowKey} is too long for a table`);
    if (typeof value === 'number' && !isInt32(value))
      throw new StorageError('other', `${name} of ${row.rowKey} is no 32-bit integer`);
  }
  if (rowBytes(row) > ROW_BYTES_MAX)
    throw new StorageError('too-large', `row ${row.rowKey} is too large for a table`);
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

// oxlint-disable-next-line no-control-regex -- Control characters are what a key must not hold.
const FORBIDDEN_IN_KEYS = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

function checkKey(key: string): void {
  if (key.length > KEY_CHARS_MAX || FORBIDDEN_IN_KEYS.test(key))
    throw new StorageError('other', `no table takes the key ${JSON.stringify(key.slice(0, 80))}`);
}
