import type { Instant } from '../util/clock.ts';
import type { Field } from './fields.ts';
import type { ExternalId, MappingId, PairId, RunId, Side, TenantId } from './ids.ts';
import type { InstantRange } from './time.ts';

/** `equal`: nothing differs. `explained`: all that differs has a reason. `unexplained`: it has not. */
export const VERDICTS = ['equal', 'explained', 'unexplained'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One event in which the two sides differ: ids and names of fields, no content. */
export interface Difference {
  readonly kind: 'only-a' | 'only-b' | 'fields';
  readonly mappingId?: MappingId;
  readonly a?: ExternalId;
  readonly b?: ExternalId;
  /** Those that differ, where both copies are there. */
  readonly fields: readonly Field[];
  /** The rule that explains it; `unexplained` where none does. */
  readonly rule: string;
  readonly reason: string;
  /** The next run does away with it. */
  readonly isPending: boolean;
}

export interface Verification {
  readonly verdict: Verdict;
  /** Events with equal copies on both sides. */
  readonly equal: number;
  readonly explained: number;
  readonly unexplained: number;
  /** Of the explained ones: those that the next run does away with. */
  readonly pending: number;
  /** Of the explained ones: those that wait in a hold. */
  readonly held: number;
  /** Items that each read showed. */
  readonly shown: Readonly<Record<Side, number>>;
  /** Fields that both systems can hold, and that were compared. */
  readonly compared: readonly Field[];
  /** Fields of them that some of the items did not show. */
  readonly hidden: readonly Field[];
  /** How many differences each rule explains. */
  readonly byRule: Readonly<Record<string, number>>;
  /** What nothing explains first. */
  readonly differences: readonly Difference[];
}

/** The last verification of a pair, with as many differences as there is room for. */
export interface StoredVerification extends Verification {
  readonly pairId: PairId;
  readonly runId: RunId;
  readonly verifiedAt: Instant;
  readonly window: InstantRange;
  /** Differences for which there was no room. */
  readonly omitted: number;
}

/**
 * `not-found`: no such pair, or one that has ended. `busy`: a run holds it, until then at the latest.
 * `blocked`: a side asked us to stay away until then.
 */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  readonly kind: 'not-found' | 'busy' | 'blocked';
  readonly until: Instant | undefined;

  constructor(kind: VerifyError['kind'], message: string, until?: Instant) {
    super(message);
    this.kind = kind;
    this.until = until;
  }
}

export interface VerifyOptions {
  readonly runId: RunId;
  /** Also what a list does not show is read, by id: a request an event at some systems. */
  readonly deep?: boolean;
}

export interface VerifyPort {
  /**
   * Reads both sides of a pair completely and says in what they differ, and why. Nothing is changed
   * on either side; a paused pair can be verified too. It is stored as a run, and with the pair.
   * @throws VerifyError; BridgeError where a side does not answer
   */
  verify(tenantId: TenantId, pairId: PairId, options: VerifyOptions): Promise<StoredVerification>;
}
