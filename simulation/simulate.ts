import type { BridgeKey, PairId, ResourceId, TenantId } from '../shared/model/ids.ts';
import { DAY_MS, MINUTE_MS } from '../shared/model/time.ts';
import { QUEUES } from '../shared/queues/messages.ts';
import { encodeJob } from '../shared/queues/queue-sender.ts';
import { pairPartition } from '../shared/stores/keys.ts';
import { makeStores, type Stores } from '../shared/stores/stores.ts';
import type { Row } from '../shared/stores/table.ts';
import type { RunRequest } from '../shared/sync/run-request.ts';
import type { RunReport } from '../shared/sync/run-report.ts';
import type { TenantConfig } from '../shared/tenants/tenant-config.ts';
import type { Instant } from '../shared/util/clock.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { Announcer } from './announcer.ts';
import { addFaults, countPlan, emptyCoverage, type Coverage } from './coverage.ts';
import { Faults } from './faults.ts';
import type { History, PairPlan, Place } from './history.ts';
import { Oracle } from './oracle.ts';
import { People } from './people.ts';
import { Random } from './random.ts';
import { Actor, Scheduler, type Fate } from './scheduler.ts';
import { Storage } from './storage-port.ts';
import { mailboxOf, Systems, tenantName } from './systems.ts';
import { seedOf, START_MS, tenantConfig, WINDOW } from './town.ts';
import { Violation } from './violation.ts';
import { Watch } from './watch.ts';
import { Worker, type Tamper } from './worker.ts';

export interface Result {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  readonly coverage: Coverage;
  readonly violation?: Violation;
  /** Every step in words, where they were asked for. */
  readonly lines: readonly string[];
}

/** The base schedules of the settings. */
const TIMERS = {
  syncBookingToOutlook: 5 * MINUTE_MS,
  syncOutlookToBooking: 10 * MINUTE_MS,
  detectDeletions: 5 * MINUTE_MS,
  reconcileDeletions: 30 * MINUTE_MS,
} as const;
/** Of histories in which changes are announced; more often than by the settings, for they are short. */
const RENEW_MS = 7 * MINUTE_MS;

const STEPS_MAX = 30_000;
/** Passes that a pair has for coming to rest after the last fault. */
const QUIET_PASSES = 3;
/** Longer than any wait that is asked for, and than the look for a lost copy. */
const ROUND_MS = 6 * MINUTE_MS;

export interface SimulateOptions {
  readonly keepLines?: boolean;
  /** Breaks the bridge, to prove that it is noticed. */
  readonly tamper?: Tamper;
}

/** Plays one history to its end, or to the first thing that is not as it must be. */
export async function simulate(history: History, options: SimulateOptions = {}): Promise<Result> {
  const world = new World(history, options);
  const { scheduler, faults, watch, coverage } = world;
  try {
    await world.play();
  } catch (error) {
    if (error instanceof Violation) watch.fail(error);
    else watch.fail(new Violation('X', error instanceof Error ? (error.stack ?? '') : ''));
  }
  addFaults(coverage, faults.fired);
  return {
    seed: history.seed,
    hash: scheduler.traceHash(),
    steps: scheduler.steps,
    coverage,
    lines: scheduler.lines,
    ...(watch.violation === undefined ? {} : { violation: watch.violation }),
  };
}

class World {
  readonly coverage = emptyCoverage();
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly watch: Watch;
  readonly #history: History;
  readonly #tamper: Tamper;
  readonly #random: Random;
  readonly #systems: Systems;
  readonly #oracle: Oracle;
  readonly #people: People;
  readonly #storage: Storage;
  readonly #stores: Stores;
  readonly #tenants: readonly TenantConfig[];
  readonly #pairs = new Map<PairId, number>();
  readonly #workers: { worker: Worker; actor: Actor }[] = [];
  readonly #timers = new Actor('timers');
  readonly #nemesis = new Actor('nemesis');
  /** Pairs that a run has begun for, since this was last emptied. */
  readonly #reached = new Set<number>();
  readonly #completed = new Set<number>();
  #isQuiet = false;
  #processes = 0;

