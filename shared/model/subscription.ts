import type { Instant } from '../util/clock.ts';
import type { BridgeKey, ResourceId } from './ids.ts';

/** That a calendar system tells us of the changes of one resource; one, however many pairs it is in. */
export interface Subscription {
  readonly bridge: BridgeKey;
  readonly resource: ResourceId;
  /** As its system names it; absent where there is none now. */
  readonly id?: string;
  /** Where notices go, with all that was asked for beside it: another value means another subscription. */
  readonly terms?: string;
  readonly renewedAt?: Instant;
  readonly expiresAt?: Instant;
  /** It does not end by itself: there is no `expiresAt`. */
  readonly endless?: true;
  /** Tries in a row that failed, why the last one did, and when the next is. */
  readonly failures: number;
  readonly failure?: string;
  readonly retryAt?: Instant;
  /** It was ended: the row stays. */
  readonly ended?: true;
}

export type SubscriptionStatus = 'active' | 'failing' | 'expired' | 'ended';

/** Whether its system should have it, by what is stored. */
export function isLive(
  { id, expiresAt, endless }: Pick<Subscription, 'id' | 'expiresAt' | 'endless'>,
  now: Instant,
): boolean {
  if (id === undefined) return false;
  return endless === true || (expiresAt !== undefined && expiresAt > now);
}

/** What a subscription is at a time: `failing` also where it lives, and could not be renewed. */
export function statusOfSubscription(subscription: Subscription, now: Instant): SubscriptionStatus {
  const { failures, ended } = subscription;
  if (ended === true) return 'ended';
  if (failures > 0) return 'failing';
  return isLive(subscription, now) ? 'active' : 'expired';
}
