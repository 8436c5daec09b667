import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A program kept running. */
export interface ChildSpec {
  name: string;
  /** Arguments for `node`; asked for anew at each start, so that a restart can follow what changed. */
  args: () => string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Makes a reader that is given each line of stdout and says when the child is ready. */
  readiness: () => (line: string) => boolean;
  /** Whether stdout is shown; stderr always is. */
  showOutput: boolean;
}

export interface Supervisor {
  /**
   * Starts a child and resolves when it is ready; from then on it is started again whenever it ends.
   * @throws Error when it ends, or is silent for 60 s, before it was ready for the first time.
   */
  start(spec: ChildSpec): Promise<void>;
  /** Process ids of the children that live, by name. */
  pids(): Record<string, number>;
  /**
   * Asks these to end by closing their pipe; kills what is still there after `graceMs`. After the
   * first call nothing is started any more.
   */
  stop(names: readonly string[], graceMs: number): Promise<void>;
}

export interface SupervisorEvents {
  /** A line a child printed. */
  output: (name: string, line: string, stream: 'stdout' | 'stderr') => void;
  /** Something that a person should know. */
  say: (message: string) => void;
  /** A child has another process id than before. */
  changed: () => void;
}

const READY_MAX_MS = 60_000;
/** A child that was ready for so long did not fail at its start. */
const HEALTHY_AFTER_MS = 1_000;
/** Waits before a start, by the number of failed starts in a row; the first is at once. */
const RESTART_DELAYS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000, 30_000];

/** Reads `{"ready": …}`, the line with which the project's own children announce themselves. */
export function readyLine(): (line: string) => boolean {
  return (line) => line.startsWith('{"ready":');
}

export function createSupervisor(events: SupervisorEvents): Supervisor {
  const children = new Map<string, SupervisedChild>();
  let closing = false;
  return {
    start: async (spec) => {
      if (closing) throw new Error(`${spec.name} is not started: everything is being stopped`);
      const child = new SupervisedChild(spec, events);
      children.set(spec.name, child);
      await child.firstStart();
    },
    pids: () => {
      const entries = [...children].map(([name, child]) => [name, child.pid()] as const);
      return Object.fromEntries(entries.filter((entry): entry is [string, number] => !!entry[1]));
    },
    stop: async (names, graceMs) => {
      closing = true;
      const stopping = names.flatMap((name) => children.get(name) ?? []);
      await Promise.all(stopping.map((child) => child.stop(graceMs)));
    },
  };
}

class SupervisedChild {
  readonly #spec: ChildSpec;
  readonly #events: SupervisorEvents;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #failures = 0;

  constructor(spec: ChildSpec, events: SupervisorEvents) {
    this.#spec = spec;
    this.#events = events;
  }

  pid(): number | undefined {
    return this.#process?.pid;
  }

  async firstStart(): Promise<void> {
    const { name } = this.#spec;
    let timeout: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const early = (how: string): void =>
          reject(new Error(`${name} ${how} before it was ready`));
        timeout = setTimeout(() => early(`was silent for ${READY_MAX_MS / 1000} s`), READY_MAX_MS);
        this.#launch(resolve, early);
      });
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Closing the pipe asks the child to end. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (child === undefined) return;
    child.stdin?.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(kill);
  }

  /** Runs the program once; `onEarlyEnd` is there for the first start only, later ends restart it. */
  #launch(onReady: () => void, onEarlyEnd?: (how: string) => void): void {
    const { name, args, env, readiness, showOutput } = this.#spec;
    // A process group of its own: Ctrl-C reaches only the parent, which ends the rest in order.
    const child = spawn(process.execPath, args(), {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.#process = child;
    let readyAtMs: number | undefined;
    const isReady = readiness();
    lines(child.stdout, (line) => {
      if (readyAtMs === undefined && isReady(line)) {
        readyAtMs = performance.now();
        this.#events.changed();
        onReady();
      } else if (showOutput) this.#events.output(name, line, 'stdout');
    });
    lines(child.stderr, (line) => this.#events.output(name, line, 'stderr'));
    // Writing into the pipe of a child that is gone is no fault of ours.
    child.stdin.on('error', () => undefined);

    this.#ended = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        if (this.#process !== child) return;
        this.#process = undefined;
        resolve();
        this.#events.changed();
        if (this.#stopping) return;
        if (readyAtMs === undefined && onEarlyEnd !== undefined) onEarlyEnd(how);
        else this.#startAgain(how, readyAtMs);
      };
      child.once('error', (error) => onEnd(`could not run (${error.message})`));
      child.once('exit', (code, signal) => onEnd(`ended (${signal ?? `exit ${code}`})`));
    });
  }

  #startAgain(how: string, readyAtMs: number | undefined): void {
    const wasHealthy = readyAtMs !== undefined && performance.now() - readyAtMs > HEALTHY_AFTER_MS;
    this.#failures = wasHealthy ? 0 : this.#failures + 1;
    const delayMs = RESTART_DELAYS_MS[this.#failures] ?? RESTART_DELAYS_MS.at(-1) ?? 0;
    const { name } = this.#spec;
    const when = delayMs === 0 ? 'now' : `in ${delayMs / 1000} s`;
    this.#events.say(`${name} ${how}; it is started again ${when}`);
    this.#restart = setTimeout(() => {
      this.#launch(() => this.#events.say(`${name} runs again`));
    }, delayMs);
  }
}

function lines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
