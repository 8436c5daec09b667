import type { Instant } from '../util/clock.ts';
import { StorageError } from './errors.ts';
import { monthTable, type MonthlyTable } from './keys.ts';
import type { Table, Tables } from './table.ts';

/** Writes to the month of `at`; makes its table where the first entry comes before the timer that would. */
export async function writeInMonth(
  tables: Tables,
  kind: MonthlyTable,
  at: Instant,
  write: (table: Table) => Promise<unknown>,
): Promise<void> {
  const name = monthTable(kind, at);
  try {
    await write(tables.table(name));
  } catch (error) {
    if (!isTableMissing(error)) throw error;
    await tables.ensureTable(name);
    await write(tables.table(name));
  }
}

/** `fallback` where the month has no table: nothing was written in it, or it was dropped. */
export async function readInMonth<T>(
  tables: Tables,
  kind: MonthlyTable,
  at: Instant,
  read: (table: Table) => Promise<T>,
  fallback: T,
): Promise<T> {
  try {
    return await read(tables.table(monthTable(kind, at)));
  } catch (error) {
    if (isTableMissing(error)) return fallback;
    throw error;
  }
}

function isTableMissing(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'TableNotFound';
}
