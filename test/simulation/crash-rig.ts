import type { BridgeKey, PairId, ResourceId, TenantId } from '../../shared/model/ids.ts';
import { DAY_MS, HOUR_MS, toLocal } from '../../shared/model/time.ts';
import { QUEUES } from '../../shared/queues/messages.ts';
import { encodeJob } from '../../shared/queues/queue-sender.ts';
import { makeStores } from '../../shared/stores/stores.ts';
import type { Instant } from '../../shared/util/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { Faults } from '../../simulation/faults.ts';
import type { History } from '../../simulation/history.ts';
import { Oracle } from '../../simulation/oracle.ts';
import { People } from '../../simulation/people.ts';
import { Random } from '../../simulation/random.ts';
import { Actor, Scheduler } from '../../simulation/scheduler.ts';
import { Storage } from '../../simulation/storage-port.ts';
import { GRAPH_URL, OSLO, Systems } from '../../simulation/systems.ts';
import { seedOf, START_MS, tenantConfig } from '../../simulation/town.ts';
import { Watch } from '../../simulation/watch.ts';
import { Worker } from '../../simulation/worker.ts';

type Json = Record<string, unknown>;

const MINUTE_MS = 60_000;
const MAILBOX = 'room2@t1.example';
const TENANT = 't1' as TenantId;

/** One pair of rooms: `a` in the booking system, `b` in Outlook. */
const HISTORY: History = {
  seed: 3,
  tenants: 1,
  pairs: [
    {
      tenant: 1,
      a: { bridge: 'booking_system', room: 1 },
      b: { bridge: 'outlook', room: 2 },
      direction: 'both',
      conflictPolicy: 'a',
    },
  ],
  skewsMs: [0],
  faults: new Set(),
  faultRate: 0,
  isAnnounced: false,
  isPolite: true,
  operations: [],
};

/** The product on both simulators, with one worker that can be killed at any of its calls. */
export class CrashRig {
  readonly systems: Systems;
  readonly #scheduler: Scheduler;
  readonly #storage: Storage;
  readonly #faults = new Faults(new Set(), new Random(1), { rate: 0 });
  readonly #watch = new Watch(this.#faults, ['t1']);
  readonly #oracle: Oracle;
  readonly #people: People;
  #pairId!: PairId;
  #workers = 0;
  #calls = 0;
  #killAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  isKilled = false;

  static async open(): Promise<CrashRig> {
    const rig = new CrashRig();
    await rig.#setUp();
    return rig;
  }

