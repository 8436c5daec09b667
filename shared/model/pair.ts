import type { Instant } from '../util/clock.ts';
import type { BrakeLimits } from './hold.ts';
import type { Endpoint, PairId, TenantId } from './ids.ts';
import type { TimeZoneId } from './time.ts';

/** `aToB`: a owns, b follows. */
export type Direction = 'aToB' | 'bToA' | 'both';

/**
 * Who wins where both sides changed to something different: a named side, the later change, or
 * nobody until a person says (`flag`).
 */
export type ConflictPolicy = 'a' | 'b' | 'lastModified' | 'flag';

export type PairStatus = 'pending' | 'synced' | 'error' | 'conflict';

/** A resource on side a kept equal with one on side b ("resource mapping" towards clients). */
export interface Pair {
  readonly tenantId: TenantId;
  readonly id: PairId;
  readonly a: Endpoint;
  readonly b: Endpoint;
  readonly nameA?: string;
  readonly nameB?: string;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  /** Where the pair's brake differs from its tenant's. */
  readonly brake?: Partial<BrakeLimits>;
  /** False after a soft delete: rows are kept and live again when the pair is made again. */
  readonly active: boolean;
  /** False while paused. */
  readonly syncEnabled: boolean;
  readonly status: PairStatus;
  /** Why `status` is `error` or `conflict`, for an operator. */
  readonly statusReason?: string;
  readonly lastRunAt?: Instant;
  readonly lastSyncedAt?: Instant;
  /** Events that had both of their copies when a pass last ended; absent before one has counted. */
  readonly mappedEvents?: number;
  /** Events that failed by themselves and rest, when a pass last ended. */
  readonly parkedEvents?: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** Neither ended nor paused. */
export function isRunnable({ active, syncEnabled }: Pick<Pair, 'active' | 'syncEnabled'>): boolean {
  return active && syncEnabled;
}

const MIRRORED_DIRECTIONS = { aToB: 'bToA', bToA: 'aToB', both: 'both' } as const;
const MIRRORED_POLICIES = {
  a: 'b',
  b: 'a',
  lastModified: 'lastModified',
  flag: 'flag',
} as const;

/** What of a pair depends on which of its ends is named first. */
type Sided = Pick<Pair, 'a' | 'b' | 'nameA' | 'nameB' | 'direction' | 'conflictPolicy'>;

/** The same with its ends named the other way round. */
export function mirrored<T extends Sided>({
  a,
  b,
  nameA,
  nameB,
  ...pair
}: T): Omit<T, 'a' | 'b' | 'nameA' | 'nameB'> & Sided {
  return {
    ...pair,
    a: b,
    b: a,
    ...(nameB === undefined ? {} : { nameA: nameB }),
    ...(nameA === undefined ? {} : { nameB: nameA }),
    direction: MIRRORED_DIRECTIONS[pair.direction],
    conflictPolicy: MIRRORED_POLICIES[pair.conflictPolicy],
  };
}

/** What the plan needs to know of the tenant. */
export interface PairPolicy {
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  /** Zone in which all-day events take their days. */
  readonly timeZone: TimeZoneId;
  /** Written where an event has no title, or none that may be shown. */
  readonly defaultTitle: string;
  /** Events that take no time of anybody's are copied too, and take the room. */
  readonly copiesFree: boolean;
}
