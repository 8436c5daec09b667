import type { Hold, HoldDecision, HoldId } from '../model/hold.ts';
import type { TenantId } from '../model/ids.ts';

export type TenantHold = Hold & { readonly tenantId: TenantId };

/** `unknown`: the tenant has no such hold. The others: too late. */
export type HoldFault = 'unknown' | 'already-decided' | 'expired';

export class HoldError extends Error {
  override readonly name = 'HoldError';
  readonly kind: HoldFault;

  constructor(kind: HoldFault, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Batches of changes that wait for a person, as people see and decide them. */
export interface HoldStore {
  /** The last hold of each kind on each side of each pair, those that wait first, newest first. */
  list(tenantId: TenantId): Promise<readonly TenantHold[]>;
  get(tenantId: TenantId, holdId: HoldId): Promise<TenantHold | undefined>;
  /**
   * Notes the decision and has the pair looked at; that run carries it out.
   * @param who decides, for the audit: the name of a person or key, never a key
   * @throws HoldError
   */
  decide(
    tenantId: TenantId,
    holdId: HoldId,
    decision: HoldDecision,
    who: string,
  ): Promise<TenantHold>;
}
