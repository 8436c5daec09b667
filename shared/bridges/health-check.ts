import { BridgeError, type BridgeFault } from '../model/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { BridgeHealth } from './bridge.ts';

/** Health by one call. `look` answers what it found. @throws what is no `BridgeError`. */
export async function healthBy(clock: Clock, look: () => Promise<string>): Promise<BridgeHealth> {
  const startedAt = clock.now();
  const health = (status: BridgeHealth['status'], detail: string): BridgeHealth => ({
    status,
    detail,
    responseMs: clock.now() - startedAt,
  });
  try {
    return health('healthy', await look());
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const status = error.kind === 'throttled' ? 'degraded' : 'unhealthy';
    return health(status, `${error.message}; ${nextStep(error.kind)}`);
  }
}

function nextStep(fault: BridgeFault): string {
  switch (fault) {
    case 'auth-rejected':
      return 'correct the account of the bridge, or give it the rights it lacks';
    case 'throttled':
    case 'unavailable':
      return 'nothing to do if it passes; else ask those who run that system';
    case 'not-found':
    case 'invalid-response':
      return 'check that the base address is that of its REST interface';
    case 'precondition-failed':
    case 'conflict':
    case 'rejected':
    case 'cursor-expired':
      return 'report this as a defect of the bridge';
  }
}
