import { BridgeError } from '../../model/errors.ts';
import type { Clock, Instant } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { CallContext } from '../bridge.ts';
import type { Answer } from './answers.ts';
import { boundedText } from './bounded-body.ts';
import { CallGate } from './call-gate.ts';

/** What a bridge over HTTP needs of the outside. */
export interface HttpPorts {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A signal that aborts after so many ms. Default: in real time. */
  readonly timeout?: (ms: number) => AbortSignal;
}

const CALLS_AT_ONCE_MAX = 4;
const CALL_TIMEOUT_MS = 30_000;

/**
 * Sends one account's calls to one system: at most 4 at once, each given up after 30 s, none while the
 * system asked us to stay away.
 */
export class Caller {
  readonly #ports: HttpPorts;
  readonly #timeoutMs: number;
  readonly #gate = new CallGate(CALLS_AT_ONCE_MAX);
  /** Why no call is sent for now, and till when. */
  #paused: { readonly error: BridgeError; readonly until: Instant } | undefined;

  constructor(ports: HttpPorts, timeoutMs = CALL_TIMEOUT_MS) {
    this.#ports = ports;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The answer, whatever its status. `call` names the system, method and path.
   * @throws BridgeError `unavailable` where none came; `invalid-response` where it has no end; what
   *   `pause` was given while it lasts; what the context throws.
   */
  async send(
    call: string,
    request: (signal: AbortSignal) => Request,
    context: CallContext,
  ): Promise<Answer> {
    return await this.#gate.run(async () => {
      this.#checkPause();
      await context.beforeCall();
      // Another call may have been told to stay away meanwhile.
      this.#checkPause();
      const timeout = this.#ports.timeout ?? ((ms: number) => AbortSignal.timeout(ms));
      const signal = timeout(this.#timeoutMs);
      try {
        const response = await this.#ports.fetch(request(signal));
        const { status, headers } = response;
        return { status, headers, body: await boundedText(call, response) };
      } catch (cause) {
        if (cause instanceof BridgeError) throw cause;
        const what = signal.aborted ? `no answer in ${this.#timeoutMs} ms` : 'no connection';
        throw new BridgeError('unavailable', `${call}: ${what}`, { cause });
      }
    });
  }

  /** Where the system asked us to stay away, or refused our sign-in, the next calls are not sent. */
  pause(error: BridgeError, pauseMs = 0): void {
    if (pauseMs <= 0) return;
    this.#paused = { error, until: (this.#ports.clock.now() + pauseMs) as Instant };
  }

  /** @throws BridgeError as the one that caused the pause, with the time that is left. */
  #checkPause(): void {
    if (this.#paused === undefined) return;
    const { error, until } = this.#paused;
    const leftMs = until - this.#ports.clock.now();
    if (leftMs <= 0) {
      this.#paused = undefined;
      return;
    }
    throw new BridgeError(error.kind, error.message, {
      ...(error.status === undefined ? {} : { status: error.status }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: leftMs }),
    });
  }
}
