import type { BridgeCapabilities } from '../../model/capabilities.ts';
import type { Field } from '../../model/fields.ts';
import type { BrakeLimits, Hold, HoldId, HoldKind, Trip } from '../../model/hold.ts';
import type { ExternalId, MappingId, PairId, Side } from '../../model/ids.ts';
import type { EventMapping, OldId } from '../../model/mapping.ts';
import type { PairPolicy } from '../../model/pair.ts';
import type { Snapshot, SnapshotItem, UnsupportedReason, Verdict } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';
import type { Share } from './brake.ts';
import type { Fingerprinter } from './fingerprint.ts';

/** What the brake of one side has counted within 24 h, and what it holds. */
export interface SideBrake {
  readonly recentDeletions: number;
  readonly recentCreates: number;
  /** Mapped events when the whole pair was last loaded. */
  readonly known?: number;
  readonly holds: readonly Hold[];
}

/** What the brake goes by (rule 14). */
export interface BrakeState {
  readonly limits: BrakeLimits;
  readonly sides: Readonly<Record<Side, SideBrake>>;
  /** The tenant's other pairs, by the bridge of each side; absent where that is not known. */
  readonly others?: Readonly<Record<Side, Share>>;
  /** The pair has never been made equal: its first copies are no flood. */
  readonly isFilling: boolean;
}

/** Everything a decision may rest on. */
export interface PlanState {
  readonly pairId: PairId;
  readonly policy: PairPolicy;
  readonly capabilities: Readonly<Record<Side, BridgeCapabilities>>;
  readonly snapshots: Readonly<Record<Side, Snapshot>>;
  /**
   * The ids whose mappings are loaded: of another item it is not known whether it is mapped, so
   * nothing is decided on it. All of them where the whole pair is loaded.
   */
  readonly concerned: Readonly<Record<Side, ReadonlySet<ExternalId> | 'all'>>;
  /** All that the concerned ids, owed sides and open intents lead to. */
  readonly mappings: readonly EventMapping[];
  readonly old: readonly OldId[];
  /** What looks at single ids found, after earlier `questions`. */
  readonly answers: Readonly<Record<Side, ReadonlyMap<ExternalId, Verdict>>>;
  readonly brake: BrakeState;
  /** Mappings that are looked at by id on both sides, though the reads are silent on them. */
  readonly look: ReadonlySet<MappingId>;
  /** Mappings that a person wants tried again, though they rest: parked, or paused for too many writes. */
  readonly retry: ReadonlySet<MappingId> | 'all';
  readonly fingerprints: Fingerprinter;
  readonly now: Instant;
}

/**
 * Why an item must be looked at by id before it can be decided on:
 * `missing` it was told as removed, or is silent in a complete read; `owed` a cursor passed a change
 * of it; `stamp` it may be ours; `hidden` the read shows only a part of it; `content` the other side
 * needs what it holds; `returned` it should be gone; `replay` it is as old as, but unlike, what we
 * know; `suspended` we made it inactive ourselves; `held` it went away and waits for a person.
 */
export type QuestionReason =
  | 'missing'
  | 'owed'
  | 'stamp'
  | 'hidden'
  | 'content'
  | 'returned'
  | 'replay'
  | 'suspended'
  | 'held';

export interface Question {
  readonly side: Side;
  readonly id: ExternalId;
  readonly why: QuestionReason;
  readonly missingSince?: Instant;
}

/** Row of the truth table, or rule, that decided. Stable: logs and clients name them. */
export type Rule =
  | 'new'
  | 'adopt'
  | 'intent-found'
  | 'intent-ambiguous'
  | 'stamp-found'
  | 'stamp-unknown'
  | 'changed'
  | 'agreement'
  | 'echo'
  | 'settled'
  | 'owner-restores'
  | 'owner-restored-once'
  | 'conflict-policy'
  | 'conflict-flagged'
  | 'deleted'
  | 'edit-beats-delete'
  | 'recreate'
  | 'both-gone'
  | 'returned'
  | 'old-id-returned'
  | 'occurrence-matched'
  | 'shared'
  | 'rights'
  | 'slot-taken'
  | 'slots-exchanged'
  | 'past'
  | 'past-kept'
  | 'held'
  | 'hold-restored'
  | 'kept'
  | 'thrash';

interface ActionBase {
  readonly mappingId: MappingId;
  readonly rule: Rule;
  readonly reason: string;
}

