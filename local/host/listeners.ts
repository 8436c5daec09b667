import type { HostClock } from './clock.ts';
import type { BindingInfo, HostLog, TypedData } from './core-types.ts';
import type { RegisteredFunction } from './functions-core.ts';
import { HostConfigurationError } from './host-errors.ts';
import type { HostJson } from './host-json.ts';
import type { Invoker } from './invocation.ts';
import { createQueueLoop, type QueueLoop } from './queue-loop.ts';
import { parseSchedule } from './schedule.ts';
import { connectionString, isDisabled, resolveSettings, type Settings } from './settings.ts';
import { createTimer, type Timer, type TimerStatusStore } from './timer.ts';

export interface ListenerParts {
  functions: ReadonlyMap<string, RegisteredFunction>;
  hostJson: HostJson;
  settings: Settings;
  clock: HostClock;
  statuses: TimerStatusStore;
  /** How long a received queue message stays hidden unless renewed. */
  messageHoldMs: number;
  invoker: Invoker;
  log: HostLog;
}

/** One function as `GET /admin/functions` lists it. */
interface ListedFunction {
  name: string;
  isDisabled: boolean;
  config: { bindings: { name: string; type: string; direction: string }[] };
}

/** Everything that starts a function other than an HTTP request. */
export interface Listeners {
  start(): void;
  /** Starts nothing more; runs under way go on. */
  stop(): Promise<void>;
  /** Gives the queue messages still under way back. */
  abandon(): Promise<void>;
  list(): ListedFunction[];
  /** A call that runs the function once, out of turn, and rejects with what it threw. */
  runner(name: string): ((input: unknown) => Promise<void>) | 'unknown' | 'http';
  /** Messages in the queues that are listened to, hidden ones included. */
  queueDepths(): Promise<Record<string, number>>;
}

/**
 * Makes the timers and queue loops of all functions; a disabled function has none, but runs when
 * its owner asks.
 * @throws HostConfigurationError that names every bad schedule, queue or missing setting.
 */
export function createListeners(parts: ListenerParts): Listeners {
  const { functions, settings } = parts;
  const problems: string[] = [];
  const timers = new Map<string, Timer>();
  const queues = new Map<string, { queueName: string; loop: QueueLoop }>();
  for (const [name, target] of functions) {
    const type = target.trigger.binding.type.toLowerCase();
    try {
      if (type === 'timertrigger') timers.set(name, makeTimer(parts, target));
      if (type === 'queuetrigger' && !isDisabled(name, settings))
        queues.set(name, makeQueueLoop(parts, target));
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new HostConfigurationError(problems);

  return {
    start: () => {
      for (const [name, timer] of timers) if (!isDisabled(name, settings)) timer.start();
      for (const { loop } of queues.values()) loop.start();
    },
    stop: async () => {
      for (const timer of timers.values()) timer.stop();
      await Promise.all([...queues.values()].map(({ loop }) => loop.stop()));
    },
    abandon: async () => {
      await Promise.all([...queues.values()].map(({ loop }) => loop.abandon()));
    },
    list: () => [...functions.values()].map((one) => listed(one, settings)),
    runner: (name) => {
      const target = functions.get(name);
      if (target === undefined) return 'unknown';
      if (target.trigger.binding.type.toLowerCase() === 'httptrigger') return 'http';
      const timer = timers.get(name);
      if (timer !== undefined) return () => timer.runNow();
      return async (input) => {
        await parts.invoker.invoke({ target, data: queueInput(input) });
      };
    },
    queueDepths: async () => {
      const depths = [...queues.values()].map(
        async ({ queueName, loop }) => [queueName, await loop.depth()] as const,
      );
      return Object.fromEntries(await Promise.all(depths));
    },
  };
}

function queueInput(input: unknown): TypedData {
  return { string: typeof input === 'string' ? input : JSON.stringify(input ?? null) };
}

function listed({ metadata }: RegisteredFunction, settings: Settings): ListedFunction {
  const bindings = Object.entries(metadata.bindings);
  return {
    name: metadata.name,
    isDisabled: isDisabled(metadata.name, settings),
    config: {
      bindings: bindings.map(([name, { type, direction }]) => ({ name, type, direction })),
    },
  };
}

function textOption(binding: BindingInfo, key: string): string {
  const value = binding[key];
  return typeof value === 'string' ? value : '';
}

function makeTimer(parts: ListenerParts, target: RegisteredFunction): Timer {
  const { binding } = target.trigger;
  const { name } = target.metadata;
  const expression = resolveSettings(textOption(binding, 'schedule'), parts.settings);
  return createTimer({
    name,
    schedule: parseSchedule(expression),
    monitored: binding['useMonitor'] !== false,
    runOnStartup: binding['runOnStartup'] === true,
    clock: parts.clock,
    statuses: parts.statuses,
    run: async (data) => {
      await parts.invoker.invoke({ target, data });
    },
    onFailure: (error) => parts.log('error', 'system', `timer ${name} failed: ${String(error)}`),
  });
}

function makeQueueLoop(
  parts: ListenerParts,
  target: RegisteredFunction,
): { queueName: string; loop: QueueLoop } {
  const { binding } = target.trigger;
  const queueName = resolveSettings(textOption(binding, 'queueName'), parts.settings);
  if (!/^(?!.*--)[a-z\d][a-z\d-]{1,61}[a-z\d]$/u.test(queueName))
    throw new HostConfigurationError([`"${queueName}" is no name for a queue`]);
  const loop = createQueueLoop({
    connectionString: connectionString(textOption(binding, 'connection'), parts.settings),
    queueName,
    settings: parts.hostJson.queues,
    holdMs: parts.messageHoldMs,
    run: async (data, triggerMetadata) => {
      await parts.invoker.invoke({ target, data, triggerMetadata });
    },
    log: (level, message) => parts.log(level, 'system', message),
  });
  return { queueName, loop };
}
