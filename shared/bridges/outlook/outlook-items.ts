import { BridgeError } from '../../model/errors.ts';
import type { ExternalId, ResourceId } from '../../model/ids.ts';
import type { SnapshotItem, Verdict } from '../../model/snapshot.ts';
import type { CallContext } from '../bridge.ts';
import {
  REQUESTS_PER_BATCH_MAX,
  type BatchAnswer,
  type BatchRequest,
  type GraphBatches,
} from './graph-batch.ts';
import { hasCode } from './graph-errors.ts';
import { graphRequest } from './graph-requests.ts';
import { parseEvent, parsePage, type GraphEvent } from './graph-schemas.ts';
import { isCancelled, type ItemReader } from './outlook-mapper.ts';
import { isMaster, isOwnMaster } from './outlook-series.ts';
import { stampExpand, stampRead } from './stamp-properties.ts';

/** Looks at single events, with their stamps. */
export class OutlookItems {
  readonly #batches: GraphBatches;
  readonly #toItem: ItemReader;

  constructor(batches: GraphBatches, toItem: ItemReader) {
    this.#batches = batches;
    this.#toItem = toItem;
  }

  /** @throws BridgeError where the mailbox, and not an item, refused; `throttled` where it asks to wait. */
  async read(
    mailbox: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    const what = `reading events of ${mailbox}`;
    const answers = await this.sendAll(
      mailbox,
      ids.map((id) =>
        graphRequest('GET /users/{user-id}/events/{event-id}', [mailbox, id], stampExpand()),
      ),
      what,
      context,
    );
    return answers.map((answer) => this.#verdict(answer, what));
  }

  /**
   * Masters of series, by their ids; without those that are gone.
   * @throws BridgeError where one cannot be read: its occurrences would be nothing but times.
   */
  async masters(
    mailbox: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly GraphEvent[]> {
    const what = `reading series of ${mailbox}`;
    const requests = ids.map((id) =>
      graphRequest('GET /users/{user-id}/events/{event-id}', [mailbox, id]),
    );
    const answers = await this.sendAll(mailbox, requests, what, context);
    return answers.flatMap((answer) => {
      if (answer.ok) return [parseEvent(answer.body, what)];
      if (isItemMissing(answer.refusal)) return [];
      throw answer.fault;
    });
  }

  /** Requests of any number, by batches. Where we are asked to wait, the rest is not sent. */
  async sendAll(
    mailbox: ResourceId,
    requests: readonly BatchRequest[],
    what: string,
    context: CallContext,
  ): Promise<readonly BatchAnswer[]> {
    const answers: BatchAnswer[] = [];
    for (let from = 0; from < requests.length; from += REQUESTS_PER_BATCH_MAX) {
      const sent = await this.#batches.send({
        lane: mailbox,
        requests: requests.slice(from, from + REQUESTS_PER_BATCH_MAX),
        what,
        beforeCall: () => context.beforeCall(),
      });
      answers.push(...sent);
      const refused = sent.find(isThrottled);
      if (refused === undefined) continue;
      answers.push(...requests.slice(answers.length).map(() => refused));
      break;
    }
    return answers;
  }

  /** The living event of a list that was created with the key. */
  madeWith(idempotencyKey: string, body: unknown, what: string): SnapshotItem | undefined {
    const event = parsePage(body, what)
      .value.map((json) => parseEvent(json, what))
      .find((event) => event.transactionId === idempotencyKey && !isCancelled(event));
    return event === undefined ? undefined : this.#toItem(event, stampRead(event));
  }

  #verdict(answer: BatchAnswer, what: string): Verdict {
    if (!answer.ok) return unreadable(answer);
    try {
      const event = parseEvent(answer.body, what);
      if (isCancelled(event)) return { kind: 'gone' };
      // What a person made a series of goes on as its occurrences.
      if (isMaster(event) && !isOwnMaster(event)) return { kind: 'elsewhere' };
      return { kind: 'alive', item: this.#toItem(event, stampRead(event)) };
    } catch (error) {
      if (error instanceof BridgeError) return { kind: 'unknown', reason: error.message };
      throw error;
    }
  }
}

export function isThrottled(answer: BatchAnswer): answer is Extract<BatchAnswer, { ok: false }> {
  return !answer.ok && answer.fault.kind === 'throttled';
}

/** Only the item's own 404 says that it is gone: a mailbox that is away says nothing of its items. */
function unreadable({ refusal, fault }: Extract<BatchAnswer, { ok: false }>): Verdict {
  if (isItemMissing(refusal)) return { kind: 'gone' };
  if (['throttled', 'auth-rejected', 'not-found'].includes(fault.kind)) throw fault;
  return { kind: 'unknown', reason: fault.message };
}

export function isItemMissing({ status, body }: { status: number; body: unknown }): boolean {
  return status === 404 && hasCode(body, 'ErrorItemNotFound');
}
