import { createHash } from 'node:crypto';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { badRequest, GraphError, itemNotFound } from './errors.ts';
import { newContent, patchedContent } from './event-content.ts';
import { parseEventInput, type EventInput } from './event-schema.ts';
import type { EventStore } from './event-store.ts';
import { mergeProperties } from './extended-properties.ts';
import { etagOf } from './ids.ts';
import type { Meetings } from './meetings.ts';
import type { Mailbox, ResponseKind, StoredEvent } from './model.ts';
import { withException, withoutOccurrence } from './occurrence-writes.ts';
import { instanceOfDate, type Instance } from './series.ts';

/** How long a repeated create counts as the retry of the first one. */
const RETRY_WINDOW_MS = 60_000;

/** The use of a transactionId; it outlives the event. */
interface Transaction {
  eventUid: string;
  contentHash: string;
  atMs: number;
}

/** Members that nobody but the organizer sees: their change is no update to the attendees. */
const PRIVATE_MEMBERS = new Set([
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'singleValueExtendedProperties',
]);

/** What the writing requests on events do. */
export class Events {
  readonly #store: EventStore;
  readonly #meetings: Meetings;
  readonly #clock: SimulatorClock;
  readonly #transactions: DurableMap<Transaction>;

  constructor(store: EventStore, meetings: Meetings, journal: Journal, clock: SimulatorClock) {
    this.#store = store;
    this.#meetings = meetings;
    this.#clock = clock;
    this.#transactions = journal.collection('transactions');
  }

  /**
   * Creates an event in the mailbox, which becomes its organizer; or returns the one that an equal
   * request with the same transactionId made a moment ago.
   * @throws GraphError 400
   * @throws DuplicateTransaction 409 where the transactionId was used for another create.
   */
  create(mailbox: Mailbox, json: unknown): StoredEvent {
    const input = parseEventInput(json);
    const contentHash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    const repeated = this.#repeated(mailbox, input, contentHash);
    if (repeated !== undefined) return repeated;
    const event = this.#store.add({
      ...newContent(input),
      mailboxKey: mailbox.key,
      tenantId: mailbox.tenantId,
      iCalUId: this.#store.newICalUId(mailbox.tenantId),
      isOrganizer: true,
      organizer: { name: mailbox.displayName, address: mailbox.address },
      isCancelled: false,
      response: 'organizer',
      responseMs: null,
      transactionId: input.transactionId ?? null,
      extendedProperties: mergeProperties([], input.singleValueExtendedProperties ?? []),
    });
    if (event.transactionId !== null)
      this.#transactions.set(transactionKey(mailbox, event.transactionId), {
        eventUid: event.uid,
        contentHash,
        atMs: this.#clock.now(),
      });
    return this.#meetings.invite(event);
  }

  /**
   * What is sent of one occurrence makes it an exception of its series.
   * @throws GraphError 400, 412
   */
  patch(instance: Instance, json: unknown, ifMatch: string | undefined): Instance {
    const { event, occurrence } = instance;
    checkMatch(event, ifMatch);
    const input = parseEventInput(json);
    if (typeof input.transactionId === 'string' && input.transactionId !== event.transactionId)
      throw badRequest('ErrorInvalidPropertySet', 'transactionId can not be changed.');
    const written = Object.keys(input).filter((name) => !PRIVATE_MEMBERS.has(name));
    if (occurrence === undefined) {
      const extendedProperties = mergeProperties(
        event.extendedProperties,
        input.singleValueExtendedProperties ?? [],
      );
      const changed = { ...event, ...patchedContent(event, input), extendedProperties };
      return { event: this.#replace(event, changed, written) };
    }
    const series = this.#seriesOf(event);
    const changed = withException(series, { event, occurrence }, input, this.#clock.now());
    const told = this.#replace(series, changed, written);
    return instanceOfDate(told, occurrence.date) ?? { event: told };
  }

  /** @param written The members that the attendees of a meeting are to hear of. */
  #replace(before: StoredEvent, after: StoredEvent, written: readonly string[]): StoredEvent {
    const changed = this.#store.replace(after);
    const isMeeting = before.attendees.length > 0 || changed.attendees.length > 0;
    if (!before.isOrganizer || !isMeeting || written.length === 0) return changed;
    const onlyAttendees = written.every((name) => name === 'attendees');
    return this.#meetings.update(before, changed, onlyAttendees);
  }

  /** The stored series behind an occurrence, which may show what it differs in. */
  #seriesOf({ uid }: StoredEvent): StoredEvent {
    const series = this.#store.get(uid);
    if (series === undefined) throw itemNotFound();
    return series;
  }

  /** The organizer's own deletion cancels the meeting; an attendee's stays with the attendee. */
  delete(instance: Instance, ifMatch: string | undefined): void {
    const { event, occurrence } = instance;
    checkMatch(event, ifMatch);
    if (occurrence !== undefined) {
      const series = this.#seriesOf(event);
      this.#replace(series, withoutOccurrence(series, occurrence.date), ['recurrence']);
      return;
    }
    this.#store.remove(event);
    if (event.isOrganizer && event.attendees.length > 0) this.#meetings.cancel(event);
  }

  /** @throws GraphError 400 for anyone but the organizer. */
  cancel(instance: Instance): void {
    if (!instance.event.isOrganizer)
      throw badRequest(
        'ErrorInvalidRequest',
        "Your request can't be completed. You need to be an organizer to cancel a meeting.",
      );
    this.delete(instance, undefined);
  }

  /** @throws GraphError 400 for the organizer. */
  respond(event: StoredEvent, response: ResponseKind, sendResponse: boolean): void {
    if (event.isOrganizer)
      throw badRequest(
        'ErrorInvalidRequest',
        "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
      );
    if (response === 'declined') this.#store.remove(event);
    else
      this.#store.replace({
        ...event,
        response,
        responseMs: this.#clock.now(),
        showAs: response === 'accepted' ? 'busy' : 'tentative',
      });
    this.#meetings.respond(event, response, sendResponse);
  }

  clear(): void {
    this.#transactions.clear();
  }

  #repeated(mailbox: Mailbox, { transactionId }: EventInput, contentHash: string) {
    if (transactionId === undefined || transactionId === null) return undefined;
    const used = this.#transactions.get(transactionKey(mailbox, transactionId));
    if (used === undefined) return undefined;
    const event = this.#store.get(used.eventUid);
    const soon = this.#clock.now() - used.atMs <= RETRY_WINDOW_MS;
    if (event !== undefined && soon && used.contentHash === contentHash) return event;
    throw new DuplicateTransaction(transactionId, event);
  }
}

/** 409: the transactionId made another event before. `existing` is that one, if it still lives. */
export class DuplicateTransaction extends GraphError {
  readonly existing: StoredEvent | undefined;

  constructor(transactionId: string, existing: StoredEvent | undefined) {
    super(
      409,
      'ErrorDuplicateTransactionId',
      `Your request can't be completed. The TransactionId '${transactionId}' has already been used to create a different event.`,
    );
    this.existing = existing;
  }

  /** The same error with the id of the existing event in the form that the client reads. */
  showing(existingId: string): GraphError {
    return new GraphError(this.status, this.code, this.message, {
      details: { '@event.existingEventId': existingId },
    });
  }
}

function transactionKey(mailbox: Mailbox, transactionId: string): string {
  return `${mailbox.key}|${transactionId}`;
}

function checkMatch(event: StoredEvent, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch === etagOf(event.changeSeq)) return;
  throw new GraphError(
    412,
    'ErrorIrresolvableConflict',
    'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
  );
}
