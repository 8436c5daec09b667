/** One request a simulator answered. Each request inside a `$batch` is an entry of its own. */
export interface LoggedRequest {
  /** ISO 8601, by the simulator's clock. */
  time: string;
  method: string;
  /** Path with query, as received. */
  path: string;
  status: number;
  mailbox?: string;
  resource?: string;
  /** Id shared by a `$batch` and the requests inside it. */
  batch?: string;
}

const ENTRIES_MAX = 200_000;

/** The log behind `GET /__sim/requests?since=`: what outside checks count. */
export class RequestLog {
  #entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES_MAX) this.#entries = this.#entries.slice(-ENTRIES_MAX / 2);
  }

  /**
   * Entries later than `since` (epoch ms) and how many there are of each method.
   * `counts` holds one number a method, and `total`.
   */
  since(sinceMs: number): { requests: LoggedRequest[]; counts: Record<string, number> } {
    const requests = this.#entries.filter((entry) => Date.parse(entry.time) > sinceMs);
    const counts: Record<string, number> = { total: requests.length };
    for (const { method } of requests) counts[method] = (counts[method] ?? 0) + 1;
    return { requests, counts };
  }

  clear(): void {
    this.#entries = [];
  }
}
