import type { PairId, RunId, TenantId } from '../model/ids.ts';
import { summaryOf, type RunReport, type RunSummary } from '../model/run.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { StorageError } from './errors.ts';
import { isPairRunsCursor, monthBefore, pairRunsPrefix, prefixRange } from './keys.ts';
import { runKey, tenantPartition } from './keys.ts';
import { readInMonth, writeInMonth } from './monthly.ts';
import type { RunPage, RunStore, StoredRun } from './ports.ts';
import { fromRunRow, fromSummaryRow, toFinishedRow, toQueuedRow, toSummaryRow } from './run-row.ts';
import type { StoredRow, Tables } from './table.ts';

const LIMIT_MAX = 1_000;

/**
 * Runs in the tables of the log, by the month they began or were queued in: a row by run id, and one
 * in the history of the pair. The present month and the one before are looked at; older months are
 * there until their table is dropped.
 */
export class TableRunStore implements RunStore {
  readonly #tables: Tables;
  readonly #clock: Clock;

  constructor(tables: Tables, { clock }: { readonly clock: Clock }) {
    this.#tables = tables;
    this.#clock = clock;
  }

  async queued(tenantId: TenantId, pairId: PairId, runId: RunId): Promise<void> {
    const now = this.#clock.now();
    const row = toQueuedRow(runId, pairId, now);
    try {
      await writeInMonth(this.#tables, 'log', now, (table) =>
        table.write(tenantPartition(tenantId), [{ kind: 'insert', row }]),
      );
    } catch (error) {
      // It is queued, or has ended, already.
      if (!(error instanceof StorageError) || error.kind !== 'conflict') throw error;
    }
  }

  async put(tenantId: TenantId, report: RunReport): Promise<void> {
    await writeInMonth(this.#tables, 'log', report.startedAt, (table) =>
      table.write(tenantPartition(tenantId), [
        { kind: 'upsert', row: toFinishedRow(report) },
        { kind: 'upsert', row: toSummaryRow(summaryOf(report)) },
      ]),
    );
  }

  async get(tenantId: TenantId, runId: RunId): Promise<StoredRun | undefined> {
    const partitionKey = tenantPartition(tenantId);
    // A run that was queued in the month before may have ended in this one.
    for (const month of this.#months()) {
      const row = await readInMonth<StoredRow | undefined>(
        this.#tables,
        'log',
        month,
        (table) => table.get(partitionKey, runKey(runId)),
        undefined,
      );
      if (row !== undefined) return fromRunRow(partitionKey, runId, row);
    }
    return undefined;
  }

  async list(
    tenantId: TenantId,
    pairId: PairId,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<RunPage> {
    if (!(limit >= 1 && limit <= LIMIT_MAX))
      throw new RangeError(`from 1 to ${LIMIT_MAX} runs can be asked for`);
    if (before !== undefined && !isPairRunsCursor(before))
      throw new RangeError('`before` is not the `next` of a page of runs');
    const partitionKey = tenantPartition(tenantId);
    const prefix = pairRunsPrefix(pairId);
    const { from, to } = prefixRange(prefix);
    // The least key after that of the last run told.
    const range = { from: before === undefined ? from : `${prefix}${before}!`, to };
    const rows: StoredRow[] = [];
    for (const month of this.#months()) {
      const left = limit + 1 - rows.length;
      if (left <= 0) break;
      rows.push(
        ...(await readInMonth<readonly StoredRow[]>(
          this.#tables,
          'log',
          month,
          (table) => table.list(partitionKey, { ...range, limit: left }),
          [],
        )),
      );
    }
    const runs = rows.slice(0, limit).map((row): RunSummary => fromSummaryRow(partitionKey, row));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return { runs, ...(last === undefined ? {} : { next: last.rowKey.slice(prefix.length) }) };
  }

  #months(): readonly Instant[] {
    const now = this.#clock.now();
    return [now, monthBefore(now)];
  }
}
