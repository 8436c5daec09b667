import * as z from 'zod';
import type { Hold } from '../model/hold.ts';
import type { BridgeKey, PairId, TenantId } from '../model/ids.ts';
import { HoldText } from './brake-row.ts';
import { decodeRow, fromChunks, idOf, InstantText, jsonText, toChunks } from './codecs.ts';
import { DamagedRowError } from './errors.ts';
import {
  BRAKE_COUNT_ROWS,
  brakeCountKey,
  HEALTH_ROWS,
  healthKey,
  HOLD_ROWS,
  holdKey,
  POISON_ROWS,
  poisonKey,
  TABLES,
  tenantPartition,
  VERIFICATION_ROWS,
  verificationKey,
} from './keys.ts';
import type { PoisonMessage } from '../model/failed-work.ts';
import type { StoredVerification } from '../model/verification.ts';
import type { Instant } from '../util/clock.ts';
import type { BrakeCount, BrakeSideCount, BridgeHealth, WorkStore } from './ports.ts';
import { fromPoisonRow, toPoisonRow } from './poison-row.ts';
import type { Table, Tables } from './table.ts';
import { VerificationText } from './verification-text.ts';

/** For people to read; longer text is cut. */
const TEXT_CHARS_MAX = 2_000;
/** Room for a hold as JSON text. */
const HOLD_CHARS_MAX = 400_000;

/** Room for a verification as JSON text. */
const VERIFICATION_CHARS_MAX = 400_000;

const VerifiedSchema = z.object({ pairId: idOf<PairId>(), verifiedAt: InstantText });

const HealthSchema = z.object({
  bridge: idOf<BridgeKey>(),
  status: z.enum(['healthy', 'unhealthy']),
  reason: z.string().exactOptional(),
  latencyMs: z.int().exactOptional(),
  checkedAt: InstantText,
} satisfies Record<keyof BridgeHealth, z.ZodType>);

const BrakeSideSchema = jsonText(
  z.object({
    bridge: idOf<BridgeKey>(),
    known: z.int(),
    deletions: z.record(z.string(), z.int()),
  } satisfies Record<keyof BrakeSideCount, z.ZodType>),
);

const BrakeCountSchema = z.object({
  pairId: idOf<PairId>(),
  a: BrakeSideSchema,
  b: BrakeSideSchema,
} satisfies Record<keyof BrakeCount, z.ZodType>);

/** What people are shown of a tenant's bridges and holds. Nothing decides by it. */
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

  async putHold(tenantId: TenantId, hold: Hold): Promise<void> {
    const { pairId, side, kind, state, samples } = hold;
    const text = z.encode(HoldText, { ...hold, samples: [...samples] });
    const values = { state, ...toChunks('hold', text, HOLD_CHARS_MAX) };
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: { rowKey: holdKey(pairId, side, kind), values } },
    ]);
  }

  async listHolds(tenantId: TenantId): Promise<readonly Hold[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, HOLD_ROWS);
    return rows.map(({ rowKey, values }) => {
      const hold = z.safeDecode(HoldText, fromChunks('hold', values));
      if (!hold.success) throw new DamagedRowError(partitionKey, rowKey, 'no hold');
      return hold.data;
    });
  }

  async putPoison(tenantId: TenantId, message: PoisonMessage): Promise<void> {
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: toPoisonRow(message) },
    ]);
  }

  async getPoison(tenantId: TenantId, id: string): Promise<PoisonMessage | undefined> {
    const partitionKey = tenantPartition(tenantId);
    const row = await this.#table.get(partitionKey, poisonKey(id));
    return row && fromPoisonRow(partitionKey, row);
  }

  async listPoison(tenantId: TenantId): Promise<readonly PoisonMessage[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, POISON_ROWS);
    return rows.map((row) => fromPoisonRow(partitionKey, row));
  }

  async putVerification(tenantId: TenantId, verification: StoredVerification): Promise<void> {
    const { pairId, verifiedAt } = verification;
    const text = z.encode(VerificationText, { ...verification } as z.output<
      typeof VerificationText
    >);
    const values = {
      ...z.encode(VerifiedSchema, { pairId, verifiedAt }),
      ...toChunks('found', text, VERIFICATION_CHARS_MAX),
    };
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: { rowKey: verificationKey(pairId), values } },
    ]);
  }

  async getVerification(
    tenantId: TenantId,
    pairId: PairId,
  ): Promise<StoredVerification | undefined> {
    const partitionKey = tenantPartition(tenantId);
    const row = await this.#table.get(partitionKey, verificationKey(pairId));
    if (row === undefined) return undefined;
    const found = z.safeDecode(VerificationText, fromChunks('found', row.values));
    if (!found.success) throw new DamagedRowError(partitionKey, row.rowKey, 'no verification');
    return found.data;
  }

  async listVerifiedAt(tenantId: TenantId): Promise<ReadonlyMap<PairId, Instant>> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, VERIFICATION_ROWS);
    const found = rows.map((row) => decodeRow(VerifiedSchema, partitionKey, row));
    return new Map(found.map(({ pairId, verifiedAt }) => [pairId, verifiedAt]));
  }

  async putBrakeCount(tenantId: TenantId, count: BrakeCount): Promise<void> {
    const row = { rowKey: brakeCountKey(count.pairId), values: z.encode(BrakeCountSchema, count) };
    await this.#table.write(tenantPartition(tenantId), [{ kind: 'upsert', row }]);
  }

  async listBrakeCounts(tenantId: TenantId): Promise<readonly BrakeCount[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, BRAKE_COUNT_ROWS);
    return rows.map((row) => decodeRow(BrakeCountSchema, partitionKey, row));
  }
}
