import type { Instant } from '../util/clock.ts';
import type { BridgeKey, ResourceId } from './ids.ts';
import { MINUTE_MS } from './time.ts';

/** That a calendar system tells us of the changes of one resource; one, however many pairs it is in. */
export interface Subscription {
  readonly bridge: BridgeKey;
  readonly resource: ResourceId;
  /** As its system names it; absent where there is none now. */
  readonly id?: string;
  /** Where notices go, with all that was asked for beside it: another value means another subscription. */
  readonly terms?: string;
  /** When it was made, or taken over; renewals leave it. */
  readonly madeAt?: Instant;
  readonly renewedAt?: Instant;
  readonly expiresAt?: Instant;
  /** It does not end by itself: there is no `expiresAt`. */
  readonly endless?: true;
  /** Tries in a row that failed, why the last one did, and when the next is. */
  readonly failures: number;
  readonly failure?: string;
  readonly retryAt?: Instant;
  /** When a notice last came, give or take `HEARD_STEP_MS`. */
  readonly heardAt?: Instant;
  /** When a read found a change that nothing had announced. */
  readonly unannouncedAt?: Instant;
  /** Since when it was made again for its silence, and is not relied on until something is heard. */
  readonly silentSince?: Instant;
  /** It was ended: the row stays. */
  readonly ended?: true;
  /** Somebody is making, renewing or ending it, and has so long to be done. */
  readonly claimedUntil?: Instant;
}

/** A notice is noted where the last one noted is older than this. */
export const HEARD_STEP_MS = 5 * MINUTE_MS;
/** A change that was found otherwise is announced within this time, or its subscription is dead. */
export const ANNOUNCED_WITHIN_MS = 10 * MINUTE_MS;

export type SubscriptionStatus = 'active' | 'silent' | 'failing' | 'expired' | 'ended';

/** Whether its system should have it, by what is stored. */
export function isLive(
  { id, expiresAt, endless }: Pick<Subscription, 'id' | 'expiresAt' | 'endless'>,
  now: Instant,
): boolean {
  if (id === undefined) return false;
  return endless === true || (expiresAt !== undefined && expiresAt > now);
}

/** Whether somebody is at it: what is stored of it may be over already, or not be all yet. */
export function isClaimed({ claimedUntil }: Subscription, now: Instant): boolean {
  return claimedUntil !== undefined && claimedUntil > now;
}

/** Whether its system has asked for a rest, or a failure has. */
export function isResting({ retryAt }: Subscription, now: Instant): boolean {
  return retryAt !== undefined && retryAt > now;
}

/** Whether it can be relied on: it lives, nothing fails, and nothing went unannounced since it was last heard. */
export function isHealthy(subscription: Subscription, now: Instant): boolean {
  return isLive(subscription, now) && subscription.failures === 0 && !isDoubted(subscription);
}

/** Whether a change went unannounced, and nothing was heard since. */
export function isDoubted({
  heardAt = 0 as Instant,
  unannouncedAt,
  silentSince,
}: Subscription): boolean {
  return [unannouncedAt, silentSince].some((since) => since !== undefined && since >= heardAt);
}

/**
 * Whether another change that it did not announce is news: it is relied on, or the one noted so far came
 * so soon after a notice that this may have been its own.
 */
export function isNewsOf(subscription: Subscription, now: Instant): boolean {
  const { heardAt = 0 as Instant, unannouncedAt, failures } = subscription;
  if (!isLive(subscription, now) || failures > 0) return false;
  const isUndecided =
    unannouncedAt !== undefined &&
    unannouncedAt >= heardAt &&
    unannouncedAt - heardAt <= ANNOUNCED_WITHIN_MS;
  return !isDoubted(subscription) || isUndecided;
}

/**
 * Whether it is dead, though its system says that it lives: a change was not announced in its time,
 * and nothing else was either, before or after.
 */
export function isSilent(
  { heardAt = 0 as Instant, unannouncedAt }: Subscription,
  now: Instant,
): boolean {
  return (
    unannouncedAt !== undefined &&
    now - unannouncedAt >= ANNOUNCED_WITHIN_MS &&
    unannouncedAt - heardAt > ANNOUNCED_WITHIN_MS
  );
}

/**
 * What a subscription is at a time: `failing` also where it lives, and could not be renewed; `silent`
 * where it lives, and a change that it should have announced was found otherwise.
 */
export function statusOfSubscription(subscription: Subscription, now: Instant): SubscriptionStatus {
  const { failures, ended } = subscription;
  if (ended === true) return 'ended';
  if (failures > 0) return 'failing';
  if (!isLive(subscription, now)) return 'expired';
  return isDoubted(subscription) ? 'silent' : 'active';
}
