import type { LiveSubscription } from '../bridges/push-source.ts';
import type { Subscription } from '../model/subscription.ts';
import type { Instant } from '../util/clock.ts';

/** What went unannounced is dealt with; it is not relied on until something is heard. */
export function silenced({ unannouncedAt, ...rest }: Subscription): Subscription {
  return unannouncedAt === undefined ? rest : { ...rest, silentSince: unannouncedAt };
}

/** Nobody is at it any more. */
export function released(subscription: Subscription): Subscription {
  const { claimedUntil: _, ...rest } = subscription;
  return rest;
}

export function withoutId(subscription: Subscription): Subscription {
  const { id: _, terms: _t, expiresAt: _x, endless: _n, ...rest } = subscription;
  return rest;
}

/** What it was asked for with, and when: a renewal leaves that. */
export function askedWith({ terms, madeAt }: Subscription): Pick<Subscription, 'terms' | 'madeAt'> {
  return {
    ...(terms === undefined ? {} : { terms }),
    ...(madeAt === undefined ? {} : { madeAt }),
  };
}

/** What is known of its announcing, which outlives it. */
export function heardOf({
  heardAt,
  unannouncedAt,
  silentSince,
}: Subscription): Pick<Subscription, 'heardAt' | 'unannouncedAt' | 'silentSince'> {
  return {
    ...(heardAt === undefined ? {} : { heardAt }),
    ...(unannouncedAt === undefined ? {} : { unannouncedAt }),
    ...(silentSince === undefined ? {} : { silentSince }),
  };
}

/** What is stored of one that is there since now, or was renewed. */
export function lifeOf(
  { id, expiresAt }: LiveSubscription,
  now: Instant,
): Pick<Subscription, 'id' | 'renewedAt' | 'expiresAt' | 'endless'> {
  return { id, renewedAt: now, ...(expiresAt === undefined ? { endless: true } : { expiresAt }) };
}

/** What is stored of one that is over. */
export function withoutLife({ bridge, resource, renewedAt }: Subscription): Subscription {
  const ended = { bridge, resource, failures: 0, ended: true } as const;
  return renewedAt === undefined ? ended : { ...ended, renewedAt };
}
