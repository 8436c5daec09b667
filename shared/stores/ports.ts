import type { Hold, HoldDecision, HoldId } from '../model/hold.ts';
import type { ExternalId, MappingId, PairId, Side, TenantId } from '../model/ids.ts';
import type { EventMapping, OldId } from '../model/mapping.ts';
import type { Window } from '../model/snapshot.ts';
import type { Instant } from '../util/clock.ts';

export type * from './tenant-ports.ts';

/** What a pair's passes tell each other; kept in the lease row, so that each commit renews it. */
export interface LeaseFacts {
  /** Set by a pass's first commit and cleared by its last: found set, the pass before died. */
  readonly passOpen: boolean;
  /** Open intents. */
  readonly intents: number;
  /** Events that have both of their copies; absent until a pass has seen all rows. */
  readonly mapped?: number;
  /** Events missed on a side, and not known to be gone; absent until a pass has seen all rows. */
  readonly missed?: number;
  /** Neither side is read before these. */
  readonly blockedUntil: { readonly a?: Instant; readonly b?: Instant };
  /** Passes failed in a row. */
  readonly failures: number;
  /** When the first of them failed. */
  readonly failingSince?: Instant;
  /** The pair rests until then, unless a person asks. */
  readonly retryAt?: Instant;
  /** Events that rest because they failed by themselves; absent before there were any. */
  readonly parked?: number;
  /** When the first of them is to be tried again. */
  readonly parkedDueAt?: Instant;
  /** The pair has ended: whoever takes it next reads again whether it lives. */
  readonly ended?: boolean;
  /** Timer jobs before this are not due. */
  readonly nextDueAt?: Instant;
  /** When both sides were last read, and all that they told was done. */
  readonly readAt?: Instant;
  /** Id of the last write of the lease row. */
  readonly commitId?: string;
}

/** What is left out stays. `undefined` clears; `blockedUntil` is set as a whole. */
export interface LeaseFactsPatch {
  readonly passOpen?: boolean;
  readonly intents?: number;
  readonly mapped?: number;
  readonly missed?: number;
  readonly blockedUntil?: LeaseFacts['blockedUntil'];
  readonly failures?: number;
  readonly failingSince?: Instant | undefined;
  readonly retryAt?: Instant | undefined;
  readonly parked?: number;
  readonly parkedDueAt?: Instant | undefined;
  readonly ended?: boolean;
  readonly nextDueAt?: Instant | undefined;
  readonly readAt?: Instant;
}

/** How far one side has been read. */
export interface CursorRow {
  /** Opaque; at most 450,000 characters. Absent where the system has none. */
  readonly cursor?: string;
  readonly windowVersion: number;
  /** HMAC of the last complete snapshot. */
  readonly digest?: string;
  /** Mapper, capabilities, policy and direction; another value asks for a complete read. */
  readonly planVersion: string;
  /** When the side was last read completely. */
  readonly completeAt?: Instant;
}

export interface WindowRow extends Window {
  readonly rebasedAt: Instant;
}

/** "This pair is dirty." Never deleted; counts up. */
export interface SignalRow {
  readonly raised: number;
  /** `raising`: written, its message not sent yet. */
  readonly state: 'raising' | 'queued';
  readonly sentAt?: Instant;
  /** The count that a finished, un-narrowed run has seen. */
  readonly seen: number;
}

/** Counts by the hour they belong to, as `yyyymmddhh` in UTC. */
export type HourCounts = Readonly<Record<string, number>>;

/** One side's brake. Rides in the transactions of what it counts and holds. */
export interface BrakeRow {
  /** Copies ended on the other side on account of this one. */
  readonly deletions: HourCounts;
  /** Copies made on this side. */
  readonly creates: HourCounts;
  /** Mapped events when the whole pair was last loaded. */
  readonly known?: number;
  /** Those that are not closed, and the last closed one. */
  readonly holds: readonly Hold[];
}

/** A person's word on a hold. The next pass carries it out. */
export interface DecisionRow {
  readonly holdId: HoldId;
  readonly decision: HoldDecision;
  readonly who: string;
  readonly reason?: string;
  readonly at: Instant;
}

export interface ControlRows {
  readonly brake: Readonly<Record<Side, BrakeRow>>;
  readonly decisions: readonly DecisionRow[];
  readonly lease: LeaseFacts;
  readonly signal: SignalRow;
  readonly a?: CursorRow;
  readonly b?: CursorRow;
  readonly window?: WindowRow;
}

