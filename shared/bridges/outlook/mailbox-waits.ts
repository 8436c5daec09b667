import { BridgeError } from '../../model/errors.ts';
import type { Clock, Instant } from '../../util/clock.ts';

interface Wait {
  readonly error: BridgeError;
  readonly until: Instant;
}

/** A mailbox's wait is forgotten when over; the map is swept when it has grown so large. */
const WAITS_MAX = 1000;

/**
 * Mailboxes that asked this process to stay away: Graph throttles an app for each mailbox
 * (https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits). The pair's lease tells
 * other processes; this holds even where the lease could not be written.
 */
export class MailboxWaits {
  readonly #clock: Clock;
  readonly #waits = new Map<string, Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes note where the error says how long to stay away. */
  note(mailbox: string, error: BridgeError): void {
    const { retryAfterMs = 0 } = error;
    if (retryAfterMs <= 0) return;
    const now = this.#clock.now();
    if (this.#waits.size >= WAITS_MAX)
      for (const [key, { until }] of this.#waits) if (until <= now) this.#waits.delete(key);
    const until = (now + retryAfterMs) as Instant;
    const before = this.#waits.get(mailbox);
    if (before === undefined || before.until < until) this.#waits.set(mailbox, { error, until });
  }

  /** @throws BridgeError as the one that asked for the wait, with the time that is left. */
  check(mailbox: string): void {
    const wait = this.#waits.get(mailbox);
    if (wait === undefined) return;
    const leftMs = wait.until - this.#clock.now();
    if (leftMs <= 0) {
      this.#waits.delete(mailbox);
      return;
    }
    const { kind, message, status, code } = wait.error;
    throw new BridgeError(kind, message, {
      retryAfterMs: leftMs,
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code }),
    });
  }
}
