import type { Clock } from '../util/clock.ts';
import { monthTable, nextMonth, TABLES, type MonthlyTable } from './keys.ts';
import type { Tables } from './table.ts';

const MONTHLY: readonly MonthlyTable[] = ['log', 'audit'];

/** Makes every table that is missing, next month's too, so that midnight finds them there. */
export async function ensureTables(tables: Tables, clock: Clock): Promise<void> {
  const now = clock.now();
  const monthly = [now, nextMonth(now)].flatMap((at) =>
    MONTHLY.map((kind) => monthTable(kind, at)),
  );
  const names = [...Object.values(TABLES), ...monthly];
  await Promise.all(names.map((name) => tables.ensureTable(name)));
}
