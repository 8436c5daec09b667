import { BridgeError } from '../../model/errors.ts';
import { PREFERENCES, type GraphClient, type OutlookPorts } from './graph-client.ts';
import { faultOf, type GraphRefusal } from './graph-errors.ts';
import { graphRequest, type GraphPath } from './graph-requests.ts';
import { parseBatch } from './graph-schemas.ts';

export interface BatchRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: GraphPath;
  readonly ifMatch?: string;
  readonly body?: unknown;
}

/** What became of one request of a batch. */
export type BatchAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly refusal: GraphRefusal; readonly fault: BridgeError };

export interface BatchCall {
  /** One batch at a time runs for each of these: the mailbox. */
  readonly lane: string;
  readonly requests: readonly BatchRequest[];
  /** The call in words, for errors and the log. */
  readonly what: string;
  readonly beforeCall: () => Promise<void>;
}

/** Graph's limit (https://learn.microsoft.com/graph/json-batching). */
export const REQUESTS_PER_BATCH_MAX = 20;
/** A pass may wait this long for throttled requests of a batch; longer waits are the queue's. */
const WAIT_MAX_MS = 10_000;
/** Where a 429 does not say how long. */
const WAIT_DEFAULT_MS = 2_000;
const TRIES_MAX = 3;

/** `$batch`: many requests in one, with the throttled ones of it sent again after a short wait. */
export class GraphBatches {
  readonly #client: GraphClient;
  readonly #ports: OutlookPorts;
  readonly #lanes = new Map<string, Promise<unknown>>();

  constructor(client: GraphClient, ports: OutlookPorts) {
    this.#client = client;
    this.#ports = ports;
  }

  /**
   * Answers in the order of the requests, of which there are at most `REQUESTS_PER_BATCH_MAX`.
   * @throws BridgeError where the batch as a whole failed; it may then have been done or not.
   */
  async send(call: BatchCall): Promise<readonly BatchAnswer[]> {
    // Graph runs four requests of a batch at once, and a mailbox takes four at once in all.
    const before = this.#lanes.get(call.lane) ?? Promise.resolve();
    const turn = before.then(() => this.#run(call));
    const settled = turn.catch(() => undefined);
    this.#lanes.set(call.lane, settled);
    try {
      return await turn;
    } finally {
      if (this.#lanes.get(call.lane) === settled) this.#lanes.delete(call.lane);
    }
  }

  async #run(call: BatchCall): Promise<readonly BatchAnswer[]> {
    const answers = new Map<number, BatchAnswer>();
    let open = call.requests.map((_, index) => index);
    for (let attempt = 1; open.length > 0; attempt += 1) {
      const answered = await this.#post(call, open).catch((error: unknown) => {
        // What the tries before were answered stays true; only the rest is unknown.
        if (attempt === 1 || !(error instanceof BridgeError)) throw error;
        return new Map(open.map((index) => [index, lost(error)]));
      });
      for (const index of open) answers.set(index, answered.get(index) ?? unanswered(call.what));
      const throttled = open.filter((index) => isThrottled(answers.get(index)));
      const waitMs = Math.max(0, ...throttled.map((index) => waitOf(answers.get(index))));
      if (throttled.length === 0 || waitMs > WAIT_MAX_MS || attempt === TRIES_MAX) {
        for (const index of throttled) this.#noteWait(call.lane, answers.get(index));
        break;
      }
      const spreadMs = (this.#ports.random?.() ?? 0) * 500;
      await this.#ports.sleep(waitMs + spreadMs);
      open = throttled;
    }
    return call.requests.flatMap((_, index) => answers.get(index) ?? []);
  }

  #noteWait(mailbox: string, answer: BatchAnswer | undefined): void {
    if (answer?.ok === false) this.#client.waits.note(mailbox, answer.fault);
  }

  async #post(
    call: BatchCall,
    indexes: readonly number[],
  ): Promise<ReadonlyMap<number, BatchAnswer>> {
    const requests = indexes.map((index) => innerRequest(index, call.requests[index]));
    const { what, beforeCall } = call;
    const body = { requests };
    const json = await this.#client.call({
      ...graphRequest('POST /$batch'),
      mailbox: call.lane,
      body,
      what,
      beforeCall,
    });
    const answers = new Map<number, BatchAnswer>();
    for (const { id, status, headers, body } of parseBatch(json, what)) {
      const index = Number(id);
      if (!indexes.includes(index)) continue;
      answers.set(index, this.#answerOf({ status, body, header: lookup(headers ?? {}) }, what));
    }
    return answers;
  }

  #answerOf(refusal: GraphRefusal, what: string): BatchAnswer {
    const { status, body } = refusal;
    return status >= 200 && status < 300
      ? { ok: true, body }
      : { ok: false, refusal, fault: faultOf(refusal, what, this.#ports.clock) };
  }
}

/** Preferences of the outer request do not reach the inner ones. */
function innerRequest(index: number, request: BatchRequest | undefined): Record<string, unknown> {
  if (request === undefined) throw new RangeError(`a batch has no request ${index}`);
  const { method, path: url, ifMatch, body } = request;
  return {
    id: String(index),
    method,
    url,
    headers: {
      Prefer: [...PREFERENCES, 'outlook.timezone="UTC"'].join(', '),
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function isThrottled(answer: BatchAnswer | undefined): boolean {
  return answer?.ok === false && answer.refusal.status === 429;
}

function waitOf(answer: BatchAnswer | undefined): number {
  return answer?.ok === false ? (answer.fault.retryAfterMs ?? WAIT_DEFAULT_MS) : 0;
}

function lookup(headers: Readonly<Record<string, string>>): GraphRefusal['header'] {
  const byName = new Map(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
  return (name) => byName.get(name);
}

/** A request that the answer to its batch says nothing of. */
function unanswered(what: string): BatchAnswer {
  return lost(
    new BridgeError('invalid-response', `Graph left out a part of its answer to ${what}`),
  );
}

function lost(fault: BridgeError): BatchAnswer {
  return { ok: false, refusal: { status: 0, header: () => undefined, body: undefined }, fault };
}