  private constructor() {
    this.#scheduler = new Scheduler({
      random: new Random(7),
      startMs: START_MS,
      fateOf: (actor) => this.#fateOf(actor),
      afterStep: () => {},
      keepLines: false,
    });
    const now = (): number => this.#scheduler.now;
    this.systems = new Systems({ now, advance: () => {} }, HISTORY, seedOf(HISTORY));
    const horizon = START_MS + 20 * DAY_MS;
    this.#oracle = new Oracle(HISTORY, this.systems, this.#watch, { now, horizon });
    this.#people = new People({
      history: HISTORY,
      scheduler: this.#scheduler,
      systems: this.systems,
      oracle: this.#oracle,
      now,
      startMs: START_MS,
      windowDays: 21,
      beyondDays: 40,
    });
    this.#storage = new Storage(now, () => 0);
  }

  async #setUp(): Promise<void> {
    const clock = { now: () => this.#scheduler.now as Instant };
    const stores = makeStores(this.#storage.tables, { clock, logger: silentLogger });
    await stores.ensureTables();
    const { pair } = await stores.pairs.create({
      tenantId: TENANT,
      a: { bridge: 'booking_system' as BridgeKey, resource: '1' as ResourceId },
      b: { bridge: 'outlook' as BridgeKey, resource: MAILBOX as ResourceId },
      direction: 'both',
      conflictPolicy: 'a',
      syncEnabled: true,
    });
    this.#pairId = pair.id;
    this.#startWorker();
  }

  /** One job for the pair, and all that follows from it within some minutes. */
  async pass(): Promise<void> {
    await this.#storage.queue(QUEUES.sync).sendMessage(
      encodeJob({
        v: 1,
        kind: 'sync',
        tenantId: TENANT,
        pairId: this.#pairId,
        cause: 'timer',
      }),
    );
    await this.wait(6);
  }

  async wait(minutes: number): Promise<void> {
    await this.#scheduler.run(this.#scheduler.now + minutes * MINUTE_MS);
    if (this.#watch.violation !== undefined) throw this.#watch.violation;
  }

  /** Calls of the worker since then. */
  countCalls(): () => number {
    const before = this.#calls;
    return () => this.#calls - before;
  }

  kill(call: number, when: 'before' | 'after'): void {
    this.#killAt = { call: this.#calls + call, when };
  }

  /** Another process takes over; what the dead one held comes free by itself. */
  async revive(): Promise<void> {
    this.#killAt = undefined;
    this.#startWorker();
    await this.wait(11);
  }

  /** What both sides show, each line once a copy. */
  shown(): { readonly a: readonly string[]; readonly b: readonly string[] } {
    const [pair] = HISTORY.pairs;
    if (pair === undefined) throw new RangeError('there is one pair');
    const lines = (side: 'a' | 'b'): string[] =>
      this.systems
        .itemsOf(1, pair[side])
        .filter(({ isActive }) => isActive)
        .map(({ title, description, start, end }) => `${title} | ${description} | ${start}-${end}`)
        .sort();
    return { a: lines('a'), b: lines('b') };
  }

  #startWorker(): void {
    this.#workers += 1;
    new Worker({
      actor: new Actor(`worker-${this.#workers}`),
      scheduler: this.#scheduler,
      storage: this.#storage,
      faults: this.#faults,
      random: new Random(3),
      watch: this.#watch,
      systems: this.systems,
      oracle: this.#oracle,
      people: this.#people,
      tenants: [tenantConfig(1)],
      tamper: {},
      skewMs: () => 0,
      onRunStart: () => () => {},
      isAnnounced: false,
      onPlan: () => {},
    }).start();
  }

  #fateOf(actor: Actor) {
    if (!actor.name.startsWith('worker')) return 'goes on';
    this.#calls += 1;
    if (this.#killAt?.call !== this.#calls) return 'goes on';
    this.isKilled = true;
    return this.#killAt.when === 'before' ? 'dies before' : 'dies after';
  }

  // ---- what people do

  async meet(subject: string, day: number, hour: number): Promise<string> {
    const made = await this.#outlook('POST', '/events', { subject, ...graphTimes(day, hour) });
    return String(made['id']);
  }

  async change(id: string, change: Json): Promise<void> {
    await this.#outlook('PATCH', `/events/${encodeURIComponent(id)}`, change);
  }

  async remove(id: string): Promise<void> {
    await this.#outlook('DELETE', `/events/${encodeURIComponent(id)}`);
  }

  async book(title: string, day: number, hour: number): Promise<number> {
    const body = { title, source: 'web', contact_name: 'Per', ...bookingTimes(day, hour) };
    return Number((await this.web('POST', 'resources/1/events', body))['id']);
  }

  /** A change in the booking system's pages. */
  async web(method: string, path: string, body: Json = {}): Promise<Json> {
    const text = JSON.stringify({ method, path: `/booking/${path}`, domain: 't1', body });
    const url = 'http://t1.booking.test/__sim/people';
    return await jsonOf(
      this.systems.booking.fetch(new Request(url, { method: 'POST', body: text })),
    );
  }

  async expireDelta(): Promise<void> {
    const body = JSON.stringify({ mailbox: MAILBOX });
    const url = `${GRAPH_URL}/__sim/expire-delta`;
    await jsonOf(this.systems.graph.fetch(new Request(url, { method: 'POST', body })));
  }

  async #outlook(method: string, path: string, body?: Json): Promise<Json> {
    const headers = {
      authorization: 'Bearer person t1',
      'content-type': 'application/json',
      prefer: 'IdType="ImmutableId"',
    };
    const url = `${GRAPH_URL}/v1.0/users/${encodeURIComponent(MAILBOX)}${path}`;
    const more = body === undefined ? {} : { body: JSON.stringify(body) };
    return await jsonOf(this.systems.graph.fetch(new Request(url, { method, headers, ...more })));
  }
}

async function jsonOf(answering: Promise<Response>): Promise<Json> {
  const answer = await answering;
  const text = await answer.text();
  if (!answer.ok) throw new Error(`answered ${answer.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json);
}

function instant(day: number, hour: number): number {
  return Math.floor(START_MS / DAY_MS) * DAY_MS + day * DAY_MS + hour * HOUR_MS;
}

export function graphTimes(day: number, hour: number): Json {
  const time = (at: number): Json => ({
    dateTime: new Date(at).toISOString().replace('Z', ''),
    timeZone: 'UTC',
  });
  return { start: time(instant(day, hour)), end: time(instant(day, hour + 1)) };
}

export function bookingTimes(day: number, hour: number): Json {
  const time = (at: number): string => toLocal(at as Instant, OSLO).replace('T', ' ');
  return { from_: time(instant(day, hour)), to_: time(instant(day, hour + 1)) };
}
