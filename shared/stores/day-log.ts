import * as z from 'zod';
import { hashOf, type TenantId } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';
import { mapBounded } from './bounded.ts';
import { decodeRow } from './codecs.ts';
import { dayPartition, daysBackwards, prefixRange, reverseMs } from './keys.ts';
import type { MonthlyTable } from './keys.ts';
import { readInMonth, writeInMonth } from './monthly.ts';
import type { LogQuery } from './ports.ts';
import { bodyBytes, TRANSACTION_BYTES_MAX, TRANSACTION_ROWS_MAX } from './table.ts';
import type { Row, StoredRow, Table, Tables } from './table.ts';

/** Most that one question may ask for. */
const LIMIT_MAX = 1_000;
const DAYS_MAX = 400;
const DAYS_AT_ONCE = 8;

/** Entries in a table a month, a partition a tenant and day, the newest first in each. */
export class DayLog<T extends { readonly at: Instant }> {
  readonly #tables: Tables;
  readonly #kind: MonthlyTable;
  readonly #schema: z.ZodType<T, Record<string, string>>;

  constructor(tables: Tables, kind: MonthlyTable, schema: z.ZodType<T, Record<string, string>>) {
    this.#tables = tables;
    this.#kind = kind;
    this.#schema = schema;
  }

  /** The same entries appended again by the same `source` (a run, say) stand there once. */
  async append(tenantId: TenantId, source: string, entries: readonly T[]): Promise<void> {
    const days = Map.groupBy(entries.entries(), ([, { at }]) => dayPartition(tenantId, at));
    for (const [partitionKey, ofDay] of days) {
      const at = ofDay[0]?.[1].at;
      if (at === undefined) continue;
      const rows = ofDay.map(([index, entry]) => this.#toRow(source, index, entry));
      for (const batch of batches(rows))
        await writeInMonth(this.#tables, this.#kind, at, (table) =>
          table.write(
            partitionKey,
            batch.map((row) => ({ kind: 'upsert', row })),
          ),
        );
    }
  }

  #toRow(source: string, index: number, entry: T): Row {
    const values = z.encode(this.#schema, entry);
    const sequence = `${String(index).padStart(4, '0')}${hashOf(JSON.stringify(values)).slice(0, 8)}`;
    return { rowKey: `${reverseMs(entry.at)}:${source}:${sequence}`, values };
  }

  /** @throws RangeError for a limit over 1,000 or a range of over 400 days */
  async list(
    tenantId: TenantId,
    { from, to, limit }: LogQuery,
    equals: Readonly<Record<string, string>> = {},
  ): Promise<readonly T[]> {
    const days = to > from ? daysBackwards(from, to) : [];
    if (limit > LIMIT_MAX || days.length > DAYS_MAX)
      throw new RangeError(`at most ${LIMIT_MAX} entries of ${DAYS_MAX} days can be asked for`);
    const range = { from: reverseMs((to - 1) as Instant), to: prefixRange(reverseMs(from)).to };
    const found: T[] = [];
    for (let first = 0; first < days.length && found.length < limit; first += DAYS_AT_ONCE) {
      const some = days.slice(first, first + DAYS_AT_ONCE);
      const pages = await mapBounded(some, DAYS_AT_ONCE, (day) =>
        this.#listDay(tenantId, day, { ...range, equals, limit }),
      );
      found.push(...pages.flat());
    }
    return found.slice(0, limit);
  }

  async #listDay(
    tenantId: TenantId,
    day: Instant,
    query: Parameters<Table['list']>[1],
  ): Promise<readonly T[]> {
    const partitionKey = dayPartition(tenantId, day);
    const rows = await readInMonth<readonly StoredRow[]>(
      this.#tables,
      this.#kind,
      day,
      (table) => table.list(partitionKey, query),
      [],
    );
    return rows.map((row) => decodeRow(this.#schema, partitionKey, row));
  }
}

function batches(rows: readonly Row[]): readonly (readonly Row[])[] {
  const packed: Row[][] = [];
  let bytes = Infinity;
  for (const row of new Map(rows.map((row) => [row.rowKey, row])).values()) {
    bytes += bodyBytes(row);
    if (bytes > TRANSACTION_BYTES_MAX || packed.at(-1)?.length === TRANSACTION_ROWS_MAX) {
      packed.push([]);
      bytes = bodyBytes(row);
    }
    packed.at(-1)?.push(row);
  }
  return packed;
}
