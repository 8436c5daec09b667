import * as z from 'zod';
import type { BridgeKey, PairId, ResourceId, TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { BrakeLimitsSchema } from './brake-row.ts';
import { decodeRow, idOf, InstantText, jsonText } from './codecs.ts';
import { pairKey, pairRunKey, tenantPartition } from './keys.ts';
import type { PairRunResult } from './ports.ts';
import type { Row, StoredRow } from './table.ts';

/** For people to read; longer text is cut. */
const STATUS_REASON_CHARS_MAX = 2_000;

const PairRowSchema = z.object({
  id: idOf<PairId>(),
  aBridge: idOf<BridgeKey>(),
  aResource: idOf<ResourceId>(),
  bBridge: idOf<BridgeKey>(),
  bResource: idOf<ResourceId>(),
  nameA: z.string().exactOptional(),
  nameB: z.string().exactOptional(),
  direction: z.enum(['aToB', 'bToA', 'both']),
  conflictPolicy: z.enum(['a', 'b', 'lastModified', 'flag']),
  brake: jsonText(BrakeLimitsSchema).exactOptional(),
  active: z.boolean(),
  syncEnabled: z.boolean(),
  createdAt: InstantText,
  updatedAt: InstantText,
});

/** Empty text stands for "none": a merge cannot remove a value. */
const PairRunRowSchema = z.object({
  status: z.enum(['pending', 'synced', 'error', 'conflict']),
  statusReason: z.string(),
  lastRunAt: InstantText.exactOptional(),
  lastSyncedAt: InstantText.exactOptional(),
  mappedEvents: z.int().exactOptional(),
  parkedEvents: z.int().exactOptional(),
});

/** What people set of a pair; the rest is what its runs tell. */
export type PairSettings = Omit<
  Pair,
  'status' | 'statusReason' | 'lastRunAt' | 'lastSyncedAt' | 'mappedEvents' | 'parkedEvents'
>;

const ResourceRowSchema = z.object({ pairId: idOf<PairId>() });

/** A row that only says which pair the resource in its key is an end of. */
export function toResourceRow(rowKey: string, pairId: PairId): Row {
  return { rowKey, values: { pairId } };
}

/** @throws DamagedRowError */
export function fromResourceRow(partitionKey: string, row: StoredRow): PairId {
  return decodeRow(ResourceRowSchema, partitionKey, row).pairId;
}

/** What the result leaves out, a merge leaves as it is. */
export function toPairRunRow(id: PairId, result: PairRunResult): Row {
  const values = z.encode(PairRunRowSchema, {
    ...result,
    statusReason: (result.statusReason ?? '').slice(0, STATUS_REASON_CHARS_MAX).toWellFormed(),
  });
  return { rowKey: pairRunKey(id), values };
}

/** The run row of a pair that has not run since it was made. */
export function neverRunRow(id: PairId): Row {
  return { rowKey: pairRunKey(id), values: { status: 'pending', statusReason: '' } };
}

export function toPairRow({ a, b, nameA, nameB, ...rest }: PairSettings): Row {
  const values = z.encode(PairRowSchema, {
    id: rest.id,
    aBridge: a.bridge,
    aResource: a.resource,
    bBridge: b.bridge,
    bResource: b.resource,
    ...(nameA === undefined ? {} : { nameA }),
    ...(nameB === undefined ? {} : { nameB }),
    direction: rest.direction,
    conflictPolicy: rest.conflictPolicy,
    ...(rest.brake === undefined ? {} : { brake: rest.brake }),
    active: rest.active,
    syncEnabled: rest.syncEnabled,
    createdAt: rest.createdAt,
    updatedAt: rest.updatedAt,
  });
  return { rowKey: pairKey(rest.id), values };
}

/** @throws DamagedRowError */
export function toPair(tenantId: TenantId, row: StoredRow, runRow: StoredRow | undefined): Pair {
  const partitionKey = tenantPartition(tenantId);
  const decoded = decodeRow(PairRowSchema, partitionKey, row);
  const { aBridge, aResource, bBridge, bResource, ...rest } = decoded;
  const { statusReason, ...run } = runRow
    ? decodeRow(PairRunRowSchema, partitionKey, runRow)
    : { status: 'pending' as const, statusReason: '' };
  return {
    tenantId,
    a: { bridge: aBridge, resource: aResource },
    b: { bridge: bBridge, resource: bResource },
    ...rest,
    ...run,
    ...(statusReason === '' ? {} : { statusReason }),
  };
}
