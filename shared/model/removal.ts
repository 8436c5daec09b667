import type { Instant } from '../util/clock.ts';
import type { ExternalId, MappingId, PairId, Side, TenantId } from './ids.ts';
import type { RunReport } from './run.ts';

/** Why a copy is removed or kept. Stable: logs and clients name them. */
export type RemovalRule =
  | 'made-by-us'
  | 'not-ours'
  | 'rights'
  | 'changed'
  | 'shared'
  | 'past'
  | 'gone'
  | 'elsewhere'
  | 'original-gone'
  | 'unconfirmed'
  | 'unanswered'
  | 'suspended';

/** What becomes of one copy when its pair ends. */
export interface RemovalItem {
  readonly mappingId: MappingId;
  /** The side of the copy. */
  readonly side: Side;
  /** Absent where it is not known whether the copy was made. */
  readonly eventId?: ExternalId;
  readonly action: 'remove' | 'keep';
  readonly rule: RemovalRule;
  readonly reason: string;
  /** An earlier try has removed it. */
  readonly done?: true;
}

export interface RemovalPlan {
  readonly pairId: PairId;
  readonly items: readonly RemovalItem[];
  /** To be given back to have this plan carried out; another for each other plan. */
  readonly confirm: string;
}

/** Who asked, for the audit. */
export interface RemovalAuthor {
  /** An API key's name; never a key. */
  readonly who: string;
  readonly requestId?: string;
}

export interface RemovalResult {
  /** Stored as a run of the pair, cause `removal`; `partial` where copies are left. */
  readonly report: RunReport;
  /** Copies that are removed by now, by this or an earlier try. */
  readonly removed: number;
  readonly kept: number;
  /** Copies still to be removed: ask again with the same or, where they changed, a new plan. */
  readonly left: number;
}

/**
 * `not-found`: no such pair. `busy`: another run holds it, until then at the latest. `blocked`: a side
 * asked us to stay away until then. `plan-changed`: the copies are not what was confirmed; `plan` is
 * what would be done now. Nothing was changed.
 */
export class RemovalError extends Error {
  override readonly name = 'RemovalError';
  readonly kind: 'not-found' | 'busy' | 'blocked' | 'plan-changed';
  readonly until: Instant | undefined;
  readonly plan: RemovalPlan | undefined;

  constructor(
    kind: RemovalError['kind'],
    message: string,
    details: { readonly until?: Instant | undefined; readonly plan?: RemovalPlan } = {},
  ) {
    super(message);
    this.kind = kind;
    this.until = details.until;
    this.plan = details.plan;
  }
}

export interface RemovalPort {
  /**
   * What would be done, by a look at every copy and original; nothing is changed.
   * @throws RemovalError `not-found`; BridgeError where a side does not answer
   */
  plan(tenantId: TenantId, pairId: PairId): Promise<RemovalPlan>;
  /**
   * Ends the pair and removes the copies it made, if that is still the plan that `confirm` is of.
   * Called again, it finishes what a crash or a side that stopped answering left.
   * @throws RemovalError, StorageError; BridgeError where a side does not answer before anything is
   *   changed
   */
  apply(
    tenantId: TenantId,
    pairId: PairId,
    confirm: string,
    by?: RemovalAuthor,
  ): Promise<RemovalResult>;
}