/** An event that rests until it is tried again. */
export interface ParkedMark {
  readonly mappingId: MappingId;
  readonly attempts: number;
  readonly nextTryAt: Instant;
}

/** An id a side of the mapping has, or (`old`) had, other than the first id of its origin. */
export interface IndexedId {
  readonly side: Side;
  readonly id: ExternalId;
  readonly old?: true;
}

export type RowChange =
  | {
      readonly kind: 'mapping';
      readonly mapping: EventMapping;
      /** Written in one transaction with the mapping. */
      readonly index: readonly IndexedId[];
      /** It was parked before: where it is not any more, its mark is closed. */
      readonly wasParked?: true;
    }
  | { readonly kind: 'cursor'; readonly side: Side; readonly row: CursorRow }
  | { readonly kind: 'window'; readonly row: WindowRow }
  /** Goes into the first transaction: nothing is held, or counted, after it was done. */
  | { readonly kind: 'brake'; readonly side: Side; readonly row: BrakeRow };

/** A pair that is ours until `expiresAt`, or until somebody takes it after that. */
export interface HeldLease {
  /** As read when the lease was taken, with everything committed since. */
  readonly control: ControlRows;
  readonly expiresAt: Instant;
  /**
   * Writes mapping rows, each with its index rows, in as few transactions as fit, each fenced by
   * and renewing the lease. `facts` go into each; cursors, the window and `finalFacts` only into
   * the last. No changes: renews. What an earlier transaction wrote stays when a later one fails.
   * @throws LeaseLostError when another holder has taken the pair; nothing of that transaction is
   *   written.
   * @throws StorageError `too-large` for a row past the limits, before anything is written.
   */
  commit(
    changes: readonly RowChange[],
    facts?: LeaseFactsPatch,
    finalFacts?: LeaseFactsPatch,
  ): Promise<void>;
  /** @throws LeaseLostError */
  renew(): Promise<void>;
  /**
   * Gives the pair back. `signalled`: the signal was raised meanwhile, nothing is written, the lease
   * is still held and `control.signal` is the new one: go round. `sawSignal` marks the count noted
   * at the start of the round as seen. `force` releases whatever was raised meanwhile.
   * @throws LeaseLostError
   */
  release(
    facts?: LeaseFactsPatch,
    options?: { readonly sawSignal?: boolean; readonly force?: boolean },
  ): Promise<'released' | 'signalled'>;
}

export type TakeResult =
  | { readonly kind: 'held'; readonly lease: HeldLease }
  | { readonly kind: 'busy'; readonly until: Instant };

export interface RaisedSignal {
  /** Goes into the job as its `signal`. */
  readonly count: number;
  /** `no`: a message that is on its way will see to it. */
  readonly send: 'now' | 'delayed' | 'no';
  /** How long to delay the message; 0 unless `delayed`. */
  readonly delayMs: number;
}

/** What is stored of one pair of one tenant. */
export interface PairRows {
  /** One query and one write. */
  take(holder: string): Promise<TakeResult>;
  readControl(): Promise<ControlRows>;
  /** @throws DamagedRowError as all reads do: a mapping left out would be copied again. */
  loadAll(): Promise<readonly EventMapping[]>;
  /** Point reads, for up to some 20 ids; more are cheaper by `loadAll`. */
  loadByIds(
    ids: readonly { readonly side: Side; readonly id: ExternalId }[],
  ): Promise<{ readonly mappings: readonly EventMapping[]; readonly old: readonly OldId[] }>;
  /** Every id that was written with `old`. */
  loadOld(): Promise<readonly OldId[]>;
  /** Marks of all events that are parked. */
  loadParked(): Promise<readonly ParkedMark[]>;
  /** Point reads; those that there are. */
  loadMappings(ids: readonly MappingId[]): Promise<readonly EventMapping[]>;
  /** Counts the signal up. Send the message if told to, then call `markSent` with the count. */
  raise(): Promise<RaisedSignal>;
  markSent(count: number): Promise<void>;
  /**
   * Notes a decision, without the lease: no pass writes its row. False where the hold has one.
   * Whether there is such a hold, the caller has to know.
   */
  decide(hold: Pick<Hold, 'side' | 'kind'>, decision: DecisionRow): Promise<boolean>;
}

export interface SyncStore {
  forPair(tenantId: TenantId, pairId: PairId): PairRows;
}
