import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { GraphError } from './errors.ts';

const CONCURRENT_MAX = 4;
const REQUESTS_MAX = 10_000;
const WINDOW_MS = 600_000;

/**
 * The limits of the Outlook service per app and mailbox: 4 requests at once, and 10,000 in ten
 * minutes (https://learn.microsoft.com/graph/throttling-limits, Outlook service limits).
 */
export class MailboxLimits {
  readonly #clock: SimulatorClock;
  readonly #inFlight = new Map<string, number>();
  readonly #windows = new Map<string, { startedMs: number; requests: number }>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Takes a place and returns what gives it back. @throws GraphError 429 with `Retry-After`. */
  enter(mailbox: string): () => void {
    this.#count(mailbox);
    const inFlight = this.#inFlight.get(mailbox) ?? 0;
    if (inFlight >= CONCURRENT_MAX) throw throttled('MailboxConcurrency', 1);
    this.#inFlight.set(mailbox, inFlight + 1);
    return () => this.#inFlight.set(mailbox, (this.#inFlight.get(mailbox) ?? 1) - 1);
  }

  clear(): void {
    this.#windows.clear();
  }

  #count(mailbox: string): void {
    const nowMs = this.#clock.now();
    const window = this.#windows.get(mailbox);
    if (window === undefined || nowMs - window.startedMs >= WINDOW_MS) {
      this.#windows.set(mailbox, { startedMs: nowMs, requests: 1 });
      return;
    }
    window.requests += 1;
    if (window.requests > REQUESTS_MAX)
      throw throttled('RequestRate', Math.ceil((window.startedMs + WINDOW_MS - nowMs) / 1000));
  }
}

function throttled(limit: string, retryAfterSeconds: number): GraphError {
  return new GraphError(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
