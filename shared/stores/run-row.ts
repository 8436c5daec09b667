import * as z from 'zod';
import type { BridgeFault } from '../model/errors.ts';
import type { ExternalId, MappingId, PairId, RunId } from '../model/ids.ts';
import type { ActionReport, RunReport, RunSummary } from '../model/run.ts';
import type { Instant } from '../util/clock.ts';
import { decodeRow, fromChunks, idOf, InstantText, jsonText, toChunks } from './codecs.ts';
import { DamagedRowError } from './errors.ts';
import { pairRunsKey, runKey } from './keys.ts';
import type { StoredRun } from './ports.ts';
import type { Row, StoredRow } from './table.ts';

/** Room for the actions of a run as JSON text; some 1,000 of them. */
const RUN_CHARS_MAX = 400_000;
const TEXT_CHARS_MAX = 2_000;

const SideSchema = z.enum(['a', 'b']);

const ActionSchema = z.object({
  action: z.enum([
    'create',
    'update',
    'delete',
    'link',
    'unlink',
    'restore',
    'flag',
    'refuse',
    'keep',
  ]),
  target: SideSchema.exactOptional(),
  mappingId: idOf<MappingId>().exactOptional(),
  sourceEventId: idOf<ExternalId>().exactOptional(),
  targetEventId: idOf<ExternalId>().exactOptional(),
  rule: z.string(),
  reason: z.string(),
  outcome: z.enum(['planned', 'applied', 'failed', 'put-off']),
  error: z.string().exactOptional(),
} satisfies Record<keyof ActionReport, z.ZodType>);

const CauseSchema = z.enum([
  'timer',
  'notification',
  'person',
  'resend',
  'reconcile',
  'deletions',
  'removal',
]);
const OutcomeSchema = z.enum(['completed', 'partial', 'busy', 'blocked', 'failed', 'skipped']);
const ErrorSchema = z.object({ kind: idOf<BridgeFault | 'internal'>(), message: z.string() });

const ReportSchema = z.object({
  runId: idOf<RunId>(),
  pairId: idOf<PairId>(),
  cause: CauseSchema,
  outcome: OutcomeSchema,
  dryRun: z.boolean(),
  found: z.object({ a: z.int(), b: z.int() }),
  actions: z.array(ActionSchema),
  error: ErrorSchema.exactOptional(),
  blockedUntil: InstantText.exactOptional(),
  startedAt: InstantText,
  durationMs: z.number(),
} satisfies Record<keyof RunReport, z.ZodType>);

const ReportText = jsonText(ReportSchema);

const RunRowSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('queued'), pairId: idOf<PairId>(), queuedAt: InstantText }),
  z.object({ state: z.literal('finished'), pairId: idOf<PairId>(), actionsOmitted: z.int() }),
]);

export function toQueuedRow(runId: RunId, pairId: PairId, queuedAt: Instant): Row {
  const values = z.encode(RunRowSchema, { state: 'queued', pairId, queuedAt });
  return { rowKey: runKey(runId), values };
}

export function toFinishedRow(report: RunReport): Row {
  const { text, omitted } = toText(report);
  const { runId, pairId } = report;
  const values = z.encode(RunRowSchema, { state: 'finished', pairId, actionsOmitted: omitted });
  return {
    rowKey: runKey(runId),
    values: { ...values, ...toChunks('report', text, RUN_CHARS_MAX) },
  };
}

/** @throws DamagedRowError */
export function fromRunRow(partitionKey: string, runId: RunId, row: StoredRow): StoredRun {
  const decoded = decodeRow(RunRowSchema, partitionKey, row);
  if (decoded.state === 'queued') return { runId, ...decoded };
  const report = z.safeDecode(ReportText, fromChunks('report', row.values));
  if (!report.success) throw new DamagedRowError(partitionKey, row.rowKey, 'no report of a run');
  return { runId, ...decoded, report: report.data };
}

const Count = z.int().nonnegative();

/** Column by column, so that an operator can read and filter the table with any tool. */
const SummaryRowSchema = z.object({
  runId: idOf<RunId>(),
  pairId: idOf<PairId>(),
  cause: CauseSchema,
  outcome: OutcomeSchema,
  dryRun: z.boolean(),
  foundA: Count,
  foundB: Count,
  created: Count,
  updated: Count,
  deleted: Count,
  flagged: Count,
  refused: Count,
  kept: Count,
  failed: Count,
  putOff: Count,
  error: jsonText(ErrorSchema).exactOptional(),
  blockedUntil: InstantText.exactOptional(),
  startedAt: InstantText,
  durationMs: z.int(),
});

export function toSummaryRow(summary: RunSummary): Row {
  const { found, counts, error, durationMs, ...rest } = summary;
  const values = z.encode(SummaryRowSchema, {
    ...rest,
    foundA: found.a,
    foundB: found.b,
    ...counts,
    durationMs: Math.round(durationMs),
    ...(error === undefined ? {} : { error: shortError(error) }),
  });
  return { rowKey: pairRunsKey(summary.pairId, summary), values };
}

/** @throws DamagedRowError */
export function fromSummaryRow(partitionKey: string, row: StoredRow): RunSummary {
  const { foundA, foundB, ...rest } = decodeRow(SummaryRowSchema, partitionKey, row);
  const { created, updated, deleted, flagged, refused, kept, failed, putOff, ...run } = rest;
  const counts = { created, updated, deleted, flagged, refused, kept, failed, putOff };
  return { ...run, found: { a: foundA, b: foundB }, counts };
}

/** The report without the actions, from the last one back, that have no room. */
function toText(report: RunReport): { text: string; omitted: number } {
  const shortened = { ...report, ...(report.error ? { error: shortError(report.error) } : {}) };
  const actions = report.actions.map(shortAction);
  let kept = actions.length;
  let room = RUN_CHARS_MAX - z.encode(ReportText, { ...shortened, actions: [] }).length;
  for (const [index, action] of actions.entries()) {
    room -= JSON.stringify(action).length + 1;
    if (room < 0) {
      kept = index;
      break;
    }
  }
  const text = z.encode(ReportText, { ...shortened, actions: actions.slice(0, kept) });
  return { text, omitted: actions.length - kept };
}

function shortError({
  kind,
  message,
}: NonNullable<RunReport['error']>): NonNullable<RunReport['error']> {
  return { kind, message: message.slice(0, TEXT_CHARS_MAX).toWellFormed() };
}

function shortAction(action: ActionReport): ActionReport {
  const { reason, error } = action;
  return {
    ...action,
    reason: reason.slice(0, TEXT_CHARS_MAX).toWellFormed(),
    ...(error === undefined ? {} : { error: error.slice(0, TEXT_CHARS_MAX).toWellFormed() }),
  };
}
