import type { BridgeKey, TenantId } from './ids.ts';
import type { Subscription } from './subscription.ts';

/** What a system may say of a subscription itself. */
export const LIFECYCLE = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const;
export type Lifecycle = (typeof LIFECYCLE)[number];

/** A POST of announcements as it came: nothing of it is believed yet. */
export interface NoticePost {
  readonly bytes: Uint8Array;
  header(name: string): string | undefined;
  /** `client_state` of the query, where contracts without a state of their own bring ours back. */
  readonly clientState: string | undefined;
}

/** Items that were not taken, by why. */
export interface RefusedNotices {
  /** Not what an item must be. */
  readonly malformed: number;
  /** Not made by us. */
  readonly forged: number;
  /** Of another tenant than the address names. */
  readonly stranger: number;
}

/** What became of one POST. */
export type TakenNotices =
  | { readonly kind: 'taken'; readonly taken: number; readonly refused: RefusedNotices }
  /** The contract signs, and the header so named does not fit the body: nothing of it was read. */
  | { readonly kind: 'unsigned'; readonly header: string }
  /** No body of notices, or nobody was asked to send any. */
  | { readonly kind: 'none' };

/** Takes what systems announce. */
export interface NoticePort {
  /**
   * Queues what is meant for the tenant; touches nothing but the queue.
   * @throws QueueError: a system that tries again then sends it again.
   */
  take(tenantId: TenantId, bridge: BridgeKey, post: NoticePost): Promise<TakenNotices>;
}

/** What people do with subscriptions. */
export interface SubscriptionPort {
  /** Whether there is an address for notices, and a secret to know them by. */
  readonly canBeTold: boolean;
  list(tenantId: TenantId, bridge: BridgeKey): Promise<readonly Subscription[]>;
  /** Makes, renews and ends what is due. */
  renewTenant(tenantId: TenantId, only?: BridgeKey): Promise<void>;
  /**
   * What is stored of it afterwards; its `failure` says what went wrong. Undefined where somebody else
   * is at it, or has been since it was read.
   */
  renew(tenantId: TenantId, subscription: Subscription): Promise<Subscription | undefined>;
  /** As `renew`. */
  remove(tenantId: TenantId, subscription: Subscription): Promise<Subscription | undefined>;
}
