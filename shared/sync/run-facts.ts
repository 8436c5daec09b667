import type { Side } from '../model/ids.ts';
import type { Pair, PairPolicy } from '../model/pair.ts';
import type { HeldLease } from '../stores/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { adviceFor } from './advice.ts';
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
  const after: Partial<Record<Side, Instant>> = { ...before };
  for (const fault of faultsIn(error)) {
    const until = untilOf(fault.error.retryAfterMs, now);
    if (until !== undefined) after[fault.side] = until;
  }
  return after;
}

/** Only what a bridge said of itself goes out; anything else is a defect, and stays in the log. */
export function faultOf(error: unknown): NonNullable<RunReport['error']> {
  if (error instanceof SideError) {
    const told = faultsIn(error).map(({ message, error: { kind } }) =>
      [message, adviceFor(kind)].join('; '),
    );
    return { kind: error.error.kind, message: told.join('. ') };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'internal', message: `the run ended unexpectedly (${name}); see the log` };
}

function faultsIn(error: SideError): readonly SideError[] {
  return error.other === undefined ? [error] : [error, error.other];
}
