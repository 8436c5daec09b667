import { GRAPH_URL } from './systems.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface BatchRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** A request of the bridge's, read as far as the simulation must understand it. */
export class Call {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly sentAt: number;
  readonly isBatch: boolean;
  readonly isDelta: boolean;
  readonly isSchedule: boolean;
  readonly isSignIn: boolean;
  /** About what is announced, and none of events. */
  readonly isSubscription: boolean;
  /** `t1`, by its token or its address. */
  readonly tenant: string;
  /** The booking system's domain. */
  readonly domain: string | undefined;
  readonly #headers: Headers;
  #requests: readonly BatchRequest[] | undefined;

  constructor(request: Request, body: string, sentAt: number) {
    this.method = request.method;
    this.url = new URL(request.url);
    this.body = body;
    this.sentAt = sentAt;
    this.#headers = request.headers;
    const { origin, pathname } = this.url;
    const isGraph = origin === GRAPH_URL;
    this.isBatch = isGraph && pathname.endsWith('/$batch');
    this.isDelta = isGraph && pathname.endsWith('/delta');
    this.isSchedule = !isGraph && pathname.endsWith('/schedule');
    this.isSignIn = pathname === '/login';
    this.isSubscription = /^\/(?:v1\.0\/subscriptions|booking\/webhooks\/)/.test(pathname);
    this.domain = isGraph ? undefined : this.url.hostname.split('.')[0];
    this.tenant = isGraph
      ? (/^Bearer bridge (t\d+)/.exec(this.#headers.get('authorization') ?? '')?.[1] ?? 'nobody')
      : (this.domain?.split('-')[0] ?? 'nobody');
  }

  /** What asks us to wait: a mailbox, a tenant's subscriptions, or the whole booking system of a domain. */
  get place(): string {
    if (this.isSubscription && this.domain === undefined) return `subscriptions of ${this.tenant}`;
    return this.domain ?? this.mailboxes()[0] ?? 'graph';
  }

  /** Without what differs from one run of a history to the next: ids of sessions and subscriptions. */
  get label(): string {
    const path = this.url.pathname.replace(UUID, '{id}');
    if (!this.isBatch) return `${this.method} ${this.domain ?? ''}${path}`;
    const inner = this.batchRequests().map(({ method, url }) => `${method} ${url.slice(0, 60)}`);
    return `POST $batch ${inner.join(', ')}`;
  }

  mailboxes(): readonly string[] {
    const paths = this.isBatch
      ? this.batchRequests().map(({ url }) => url)
      : [this.url.pathname.replace('/v1.0', '')];
    return paths.flatMap((path) => {
      const user = /^\/users\/([^/?]+)/.exec(path)?.[1];
      return user === undefined ? [] : [decodeURIComponent(user)];
    });
  }

  /** A mailbox or domain of another tenant that is asked for with this one's token or session. */
  strangerIn(): string | undefined {
    const named = this.url.searchParams.get('domain') ?? this.domain;
    if (named !== this.domain) return `the domain ${String(named)}`;
    return this.mailboxes().find((mailbox) => !mailbox.endsWith(`@${this.tenant}.example`));
  }

  batchRequests(): readonly BatchRequest[] {
    // Asked for again and again on the way.
    this.#requests ??= (JSON.parse(this.body) as { requests: BatchRequest[] }).requests;
    return this.#requests;
  }

  writesExisting(): boolean {
    return this.existingIds().length > 0;
  }

  /** Ids of the items that are changed or ended by it. */
  existingIds(): readonly string[] {
    if (this.isBatch)
      return this.batchRequests().flatMap(({ method, url }) => {
        const id = /\/events\/([^/?]+)/.exec(url)?.[1];
        return id === undefined || method === 'GET' ? [] : [decodeURIComponent(id)];
      });
    const number = /\/booking\/events\/(\d+)/.exec(this.url.pathname)?.[1];
    return number === undefined || this.method === 'GET' ? [] : [`event:${number}`];
  }

  withRequests(requests: readonly BatchRequest[]): Call {
    const request = new Request(this.url, { method: this.method, headers: this.#headers });
    return new Call(request, JSON.stringify({ requests }), this.sentAt);
  }

  /** For a simulator. @param pageSize in place of the one that is asked for. */
  request(pageSize?: number): Request {
    const headers = new Headers(this.#headers);
    if (pageSize !== undefined) {
      const prefer = headers.get('prefer') ?? '';
      headers.set('prefer', prefer.replace(/maxpagesize=\d+/, `maxpagesize=${pageSize}`));
    }
    return new Request(this.url, {
      method: this.method,
      headers,
      ...(this.body === '' ? {} : { body: this.body }),
    });
  }
}

export function parseCall(request: Request, body: string, sentAt: number): Call {
  return new Call(request, body, sentAt);
}
