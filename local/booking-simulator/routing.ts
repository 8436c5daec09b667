import type { Context } from 'hono';
import type { Sessions } from './sessions.ts';
import type { Account, BookingStore } from './store.ts';
import type { Saved } from './webhooks.ts';

/** What a handler works on. `person` marks a change made in the web pages, not over REST. */
export interface Call {
  store: BookingStore;
  sessions: Sessions;
  domain: string;
  account: Account;
  person: boolean;
  /** Names the rooms of this call in the request log. */
  touches(resourceIds: readonly number[]): void;
  /** A row was saved: told to subscribers where a person did it, and to nobody over REST. */
  saved(change: Saved): void;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Hono path, e.g. `/booking/events/:id`. */
  path: string;
  handle(c: Context, call: Call): Response | Promise<Response>;
  /** The web pages can do this, the REST interface cannot. */
  personOnly?: boolean;
}
