import type { BridgeCapabilities } from '../model/capabilities.ts';
import type { BridgeError } from '../model/errors.ts';
import type { EventContent, Field } from '../model/fields.ts';
import type { BridgeKey, ExternalId, MappingId, ResourceId } from '../model/ids.ts';
import type {
  NativeVersion,
  Snapshot,
  SnapshotItem,
  Stamp,
  Verdict,
  Window,
} from '../model/snapshot.ts';
import type { InstantRange } from '../model/time.ts';
import type { Instant } from '../util/clock.ts';
import type { PushSource } from './push-source.ts';

/** A room, piece of equipment or calendar that can be one end of a pair. */
export interface CalendarResource {
  readonly id: ResourceId;
  readonly name: string;
  readonly email?: string;
  readonly description?: string;
  readonly kind: 'room' | 'equipment' | 'calendar' | 'other';
  readonly capacity?: number;
}

/** A group whose members are rooms or people, where the system has such. */
export interface CalendarGroup {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly description?: string;
}

/** One pass's hold on the outside: asked before every remote call, pages included. */
export interface CallContext {
  /** Renews the lease where it is time. @throws where the pass may not go on. */
  beforeCall(): Promise<void>;
}

export interface CreateWrite {
  readonly kind: 'create';
  readonly mappingId: MappingId;
  readonly content: EventContent;
  /** The same for every try of one create, another for each generation. */
  readonly idempotencyKey: string;
  readonly stamp: Stamp;
}

export interface UpdateWrite {
  readonly kind: 'update';
  readonly mappingId: MappingId;
  readonly id: ExternalId;
  /** The fields to set, and `content` to take them from. */
  readonly fields: readonly Field[];
  readonly content: EventContent;
  /** What the decision was made on; honoured where `conditionalWrites`. */
  readonly version?: NativeVersion;
  readonly stamp: Stamp;
  /** We made it inactive (`suspend`): write it all the same. Else an inactive item is `missing`. */
  readonly suspended?: true;
}

export interface CancelWrite {
  /** Delete, or make inactive with a note where the system keeps cancelled items. */
  readonly kind: 'cancel';
  readonly mappingId: MappingId;
  readonly id: ExternalId;
  readonly version?: NativeVersion;
}

/** Only where `suspends`: gives up, or takes again, the slot of an item without ending it. */
export interface SlotWrite {
  readonly kind: 'suspend' | 'resume';
  readonly mappingId: MappingId;
  readonly id: ExternalId;
}

export type BridgeWrite = CreateWrite | UpdateWrite | CancelWrite | SlotWrite;

/** What became of one write. Expected results are values; only the unexpected throws. */
export type WriteOutcome =
  /** Done; `item` is the system's own account of it (absent for a cancel). */
  | { readonly kind: 'applied'; readonly item?: SnapshotItem }
  /** The item has moved since `version`: decide again on what it is now. */
  | { readonly kind: 'stale' }
  /** The item to write is not there any more. */
  | { readonly kind: 'missing' }
  /** A create was made before: by us (`item`), or made and removed (`item` absent). */
  | { readonly kind: 'duplicate'; readonly item?: SnapshotItem }
  /** The slot is taken by something that is not ours. */
  | { readonly kind: 'slot-taken'; readonly detail: string }
  | { readonly kind: 'failed'; readonly error: BridgeError };

/** An item to look for, and since when it has been missed. */
export interface Candidate {
  readonly id: ExternalId;
  readonly missingSince?: Instant;
  /** We made it inactive (`suspend`): inactive is then `alive` with `suspended`, not `gone`. */
  readonly suspended?: true;
}

export interface BridgeHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** What was tried and, where it failed, the operator's next step. */
  readonly detail: string;
  readonly responseMs: number;
}

/** A calendar system as the engine sees it. Every method may throw `BridgeError`. */
export interface CalendarBridge {
  readonly key: BridgeKey;
  readonly capabilities: BridgeCapabilities;
  /** Moves when the mapper reads or writes differently: both sides are then read completely. */
  readonly mapperVersion: number;
  listResources(): Promise<readonly CalendarResource[]>;
  /** Only where the system has groups. */
  listGroups?(): Promise<readonly CalendarGroup[]>;
  /**
   * Items of a person's own calendar that touch the range, live and never stored; only where the
   * system has such calendars. What is private shows its slot alone.
   */
  readUserItems?(
    userId: string,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly SnapshotItem[]>;
  /**
   * All changes since `cursor`, or everything in `window` without one.
   * @throws BridgeError `cursor-expired`, `invalid-response` where paging does not end, …
   */
  readChanges(
    resource: ResourceId,
    cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot>;
  /** Each id with everything a read by id can show, in the order asked. */
  readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]>;
  /**
   * Whether the items are gone, in the order asked: by id where the system can; else `gone` only
   * after two complete reads at least 5 min apart (`missingSince`), the second over −30/+400 days.
   */
  confirmGone(
    resource: ResourceId,
    candidates: readonly Candidate[],
    window: Window,
    context: CallContext,
  ): Promise<readonly Verdict[]>;
  /** Applies the writes in any order; outcomes in the order asked. */
  write(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]>;
  checkHealth(): Promise<BridgeHealth>;
  /** Only where the system announces changes (`capabilities.push`). */
  readonly push?: PushSource;
}

/** For calls outside a pass. */
export const UNBOUNDED: CallContext = { beforeCall: async () => {} };
