import type { Brand } from '../util/brand.ts';
import type { Instant } from '../util/clock.ts';
import type { ExternalId, MappingId, PairId, Side } from './ids.ts';

/** Names its pair, side, kind and beginning, so that it leads to its hold without an index. */
export type HoldId = Brand<string, 'HoldId'>;

/** `deletions`: items went away on `side`. `creates`: copies were about to be made on `side`. */
export type HoldKind = 'deletions' | 'creates';

/** Everything but `open` is final; the items may still wait to be carried out (`closedAt`). */
export type HoldState = 'open' | 'approved' | 'rejected' | 'withdrawn' | 'expired';

export type HoldDecision = 'approve' | 'reject';

/** What the brake takes for too much. Strictly more than each of the numbers. */
export interface BrakeLimits {
  readonly deletionsMin: number;
  readonly deletionsPercent: number;
  readonly createsMin: number;
  /** A hold nobody decides counts as rejected after so many hours. */
  readonly holdHours: number;
}

export const BRAKE_DEFAULTS: BrakeLimits = {
  deletionsMin: 10,
  deletionsPercent: 30,
  createsMin: 200,
  holdHours: 72,
};

/**
 * Why the brake tripped. `emptied`: the side showed nothing where three or more events are mapped.
 * `pair`, `tenant`: too many and too large a share went away there. `flood`: too many copies.
 */
export interface Trip {
  readonly rule: 'emptied' | 'pair' | 'tenant' | 'flood';
  /** Events of this batch. */
  readonly count: number;
  /** The same within 24 h before it, that a system of this rule's reach has let pass. */
  readonly recent: number;
  /** Mapped events that the share is of, those of `recent` included. */
  readonly known: number;
  /** (`count` + `recent`) of `known`, cut to a whole number. */
  readonly percent: number;
  readonly min: number;
  readonly percentMax: number;
}

/** What one side's read was like when the hold began. */
export interface SideEvidence {
  readonly read: 'complete' | 'changes';
  readonly shown: number;
  /** Events mapped with a live copy there. */
  readonly known: number;
}

/** One of the events in a hold: ids and times, no content. */
export interface HoldSample {
  readonly mappingId: MappingId;
  readonly a?: ExternalId;
  readonly b?: ExternalId;
  readonly start: Instant;
  readonly end: Instant;
}

/** A batch of changes that waits for a person. At most one is open a pair, side and kind. */
export interface Hold {
  readonly id: HoldId;
  readonly pairId: PairId;
  readonly side: Side;
  readonly kind: HoldKind;
  readonly since: Instant;
  readonly why: Trip;
  readonly evidence: Readonly<Record<Side, SideEvidence>>;
  readonly samples: readonly HoldSample[];
  /** Events that are in it now. */
  readonly items: number;
  readonly expiresAt: Instant;
  readonly state: HoldState;
  readonly decidedBy?: string;
  readonly decidedAt?: Instant;
  /** When the last of its events was settled. */
  readonly closedAt?: Instant;
  /** When, and up to which mapping, events in it were last looked at by id. */
  readonly lookedAt?: Instant;
  readonly lookedTo?: MappingId;
}

export function holdIdOf(pairId: PairId, side: Side, kind: HoldKind, since: Instant): HoldId {
  return `${pairId}.${side}.${kind}.${since.toString(36)}` as HoldId;
}

/** Where the hold is stored; undefined for a text that is no id of a hold. */
export function parseHoldId(
  text: string,
): { readonly pairId: PairId; readonly side: Side; readonly kind: HoldKind } | undefined {
  const match = /^([\w-]{1,64})\.([ab])\.(deletions|creates)\.[0-9a-z]{1,12}$/.exec(text);
  if (match === null) return undefined;
  const [, pairId, side, kind] = match;
  return { pairId: pairId as PairId, side: side as Side, kind: kind as HoldKind };
}

/** Decided or not, some of its events still wait. */
export function isPending({ closedAt }: Hold): boolean {
  return closedAt === undefined;
}
