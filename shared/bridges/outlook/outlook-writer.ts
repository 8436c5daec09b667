import { isDeepStrictEqual } from 'node:util';
import { BridgeError } from '../../model/errors.ts';
import { FIELDS } from '../../model/fields.ts';
import type { ResourceId } from '../../model/ids.ts';
import type { SnapshotItem, StampReading } from '../../model/snapshot.ts';
import { formatInstant, type TimeZoneId } from '../../model/time.ts';
import type { Clock } from '../../util/clock.ts';
import { invariant, InvariantError } from '../../util/invariant.ts';
import type {
  BridgeWrite,
  CallContext,
  CancelWrite,
  CreateWrite,
  UpdateWrite,
  WriteOutcome,
} from '../bridge.ts';
import type { BatchAnswer, BatchRequest } from './graph-batch.ts';
import { hasCode, memberOf } from './graph-errors.ts';
import { graphRequest } from './graph-requests.ts';
import { parseEvent } from './graph-schemas.ts';
import { isItemMissing, isThrottled, type OutlookItems } from './outlook-items.ts';
import { toGraphMembers, type ItemReader } from './outlook-mapper.ts';
import { stampExpand, stampFilter, stampProperties, syncTimestamp } from './stamp-properties.ts';

type Refused = Extract<BatchAnswer, { ok: false }>;

/** Creates, changes and deletes events, all of one call in one `$batch`. */
export class OutlookWriter {
  readonly #items: OutlookItems;
  readonly #zone: TimeZoneId;
  readonly #toItem: ItemReader;
  readonly #clock: Clock;

  constructor(items: OutlookItems, toItem: ItemReader, zone: TimeZoneId, clock: Clock) {
    this.#items = items;
    this.#zone = zone;
    this.#toItem = toItem;
    this.#clock = clock;
  }

