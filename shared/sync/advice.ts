import type { BridgeFault } from '../model/errors.ts';

/** What is to be done about a fault of a system, for whoever reads a pair's status or a run's report. */
export function adviceFor(fault: BridgeFault): string {
  switch (fault) {
    case 'throttled':
      return 'nothing to do: it is asked again when the time it asked for is over';
    case 'unavailable':
      return 'nothing to do if it passes, the next run tries again; else ask those who run it';
    case 'auth-rejected':
      return 'correct the account or the rights of the bridge; the next run tries again';
    case 'invalid-response':
      return 'check its address, and what stands between (a proxy, a sign-in page)';
    case 'not-found':
      return 'check that the mapped resource is still there, and may be seen by the bridge';
    case 'precondition-failed':
    case 'conflict':
    case 'rejected':
    case 'cursor-expired':
      return 'the next run tries again; if it stays so, report it as a defect of the bridge';
  }
}
