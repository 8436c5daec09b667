import type { BridgeError } from '../model/errors.ts';
import type { Side } from '../model/ids.ts';
import { assertNever } from '../util/invariant.ts';

/** So many events of a pass may fail again before their side counts as down. */
const OWN_FAULTS_MAX = 10;

/** What the failures of a pass's writes mean for the writes that are left. */
export class SideTroubles {
  /** A side asked us to stay away for so long. */
  readonly waitMs: Partial<Record<Side, number>> = {};
  /** Sides that did not answer, or asked us to wait: nothing more is sent to them. */
  readonly #closed = new Set<Side>();
  #ownFaults = 0;

  isClosed(side: Side): boolean {
    return this.#closed.has(side);
  }

  close(side: Side): void {
    this.#closed.add(side);
  }

  /** @param hadFailed The event failed in the run before, too. */
  note(side: Side, error: BridgeError, hadFailed: boolean): void {
    switch (error.kind) {
      case 'throttled':
        this.waitMs[side] = Math.max(this.waitMs[side] ?? 0, error.retryAfterMs ?? 0);
        this.close(side);
        break;
      case 'unavailable':
      case 'invalid-response':
        if (!hadFailed || !this.#isOwnFault(error)) this.close(side);
        break;
      case 'auth-rejected':
        this.close(side);
        break;
      case 'not-found':
      case 'precondition-failed':
      case 'conflict':
      case 'rejected':
      case 'cursor-expired':
        break;
      default:
        assertNever(error.kind);
    }
  }

  /**
   * An event that is answered with a failure time and again must not keep the others waiting: a system
   * that is down as a whole would answer nothing, or more than a few in this way.
   */
  #isOwnFault({ kind, status }: BridgeError): boolean {
    if (kind === 'unavailable' && status === undefined) return false;
    this.#ownFaults += 1;
    return this.#ownFaults <= OWN_FAULTS_MAX;
  }
}
