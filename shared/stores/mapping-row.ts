import * as z from 'zod';
import type { HoldId } from '../model/hold.ts';
import type { ExternalId, MappingId, Side } from '../model/ids.ts';
import type {
  CreateIntent,
  EventMapping,
  Fingerprint,
  OldId,
  Parked,
  SideState,
  WriteCount,
} from '../model/mapping.ts';
import { decodeRow, idOf, InstantText, jsonText } from './codecs.ts';
import { DamagedRowError, StorageError } from './errors.ts';
import { indexKey, isMappingKey } from './keys.ts';
import type { IndexedId } from './ports.ts';
import type { Row, StoredRow } from './table.ts';

/** `reason` and `rule` are for people to read; longer text is cut. */
export const REASON_CHARS_MAX = 2_000;

const SideSchema = z.enum(['a', 'b']);

/** Makes the compiler ask for each member of `T`, since what a schema lacks would be lost. */
type Members<T> = Record<keyof T, z.ZodType>;

const FingerprintSchema = z.object({
  title: z.string().exactOptional(),
  slot: z.string().exactOptional(),
  description: z.string().exactOptional(),
  contact: z.string().exactOptional(),
} satisfies Members<Fingerprint>);

const SideStateSchema = z.object({
  id: idOf<ExternalId>(),
  fingerprint: FingerprintSchema,
  fpVersion: z.int(),
  keyVersion: z.string(),
  version: z.string().exactOptional(),
  lastModified: InstantText.exactOptional(),
  start: InstantText,
  end: InstantText,
  sent: FingerprintSchema.exactOptional(),
  rights: z.enum(['full', 'decline', 'none']),
  firstSeenChangedAt: InstantText.exactOptional(),
  gone: z.literal(true).exactOptional(),
  missingSince: InstantText.exactOptional(),
  masterId: idOf<ExternalId>().exactOptional(),
  originalStart: InstantText.exactOptional(),
  held: idOf<HoldId>().exactOptional(),
} satisfies Members<SideState>);

const CreateIntentSchema = z.object({
  target: SideSchema,
  fingerprint: FingerprintSchema,
  at: InstantText,
  lostSince: InstantText.exactOptional(),
} satisfies Members<CreateIntent>);

const WriteCountSchema = z.object({
  sinceSource: z.int(),
  sources: z.object({ a: z.string().exactOptional(), b: z.string().exactOptional() }),
} satisfies Members<WriteCount>);

const ParkedSchema = z.object({
  attempts: z.int(),
  since: InstantText,
  nextTryAt: InstantText,
  seen: z.object({ a: z.string().exactOptional(), b: z.string().exactOptional() }),
} satisfies Members<Parked>);

/** Column by column, so that an operator can read and filter the table with any tool. */
const MappingRowSchema = z.object({
  origin: SideSchema,
  state: z.enum(['pending', 'synced', 'error', 'conflict', 'cancelled', 'refused']),
  generation: z.int(),
  a: jsonText(SideStateSchema).exactOptional(),
  b: jsonText(SideStateSchema).exactOptional(),
  owed: z.codec(z.string(), z.array(SideSchema), {
    decode: (text) => text.split('') as Side[],
    encode: (sides) => sides.join(''),
  }),
  restores: z.int(),
  createIntent: jsonText(CreateIntentSchema).exactOptional(),
  wanted: SideSchema.exactOptional(),
  suspended: SideSchema.exactOptional(),
  adopted: z.literal(true).exactOptional(),
  withheld: z.literal(true).exactOptional(),
  kept: z.literal(true).exactOptional(),
  writes: jsonText(WriteCountSchema).exactOptional(),
  parked: jsonText(ParkedSchema).exactOptional(),
  rule: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  lastSyncedAt: InstantText.exactOptional(),
  updatedAt: InstantText,
} satisfies Members<Omit<EventMapping, 'id'>>);

/** @throws StorageError for an id that is no row key of a mapping */
export function toMappingRow({ id, ...mapping }: EventMapping): Row {
  if (!isMappingKey(id)) throw new StorageError('other', `not the id of a mapping: ${String(id)}`);
  const { rule, reason } = mapping;
  const values = z.encode(MappingRowSchema, {
    ...mapping,
    owed: [...mapping.owed],
    ...(rule === undefined ? {} : { rule: cut(rule) }),
    ...(reason === undefined ? {} : { reason: cut(reason) }),
  });
  return { rowKey: id, values };
}

/** @throws DamagedRowError */
export function fromMappingRow(partitionKey: string, row: StoredRow): EventMapping {
  if (!isMappingKey(row.rowKey))
    throw new DamagedRowError(partitionKey, row.rowKey, 'not the key of a mapping');
  return { id: row.rowKey, ...decodeRow(MappingRowSchema, partitionKey, row) };
}

const IndexRowSchema = z.object({
  side: SideSchema,
  id: idOf<ExternalId>(),
  mappingId: idOf<MappingId>(),
  old: z.boolean(),
});

export interface IndexRow extends OldId {
  readonly old: boolean;
}

export function toIndexRow(mappingId: MappingId, { side, id, old }: IndexedId): Row {
  const values = { side, id, mappingId, old: old === true } satisfies IndexRow;
  return { rowKey: indexKey(side, id), values };
}

/** @throws DamagedRowError */
export function fromIndexRow(partitionKey: string, row: StoredRow): IndexRow {
  return decodeRow(IndexRowSchema, partitionKey, row);
}

function cut(text: string): string {
  return text.slice(0, REASON_CHARS_MAX).toWellFormed();
}
