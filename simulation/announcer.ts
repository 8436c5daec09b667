import type { FaultName, Faults } from './faults.ts';
import type { Random } from './random.ts';
import { Actor, type Scheduler } from './scheduler.ts';
import type { Systems } from './systems.ts';

/** A process that notices can be sent to; answers the status, or never where it dies. */
export interface Taker {
  take(url: URL, body: string): Promise<number>;
}

export interface AnnouncerUse {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
  readonly systems: Systems;
  /** One that lives, if any does. */
  readonly taker: () => Taker | undefined;
}

/** Graph waits so long for an answer. */
const ANSWER_MS = 10_000;

/** What can befall one POST of notices. Few are sent, so that each of these is drawn the more often. */
const BEFALLS = [
  'notice-lost',
  'notice-doubled',
  'notice-late',
  'notice-refused',
  'notice-unanswered',
] as const satisfies readonly FaultName[];
const SHARE = 10;

/** Brings what the simulated Graph announces to whichever process lives, or loses it on the way. */
export class Announcer {
  readonly #use: AnnouncerUse;
  readonly #actor = new Actor('graph');

  constructor(use: AnnouncerUse) {
    this.#use = use;
    use.systems.onPost = (request) => this.#posted(request);
  }

  /** Sends what is due whenever something is. */
  async start(): Promise<void> {
    const { scheduler, systems } = this.#use;
    for (;;) {
      await scheduler.until(this.#actor, 'a notice', () => systems.graph.nextNoticeAt());
      await systems.graph.pump();
    }
  }

  /** A handshake is answered at once, in the midst of the call that asked for the subscription. */
  async #posted(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const token = url.searchParams.get('validationToken');
    if (token !== null)
      return new Response(token, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
    return new Response(null, { status: await this.#deliver(url, await request.text()) });
  }

  async #deliver(url: URL, body: string): Promise<number> {
    const { faults, scheduler, random } = this.#use;
    const fault = faults.draw(BEFALLS, SHARE);
    scheduler.note(`notices: ${fault ?? 'sent'}`);
    switch (fault) {
      case undefined:
        return await this.#send(url, body);
      case 'notice-lost':
        return 202;
      case 'notice-refused':
        return 503;
      case 'notice-doubled':
        await this.#send(url, body);
        return await this.#send(url, body);
      case 'notice-late':
        // Taken for sent: those after it overtake it.
        void this.#sendLater(url, body, random.between(5_000, 400_000));
        return 202;
      case 'notice-unanswered':
        await this.#send(url, body);
        return 503;
    }
  }

  async #sendLater(url: URL, body: string, ms: number): Promise<void> {
    await this.#use.scheduler.sleep(this.#actor, ms);
    await this.#send(url, body);
  }

  async #send(url: URL, body: string): Promise<number> {
    const taker = this.#use.taker();
    if (taker === undefined) return 503;
    const tooLate = this.#use.scheduler.sleep(this.#actor, ANSWER_MS).then(() => 504);
    return await Promise.race([taker.take(url, body), tooLate]);
  }
}
