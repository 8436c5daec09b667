import type { Instant } from '../util/clock.ts';
import type { Field } from './fields.ts';
import type { HoldId } from './hold.ts';
import { SIDES, type ExternalId, type MappingId, type Side } from './ids.ts';
import type { Rights } from './snapshot.ts';

/** Statuses of the earlier service (features R2), and `refused`: seen, and not to be copied. */
export type MappingState = 'pending' | 'synced' | 'error' | 'conflict' | 'cancelled' | 'refused';

/** Field to HMAC (8 bytes, base64url) of its normalised value. A field never seen has none. */
export type Fingerprint = Readonly<Partial<Record<Field, string>>>;

/** One copy of an event as we last knew it. Times and keyed hashes only, no content. */
export interface SideState {
  readonly id: ExternalId;
  readonly fingerprint: Fingerprint;
  /** Version of the normalisation the fingerprint was made with. */
  readonly fpVersion: number;
  /** Which key it was made with. */
  readonly keyVersion: string;
  /** `e:{etag}` or `r:{HMAC of the raw row}`; absent after a write whose row was not read yet. */
  readonly version?: string;
  /** As the system says, or when we wrote it. */
  readonly lastModified?: Instant;
  readonly start: Instant;
  readonly end: Instant;
  /**
   * What an update was to set that was not answered yet: where the copy shows it, that is our own
   * write, and nobody's edit.
   */
  readonly sent?: Fingerprint;
  /** What we may do to it; kept, since a delta read is silent about what did not change. */
  readonly rights: Rights;
  /** When a change was first seen that is not settled yet. */
  readonly firstSeenChangedAt?: Instant;
  /** The copy was seen to be gone (confirmed), or was deleted by us. */
  readonly gone?: true;
  /** Missed since then, where the system has no read by id that could tell (rule 5). */
  readonly missingSince?: Instant;
  /** The series that it is an occurrence of, where its system says so. */
  readonly masterId?: ExternalId;
  /** When that series first put it. */
  readonly originalStart?: Instant;
  /** The hold that it is in, for having gone away here or for the copy it was to get. */
  readonly held?: HoldId;
}

/**
 * Writes to either copy that followed each other although nothing new was said on the side they
 * came from: something keeps putting it back.
 */
export interface WriteCount {
  readonly sinceSource: number;
  /** Digest of what each side said when it was last the source of a write. */
  readonly sources: Readonly<Partial<Record<Side, string>>>;
}

/** Written before a create, so that its copy is known again if the answer is lost. */
export interface CreateIntent {
  readonly target: Side;
  /** Fingerprint of what is sent, as the target will show it. */
  readonly fingerprint: Fingerprint;
  readonly at: Instant;
  /** The target said "made before", but shows no such item since then (rule 6). */
  readonly lostSince?: Instant;
}

/**
 * An event whose last try failed by itself, while the rest of its pair went on. It rests until then, or
 * until either side shows something else of it.
 */
export interface Parked {
  /** Tries that failed in a row. */
  readonly attempts: number;
  /** When the first of them failed. */
  readonly since: Instant;
  readonly nextTryAt: Instant;
  /** What each side showed of it when it last failed, as `SideState.version`; absent where it showed nothing. */
  readonly seen: Readonly<Partial<Record<Side, string>>>;
}

/** Two copies of one event. */
export interface EventMapping {
  readonly id: MappingId;
  /** Side where the event was born. */
  readonly origin: Side;
  readonly state: MappingState;
  /** Raised with each commit that ends a copy, and part of the next create's idempotency key. */
  readonly generation: number;
  readonly a?: SideState;
  readonly b?: SideState;
  /** Sides with a change that a cursor passed unapplied: read by id before any decision. */
  readonly owed: readonly Side[];
  /** How often the copy was put back since its owner last changed. */
  readonly restores: number;
  readonly createIntent?: CreateIntent;
  /** Side that is to get a copy again: that its former one is gone ends nothing. */
  readonly wanted?: Side;
  /** Side whose item was made inactive to untie an exchange of slots, and must be made active. */
  readonly suspended?: Side;
  /** Both items were there before they were found equal: neither is a copy of ours. */
  readonly adopted?: true;
  /** The copies differ by writes that were withheld because they lie in the past (rule 11). */
  readonly withheld?: true;
  /** Its end was refused by a person or by time: if a copy goes away again, a person must look. */
  readonly kept?: true;
  readonly writes?: WriteCount;
  readonly parked?: Parked;
  /** Rule id and, in words, why the state is what it is. */
  readonly rule?: string;
  readonly reason?: string;
  readonly lastSyncedAt?: Instant;
  readonly updatedAt: Instant;
}

/** It is missed on a side, and not known yet to be gone. */
export function isMissed(mapping: EventMapping): boolean {
  return SIDES.some(
    (side) => mapping[side]?.gone !== true && mapping[side]?.missingSince !== undefined,
  );
}

/** What it waits for is its next try; decided otherwise since, it does not. */
export function parkedOf({ state, parked }: EventMapping): Parked | undefined {
  return state === 'error' || state === 'pending' ? parked : undefined;
}

/** Ids that a mapping's side had before its present one. */
export interface OldId {
  readonly side: Side;
  readonly id: ExternalId;
  readonly mappingId: MappingId;
}
