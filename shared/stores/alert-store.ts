import * as z from 'zod';
import { hashOf, type TenantId } from '../model/ids.ts';
import { decodeRow, InstantText } from './codecs.ts';
import { reverseMs, TABLES, tenantPartition } from './keys.ts';
import type { Alert, AlertStore } from './tenant-ports.ts';
import type { Table, Tables } from './table.ts';

/** For people to read; longer text is cut. */
const MESSAGE_CHARS_MAX = 2_000;

const AlertSchema = z.object({
  kind: z.enum(['poison-message', 'push-dead']),
  subject: z.string(),
  message: z.string(),
  raisedAt: InstantText,
  lastAt: InstantText,
  times: z.int(),
} satisfies Record<keyof Alert, z.ZodType>);

const ALL = { from: '0', to: ':' };

export class TableAlertStore implements AlertStore {
  readonly #table: Table;

  constructor(tables: Tables) {
    this.#table = tables.table(TABLES.alerts);
  }

  async put(tenantId: TenantId, alert: Alert): Promise<void> {
    const { kind, subject, raisedAt } = alert;
    const message = alert.message.slice(0, MESSAGE_CHARS_MAX).toWellFormed();
    const rowKey = `${reverseMs(raisedAt)}:${kind}:${hashOf(subject).slice(0, 22)}`;
    const values = z.encode(AlertSchema, { ...alert, message });
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: { rowKey, values } },
    ]);
  }

  async list(tenantId: TenantId): Promise<readonly Alert[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, ALL);
    return rows.map((row) => decodeRow(AlertSchema, partitionKey, row));
  }
}
