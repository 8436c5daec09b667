import { createHash } from 'node:crypto';
import type { Random } from './random.ts';

/** Whoever makes calls: a worker process, a person, a timer. */
export class Actor {
  readonly name: string;
  /** What it waits for is never answered: the rest of its code does not run. */
  isDead = false;
  /** Frozen until then, its timers too. */
  stalledUntil = 0;

  constructor(name: string) {
    this.name = name;
  }
}

interface Step {
  readonly actor: Actor;
  readonly label: string;
  /** Takes effect in one go, and says in a few words how it ended. */
  readonly run: () => Promise<string>;
  readonly answer: () => void;
}

interface Waiting {
  readonly actor: Actor;
  readonly label: string;
  /** When it goes on; undefined as long as that cannot be said. */
  readonly at: () => number | undefined;
  readonly wake: () => void;
}

/** What happens to an actor at one of its steps. */
export type Fate = 'goes on' | 'dies before' | 'dies after' | 'stalls';

export interface SchedulerOptions {
  readonly random: Random;
  /** Epoch ms. */
  readonly startMs: number;
  readonly fateOf: (actor: Actor, label: string) => Fate;
  /** After each step's effect, before its answer is heard. */
  readonly afterStep: () => void;
  readonly keepLines: boolean;
}

/** One step takes up to so long; what waits longer sleeps. */
const STEP_MS_MAX = 120;

/**
 * One thread, one clock: every call out of the code under test waits here, and one of those waiting is
 * picked by the seed, takes its effect, and is answered. Between two of them nothing else runs.
 */
export class Scheduler {
  now: number;
  steps = 0;
  readonly lines: string[] = [];
  readonly #options: SchedulerOptions;
  readonly #hash = createHash('sha256');
  #ready: Step[] = [];
  #waiting: Waiting[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.now = options.startMs;
  }

  /** Waits for its turn, takes effect, and answers what `effect` answered. */
  call<T>(
    actor: Actor,
    label: string,
    effect: () => Promise<T> | T,
    outcomeOf: (value: T) => string = () => 'done',
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let answer = (): void => {};
      const run = async (): Promise<string> => {
        try {
          const value = await effect();
          answer = () => resolve(value);
          return outcomeOf(value);
        } catch (error) {
          answer = () => reject(error);
          return `threw ${nameOf(error)}`;
        }
      };
      if (!actor.isDead) this.#ready.push({ actor, label, run, answer: () => answer() });
    });
  }

  /** At least so long: the clock has whole milliseconds. */
  sleep(actor: Actor, ms: number): Promise<void> {
    const at = this.now + Math.ceil(ms);
    return this.until(actor, 'a time', () => at);
  }

  /** Waits until the time that `at` names, which may change while it waits. */
  until(actor: Actor, label: string, at: () => number | undefined): Promise<void> {
    return new Promise((wake) => {
      if (!actor.isDead) this.#waiting.push({ actor, label, at, wake });
    });
  }

  kill(actor: Actor): void {
    actor.isDead = true;
    this.#ready = this.#ready.filter((step) => step.actor !== actor);
    this.#waiting = this.#waiting.filter((one) => one.actor !== actor);
  }

  /** Runs steps until nothing is left to do, `isOver`, or the next thing is due after `untilMs`. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (;;) {
      // Everything that was answered goes on until it waits here again.
      await new Promise((settled) => setImmediate(settled));
      if (isOver()) return;
      if (this.#wakeDue()) continue;
      const runnable = this.#ready.filter(({ actor }) => actor.stalledUntil <= this.now);
      if (runnable.length > 0) {
        await this.#take(this.#options.random.pick(inOrder(runnable)));
        continue;
      }
      const next = this.#nextAt();
      if (next === undefined || next > untilMs) {
        if (untilMs !== Infinity) this.now = Math.max(this.now, untilMs);
        return;
      }
      this.now = Math.max(this.now, next);
    }
  }

  /** Of every step's label and outcome, in order. */
  traceHash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  /** Adds a line to the trace that no step stands for. */
  note(line: string): void {
    this.#hash.update(`${line}\n`);
    if (this.#options.keepLines) this.lines.push(`${this.#clock()} ${line}`);
  }

  async #take(step: Step): Promise<void> {
    const { random, fateOf, afterStep } = this.#options;
    this.#ready.splice(this.#ready.indexOf(step), 1);
    this.now += random.int(STEP_MS_MAX);
    const { actor, label } = step;
    const fate = fateOf(actor, label);
    if (fate === 'stalls') {
      this.note(`${actor.name} stalls before ${label}`);
      this.#ready.push(step);
      return;
    }
    if (fate === 'dies before') {
      this.note(`${actor.name} dies before ${label}`);
      this.kill(actor);
      return;
    }
    this.steps += 1;
    const outcome = await step.run();
    this.note(`${actor.name} ${label}: ${outcome}`);
    afterStep();
    if (fate === 'dies after') {
      this.note(`${actor.name} dies after ${label}`);
      this.kill(actor);
    } else step.answer();
  }

  #wakeDue(): boolean {
    const due = this.#waiting.filter((one) => isDue(one, this.now));
    if (due.length === 0) return false;
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    for (const { wake } of inOrder(due)) wake();
    return true;
  }

  #nextAt(): number | undefined {
    const times = [
      ...this.#waiting.flatMap(({ at, actor }) => {
        const time = at();
        return time === undefined ? [] : [Math.max(time, actor.stalledUntil)];
      }),
      ...this.#ready.map(({ actor }) => actor.stalledUntil),
    ];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #clock(): string {
    return new Date(this.now).toISOString().slice(5, 23);
  }
}

/**
 * In an order of their own: that in which they came to wait depends on how many turns of its queue of
 * microtasks a version of Node takes for a promise.
 */
function inOrder<T extends { readonly actor: Actor; readonly label: string }>(
  list: readonly T[],
): T[] {
  const keyOf = ({ actor, label }: T): string => `${actor.name} ${label}`;
  return list
    .map((one) => ({ one, key: keyOf(one) }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ one }) => one);
}

function isDue({ at, actor }: Waiting, now: number): boolean {
  const time = at();
  return time !== undefined && time <= now && actor.stalledUntil <= now;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
