import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { HostClock } from './clock.ts';
import type { TypedData } from './core-types.ts';
import { writeFileAtomically } from './files.ts';
import type { Schedule } from './schedule.ts';

/** When a timer last ran and is to run next; ISO 8601. */
interface TimerStatus {
  last: string;
  next: string;
  lastUpdated: string;
}

export interface TimerStatusStore {
  get(name: string): TimerStatus | undefined;
  set(name: string, status: TimerStatus): void;
}

const StatusesSchema = z.record(
  z.string(),
  z.object({ last: z.string(), next: z.string(), lastUpdated: z.string() }),
);

/** Schedules' status in `{dataDir}/timers.json`, so that a run missed while the host was down is made up. */
export function openTimerStatuses(dataDir: string): TimerStatusStore {
  const file = join(dataDir, 'timers.json');
  let statuses: Record<string, TimerStatus> = {};
  try {
    statuses = StatusesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${file} is damaged; remove it`, { cause: error });
  }
  return {
    get: (name) => statuses[name],
    set: (name, status) => {
      statuses[name] = status;
      writeFileAtomically(file, JSON.stringify(statuses, undefined, 2));
    },
  };
}

export interface TimerOptions {
  name: string;
  schedule: Schedule;
  /** Keep the status over restarts and make up a missed run (`useMonitor`, default true). */
  monitored: boolean;
  runOnStartup: boolean;
  clock: HostClock;
  statuses: TimerStatusStore;
  /** Invokes the function; rejects with what it threw. */
  run: (data: TypedData) => Promise<void>;
  /** Told of a failed run on schedule; the next one comes as planned. */
  onFailure: (error: unknown) => void;
}

export interface Timer {
  start(): void;
  /** Fires no more; a run under way goes on. */
  stop(): void;
  /** Runs once, out of turn, after any run under way. Rejects with what the function threw. */
  runNow(): Promise<void>;
}

/** Longest delay `setTimeout` takes. */
const DELAY_MAX_MS = 2 ** 31 - 1;
/** A run that begins later than this after its time says so. */
const PAST_DUE_AFTER_MS = 60_000;

/** Fires a function on its schedule by the host's clock; two of its runs never overlap. */
export function createTimer(options: TimerOptions): Timer {
  const { name, schedule, clock, statuses } = options;
  let chain: Promise<unknown> = Promise.resolve();
  let handle: NodeJS.Timeout | undefined;
  let nextMs: number | undefined;
  let stopped = true;

  const runInTurn = async (isPastDue: boolean): Promise<void> => {
    const status = statuses.get(name);
    const startedMs = clock.now();
    try {
      await options.run(timerData(isPastDue, options.monitored ? status : undefined));
    } finally {
      if (options.monitored) statuses.set(name, statusAfter(startedMs));
    }
  };
  const enqueue = (isPastDue: boolean): Promise<void> => {
    const done = chain.then(() => runInTurn(isPastDue));
    chain = done.catch(() => undefined);
    return done;
  };
  const statusAfter = (lastMs: number): TimerStatus => ({
    last: new Date(lastMs).toISOString(),
    next: new Date(schedule.next(clock.now()) ?? lastMs).toISOString(),
    lastUpdated: new Date(clock.now()).toISOString(),
  });

  const arm = (): void => {
    clearTimeout(handle);
    if (stopped || nextMs === undefined) return;
    const waitMs = Math.min(Math.max(nextMs - clock.now(), 0), DELAY_MAX_MS);
    handle = setTimeout(tick, waitMs);
  };
  const tick = (): void => {
    if (stopped || nextMs === undefined) return;
    if (clock.now() < nextMs) arm();
    else fire(clock.now() - nextMs > PAST_DUE_AFTER_MS);
  };
  const fire = (isPastDue: boolean): void => {
    nextMs = undefined; // The next time is reckoned from the end of this run.
    void enqueue(isPastDue)
      .catch(options.onFailure)
      .finally(() => {
        nextMs = schedule.next(clock.now());
        arm();
      });
  };
  clock.onAdvance(() => {
    if (nextMs === undefined) return;
    // After a move back the old time may be far off.
    nextMs = Math.min(nextMs, schedule.next(clock.now()) ?? nextMs);
    arm();
  });

  return {
    start: () => {
      stopped = false;
      const missed = options.monitored && Date.parse(statuses.get(name)?.next ?? '') <= clock.now();
      if (missed || options.runOnStartup) return fire(missed);
      nextMs = schedule.next(clock.now());
      arm();
    },
    stop: () => {
      stopped = true;
      clearTimeout(handle);
    },
    runNow: () => enqueue(false),
  };
}

function timerData(isPastDue: boolean, status: TimerStatus | undefined): TypedData {
  const json = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus:
      status === undefined
        ? null
        : { Last: status.last, Next: status.next, LastUpdated: status.lastUpdated },
    IsPastDue: isPastDue,
  };
  return { json: JSON.stringify(json) };
}
