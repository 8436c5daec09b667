import * as z from 'zod';
import type { Hold } from '../model/hold.ts';
import type { BridgeFault } from '../model/errors.ts';
import type { BridgeKey, ExternalId, MappingId, PairId, RunId, TenantId } from '../model/ids.ts';
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
  runKey,
  TABLES,
  tenantPartition,
} from './keys.ts';
import type {
  BrakeCount,
  BrakeSideCount,
  BridgeHealth,
  RecordedAction,
  RunRecord,
  StoredRun,
  WorkStore,
} from './ports.ts';
import type { Table, Tables } from './table.ts';

/** Room for the actions of a run as JSON text; some 1,000 of them. */
const RUN_CHARS_MAX = 400_000;
const TEXT_CHARS_MAX = 2_000;

const HealthSchema = z.object({
  bridge: idOf<BridgeKey>(),
  status: z.enum(['healthy', 'unhealthy']),
  reason: z.string().exactOptional(),
  latencyMs: z.int().exactOptional(),
  checkedAt: InstantText,
} satisfies Record<keyof BridgeHealth, z.ZodType>);

const SideSchema = z.enum(['a', 'b']);

const ActionSchema = z.object({
  action: z.enum(['create', 'update', 'delete', 'link', 'unlink', 'restore', 'flag', 'refuse']),
  target: SideSchema.exactOptional(),
  mappingId: idOf<MappingId>().exactOptional(),
  sourceEventId: idOf<ExternalId>().exactOptional(),
  targetEventId: idOf<ExternalId>().exactOptional(),
  rule: z.string(),
  reason: z.string(),
  outcome: z.enum(['planned', 'applied', 'failed', 'put-off']),
  error: z.string().exactOptional(),
} satisfies Record<keyof RecordedAction, z.ZodType>);

const RunSchema = z.object({
  runId: idOf<RunId>(),
  pairId: idOf<PairId>(),
  outcome: z.enum(['completed', 'partial', 'busy', 'blocked', 'failed', 'skipped']),
  dryRun: z.boolean(),
  found: z.object({ a: z.int(), b: z.int() }),
  actions: z.array(ActionSchema),
  error: z.object({ kind: idOf<BridgeFault | 'internal'>(), message: z.string() }).exactOptional(),
  blockedUntil: InstantText.exactOptional(),
  startedAt: InstantText,
  durationMs: z.number(),
} satisfies Record<keyof RunRecord, z.ZodType>);

const RunText = jsonText(RunSchema);

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

/** What people are shown of a tenant's bridges and runs. Nothing decides by it. */
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
    const values = { state, ...toChunks('hold', text, RUN_CHARS_MAX) };
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

  async putBrakeCount(tenantId: TenantId, count: BrakeCount): Promise<void> {
    const row = { rowKey: brakeCountKey(count.pairId), values: z.encode(BrakeCountSchema, count) };
    await this.#table.write(tenantPartition(tenantId), [{ kind: 'upsert', row }]);
  }

  async listBrakeCounts(tenantId: TenantId): Promise<readonly BrakeCount[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, BRAKE_COUNT_ROWS);
    return rows.map((row) => decodeRow(BrakeCountSchema, partitionKey, row));
  }

  async putRun(tenantId: TenantId, report: RunRecord): Promise<void> {
    const { text, omitted } = toText(report);
    const values = {
      pairId: report.pairId,
      outcome: report.outcome,
      actionsOmitted: omitted,
      ...toChunks('report', text, RUN_CHARS_MAX),
    };
    await this.#table.write(tenantPartition(tenantId), [
      { kind: 'upsert', row: { rowKey: runKey(report.runId), values } },
    ]);
  }

  async getRun(tenantId: TenantId, runId: RunId): Promise<StoredRun | undefined> {
    const partitionKey = tenantPartition(tenantId);
    const row = await this.#table.get(partitionKey, runKey(runId));
    if (row === undefined) return undefined;
    const report = z.safeDecode(RunText, fromChunks('report', row.values));
    const actionsOmitted = row.values['actionsOmitted'];
    if (!report.success || typeof actionsOmitted !== 'number')
      throw new DamagedRowError(partitionKey, row.rowKey, 'no report of a run');
    return { report: report.data, actionsOmitted };
  }
}

/** The report without the actions, from the last one back, that have no room. */
function toText(report: RunRecord): { text: string; omitted: number } {
  const shortened = { ...report, ...(report.error ? { error: shortError(report.error) } : {}) };
  const actions = report.actions.map(shortAction);
  let kept = actions.length;
  let room = RUN_CHARS_MAX - z.encode(RunText, { ...shortened, actions: [] }).length;
  for (const [index, action] of actions.entries()) {
    room -= JSON.stringify(action).length + 1;
    if (room < 0) {
      kept = index;
      break;
    }
  }
  const text = z.encode(RunText, { ...shortened, actions: actions.slice(0, kept) });
  return { text, omitted: actions.length - kept };
}

function shortError({
  kind,
  message,
}: NonNullable<RunRecord['error']>): RunRecord['error'] & object {
  return { kind, message: message.slice(0, TEXT_CHARS_MAX).toWellFormed() };
}

function shortAction(action: RecordedAction): RecordedAction {
  const { reason, error } = action;
  return {
    ...action,
    reason: reason.slice(0, TEXT_CHARS_MAX).toWellFormed(),
    ...(error === undefined ? {} : { error: error.slice(0, TEXT_CHARS_MAX).toWellFormed() }),
  };
}
