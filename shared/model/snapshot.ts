import type { Instant } from '../util/clock.ts';
import type { CalendarEvent } from './event.ts';
import type { Field } from './fields.ts';
import type { ExternalId, MappingId, PairId, ResourceId } from './ids.ts';
import type { InstantRange } from './time.ts';

/** The range both sides of a pair are read over. `version` moves whenever the range does. */
export interface Window extends InstantRange {
  readonly version: number;
}

/**
 * What we may do to an item: everything; nothing but decline it (a person's meeting in a room);
 * nothing at all (rows the other system owns, such as allocations).
 */
export type Rights = 'full' | 'decline' | 'none';

/**
 * Something that moves with each change of an item. `etag`: the system's own. `raw`: the row as it
 * was read, in a stable form, where the system has no version; only its HMAC is ever stored.
 */
export type NativeVersion = { readonly etag: string } | { readonly raw: string };

/** What we write on our copies (features L1), so that they are known again without our tables. */
export interface Stamp {
  /** BridgeSource: the bridge key of the system where the event was born. */
  readonly source: string;
  /** BridgeEventId: its id there. */
  readonly sourceId: ExternalId;
  readonly pairId: PairId;
  readonly mappingId: MappingId;
}

/**
 * `unread`: the item looks like one of ours, but this read could not show its stamp; a read by id
 * can. `none`: it surely has none.
 */
export type StampReading =
  | { readonly state: 'none' }
  | { readonly state: 'unread' }
  | { readonly state: 'read'; readonly stamp: Stamp };

export type UnsupportedReason = 'series' | 'zero-length' | 'end-before-start' | 'free';

/** One item as one side shows it. */
export interface SnapshotItem {
  readonly id: ExternalId;
  readonly event: CalendarEvent;
  /** The fields this read could show. Another one is unknown, whatever `event` holds there. */
  readonly shown: readonly Field[];
  readonly version: NativeVersion;
  readonly lastModified?: Instant;
  readonly rights: Rights;
  /**
   * Other resources that hold this same item: taking it away here would take it away there. Absent
   * where this read cannot tell; a read by id can.
   */
  readonly sharedWith?: readonly ResourceId[];
  readonly stamp: StampReading;
  /** The series that it is an occurrence of: all of one count as one for the brake. */
  readonly masterId?: ExternalId;
  /** When its series first put it: with `masterId` its key, also where it was moved since. */
  readonly originalStart?: Instant;
  /** Why the bridge cannot carry it yet. Such an item is refused, and nothing of it is touched. */
  readonly unsupported?: UnsupportedReason;
  /** Present, but inactive: in the middle of an exchange of slots (see `suspend`). */
  readonly suspended?: true;
}

/**
 * What a read of one resource showed. Only a `complete` snapshot says anything by silence, and only
 * inside its window; `removed` of a `changes` one is a hint that must be confirmed.
 */
export type Snapshot =
  | {
      readonly kind: 'complete';
      readonly window: Window;
      readonly items: readonly SnapshotItem[];
      /** For the next read; absent where the system has no such thing. */
      readonly cursor?: string;
    }
  | {
      readonly kind: 'changes';
      readonly window: Window;
      readonly items: readonly SnapshotItem[];
      readonly removed: readonly ExternalId[];
      readonly seriesScopes: readonly SeriesScope[];
      readonly cursor: string;
    };

/** A re-sent series: an occurrence of it in `window` that is not among these is gone. */
export interface SeriesScope {
  readonly masterId: ExternalId;
  readonly window: InstantRange;
  readonly occurrences: readonly ExternalId[];
}

/** What a look at one id found. Only `gone` and `elsewhere` may end a mapping. */
export type Verdict =
  | { readonly kind: 'alive'; readonly item: SnapshotItem }
  /** It lives, but no longer on this resource. */
  | { readonly kind: 'elsewhere' }
  /** Deleted or inactive, while the resource itself answers. */
  | { readonly kind: 'gone' }
  /** Cannot be said now. `unlisted`: no read by id, and a complete list far around does not show it. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly unlisted?: true };