  constructor(history: History, { keepLines = false, tamper = {} }: SimulateOptions) {
    this.#history = history;
    this.#tamper = tamper;
    const random = new Random(history.seed ^ 0x5eed);
    this.#random = random;
    this.faults = new Faults(history.faults, random.fork(), {
      rate: history.faultRate,
      ...(history.faultsMost === undefined ? {} : { most: history.faultsMost }),
    });
    const names = Array.from({ length: history.tenants }, (_, index) => tenantName(index + 1));
    this.watch = new Watch(this.faults, names);
    this.scheduler = new Scheduler({
      random: random.fork(),
      startMs: START_MS,
      fateOf: (actor) => this.#fateOf(actor),
      afterStep: () => this.#afterStep(),
      keepLines,
    });
    const { scheduler } = this;
    const now = (): number => scheduler.now;
    this.#systems = new Systems({ now, advance: () => {} }, history, seedOf(history));
    this.#oracle = new Oracle(history, this.#systems, this.watch, {
      now,
      horizon: START_MS + (WINDOW.futureDays + 6) * DAY_MS,
    });
    this.#people = new People({
      history,
      scheduler,
      systems: this.#systems,
      oracle: this.#oracle,
      now,
      startMs: START_MS,
      windowDays: WINDOW.futureDays + 7,
      beyondDays: WINDOW.futureDays + 20,
    });
    this.#storage = new Storage(now, (count) => this.#pickMessage(count));
    this.#stores = makeStores(this.#storage.tables, {
      clock: { now: () => scheduler.now as Instant },
      logger: silentLogger,
    });
    this.#tenants = names.map((_, index) => tenantConfig(index + 1));
  }

  async play(): Promise<void> {
    await this.#setUp();
    for (const skewMs of this.#history.skewsMs) {
      this.#startWorker(skewMs);
      if (skewMs !== 0) this.faults.count('clock-skew');
    }
    for (const [timer, period] of Object.entries(TIMERS)) void this.#runTimer(timer, period);
    if (this.#history.isAnnounced) this.#announce();
    const played = this.#people.play(({ pair, asksForRun }) => {
      if (asksForRun) void this.#ask(pair);
      this.#meddle();
    });
    await this.scheduler.run(Infinity, () => this.#people.isDone || this.#isOver());
    this.#check();
    await played;
    await this.#comeToRest();
  }

  /** As the saving of a mapping does: each tenant's rooms are subscribed to. */
  #announce(): void {
    const taker = (): Worker | undefined => {
      const alive = this.#alive();
      return alive.length === 0 ? undefined : this.#random.pick(alive).worker;
    };
    const { scheduler, faults } = this;
    const random = this.#random.fork();
    const systems = this.#systems;
    void new Announcer({ scheduler, faults, random, systems, taker }).start();
    this.#tick('renewSubscriptions');
    void this.#runTimer('renewSubscriptions', RENEW_MS);
  }

  async #setUp(): Promise<void> {
    await this.#stores.ensureTables();
    for (const [index, plan] of this.#history.pairs.entries()) {
      const { pair } = await this.#stores.pairs.create({
        tenantId: tenantName(plan.tenant) as TenantId,
        a: endpointOf(plan, plan.a),
        b: endpointOf(plan, plan.b),
        direction: plan.direction,
        conflictPolicy: plan.conflictPolicy,
        syncEnabled: true,
      });
      this.#pairs.set(pair.id, index);
      for (const side of ['a', 'b'] as const)
        for (const item of this.#systems.itemsOf(plan.tenant, plan[side]))
          this.#oracle.born(index, side, item);
    }
  }

  #startWorker(skewMs: number): void {
    this.#processes += 1;
    const actor = new Actor(`worker-${this.#processes}`);
    const worker = new Worker({
      actor,
      scheduler: this.scheduler,
      storage: this.#storage,
      faults: this.faults,
      random: this.#random.fork(),
      watch: this.watch,
      systems: this.#systems,
      oracle: this.#oracle,
      people: this.#people,
      tenants: this.#tenants,
      tamper: this.#tamper,
      isAnnounced: this.#history.isAnnounced,
      // In the end somebody sets the clocks.
      skewMs: () => (this.#isQuiet ? 0 : skewMs),
      onRunStart: (request) => this.#onRunStart(request),
      onPlan: (state, plan) => countPlan(this.coverage, state, plan),
    });
    this.#workers.push({ worker, actor });
    worker.start();
  }

  #onRunStart({ pairId }: RunRequest): (report: RunReport) => void {
    const pair = this.#pairs.get(pairId);
    if (pair === undefined) return () => {};
    this.#reached.add(pair);
    const start = this.#oracle.runStarted(pair);
    return (report) => {
      this.scheduler.note(`run of pair ${pair}: ${report.outcome} ${report.error?.message ?? ''}`);
      if (report.outcome === 'completed') this.#completed.add(pair);
      this.#oracle.runEnded(start, report);
    };
  }

  async #runTimer(timer: string, periodMs: number): Promise<void> {
    for (;;) {
      await this.scheduler.sleep(this.#timers, periodMs);
      this.#tick(timer);
    }
  }

  /** The host's own lock lets one of its processes tick. */
  #tick(timer: string): void {
    const alive = this.#alive();
    if (alive.length === 0) return;
    const { worker } = this.#random.pick(alive);
    worker
      .tick(timer)
      .catch((error: unknown) =>
        this.watch.fail(new Violation('X', `the timer ${timer}: ${String(error)}`)),
      );
  }

  #alive(): readonly { readonly worker: Worker; readonly actor: Actor }[] {
    return this.#workers.filter(({ actor }) => !actor.isDead);
  }

  #fateOf(actor: Actor): Fate {
    if (!actor.name.startsWith('worker')) return 'goes on';
    const fault = this.faults.draw(['crash', 'stall'], 0.15);
    if (fault === undefined) return 'goes on';
    if (fault === 'stall') {
      actor.stalledUntil = this.scheduler.now + this.#random.between(20_000, 400_000);
      return 'stalls';
    }
    void this.#replace(actor);
    return this.#random.chance(0.5) ? 'dies before' : 'dies after';
  }

  async #replace(actor: Actor): Promise<void> {
    const index = this.#workers.findIndex((one) => one.actor === actor);
    const skewMs = this.#history.skewsMs[index % this.#history.skewsMs.length] ?? 0;
    await this.scheduler.sleep(this.#nemesis, this.#random.between(1000, 60_000));
    this.#startWorker(skewMs);
  }

  /** Between what people do: what nobody's call brings about. */
  #meddle(): void {
    if (this.faults.draw(['rows-lost'], 0.6) !== undefined) {
      const [pairId, index] = this.#random.pick([...this.#pairs]);
      const plan = this.#history.pairs[index];
      if (plan === undefined) return;
      const tenantId = tenantName(plan.tenant) as TenantId;
      this.scheduler.note(`rows of pair ${index} are lost`);
      this.#storage.loseRows(pairPartition(tenantId, pairId));
      this.#oracle.rowsLost(index);
    }
    const [subscription] = this.#systems.subscribed();
    if (subscription !== undefined && this.faults.draw(['subscription-lost']) !== undefined) {
      this.scheduler.note(`the subscription to ${subscription.mailboxKey} is lost`);
      void this.#systems.loseSubscription(subscription.id);
    }
    if (this.#storage.sent.length > 0 && this.faults.draw(['old-message-again']) !== undefined) {
      const { queue, text } = this.#random.pick(this.#storage.sent);
      this.scheduler.note(`an old message comes again in ${queue}`);
      void this.#storage.queue(queue).sendMessage(text);
    }
  }

  #pickMessage(count: number): number {
    if (count < 2 || this.#isQuiet || !this.faults.enabled.has('message-out-of-order')) return 0;
    const index = this.#random.int(count);
    if (index > 0) this.faults.count('message-out-of-order');
    return index;
  }

  #afterStep(): void {
    if (this.scheduler.steps > STEPS_MAX)
      this.watch.fail(new Violation('L1', `no end after ${STEPS_MAX} steps`));
  }

  #isOver(): boolean {
    return this.watch.violation !== undefined;
  }

  #check(): void {
    if (this.watch.violation !== undefined) throw this.watch.violation;
  }

  async #runFor(ms: number): Promise<void> {
    await this.scheduler.run(this.scheduler.now + ms, () => this.#isOver());
    this.#check();
  }

  // ---- the quiet phase

  /** Faults end, waits run out; then a few passes must do, and one more finds nothing to write. */
  async #comeToRest(): Promise<void> {
    const { scheduler } = this;
    scheduler.note('quiet');
    this.faults.end();
    this.#isQuiet = true;
    if (this.faults.enabled.has('clock-skew')) this.watch.clocksSet();
    scheduler.kill(this.#timers);
    for (const { actor } of this.#workers) actor.stalledUntil = 0;
    await this.#runFor(ROUND_MS * 3);
    if (this.#history.isAnnounced) await this.#checkAnnounced();
    // What rests after its failures is tried again at once, as an administrator would have it.
    await this.#pass({ retry: 'all' });
    // As a rule the tick finds nothing to do any more, which is what the passes after it are for.
    const isStill = await this.#tickedPass();
    if (!isStill || !(await this.#isAtPeace())) await this.#passes();
    // It takes as long as ten acts of people: in every second history.
    if (this.#history.seed % 2 === 0) return;
    // What the last write made was seen by now, so that nothing is left to note either.
    const before = await this.#mappings();
    await this.#pass();
    if ((await this.#mappings()) !== before)
      throw new Violation('I5', 'a pass over quiet rooms changed a mapping');
  }

  /** A tick of its timer later each room has one subscription, whatever has befallen it. */
  async #checkAnnounced(): Promise<void> {
    this.#tick('renewSubscriptions');
    await this.#runFor(ROUND_MS);
    const living = this.#systems.subscribed().map(({ mailboxKey }) => mailboxKey);
    for (const { tenant, a, b } of this.#history.pairs)
      for (const { bridge, room } of [a, b]) {
        if (bridge !== 'outlook') continue;
        const key = `${tenantName(tenant)}|${mailboxOf(tenant, room)}`;
        const count = living.filter((one) => one === key).length;
        if (count !== 1) throw new Violation('I9', `${count} subscriptions to ${key}`);
      }
  }

  /** The rest of them; one more writes nothing. */
  async #passes(): Promise<void> {
    for (let pass = 2; pass < QUIET_PASSES; pass += 1) await this.#pass();
    await this.#checkPeace();
    const { writes } = this.watch;
    await this.#pass();
    if (this.watch.writes !== writes)
      throw new Violation('I5', 'a pass over quiet rooms wrote something');
  }

  /**
   * What a tick of a timer brings about: it has to reach every pair, but those left to notices.
   * @returns whether it was a whole pass over all of them, and wrote nothing
   */
  async #tickedPass(): Promise<boolean> {
    this.#reached.clear();
    this.#completed.clear();
    const { writes } = this.watch;
    this.#tick('syncBookingToOutlook');
    await this.#runFor(ROUND_MS);
    const missed = [...this.#pairs.values()].find(
      (index) => !this.#reached.has(index) && !this.#isLeftToNotices(index),
    );
    if (missed !== undefined) throw new Violation('L1', `a timer did not reach pair ${missed}`);
    return this.watch.writes === writes && this.#completed.size === this.#history.pairs.length;
  }

  #isLeftToNotices(index: number): boolean {
    const { isAnnounced, pairs } = this.#history;
    const plan = pairs[index];
    return isAnnounced && plan?.a.bridge === 'outlook' && plan.b.bridge === 'outlook';
  }

  /** One run of each pair. */
  async #pass(options?: { retry: 'all' }): Promise<void> {
    for (const [index] of this.#history.pairs.entries()) void this.#ask(index, options);
    await this.#runFor(ROUND_MS);
  }

  /** A person has one pair synced. */
  async #ask(index: number, options: { retry?: 'all' } = {}): Promise<void> {
    for (const [pairId, pair] of this.#pairs) {
      if (pair !== index) continue;
      const tenantId = tenantName(this.#history.pairs[index]?.tenant ?? 0) as TenantId;
      const job = { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', options } as const;
      await this.#storage.queue(QUEUES.sync).sendMessage(encodeJob(job));
    }
  }

  async #isAtPeace(): Promise<boolean> {
    try {
      await this.#checkPeace();
      return true;
    } catch (error) {
      if (error instanceof Violation) return false;
      throw error;
    }
  }

  /** @throws Violation */
  async #checkPeace(): Promise<void> {
    const acts = this.#history.operations.length;
    const limit = 4 * acts + 3 * this.faults.total + 10 * this.#history.pairs.length;
    if (this.watch.writes > limit)
      throw new Violation('I5', `${this.watch.writes} writes for ${acts} operations`);
    if (this.#systems.mails > 0) throw new Violation('L2', `${this.#systems.mails} mails`);
    for (const [pairId, index] of this.#pairs) await this.#checkStatus(pairId, index, 'error');
    for (const story of this.#oracle.stories()) {
      const fault = this.#oracle.faultOf(story);
      if (fault === undefined) continue;
      const { a, b, direction, conflictPolicy } = story.pair;
      const pair = `${a.bridge} ${a.room} - ${b.bridge} ${b.room} ${direction} ${conflictPolicy}`;
      throw new Violation(fault.invariant, `${story.mark} of ${pair}: ${fault.detail}`);
    }
    for (const [pairId, index] of this.#pairs) await this.#checkStatus(pairId, index, 'conflict');
  }

  async #checkStatus(pairId: PairId, index: number, unwanted: 'error' | 'conflict'): Promise<void> {
    const plan = this.#history.pairs[index];
    if (plan === undefined) return;
    const stored = await this.#stores.pairs.get(tenantName(plan.tenant) as TenantId, pairId);
    const { status, statusReason = '' } = stored?.pair ?? {};
    const isCalm = this.#oracle
      .storiesOf(index)
      .every((story) => story.isCalm && !story.isHeld && !this.#oracle.isCrowded(story));
    // What the brake holds waits for a person.
    if (this.#oracle.isEmptied(plan)) return;
    if (status !== unwanted || (status === 'conflict' && !isCalm)) return;
    const open = (await this.#rowsOf(pairId, index)).filter(
      ({ values }) => values['state'] === 'conflict' || values['state'] === 'error',
    );
    const rules = open.map(({ values: { rule, reason } }) => `${String(rule)}: ${String(reason)}`);
    throw new Violation('L1', `pair ${index} is ${status}: ${[statusReason, ...rules].join('; ')}`);
  }

  async #mappings(): Promise<string> {
    const all = await Promise.all(
      [...this.#pairs].map(([pairId, index]) => this.#rowsOf(pairId, index)),
    );
    const text = ({ rowKey, values }: Row): string => {
      const { updatedAt: when, ...told } = values;
      return JSON.stringify([rowKey, when === undefined ? values : told]);
    };
    return all.flat().map(text).join('\n');
  }

  /** What is stored of the events of a pair, where its rows are by now. */
  async #rowsOf(pairId: PairId, index: number): Promise<readonly Row[]> {
    const tenant = tenantName(this.#history.pairs[index]?.tenant ?? 0) as TenantId;
    const key = this.#storage.partition(pairPartition(tenant, pairId));
    return await this.#storage.tables.table('sync').list(key, { from: 'i:', to: 'n' });
  }
}

function endpointOf(plan: PairPlan, { bridge, room }: Place) {
  const resource = bridge === 'outlook' ? mailboxOf(plan.tenant, room) : String(room);
  return { bridge: bridge as BridgeKey, resource: resource as ResourceId };
}
