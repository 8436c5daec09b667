import type * as z from 'zod';
import { BridgeError } from '../../model/errors.ts';
import type { Clock, Instant } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { UNBOUNDED, type CallContext } from '../bridge.ts';
import { errorOf, parseAnswer, type Answer } from './booking-errors.ts';
import { LoginSchema } from './booking-schemas.ts';
import type { PorticoSettings } from './booking-settings.ts';
import { CallGate } from './call-gate.ts';

/** What the bridge needs of the outside. */
export interface BookingPorts {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A signal that aborts after so many ms. Default: in real time. */
  readonly timeout?: (ms: number) => AbortSignal;
}

export interface BookingCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below the base address, e.g. `/booking/events/12`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Session {
  readonly name: string;
  readonly id: string;
  readonly openedAt: Instant;
}

/** The booking system's own client takes a session for good this long; a minute less is safe. */
const SESSION_TTL_MS = 1_800_000 - 60_000;
const CALLS_AT_ONCE_MAX = 4;
const CALL_TIMEOUT_MS = 30_000;
/** A refused sign-in is not tried again sooner: repeated ones would lock the account. */
const SIGN_IN_PAUSE_MS = 60_000;

/**
 * Calls the booking system's REST interface in one account's session: at most 4 calls at once, one
 * sign-in in flight. What failed is a typed `BridgeError`; no message holds a secret or a body.
 */
export class BookingClient {
  readonly #settings: PorticoSettings;
  readonly #ports: BookingPorts;
  readonly #timeoutMs: number;
  readonly #gate = new CallGate(CALLS_AT_ONCE_MAX);
  #session: Session | undefined;
  #signingIn: Promise<Session> | undefined;
  /** Why no call is sent for now, and till when. */
  #paused: { readonly error: BridgeError; readonly until: Instant } | undefined;

  constructor(settings: PorticoSettings, ports: BookingPorts, timeoutMs = CALL_TIMEOUT_MS) {
    this.#settings = settings;
    this.#ports = ports;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * One call, and a sign-in before it where there is no session. A session found lapsed (401) is
   * replaced once and the call repeated: nothing was done.
   * @throws BridgeError of any kind but `cursor-expired` and `precondition-failed`.
   */
  async call<T>(call: BookingCall, schema: z.ZodType<T>, context: CallContext): Promise<T> {
    const name = `${call.method} ${call.path}`;
    const first = await this.#callInSession(name, call, context);
    const answer = first.status === 401 ? await this.#callInSession(name, call, context) : first;
    if (isSuccess(answer)) return parseAnswer(name, answer.body, schema);
    const error = errorOf(name, answer, this.#ports.clock.now());
    this.#pause(error, error.retryAfterMs);
    throw error;
  }

  async #callInSession(name: string, call: BookingCall, context: CallContext): Promise<Answer> {
    const session = await this.#currentSession(context);
    const request = (signal: AbortSignal): Request => this.#requestOf(call, session, signal);
    const answer = await this.#send(name, request, context);
    if (answer.status === 401 && this.#session === session) this.#session = undefined;
    return answer;
  }

  async #currentSession(context: CallContext): Promise<Session> {
    const now = this.#ports.clock.now();
    if (this.#session !== undefined && now - this.#session.openedAt < SESSION_TTL_MS)
      return this.#session;
    // Each caller asks for itself: the sign-in is shared, and another pass may have lost its lease.
    await context.beforeCall();
    this.#signingIn ??= this.#signIn().finally(() => {
      this.#signingIn = undefined;
    });
    return await this.#signingIn;
  }

  async #signIn(): Promise<Session> {
    const { baseUrl, domain, login, password } = this.#settings;
    const name = 'POST /login';
    const answer = await this.#send(
      name,
      (signal) =>
        new Request(`${baseUrl}/login`, {
          method: 'POST',
          headers: { accept: 'application/json' },
          body: new URLSearchParams({ logindomain: domain, login, passwd: password }),
          redirect: 'manual',
          signal,
        }),
      UNBOUNDED,
    );
    const now = this.#ports.clock.now();
    if (!isSuccess(answer)) {
      // A wrong login is answered 404, as is an address where no booking system is.
      const isRefused = [400, 401, 403, 404].includes(answer.status);
      const error = isRefused ? signInRefused(answer.status) : errorOf(name, answer, now);
      this.#pause(error, isRefused ? SIGN_IN_PAUSE_MS : error.retryAfterMs);
      throw error;
    }
    const { session_name, session_id } = parseAnswer(name, answer.body, LoginSchema);
    this.#session = { name: session_name, id: session_id, openedAt: now };
    this.#ports.logger.info('booking system: signed in', { domain });
    return this.#session;
  }

  #requestOf(
    { method, path, query, body }: BookingCall,
    session: Session,
    signal: AbortSignal,
  ): Request {
    const url = new URL(this.#settings.baseUrl + path);
    url.search = new URLSearchParams({
      ...query,
      [session.name]: session.id,
      domain: this.#settings.domain,
      phpgw_return_as: 'json',
      api_mode: 'true',
    }).toString();
    const headers = new Headers({ accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    return new Request(url, {
      method,
      headers,
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #send(
    name: string,
    request: (signal: AbortSignal) => Request,
    context: CallContext,
  ): Promise<Answer> {
    return await this.#gate.run(async () => {
      this.#checkPause();
      await context.beforeCall();
      const timeout = this.#ports.timeout ?? ((ms: number) => AbortSignal.timeout(ms));
      const signal = timeout(this.#timeoutMs);
      try {
        const response = await this.#ports.fetch(request(signal));
        const { status, headers } = response;
        return { status, headers, body: await response.text() };
      } catch (cause) {
        const what = signal.aborted ? `no answer in ${this.#timeoutMs} ms` : 'no connection';
        throw new BridgeError('unavailable', `booking system: ${name}: ${what}`, { cause });
      }
    });
  }

  /** Where the system asked us to stay away, or refused our sign-in, the next calls are not sent. */
  #pause(error: BridgeError, pauseMs = 0): void {
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

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function signInRefused(status: number): BridgeError {
  return new BridgeError(
    'auth-rejected',
    'booking system: sign-in refused; check login, password, domain and base address',
    { status },
  );
}
