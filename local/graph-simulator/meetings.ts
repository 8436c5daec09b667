import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { Directory } from './directory.ts';
import { sameAddress } from './event-content.ts';
import type { EventStore } from './event-store.ts';
import type { MailLog } from './mails.ts';
import type { Attendee, EventContent, Mailbox, SeriesChanges, StoredEvent } from './model.ts';

/**
 * Keeps the copies of a meeting with its organizer's: every attendee with a mailbox in the tenant
 * holds an item of its own, under its own id, with the same iCalUId. Rooms accept at once and
 * unconditionally (Exchange takes some seconds, and declines what its policy forbids).
 */
export class Meetings {
  readonly #store: EventStore;
  readonly #directory: Directory;
  readonly #mails: MailLog;
  readonly #clock: SimulatorClock;

  constructor(store: EventStore, directory: Directory, mails: MailLog, clock: SimulatorClock) {
    this.#store = store;
    this.#directory = directory;
    this.#mails = mails;
    this.#clock = clock;
  }

  /** Sends the invitations of a new meeting and returns it with the rooms' answers. */
  invite(event: StoredEvent): StoredEvent {
    if (event.attendees.length === 0) return event;
    this.#mails.send('invitation', event, event.organizer.address, addresses(event.attendees));
    return this.#withCopies(event);
  }

  /**
   * Carries a change of the organizer's item to the copies. A change of the attendees alone is
   * mailed to those it concerns, any other to all.
   */
  update(before: StoredEvent, after: StoredEvent, onlyAttendees: boolean): StoredEvent {
    const from = after.organizer.address;
    const gone = without(before.attendees, after.attendees);
    const added = without(after.attendees, before.attendees);
    this.#mails.send('cancellation', before, from, addresses(gone));
    this.#mails.send('invitation', after, from, addresses(added));
    if (!onlyAttendees)
      this.#mails.send('update', after, from, addresses(without(after.attendees, added)));
    for (const copy of this.#store.otherCopies(after))
      if (gone.some(({ emailAddress }) => this.#isMailboxOf(copy, emailAddress.address)))
        this.#store.remove(copy);
    return this.#withCopies(after);
  }

  /** The organizer deleted or cancelled: the attendees are told, and their copies follow. */
  cancel(event: StoredEvent): void {
    const from = event.organizer.address;
    this.#mails.send('cancellation', event, from, addresses(event.attendees));
    for (const copy of this.#store.otherCopies(event)) {
      if (this.#mailboxOf(copy)?.keepCancelled === true)
        this.#store.replace({
          ...copy,
          isCancelled: true,
          showAs: 'free',
          subject: `Canceled: ${copy.subject ?? ''}`,
        });
      else this.#store.remove(copy);
    }
  }

  /** An attendee answered: it stands on the organizer's item, who is mailed where asked for. */
  respond(copy: StoredEvent, response: StoredEvent['response'], sendResponse: boolean): void {
    const own = this.#mailboxOf(copy)?.address ?? '';
    if (sendResponse) this.#mails.send('response', copy, own, [copy.organizer.address]);
    const organizers = this.#store.otherCopies(copy).find(({ isOrganizer }) => isOrganizer);
    if (organizers === undefined || !sendResponse) return;
    const answer = { response, responseMs: this.#clock.now() };
    const attendees = organizers.attendees.map((attendee) =>
      sameAddress(attendee.emailAddress.address, own)
        ? Object.assign({}, attendee, answer)
        : attendee,
    );
    this.#store.replace({ ...organizers, attendees });
  }

  #withCopies(event: StoredEvent): StoredEvent {
    const responseMs = this.#clock.now();
    const attendees = event.attendees.map((attendee): Attendee => {
      const mailbox = this.#attendeeMailbox(event, attendee);
      if (mailbox?.kind !== 'room' || attendee.response === 'accepted') return attendee;
      return { ...attendee, response: 'accepted', responseMs };
    });
    const answered = attendees.some((attendee, index) => attendee !== event.attendees[index]);
    const organizers = answered ? this.#store.replace({ ...event, attendees }) : event;
    for (const attendee of attendees) {
      const mailbox = this.#attendeeMailbox(event, attendee);
      if (mailbox !== undefined) this.#putCopy(organizers, mailbox);
    }
    return organizers;
  }

  #putCopy(organizers: StoredEvent, mailbox: Mailbox): void {
    const existing = this.#store
      .otherCopies(organizers)
      .find(({ mailboxKey }) => mailboxKey === mailbox.key);
    const content = contentForAttendee(organizers, mailbox);
    if (existing !== undefined) {
      const { categories, isReminderOn, reminderMinutesBeforeStart, showAs } = existing;
      const own = { categories, isReminderOn, reminderMinutesBeforeStart, showAs };
      this.#store.replace({ ...existing, ...content, ...own });
      return;
    }
    const isRoom = mailbox.kind === 'room';
    this.#store.add({
      ...content,
      mailboxKey: mailbox.key,
      tenantId: organizers.tenantId,
      iCalUId: organizers.iCalUId,
      isOrganizer: false,
      organizer: organizers.organizer,
      isCancelled: false,
      response: isRoom ? 'accepted' : 'notResponded',
      responseMs: isRoom ? this.#clock.now() : null,
      transactionId: null,
      extendedProperties: [],
      showAs: isRoom ? organizers.showAs : 'tentative',
    });
  }

  #attendeeMailbox(event: StoredEvent, attendee: Attendee): Mailbox | undefined {
    const mailbox = this.#directory.find(event.tenantId, attendee.emailAddress.address);
    return mailbox?.key === event.mailboxKey ? undefined : mailbox;
  }

  #mailboxOf(copy: StoredEvent): Mailbox | undefined {
    const address = copy.mailboxKey.slice(copy.tenantId.length + 1);
    return this.#directory.find(copy.tenantId, address);
  }

  #isMailboxOf(copy: StoredEvent, address: string): boolean {
    return this.#directory.find(copy.tenantId, address)?.key === copy.mailboxKey;
  }
}

