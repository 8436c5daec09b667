import { MINUTE_MS } from '../model/time.ts';
import type { HeldLease, LeaseFacts, LeaseFactsPatch } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { untilOf } from './application.ts';
import type { PassResult } from './pass.ts';
import { blockedAfter } from './run-facts.ts';
import { TICK_SLACK_MS } from './schedule.ts';

type Backoff = (failures: number) => number;

/** What the lease says once a pass was made. */
export function factsAfterPass(
  tenant: Pick<TenantConfig, 'syncFrequencyMinutes'>,
  { finished, waitMs, done }: Pick<PassResult, 'finished' | 'waitMs' | 'done'>,
  before: LeaseFacts,
  backoff: Backoff,
  now: Instant,
): LeaseFactsPatch {
  const a = untilOf(waitMs.a, now);
  const b = untilOf(waitMs.b, now);
  const isBroken = done.some(({ outcome, isParked }) => outcome === 'failed' && isParked !== true);
  // A wait that was asked for says itself when to come again.
  const isAskedToWait = a !== undefined || b !== undefined;
  return {
    ...(isBroken && !isAskedToWait ? failing(before, backoff, now) : finished ? RECOVERED : {}),
    blockedUntil: { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) },
    ended: false,
    nextDueAt: nextDueAt(tenant, now),
    ...(finished ? { readAt: now } : {}),
  };
}

/** When a timer's job is due again; undefined: at once. */
export function nextDueAt(
  { syncFrequencyMinutes }: Pick<TenantConfig, 'syncFrequencyMinutes'>,
  now: Instant,
): Instant | undefined {
  const frequencyMs = Math.max(0, syncFrequencyMinutes * MINUTE_MS - TICK_SLACK_MS);
  return frequencyMs === 0 ? undefined : ((now + frequencyMs) as Instant);
}

/** What it says after a pass that could not be made. */
export function factsAfterFailure(
  error: unknown,
  lease: HeldLease,
  backoff: Backoff,
  now: Instant,
): LeaseFactsPatch & Pick<LeaseFacts, 'blockedUntil'> {
  const blockedUntil = blockedAfter(error, lease, now);
  return { ...failing(lease.control.lease, backoff, now), blockedUntil };
}

const RECOVERED = { failures: 0, failingSince: undefined, retryAt: undefined } as const;

function failing(before: LeaseFacts, backoff: Backoff, now: Instant): LeaseFactsPatch {
  const failures = before.failures + 1;
  return {
    failures,
    failingSince: before.failingSince ?? now,
    retryAt: (now + backoff(failures)) as Instant,
  };
}

/** Until when the pair rests, whoever asked for it. */
export function restUntil(
  { blockedUntil = {}, retryAt }: LeaseFactsPatch,
  now: Instant,
): Instant | undefined {
  const until = Math.max(blockedUntil.a ?? 0, blockedUntil.b ?? 0, retryAt ?? 0) as Instant;
  return until > now ? until : undefined;
}
