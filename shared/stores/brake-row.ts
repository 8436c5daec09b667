import * as z from 'zod';
import type {
  BrakeLimits,
  Hold,
  HoldId,
  HoldKind,
  HoldSample,
  SideEvidence,
  Trip,
} from '../model/hold.ts';
import type { ExternalId, MappingId, PairId, Side } from '../model/ids.ts';
import { decodeRow, fromChunks, idOf, InstantText, jsonText, toChunks } from './codecs.ts';
import { DamagedRowError } from './errors.ts';
import { brakeKey, decisionKey } from './keys.ts';
import type { BrakeRow, DecisionRow } from './ports.ts';
import type { Row, StoredRow } from './table.ts';

const HOLDS_CHARS_MAX = 200_000;
const TEXT_CHARS_MAX = 200;

type Members<T> = Record<keyof T, z.ZodType>;

const SideSchema = z.enum(['a', 'b']);

const TripSchema = z.object({
  rule: z.enum(['emptied', 'pair', 'tenant', 'flood']),
  count: z.int(),
  recent: z.int(),
  known: z.int(),
  percent: z.int(),
  min: z.int(),
  percentMax: z.int(),
} satisfies Members<Trip>);

const EvidenceSchema = z.object({
  read: z.enum(['complete', 'changes']),
  shown: z.int(),
  known: z.int(),
} satisfies Members<SideEvidence>);

const SampleSchema = z.object({
  mappingId: idOf<MappingId>(),
  a: idOf<ExternalId>().exactOptional(),
  b: idOf<ExternalId>().exactOptional(),
  start: InstantText,
  end: InstantText,
} satisfies Members<HoldSample>);

const HoldSchema = z.object({
  id: idOf<HoldId>(),
  pairId: idOf<PairId>(),
  side: SideSchema,
  kind: z.enum(['deletions', 'creates']),
  since: InstantText,
  why: TripSchema,
  evidence: z.object({ a: EvidenceSchema, b: EvidenceSchema }),
  samples: z.array(SampleSchema),
  items: z.int(),
  expiresAt: InstantText,
  state: z.enum(['open', 'approved', 'rejected', 'withdrawn', 'expired']),
  decidedBy: z.string().exactOptional(),
  decidedAt: InstantText.exactOptional(),
  closedAt: InstantText.exactOptional(),
  lookedAt: InstantText.exactOptional(),
  lookedTo: idOf<MappingId>().exactOptional(),
} satisfies Members<Hold>);

const HoldsText = jsonText(z.array(HoldSchema));
const CountsText = jsonText(z.record(z.string(), z.int()));

const BrakeRowSchema = z.object({
  deletions: CountsText,
  creates: CountsText,
  known: z.int().exactOptional(),
});

/** The row of a side whose brake has never counted anything. */
export const NO_BRAKE: BrakeRow = { deletions: {}, creates: {}, holds: [] };

export function toBrakeRow(side: Side, { holds, ...row }: BrakeRow): Row {
  return {
    rowKey: brakeKey(side),
    values: {
      ...z.encode(BrakeRowSchema, { ...row }),
      ...toChunks('holds', z.encode(HoldsText, holds.map(toStored)), HOLDS_CHARS_MAX),
    },
  };
}

/** @throws DamagedRowError */
export function fromBrakeRow(partitionKey: string, row: StoredRow): BrakeRow {
  const counts = decodeRow(BrakeRowSchema, partitionKey, row);
  const holds = z.safeDecode(HoldsText, fromChunks('holds', row.values));
  if (!holds.success)
    throw new DamagedRowError(partitionKey, row.rowKey, 'no list of what is held');
  return { ...counts, holds: holds.data };
}

function toStored({ samples, ...hold }: Hold) {
  return { ...hold, samples: [...samples] };
}

const DecisionRowSchema = z.object({
  holdId: idOf<HoldId>(),
  decision: z.enum(['approve', 'reject']),
  who: z.string(),
  at: InstantText,
} satisfies Members<DecisionRow>);

export function toDecisionRow(side: Side, kind: HoldKind, row: DecisionRow): Row {
  const who = row.who.slice(0, TEXT_CHARS_MAX).toWellFormed();
  return { rowKey: decisionKey(side, kind), values: z.encode(DecisionRowSchema, { ...row, who }) };
}

/** @throws DamagedRowError */
export function fromDecisionRow(partitionKey: string, row: StoredRow): DecisionRow {
  return decodeRow(DecisionRowSchema, partitionKey, row);
}

/** A hold as one text, for the copy that lists are made from. */
export const HoldText = jsonText(HoldSchema);

export const BrakeLimitsSchema = z.object({
  deletionsMin: z.int().exactOptional(),
  deletionsPercent: z.int().exactOptional(),
  createsMin: z.int().exactOptional(),
  holdHours: z.int().exactOptional(),
} satisfies Members<BrakeLimits>);
