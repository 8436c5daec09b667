import type { BridgeCapabilities } from '../../model/capabilities.ts';
import type { Field } from '../../model/fields.ts';
import type { ExternalId, MappingId, PairId, Side } from '../../model/ids.ts';
import type { EventMapping, OldId } from '../../model/mapping.ts';
import type { PairPolicy } from '../../model/pair.ts';
import type { Snapshot, SnapshotItem, UnsupportedReason, Verdict } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';
import type { Fingerprinter } from './fingerprint.ts';

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
  readonly fingerprints: Fingerprinter;
  readonly now: Instant;
}

/**
 * Why an item must be looked at by id before it can be decided on:
 * `missing` it was told as removed, or is silent in a complete read; `owed` a cursor passed a change
 * of it; `stamp` it may be ours; `hidden` the read shows only a part of it; `content` the other side
 * needs what it holds; `returned` it should be gone; `replay` it is as old as, but unlike, what we
 * know; `suspended` we made it inactive ourselves.
 */
export type QuestionReason =
  'missing' | 'owed' | 'stamp' | 'hidden' | 'content' | 'returned' | 'replay' | 'suspended';

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
  | 'shared'
  | 'rights'
  | 'slot-taken'
  | 'slots-exchanged'
  | 'past'
  | 'past-kept';

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
}

export type SyncAction =
  CreateAction | UpdateAction | DeleteAction | LinkAction | UnlinkAction | FlagAction;

/** An item that is seen and not copied, and why. Nothing of it is touched. */
export interface Refusal {
  readonly side: Side;
  readonly item: SnapshotItem;
  readonly mapping?: EventMapping;
  readonly reason: UnsupportedReason | 'past' | 'one-way';
}

/** Nothing can be decided on this item now; its cursors must stay where they are. */
export interface Undecided {
  readonly side: Side;
  readonly id: ExternalId;
  readonly mapping?: EventMapping;
  readonly reason: string;
}

/**
 * `emptied`: the read showed nothing where three or more copies are known. `short`: it left out
 * items that a look by id finds alive.
 */
export interface Distrust {
  readonly side: Side;
  readonly why: 'emptied' | 'short';
  readonly items: number;
}

export interface SyncPlan {
  readonly actions: readonly SyncAction[];
  readonly refusals: readonly Refusal[];
  /** To be answered, and the plan made again, before any action is applied. */
  readonly questions: readonly Question[];
  readonly undecided: readonly Undecided[];
  /** Complete reads that contradict what is known: nothing is ended on their account. */
  readonly distrust: readonly Distrust[];
}
