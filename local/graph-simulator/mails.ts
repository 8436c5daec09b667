import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import type { StoredEvent } from './model.ts';

/** A message that Exchange would have sent. Nothing leaves the simulator. */
export interface Mail {
  /** ISO 8601 by the simulator's clock. */
  time: string;
  tenantId: string;
  kind: 'invitation' | 'update' | 'cancellation' | 'response';
  from: string;
  to: string;
  subject: string;
  iCalUId: string;
  /** Immutable id of the sender's copy. */
  eventId: string;
}

/** What `GET /__sim/mails` shows, so that a test can prove that nobody was mailed. */
export class MailLog {
  readonly #clock: SimulatorClock;
  readonly #mails: DurableMap<Mail>;

  constructor(journal: Journal, clock: SimulatorClock) {
    this.#clock = clock;
    this.#mails = journal.collection('mails');
  }

  /** One mail to each recipient; nobody mails oneself. */
  send(kind: Mail['kind'], event: StoredEvent, from: string, recipients: readonly string[]): void {
    for (const to of recipients) {
      if (to.toLowerCase() === from.toLowerCase()) continue;
      this.#mails.set(String(this.#mails.size + 1), {
        time: new Date(this.#clock.now()).toISOString(),
        tenantId: event.tenantId,
        kind,
        from,
        to,
        subject: event.subject ?? '',
        iCalUId: event.iCalUId,
        eventId: event.immutableId,
      });
    }
  }

  list(): Mail[] {
    return [...this.#mails.values()];
  }

  clear(): void {
    this.#mails.clear();
  }
}
