import {
  hashOf,
  resourceHashOf,
  type BridgeKey,
  type ExternalId,
  type MappingId,
  type PairId,
  type ResourceId,
  type RunId,
  type Side,
  type TenantId,
} from '../model/ids.ts';
import type { HoldKind } from '../model/hold.ts';
import { DAY_MS } from '../model/time.ts';
import type { Instant } from '../util/clock.ts';

/** Tables that do not come by the month. */
export const TABLES = {
  sync: 'sync',
  pairs: 'pairs',
  work: 'work',
  subscriptions: 'subscriptions',
  tenants: 'tenants',
  alerts: 'alerts',
} as const;

export type MonthlyTable = 'log' | 'audit';

/**
 * An id as a part of a key. Ours pass as they are; anything else, such as one that a client made
 * up, becomes a hash that none of ours can be equal to.
 */
export function keyPart(id: string): string {
  return /^[\w-]{1,64}$/.test(id) ? id : `~${hashOf(id)}`;
}

/** All rows whose key begins with `prefix`: `to` is the next text that does not. */
export function prefixRange(prefix: string): { from: string; to: string } {
  const last = prefix.length - 1;
  const next = String.fromCharCode(prefix.charCodeAt(last) + 1);
  return { from: prefix, to: prefix.slice(0, last) + next };
}

/** Partition of a tenant in `pairs`, `work`, `subscriptions` and `alerts`. */
export function tenantPartition(tenantId: TenantId): string {
  return keyPart(tenantId);
}

/** Partition of a pair in `sync`. */
export function pairPartition(tenantId: TenantId, pairId: PairId): string {
  return `${keyPart(tenantId)}:${keyPart(pairId)}`;
}

export const CONTROL = {
  lease: 'c:lease',
  signal: 'c:signal',
  a: 'c:a',
  b: 'c:b',
  window: 'c:window',
} as const;

/** What a side's brake counts and holds; written by passes alone. */
export function brakeKey(side: Side): string {
  return `c:brake:${side}`;
}

/** What a person decided of a hold; read by passes, never written by them. */
export function decisionKey(side: Side, kind: HoldKind): string {
  return `c:decision:${side}:${kind}`;
}

export const CONTROL_ROWS = prefixRange('c:');
export const MAPPING_ROWS = prefixRange('m:');
export const INDEX_ROWS = prefixRange('i:');

/** A mapping's id is its row key. */
export function isMappingKey(id: string): id is MappingId {
  return /^m:[ab]:[\w-]{1,64}$/.test(id);
}

export function indexKey(side: Side, id: ExternalId): string {
  return `i:${side}:${hashOf(id)}`;
}

/** The mark of an event that was parked, open or closed. */
export function parkedKey(id: MappingId): string {
  return `w:${id}`;
}

export const PARKED_ROWS = prefixRange('w:');

/** Rows `p:{pairId}` and `p:{pairId}:run`: what people set and what runs tell, apart. */
export function pairKey(pairId: PairId): string {
  return `p:${keyPart(pairId)}`;
}

export function pairRunKey(pairId: PairId): string {
  return `${pairKey(pairId)}:run`;
}

export const PAIR_ROWS = prefixRange('p:');

/** Prefix of the rows that name the pairs of one resource. Ids of resources ignore case. */
export function resourcePrefix(bridge: BridgeKey, resource: ResourceId): string {
  return `r:${keyPart(bridge)}:${resourceHashOf(resource)}:`;
}

export function resourceKey(bridge: BridgeKey, resource: ResourceId, pairId: PairId): string {
  return resourcePrefix(bridge, resource) + keyPart(pairId);
}

export function healthKey(bridge: BridgeKey): string {
  return `s:${keyPart(bridge)}`;
}

/** A message that could not be handled. */
export function poisonKey(id: string): string {
  return `q:${keyPart(id)}`;
}

export const POISON_ROWS = prefixRange('q:');

export const HEALTH_ROWS = prefixRange('s:');

/** A copy of the last hold of one kind on one side of a pair. */
export function holdKey(pairId: PairId, side: Side, kind: HoldKind): string {
  return `h:${keyPart(pairId)}:${side}${kind === 'creates' ? ':creates' : ''}`;
}

export const HOLD_ROWS = prefixRange('h:');

/** What the last verification of a pair found. */
export function verificationKey(pairId: PairId): string {
  return `v:${keyPart(pairId)}`;
}

export const VERIFICATION_ROWS = prefixRange('v:');

/** What a pair's brake has counted lately, for its tenant's sums. */
export function brakeCountKey(pairId: PairId): string {
  return `b:${keyPart(pairId)}`;
}

export const BRAKE_COUNT_ROWS = prefixRange('b:');

export function runKey(runId: RunId): string {
  return `r:${keyPart(runId)}`;
}

/** Prefix of a pair's runs, the newest first. */
export function pairRunsPrefix(pairId: PairId): string {
  return `h:${keyPart(pairId)}:`;
}

export function pairRunsKey(
  pairId: PairId,
  run: { readonly startedAt: Instant; readonly runId: RunId },
): string {
  return `${pairRunsPrefix(pairId)}${reverseMs(run.startedAt)}:${keyPart(run.runId)}`;
}

/** What stands behind the prefix in such a key. */
export function isPairRunsCursor(text: string): boolean {
  return /^\d{14}:~?[\w-]{1,64}$/.test(text);
}

const REVERSE_FROM_MS = 99_999_999_999_999;

/** 14 digits that sort the newest first. */
export function reverseMs(at: Instant): string {
  return String(REVERSE_FROM_MS - Math.min(Math.max(Math.trunc(at), 0), REVERSE_FROM_MS)).padStart(
    14,
    '0',
  );
}

/** `yyyyMMdd` of the day in UTC. */
export function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
}

/** `log202611`: dropping a month's table is how old rows go. */
export function monthTable(kind: MonthlyTable, at: Instant): string {
  return kind + dayOf(at).slice(0, 6);
}

export function dayPartition(tenantId: TenantId, at: Instant): string {
  return `${keyPart(tenantId)}:${dayOf(at)}`;
}

/** The month after that of `at`, at its first moment. */
export function nextMonth(at: Instant): Instant {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) as Instant;
}

/** The last moment of the month before that of `at`. */
export function monthBefore(at: Instant): Instant {
  const date = new Date(at);
  return (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) - 1) as Instant;
}

/** A moment of each day that touches `from <= t < to`, the last day first. */
export function daysBackwards(from: Instant, to: Instant): readonly Instant[] {
  const days: Instant[] = [];
  const first = Math.floor(from / DAY_MS);
  for (let day = Math.floor((to - 1) / DAY_MS); day >= first; day -= 1)
    days.push((day * DAY_MS) as Instant);
  return days;
}
