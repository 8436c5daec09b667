import { setTimeout as pause } from 'node:timers/promises';
import { bookingReader } from '../../local/verify/booking-reader.ts';
import {
  areEqual,
  compareRooms,
  without,
  type ComparedRoom,
} from '../../local/verify/comparator.ts';
import { Random } from '../../simulation/random.ts';
import { hallsOf, openHalls, type HallSystems } from '../support/halls.ts';
import { startLocalApp, until, type LocalApp } from '../support/local-app.ts';
import { Changes } from './changes.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly changes: number;
  readonly kills: number;
  readonly restarts: number;
  readonly rooms: number;
  readonly say: (line: string) => void;
}

interface Comparison {
  /** Lines that a room must have, and has not; and those it has, and must not. */
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly isEqual: boolean;
}

export interface ChaosResult extends Comparison {
  readonly counts: Changes['counts'];
  readonly kills: number;
  /** Of them, those that met the host while it had something to do. */
  readonly killsAtWork: number;
  readonly restarts: number;
  /** From the last change, with passes running, until both sides were what they must be. */
  readonly equalAfterMs: number | undefined;
  readonly leaseMs: number;
}

const TIMERS = ['syncBookingToOutlook', 'syncOutlookToBooking', 'detectDeletions'] as const;
/** As the settings of a local run have it. */
const LEASE_MS = 60_000;
const PULSE_MS = 2_000;
/** Is waited for, so that a run that is too late still says by how much. */
const PATIENCE_MS = 4 * LEASE_MS;

/**
 * The whole app as processes, while people work in both systems, the host is killed by SIGKILL again
 * and again, and Azurite is ended by SIGTERM: on SIGKILL it forgets what it had said to be written.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const app = await startLocalApp();
  try {
    return await new Chaos(app, options).run();
  } finally {
    await app.stop();
  }
}

class Chaos {
  readonly #app: LocalApp;
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #rooms: readonly ComparedRoom[];
  #kills = 0;
  #killsAtWork = 0;
  #restarts = 0;
  #isOver = false;

  constructor(app: LocalApp, options: ChaosOptions) {
    this.#app = app;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#rooms = hallsOf(options.rooms);
  }

  async run(): Promise<ChaosResult> {
    const { changes: total, kills, restarts, say } = this.#options;
    const systems = await openHalls(this.#app.endpoints, this.#rooms);
    const changes = new Changes(systems, this.#rooms, this.#random.fork());
    const pulse = this.#pulse();
    for (let done = 0; done < total; done += 1) {
      await changes.next();
      // Both kinds are spread evenly over the changes; when within them is drawn.
      if (isDue(done, total, restarts)) await this.#restartAzurite();
      if (isDue(done, total, kills)) await this.#killHost();
      if (done % 100 === 99) say(`${done + 1} changes, ${this.#kills} kills`);
    }
    say('all changes are made; waiting for both sides to be equal');
    const equalAfterMs = await this.#waitForEquality(systems, changes);
    const last = await this.#compare(systems, changes);
    this.#isOver = true;
    await pulse;
    return {
      counts: changes.counts,
      kills: this.#kills,
      killsAtWork: this.#killsAtWork,
      restarts: this.#restarts,
      equalAfterMs,
      leaseMs: LEASE_MS,
      ...last,
    };
  }

  /** The timers' ticks, much more often than their schedules have them. */
  async #pulse(): Promise<void> {
    while (!this.#isOver) {
      for (const name of TIMERS)
        // A host that is down misses a tick, as it would miss one of the real timers.
        await this.#app.api('POST', `/admin/functions/${name}`, {}).catch(() => undefined);
      await pause(PULSE_MS);
    }
  }

  async #killHost(): Promise<void> {
    await pause(this.#random.int(1500));
    const { host } = this.#app.pids();
    if (host === undefined) throw new Error('there is no host to kill');
    const isAtWork = await this.#isBusy();
    process.kill(host, 'SIGKILL');
    this.#kills += 1;
    if (isAtWork) this.#killsAtWork += 1;
    await this.#isBack('host', host);
  }

  async #restartAzurite(): Promise<void> {
    const { azurite } = this.#app.pids();
    if (azurite === undefined) throw new Error('there is no Azurite to end');
    process.kill(azurite, 'SIGTERM');
    this.#restarts += 1;
    await this.#isBack('azurite', azurite);
  }

  async #isBusy(): Promise<boolean> {
    const answer = await this.#app.api('GET', '/admin/host/idle').catch(() => undefined);
    return (answer?.body as { idle?: boolean } | undefined)?.idle === false;
  }

  async #isBack(name: string, before: number): Promise<void> {
    await until(async () => {
      const pid = this.#app.pids()[name];
      return await Promise.resolve(pid !== undefined && pid !== before);
    });
  }

  async #waitForEquality(systems: HallSystems, changes: Changes): Promise<number | undefined> {
    const since = performance.now();
    for (;;) {
      const { missing, surplus, isEqual } = await this.#compare(systems, changes);
      const passedMs = performance.now() - since;
      if (missing.length + surplus.length === 0 && isEqual) return passedMs;
      if (passedMs > PATIENCE_MS) return undefined;
      await pause(500);
    }
  }

  /** What the booking system shows, against what people did; and Outlook, against the booking system. */
  async #compare(systems: HallSystems, changes: Changes): Promise<Comparison> {
    const read = await bookingReader(systems);
    const missing: string[] = [];
    const surplus: string[] = [];
    for (const [room, wanted] of changes.lines()) {
      const shown = await read(room.resourceId, days(), false);
      const told = (line: string): string => `${room.mailbox}: ${line}`;
      missing.push(...without(wanted, shown).map(told));
      surplus.push(...without(shown, wanted).map(told));
    }
    const isEqual = areEqual(await compareRooms(patient(systems), this.#rooms, days()));
    return { missing, surplus, isEqual };
  }
}

/** A mailbox takes four calls at once, the bridge's among them: ours wait their turn. */
function patient(systems: HallSystems): HallSystems {
  const fetch = async (request: Request): Promise<Response> => {
    for (;;) {
      const answer = await systems.fetch(request.clone());
      if (answer.status !== 429) return answer;
      await answer.body?.cancel();
      await pause(100);
    }
  };
  return { ...systems, fetch };
}

/** After the change with this index, of `total`, one of `times` evenly spread ones is due. */
function isDue(index: number, total: number, times: number): boolean {
  return Math.floor(((index + 1) * times) / total) > Math.floor((index * times) / total);
}

function days(): { from: string; to: string } {
  const day = (ahead: number): string =>
    new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  return { from: day(1), to: day(60) };
}
