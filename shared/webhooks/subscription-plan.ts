import { hashOf, type ResourceId } from '../model/ids.ts';
import { isLive, isResting, isSilent, type Subscription } from '../model/subscription.ts';
import { DAY_MS, MINUTE_MS } from '../model/time.ts';
import { backoffMs } from '../sync/backoff.ts';
import type { Instant } from '../util/clock.ts';

export interface SubscriptionPlanState {
  /** Resources of the bridge that are in an active mapping. */
  readonly wanted: readonly ResourceId[];
  /** What is stored of the bridge. */
  readonly stored: readonly Subscription[];
  /** Ids of those that live, by the system's own word; undefined where it did not say. */
  readonly living: ReadonlySet<string> | undefined;
  /** The terms that a resource's subscription must have. */
  readonly termsOf: (resource: ResourceId) => string;
  readonly now: Instant;
}

export type SubscriptionAction =
  /** There is none, or none of these terms: make one, and end the one of other terms. */
  | { readonly kind: 'register'; readonly resource: ResourceId; readonly stored?: Subscription }
  /** It was lost or has run out: make another, and read what was missed. */
  | { readonly kind: 'recreate'; readonly resource: ResourceId; readonly stored: Subscription }
  /** It lives, and did not announce what it should have: end it, make another, and read what was missed. */
  | { readonly kind: 'replace'; readonly resource: ResourceId; readonly stored: Subscription }
  | { readonly kind: 'renew'; readonly resource: ResourceId; readonly stored: Subscription }
  /** Nothing is mapped to it any more. */
  | { readonly kind: 'remove'; readonly resource: ResourceId; readonly stored: Subscription };

/**
 * The life of one without an end: its system can neither list nor renew it, so that one that was lost
 * there comes back only when it is made anew, at about half of this.
 */
const ENDLESS_LIFE_MS = 60 * DAY_MS;

/** Each hourly tick finds one that failed rested: its cause may be gone by then. */
const REST_MAX_MS = 30 * MINUTE_MS;

/** How long to rest after so many failures in a row, in ms, where the system did not say. */
export function subscriptionRestMs(failures: number, random: () => number): number {
  return Math.min(backoffMs(failures, random), REST_MAX_MS);
}

/**
 * What is to be done so that each wanted resource has one living subscription. Renewal is due at half
 * of its life, give or take a tenth that is the resource's own, so that a fleet is spread.
 */
export function planSubscriptions(state: SubscriptionPlanState): readonly SubscriptionAction[] {
  const byResource = new Map(state.stored.map((row) => [row.resource.toLowerCase(), row]));
  const wanted = new Map(state.wanted.map((resource) => [resource.toLowerCase(), resource]));
  const kept = [...wanted.values()].flatMap((resource) => {
    const action = actionFor(state, resource, byResource.get(resource.toLowerCase()));
    return action === undefined ? [] : [action];
  });
  const removed = state.stored
    .filter(({ resource, id, ended }) => {
      const isWanted = wanted.has(resource.toLowerCase());
      return !isWanted && (id !== undefined || ended !== true);
    })
    .filter((row) => !isResting(row, state.now))
    .map((stored) => ({ kind: 'remove', resource: stored.resource, stored }) as const);
  return [...kept, ...removed];
}

function actionFor(
  { living, termsOf, now }: SubscriptionPlanState,
  resource: ResourceId,
  stored: Subscription | undefined,
): SubscriptionAction | undefined {
  if (stored !== undefined && isResting(stored, now)) return undefined;
  if (stored?.id === undefined)
    return { kind: 'register', resource, ...(stored === undefined ? {} : { stored }) };
  if (!isLive(stored, now) || living?.has(stored.id) === false)
    return { kind: 'recreate', resource, stored };
  if (stored.terms !== termsOf(resource)) return { kind: 'register', resource, stored };
  if (isSilent(stored, now)) return { kind: 'replace', resource, stored };
  return isRenewalDue(stored, now) ? { kind: 'renew', resource, stored } : undefined;
}

/** At half of its life, moved by up to a tenth of it. */
function isRenewalDue(stored: Subscription, now: Instant): boolean {
  const { resource, renewedAt, expiresAt, endless } = stored;
  if (renewedAt === undefined) return true;
  const lifeMs = endless === true ? ENDLESS_LIFE_MS : (expiresAt ?? 0) - renewedAt;
  const share = 0.5 - 0.1 * spreadOf(resource);
  return now >= renewedAt + lifeMs * share;
}

/** 0 to 1, the same each time for one resource. */
function spreadOf(resource: ResourceId): number {
  return Buffer.from(hashOf(resource), 'base64url').readUInt16BE(0) / 0xff_ff;
}
