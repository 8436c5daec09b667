import type { BridgeFault } from '../model/errors.ts';
import { assertNever } from '../util/invariant.ts';

/** 503: it may work later by itself. 502: somebody has to look at the other system. */
export function statusOf(fault: BridgeFault): 502 | 503 {
  return fault === 'throttled' || fault === 'unavailable' ? 503 : 502;
}

/** The operator's next step. */
export function adviceOn(fault: BridgeFault): string {
  switch (fault) {
    case 'throttled':
      return 'The system asks for a pause: try again after Retry-After.';
    case 'unavailable':
      return 'Check that the system is up and can be reached from here, then try again.';
    case 'auth-rejected':
      return 'Check the credentials and permissions in the settings of this bridge.';
    case 'invalid-response':
      return 'Check the address in the settings: something else may answer in its place.';
    case 'not-found':
      return 'Check that the resource still exists in that system.';
    case 'rejected':
    case 'conflict':
      return 'The system refuses it: look at the item there.';
    case 'precondition-failed':
    case 'cursor-expired':
      return 'It changed meanwhile: try again.';
    default:
      return assertNever(fault);
  }
}
