import type { Side } from '../model/ids.ts';
import type { Pair, PairPolicy } from '../model/pair.ts';
import type { HeldLease } from '../stores/ports.ts';
import { defaultTitleOf } from '../tenants/default-title.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Instant } from '../util/clock.ts';
import { adviceFor } from './advice.ts';
import { untilOf } from './application.ts';
import type { PassResult } from './pass.ts';
import { SideError } from './reading.ts';
import type { RunReport } from './run-report.ts';
import { queuedIdOf, type RunRequest } from './run-request.ts';

export function hasWait({ waitMs }: PassResult): boolean {
  return (waitMs.a ?? 0) > 0 || (waitMs.b ?? 0) > 0;
}

export function policyOf(pair: Pair, tenant: TenantConfig): PairPolicy {
  return {
    direction: pair.direction,
    conflictPolicy: pair.conflictPolicy,
    timeZone: tenant.timeZone,
    defaultTitle: defaultTitleOf(tenant),
    copiesFree: tenant.copiesFree,
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

/**
 * Whether the report is stored: where somebody asked for the run by its id, or where it did, decided
 * or failed at something. A timer's run that had nothing to do leaves nothing behind. A queued run
 * that cannot be done now stays queued.
 */
export function isKept(request: RunRequest, { outcome, actions }: RunReport): boolean {
  const { runId } = request;
  if (outcome === 'busy' || outcome === 'blocked')
    return runId !== undefined && queuedIdOf(request) === undefined;
  return runId !== undefined || outcome === 'failed' || outcome === 'partial' || actions.length > 0;
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