  /** Outcomes in the order of the writes. A lost answer fails them all: done or not, nobody knows. */
  async write(
    mailbox: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    const what = `writing events of ${mailbox}`;
    const moved = await this.#movedOf(mailbox, writes, context).catch(asOneFailure);
    if (moved instanceof BridgeError) return writes.map(() => ({ kind: 'failed', error: moved }));
    const left = writes.filter((write) => !moved.stale.has(write));
    const requests = left.map((write) =>
      this.#requestOf(mailbox, moved.same.has(write) ? withoutVersion(write) : write),
    );
    const sent = await this.#items.sendAll(mailbox, requests, what, context).catch(asOneFailure);
    if (sent instanceof BridgeError) return writes.map(() => ({ kind: 'failed', error: sent }));
    const answered = new Map(left.map((write, index) => [write, sent[index]]));
    const throttled = sent.find(isThrottled);
    const outcomes: WriteOutcome[] = [];
    for (const write of writes) {
      if (moved.stale.has(write)) {
        outcomes.push({ kind: 'stale' });
        continue;
      }
      const answer = answered.get(write);
      invariant(answer !== undefined, 'one answer for each write');
      if (write.kind !== 'create' || !isDuplicate(answer))
        outcomes.push(this.#outcomeOf(write, answer, what));
      // Not looked for now: the next try is told again that it was made before.
      else if (throttled !== undefined) outcomes.push({ kind: 'failed', error: throttled.fault });
      else outcomes.push(await this.#duplicateOf(mailbox, write, answer, context));
    }
    return outcomes;
  }

  /**
   * All of a series have one version, which the first write to any of them moves: for several at once
   * it can be no condition. They are read just before, and written where nobody has touched them.
   */
  async #movedOf(
    mailbox: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<{ same: ReadonlySet<BridgeWrite>; stale: ReadonlySet<BridgeWrite> }> {
    const shared = sharedVersions(writes);
    const verdicts =
      shared.length === 0
        ? []
        : await this.#items.read(
            mailbox,
            shared.map(({ id }) => id),
            context,
          );
    const isSame = ({ version }: Conditional, index: number): boolean => {
      const verdict = verdicts[index];
      return verdict?.kind === 'alive' && isDeepStrictEqual(verdict.item.version, version);
    };
    return {
      same: new Set(shared.filter(isSame)),
      stale: new Set(shared.filter((write, index) => !isSame(write, index))),
    };
  }

  #requestOf(mailbox: ResourceId, write: BridgeWrite): BatchRequest {
    switch (write.kind) {
      case 'create':
        return {
          ...graphRequest('POST /users/{user-id}/events', [mailbox]),
          body: this.#newEvent(write),
        };
      case 'update':
        return {
          ...graphRequest('PATCH /users/{user-id}/events/{event-id}', [mailbox, write.id]),
          body: {
            ...toGraphMembers(write.fields, write.content, this.#zone),
            singleValueExtendedProperties: [syncTimestamp(this.#now())],
          },
          ...conditionOf(write),
        };
      case 'cancel':
        return {
          ...graphRequest('DELETE /users/{user-id}/events/{event-id}', [mailbox, write.id]),
          ...conditionOf(write),
        };
      case 'suspend':
      case 'resume':
        throw new InvariantError('Outlook lets events overlap: there is no slot to give up');
    }
  }

  #newEvent({ content, idempotencyKey, stamp }: CreateWrite): Record<string, unknown> {
    return {
      ...toGraphMembers(FIELDS, content, this.#zone),
      showAs: 'busy',
      transactionId: idempotencyKey,
      singleValueExtendedProperties: stampProperties(stamp, this.#now()),
    };
  }

  #outcomeOf(write: BridgeWrite, answer: BatchAnswer, what: string): WriteOutcome {
    if (!answer.ok) return refusedOutcome(write, answer);
    if (write.kind === 'cancel') return cancelledOutcome(answer.body, what);
    const stamp: StampReading | undefined =
      write.kind === 'create' ? { state: 'read', stamp: write.stamp } : undefined;
    try {
      return { kind: 'applied', item: this.#toItem(parseEvent(answer.body, what), stamp) };
    } catch (error) {
      if (error instanceof BridgeError) return { kind: 'failed', error };
      throw error;
    }
  }

  /**
   * A create that Graph has seen before: by the id it names, else by our stamp. What bears the stamp
   * but another key is a person's copy of it, or of an earlier generation.
   */
  async #duplicateOf(
    mailbox: ResourceId,
    write: CreateWrite,
    { refusal }: Refused,
    context: CallContext,
  ): Promise<WriteOutcome> {
    const what = `looking for a repeated event of ${mailbox}`;
    const named = memberOf(memberOf(refusal.body, 'error'), '@event.existingEventId');
    try {
      if (typeof named === 'string' && named !== '') {
        const [verdict] = await this.#items.read(mailbox, [named as SnapshotItem['id']], context);
        if (verdict?.kind === 'alive') return { kind: 'duplicate', item: verdict.item };
      }
      const query = `${stampFilter(write.stamp)}&${stampExpand()}`;
      const request = graphRequest('GET /users/{user-id}/events', [mailbox], query);
      const [answer] = await this.#items.sendAll(mailbox, [request], what, context);
      if (answer?.ok !== true) throw answer?.fault ?? new BridgeError('invalid-response', what);
      const item = this.#items.madeWith(write.idempotencyKey, answer.body, what);
      return item === undefined ? { kind: 'duplicate' } : { kind: 'duplicate', item };
    } catch (error) {
      if (error instanceof BridgeError) return { kind: 'failed', error };
      throw error;
    }
  }

  #now(): string {
    return formatInstant(this.#clock.now());
  }
}

type Conditional = UpdateWrite | CancelWrite;

/** Writes that were decided on one and the same version: of occurrences of one series. */
function sharedVersions(writes: readonly BridgeWrite[]): readonly Conditional[] {
  const conditional = writes.filter(
    (write): write is Conditional =>
      (write.kind === 'update' || write.kind === 'cancel') &&
      conditionOf(write).ifMatch !== undefined,
  );
  const byVersion = Map.groupBy(conditional, (write) => conditionOf(write).ifMatch);
  return [...byVersion.values()].filter((group) => group.length > 1).flat();
}

function withoutVersion(write: BridgeWrite): BridgeWrite {
  if (write.kind !== 'update' && write.kind !== 'cancel') return write;
  const { version: _, ...rest } = write;
  return rest;
}

function asOneFailure(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  throw error;
}

function conditionOf({ version }: UpdateWrite | CancelWrite): { readonly ifMatch?: string } {
  return version !== undefined && 'etag' in version ? { ifMatch: version.etag } : {};
}

/** A deletion is answered 204 and nothing; a page or a proxy's words do not say that it was done. */
function cancelledOutcome(body: unknown, what: string): WriteOutcome {
  if (body === undefined || body === null || body === '') return { kind: 'applied' };
  const message = `Graph answered a deletion with a body while ${what}; it counts as not done`;
  return { kind: 'failed', error: new BridgeError('invalid-response', message) };
}

function isDuplicate(answer: BatchAnswer): answer is Refused {
  return !answer.ok && hasCode(answer.refusal.body, 'ErrorDuplicateTransactionId');
}

function refusedOutcome(write: BridgeWrite, { refusal, fault }: Refused): WriteOutcome {
  if (write.kind !== 'create') {
    if (isItemMissing(refusal))
      return write.kind === 'cancel' ? { kind: 'applied' } : { kind: 'missing' };
    // Outlook's own code for a version that has moved, whatever status it comes with.
    if (refusal.status === 412 || hasCode(refusal.body, 'ErrorIrresolvableConflict'))
      return { kind: 'stale' };
  }
  return { kind: 'failed', error: fault };
}
