import * as z from 'zod';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import { decodeRow, idOf, InstantText } from './codecs.ts';
import { HEALTH_ROWS, healthKey, TABLES, tenantPartition } from './keys.ts';
import type { BridgeHealth, WorkStore } from './ports.ts';
import type { Table, Tables } from './table.ts';

/** For people to read; longer text is cut. */
const TEXT_CHARS_MAX = 2_000;

const HealthSchema = z.object({
  bridge: idOf<BridgeKey>(),
  status: z.enum(['healthy', 'unhealthy']),
  reason: z.string().exactOptional(),
  latencyMs: z.int().exactOptional(),
  checkedAt: InstantText,
} satisfies Record<keyof BridgeHealth, z.ZodType>);

/** What people are shown of a tenant's bridges. Nothing decides by it. */
export class TableWorkStore implements WorkStore {
  readonly #table: Table;

  constructor(tables: Tables) {
    this.#table = tables.table(TABLES.work);
  }

  async putHealth(tenantId: TenantId, health: BridgeHealth): Promise<void> {
    const { reason, latencyMs } = health;
    const values = z.encode(HealthSchema, {
      ...health,
      ...(reason === undefined ? {} : { reason: reason.slice(0, TEXT_CHARS_MAX).toWellFormed() }),
      ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }),
    });
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: { rowKey: healthKey(health.bridge), values } },
    ]);
  }

  async listHealth(tenantId: TenantId): Promise<readonly BridgeHealth[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, HEALTH_ROWS);
    return rows.map((row) => decodeRow(HealthSchema, partitionKey, row));
  }
}
