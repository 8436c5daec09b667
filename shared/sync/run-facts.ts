import type { Side } from '../model/ids.ts';
import type { Pair, PairPolicy } from '../model/pair.ts';
import type { HeldLease } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { untilOf } from './application.ts';
import type { PassResult } from './pass.ts';
import { SideError } from './reading.ts';
import type { RunReport } from './run-report.ts';

const TITLES: Readonly<Record<TenantConfig['locale'], string>> = {
  nb: 'Opptatt',
  nn: 'Oppteken',
  en: 'Busy',
};

export function hasWait({ waitMs }: PassResult): boolean {
  return (waitMs.a ?? 0) > 0 || (waitMs.b ?? 0) > 0;
}

export function policyOf(pair: Pair, tenant: TenantConfig): PairPolicy {
  return {
    direction: pair.direction,
    conflictPolicy: pair.conflictPolicy,
    timeZone: tenant.timeZone,
    defaultTitle: TITLES[tenant.locale],
  };
}

export function blockedAfter(
  error: unknown,
  lease: HeldLease,
  now: Instant,
): Readonly<Partial<Record<Side, Instant>>> {
  const before = lease.control.lease.blockedUntil;
  if (!(error instanceof SideError)) return before;
  const failed = [error, ...(error.other === undefined ? [] : [error.other])];
  const waits = failed.flatMap(({ side, error: { retryAfterMs } }) => {
    const until = untilOf(retryAfterMs, now);
    return until === undefined ? [] : [[side, until] as const];
  });
  return { ...before, ...Object.fromEntries(waits) };
}

/** Only what a bridge said of itself goes out; anything else is a defect, and stays in the log. */
export function faultOf(error: unknown): NonNullable<RunReport['error']> {
  if (error instanceof SideError) return { kind: error.error.kind, message: error.message };
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'internal', message: `the run ended unexpectedly (${name}); see the log` };
}