/** A copy comes to be on `target`: the first one, or the next generation of one that is gone. */
export interface CreateAction extends ActionBase {
  readonly kind: 'create';
  readonly target: Side;
  readonly source: SnapshotItem;
  /** As it stands before; made for the occasion where the event is new. */
  readonly mapping: EventMapping;
  /** It puts back what a hold that was not approved is about. */
  readonly keeps?: true;
  /** A person approved it, or there is nothing yet that it could be too much for. */
  readonly exempt?: true;
}

/** The copy on `target` is set to `source` in `fields`. `restore`: its owner puts it back. */
export interface UpdateAction extends ActionBase {
  readonly kind: 'update' | 'restore';
  readonly target: Side;
  readonly source: SnapshotItem;
  /** The other side's item, where this pass has seen it. */
  readonly present?: SnapshotItem;
  readonly mapping: EventMapping;
  readonly fields: readonly Field[];
}

/** The copy on `target` ends; it was confirmed that the other side's is gone. */
export interface DeleteAction extends ActionBase {
  readonly kind: 'delete';
  readonly target: Side;
  readonly present?: SnapshotItem;
  readonly mapping: EventMapping;
  /** A person approved it: it does not count. */
  readonly exempt?: true;
}

/** Two items are one event, or what we know of them is brought up to date. Nothing is written there. */
export interface LinkAction extends ActionBase {
  readonly kind: 'link';
  readonly mapping: EventMapping;
  readonly items: Readonly<Partial<Record<Side, SnapshotItem>>>;
  /** The copies still differ by a write withheld for lying in the past. */
  readonly withheld?: true;
  /** The items were never compared: whether they are equal is the next decision. */
  readonly unsure?: true;
}

/** The mapping ends. Nothing is written; what is left of a copy stays. */
export interface UnlinkAction extends ActionBase {
  readonly kind: 'unlink';
  readonly mapping: EventMapping;
  readonly gone: readonly Side[];
}

/** A person must decide; nothing is written meanwhile. */
export interface FlagAction extends ActionBase {
  readonly kind: 'flag';
  readonly mapping: EventMapping;
  /** Sides whose present state no copy has taken over yet. */
  readonly owed: readonly Side[];
  readonly gone: readonly Side[];
  /** The holds it is in, by the side of the copy that is noted for it. */
  readonly held?: Readonly<Partial<Record<Side, HoldId>>>;
  /** Side that is to get a copy again all the same, once that can be done. */
  readonly wanted?: Side;
  readonly keeps?: true;
  /** The event that a copy says it is of, and that is not there: should it turn up, they are one. */
  readonly original?: { readonly side: Side; readonly id: ExternalId };
}

export type SyncAction =
  CreateAction | UpdateAction | DeleteAction | LinkAction | UnlinkAction | FlagAction;

/** An item that is seen and not copied, and why. Nothing of it is touched. */
export interface Refusal {
  readonly side: Side;
  readonly item: SnapshotItem;
  readonly mapping?: EventMapping;
  /** `rejected`: its copy was in a flood that a person, or time, did not let through. */
  readonly reason: UnsupportedReason | 'past' | 'one-way' | 'rejected';
}

/** Nothing can be decided on this item now; its cursors must stay where they are. */
export interface Undecided {
  readonly side: Side;
  readonly id: ExternalId;
  readonly mapping?: EventMapping;
  readonly reason: string;
}

/** The read left out so many items that a look by id finds alive. */
export interface Distrust {
  readonly side: Side;
  readonly items: number;
}

/** A hold that this plan opens, or keeps open, and what it now is about. */
export interface Holding {
  readonly id: HoldId;
  readonly side: Side;
  readonly kind: HoldKind;
  readonly trip: Trip;
  readonly isNew: boolean;
  readonly mappings: readonly EventMapping[];
  /** Where this plan had some of them looked at by id, in their turn: the last one. */
  readonly lookedTo?: MappingId;
}

export interface SyncPlan {
  readonly actions: readonly SyncAction[];
  readonly refusals: readonly Refusal[];
  /** To be answered, and the plan made again, before any action is applied. */
  readonly questions: readonly Question[];
  readonly undecided: readonly Undecided[];
  /** Complete reads that contradict what is known: nothing is ended on their account. */
  readonly distrust: readonly Distrust[];
  readonly holdings: readonly Holding[];
  /** How many mapped events went away on each side, held or not. */
  readonly losses: Readonly<Record<Side, number>>;
}
