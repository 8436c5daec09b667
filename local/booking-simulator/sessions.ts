import { randomBytes } from 'node:crypto';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { Account, BookingStore } from './store.ts';
import { keyOf } from './tables.ts';

/** Name of the query parameter that carries the session id. */
export const SESSION_NAME = 'sessionphpgwsessid';

/** How long a session lives without a call, in ms. */
const SESSION_IDLE_MS = 1_800_000;

export class Sessions {
  readonly #store: BookingStore;
  readonly #clock: SimulatorClock;

  constructor(store: BookingStore, clock: SimulatorClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The id of a new session, or undefined where domain, login or password is wrong. */
  open(domain: string, login: string, password: string): string | undefined {
    const account = this.#store.accounts.get(keyOf(domain, login));
    if (account === undefined || account.password !== password) return undefined;
    const lapsed = [...this.#store.sessions.values()].filter(({ id }) => this.#lapsed(id));
    for (const { id } of lapsed) this.#store.sessions.delete(id);
    const id = randomBytes(16).toString('hex');
    this.#store.sessions.set(id, { id, domain, login, seenMs: this.#clock.now() });
    return id;
  }

  /** Whose session it is, and its idle time starts anew; undefined where it is unknown or lapsed. */
  verify(id: string | undefined, domain: string | undefined): Account | undefined {
    const session = id === undefined ? undefined : this.#store.sessions.get(id);
    if (session === undefined || session.domain !== domain || this.#lapsed(session.id))
      return undefined;
    this.#store.sessions.set(session.id, { ...session, seenMs: this.#clock.now() });
    return this.#store.accounts.get(keyOf(domain, session.login));
  }

  /** Ends one session, if it is there. */
  end(id: string | null): void {
    if (id !== null) this.#store.sessions.delete(id);
  }

  /** Ends every session (of one domain) at once; says how many. */
  lapse(domain?: string): number {
    const ended = [...this.#store.sessions.values()].filter(
      (session) => domain === undefined || session.domain === domain,
    );
    for (const { id } of ended) this.#store.sessions.delete(id);
    return ended.length;
  }

  #lapsed(id: string): boolean {
    const session = this.#store.sessions.get(id);
    return session === undefined || this.#clock.now() - session.seenMs >= SESSION_IDLE_MS;
  }
}
