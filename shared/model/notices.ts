import type { BridgeKey, TenantId } from './ids.ts';
import type { Subscription } from './subscription.ts';

/** What became of the items of one POST. */
export interface TakenNotices {
  readonly taken: number;
  /** Not what an item must be; not made by us; of another tenant than the address names. */
  readonly refused: Readonly<Record<'malformed' | 'forged' | 'stranger', number>>;
}

/** Takes what systems announce. */
export interface NoticePort {
  /**
   * Queues what is meant for the tenant; touches nothing but the queue. Undefined where the body is no
   * body of notices, or nobody was asked to send any.
   * @throws QueueError: the system then sends it again.
   */
  take(tenantId: TenantId, bridge: BridgeKey, body: unknown): Promise<TakenNotices | undefined>;
}

/** What people do with subscriptions. */
export interface SubscriptionPort {
  list(tenantId: TenantId, bridge: BridgeKey): Promise<readonly Subscription[]>;
  /** Makes, renews and ends what is due. */
  renewTenant(tenantId: TenantId, only?: BridgeKey): Promise<void>;
  /** What is stored of it afterwards; its `failure` says what went wrong. */
  renew(tenantId: TenantId, subscription: Subscription): Promise<Subscription>;
  remove(tenantId: TenantId, subscription: Subscription): Promise<Subscription>;
}
