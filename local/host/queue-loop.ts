import { setTimeout as sleep } from 'node:timers/promises';
import {
  QueueServiceClient,
  RestError,
  type DequeuedMessageItem,
  type QueueClient,
} from '@azure/storage-queue';
import { openMessage, type HeldMessage, type MessageHandling } from './queue-message.ts';

export interface QueueLoopOptions extends MessageHandling {
  connectionString: string;
}

export interface QueueLoop {
  start(): void;
  /** Fetches no more; resolves when the loop rests. Messages under way go on. */
  stop(): Promise<void>;
  /** Gives messages still under way back to the queue at once, for a process about to end. */
  abandon(): Promise<void>;
  /** Messages under way here. */
  inFlight(): number;
  /** Messages in the queue, hidden ones included; 0 where there is no such queue. */
  depth(): Promise<number>;
}

const IDLE_DELAY_MIN_MS = 100;
const RECEIVE_MAX = 32;

/**
 * Consumes one queue as the real host does: batches of `batchSize` whenever no more than
 * `newBatchThreshold` messages are under way; a message is deleted after success, rests for
 * `visibilityTimeoutMs` after a throw, and goes to `{queue}-poison` after `maxDequeueCount` tries.
 * A queue that does not exist counts as empty: the application creates its queues.
 */
export function createQueueLoop(options: QueueLoopOptions): QueueLoop {
  const { queueName, settings, log } = options;
  const service = QueueServiceClient.fromConnectionString(options.connectionString, {
    retryOptions: { maxTries: 2 },
  });
  const queue = service.getQueueClient(queueName);
  const poison = service.getQueueClient(`${queueName}-poison`);
  const held = new Set<HeldMessage>();
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let loop: Promise<void> | undefined;

  const work = async (item: DequeuedMessageItem): Promise<void> => {
    const message = openMessage({ item, queue, poison, ...options });
    held.add(message);
    try {
      await message.process();
    } catch (error) {
      log('error', `queue ${queueName}: message ${item.messageId}: ${String(error)}`);
    } finally {
      held.delete(message);
      wake();
    }
  };

  const fetchBatch = async (): Promise<number> => {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: Math.min(settings.batchSize, RECEIVE_MAX),
        visibilityTimeout: Math.ceil(options.holdMs / 1000),
      });
      for (const item of receivedMessageItems) void work(item);
      return receivedMessageItems.length;
    } catch (error) {
      if (!isMissing(error)) log('warning', `queue ${queueName}: ${String(error)}`);
      return 0;
    }
  };

  const run = async (): Promise<void> => {
    let delayMs = IDLE_DELAY_MIN_MS;
    while (!stopping.signal.aborted) {
      if (held.size > settings.newBatchThreshold) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if ((await fetchBatch()) > 0) {
        delayMs = IDLE_DELAY_MIN_MS;
        continue;
      }
      await pause(delayMs, stopping.signal);
      delayMs = Math.min(delayMs * 2, settings.maxPollingIntervalMs);
    }
  };

  return {
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopping.abort();
      wake();
      await loop;
    },
    abandon: async () => {
      await Promise.all([...held].map((message) => message.abandon()));
    },
    inFlight: () => held.size,
    depth: () => approximateDepth(queue),
  };
}

/** Waits, or less where the signal comes. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function approximateDepth(queue: QueueClient): Promise<number> {
  try {
    return (await queue.getProperties()).approximateMessagesCount ?? 0;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}
