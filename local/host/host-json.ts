import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { LogLevel } from './core-types.ts';
import { HostConfigurationError } from './host-errors.ts';

/** The settings of `host.json` that the local host obeys; times in ms. */
export interface HostJson {
  /** Before every route of a function; "" for none. */
  routePrefix: string;
  queues: QueueSettings;
  /** Least level that is printed: of the functions' own lines, and of the host's and library's. */
  logLevel: { functions: LogLevel; host: LogLevel };
}

export interface QueueSettings {
  /** Messages asked for at once, 1 to 32. */
  batchSize: number;
  /** A further batch is fetched when no more than this many messages are under way. */
  newBatchThreshold: number;
  /** How long a message rests after its function threw. */
  visibilityTimeoutMs: number;
  /** Longest wait between two looks into an empty queue. */
  maxPollingIntervalMs: number;
  /** Tries before a message goes to the `-poison` queue. */
  maxDequeueCount: number;
  messageEncoding: 'base64' | 'none';
}

const TIME_SPAN = /^(?:(?<days>\d+)\.)?(?<hours>\d{1,2}):(?<minutes>\d{1,2}):(?<seconds>\d{1,2})$/u;

/** `[d.]hh:mm:ss`, as .NET writes a time span, in ms. */
const timeSpan = z.string().transform((text, context) => {
  const groups = TIME_SPAN.exec(text)?.groups;
  if (groups === undefined) {
    context.addIssue({ code: 'custom', message: 'expected a time span like 00:00:30' });
    return z.NEVER;
  }
  const part = (name: string): number => Number(groups[name] ?? 0);
  return (
    (((part('days') * 24 + part('hours')) * 60 + part('minutes')) * 60 + part('seconds')) * 1000
  );
});

const LEVELS: Record<string, LogLevel> = {
  trace: 'trace',
  debug: 'debug',
  information: 'information',
  warning: 'warning',
  error: 'error',
  critical: 'critical',
  none: 'none',
};

const logLevel = z.string().transform((text, context) => {
  const level = LEVELS[text.toLowerCase()];
  if (level !== undefined) return level;
  context.addIssue({ code: 'custom', message: `one of ${Object.keys(LEVELS).join(', ')}` });
  return z.NEVER;
});

const HostJsonSchema = z.object({
  version: z.literal('2.0'),
  logging: z.object({ logLevel: z.record(z.string(), logLevel).default({}) }).prefault({}),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: z
        .object({
          batchSize: z.int().min(1).max(32).default(16),
          newBatchThreshold: z.int().min(0).optional(),
          visibilityTimeout: timeSpan.prefault('00:00:00'),
          maxPollingInterval: timeSpan.prefault('00:01:00'),
          maxDequeueCount: z.int().min(1).default(5),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

/**
 * Reads `host.json`; what it leaves out has the real host's default.
 * @throws HostConfigurationError that names every bad value.
 */
export function readHostJson(file: string): HostJson {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HostConfigurationError([`${file} cannot be read as JSON: ${String(cause)}`]);
  }
  return parseHostJson(content, file);
}

/** @throws HostConfigurationError */
export function parseHostJson(content: unknown, file = 'host.json'): HostJson {
  const parsed = HostJsonSchema.safeParse(content);
  if (!parsed.success)
    throw new HostConfigurationError([`${file}:\n${z.prettifyError(parsed.error)}`]);
  const { extensions, logging } = parsed.data;
  const { visibilityTimeout, maxPollingInterval, newBatchThreshold, ...queues } = extensions.queues;
  const host = logging.logLevel['default'] ?? 'information';
  return {
    routePrefix: extensions.http.routePrefix,
    queues: {
      ...queues,
      newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      visibilityTimeoutMs: visibilityTimeout,
      maxPollingIntervalMs: maxPollingInterval,
    },
    logLevel: { host, functions: logging.logLevel['Function'] ?? host },
  };
}
