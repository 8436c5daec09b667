import * as z from 'zod';
import type { HoldId } from '../model/hold.ts';
import type { MappingId, PairId, RunId, TenantId } from '../model/ids.ts';
import { idOf, InstantText } from './codecs.ts';
import { DayLog } from './day-log.ts';
import { keyPart } from './keys.ts';
import type { AuditEntry, AuditStore, LogQuery, SyncLogEntry, SyncLogStore } from './ports.ts';
import type { Tables } from './table.ts';

/** For people to read; longer text is cut. */
const TEXT_CHARS_MAX = 2_000;

const Text = z.codec(z.string(), z.string(), {
  decode: (text) => text,
  encode: (text) => text.slice(0, TEXT_CHARS_MAX).toWellFormed(),
});

const SyncLogSchema = z.object({
  at: InstantText,
  runId: idOf<RunId>(),
  pairId: idOf<PairId>(),
  mappingId: idOf<MappingId>().exactOptional(),
  action: Text,
  target: z.enum(['a', 'b']).exactOptional(),
  rule: Text,
  reason: Text,
  outcome: Text,
  error: Text.exactOptional(),
  holdId: idOf<HoldId>().exactOptional(),
} satisfies Record<keyof SyncLogEntry, z.ZodType>);

/** What runs decided and did, without content. */
export class TableSyncLogStore implements SyncLogStore {
  readonly #log: DayLog<SyncLogEntry>;

  constructor(tables: Tables) {
    this.#log = new DayLog<SyncLogEntry>(tables, 'log', SyncLogSchema);
  }

  async append(tenantId: TenantId, entries: readonly SyncLogEntry[]): Promise<void> {
    for (const [runId, ofRun] of Map.groupBy(entries, (entry) => entry.runId))
      await this.#log.append(tenantId, keyPart(runId), ofRun);
  }

  async list(
    tenantId: TenantId,
    { pairId, ...query }: LogQuery & { readonly pairId?: PairId },
  ): Promise<readonly SyncLogEntry[]> {
    return this.#log.list(tenantId, query, pairId === undefined ? {} : { pairId });
  }

  async each(
    tenantId: TenantId,
    { pairId, ...range }: Parameters<SyncLogStore['each']>[1],
    visit: (entry: SyncLogEntry) => void,
  ): Promise<void> {
    await this.#log.each(tenantId, range, visit, pairId === undefined ? {} : { pairId });
  }
}

const AuditSchema = z.object({
  at: InstantText,
  who: Text,
  what: Text,
  targetId: Text,
  requestId: Text.exactOptional(),
  outcome: Text.exactOptional(),
} satisfies Record<keyof AuditEntry, z.ZodType>);

/** Who did what. */
export class TableAuditStore implements AuditStore {
  readonly #log: DayLog<AuditEntry>;

  constructor(tables: Tables) {
    this.#log = new DayLog<AuditEntry>(tables, 'audit', AuditSchema);
  }

  async append(tenantId: TenantId, entries: readonly AuditEntry[]): Promise<void> {
    await this.#log.append(tenantId, 'audit', entries);
  }

  async list(tenantId: TenantId, query: LogQuery): Promise<readonly AuditEntry[]> {
    return this.#log.list(tenantId, query);
  }
}
