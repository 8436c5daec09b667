import type * as z from 'zod';
import { BridgeError } from '../../model/errors.ts';
import type { Instant } from '../../util/clock.ts';
import { UNBOUNDED, type CallContext } from '../bridge.ts';
import { errorOf, isSuccess, parseAnswer, type Answer } from '../calls/answers.ts';
import { Caller, type HttpPorts } from '../calls/caller.ts';
import { WORDING } from './booking-errors.ts';
import { LoginSchema } from './booking-schemas.ts';
import type { PorticoSettings } from './booking-settings.ts';

export interface BookingCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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
/** A refused sign-in is not tried again sooner: repeated ones would lock the account. */
const SIGN_IN_PAUSE_MS = 60_000;

/**
 * Calls the booking system's REST interface in one account's session: at most 4 calls at once, one
 * sign-in in flight. What failed is a typed `BridgeError`; no message holds a secret or a body.
 */
export class BookingClient {
  readonly #settings: PorticoSettings;
  readonly #ports: HttpPorts;
  readonly #caller: Caller;
  #session: Session | undefined;
  #signingIn: Promise<Session> | undefined;

  constructor(settings: PorticoSettings, ports: HttpPorts, timeoutMs?: number) {
    this.#settings = settings;
    this.#ports = ports;
    this.#caller = new Caller(ports, timeoutMs);
  }

  /**
   * One call, and a sign-in before it where there is no session. A session found lapsed (401) is
   * replaced once and the call repeated: nothing was done.
   * @throws BridgeError of any kind but `cursor-expired` and `precondition-failed`.
   */
  async call<T>(call: BookingCall, schema: z.ZodType<T>, context: CallContext): Promise<T> {
    const name = `booking system: ${call.method} ${call.path}`;
    const first = await this.#callInSession(name, call, context);
    const answer = first.status === 401 ? await this.#callInSession(name, call, context) : first;
    if (isSuccess(answer)) return parseAnswer(name, answer.body, schema);
    const error = errorOf(name, answer, this.#ports.clock.now(), WORDING);
    this.#caller.pause(error, error.retryAfterMs);
    throw error;
  }

  async #callInSession(name: string, call: BookingCall, context: CallContext): Promise<Answer> {
    const session = await this.#currentSession(context);
    const request = (signal: AbortSignal): Request => this.#requestOf(call, session, signal);
    const answer = await this.#caller.send(name, request, context);
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
    const name = 'booking system: POST /login';
    const answer = await this.#caller.send(
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
      const error = isRefused ? signInRefused(answer.status) : errorOf(name, answer, now, WORDING);
      this.#caller.pause(error, isRefused ? SIGN_IN_PAUSE_MS : error.retryAfterMs);
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
}

function signInRefused(status: number): BridgeError {
  return new BridgeError(
    'auth-rejected',
    'booking system: sign-in refused; check login, password, domain and base address',
    { status },
  );
}