/** Marks on the organizer's item (extended properties, categories) do not travel. */
function contentForAttendee(organizers: StoredEvent, mailbox: Mailbox): EventContent {
  const byOrganizer = mailbox.subjectFrom === 'organizer';
  return {
    subject: byOrganizer ? organizers.organizer.name : organizers.subject,
    body: byOrganizer ? { contentType: 'html', content: '' } : organizers.body,
    time: organizers.time,
    locations: organizers.locations,
    attendees: organizers.hideAttendees
      ? organizers.attendees.filter(({ emailAddress }) =>
          sameAddress(emailAddress.address, mailbox.address),
        )
      : organizers.attendees,
    recurrence: organizers.recurrence,
    seriesChanges: changesForAttendee(organizers.seriesChanges, byOrganizer),
    showAs: organizers.showAs,
    sensitivity: byOrganizer ? 'normal' : organizers.sensitivity,
    importance: organizers.importance,
    categories: [],
    isReminderOn: organizers.isReminderOn,
    reminderMinutesBeforeStart: organizers.reminderMinutesBeforeStart,
    responseRequested: organizers.responseRequested,
    hideAttendees: organizers.hideAttendees,
    allowNewTimeProposals: organizers.allowNewTimeProposals,
    isOnlineMeeting: organizers.isOnlineMeeting,
    onlineMeetingProvider: organizers.onlineMeetingProvider,
  };
}

function changesForAttendee(
  changes: SeriesChanges | undefined,
  byOrganizer: boolean,
): SeriesChanges | undefined {
  if (changes === undefined) return undefined;
  const exceptions = Object.entries(changes.exceptions).map(([date, { content, modifiedMs }]) => {
    const own = byOrganizer ? ['categories', 'subject', 'body', 'sensitivity'] : ['categories'];
    const told = Object.entries(content).filter(([name]) => !own.includes(name));
    return [date, { content: Object.fromEntries(told), extendedProperties: [], modifiedMs }];
  });
  return { cancelled: changes.cancelled, exceptions: Object.fromEntries(exceptions) };
}

function addresses(attendees: readonly Attendee[]): string[] {
  return attendees.map(({ emailAddress }) => emailAddress.address);
}

function without(attendees: readonly Attendee[], others: readonly Attendee[]): Attendee[] {
  return attendees.filter(
    ({ emailAddress }) =>
      !others.some((other) => sameAddress(other.emailAddress.address, emailAddress.address)),
  );
}
