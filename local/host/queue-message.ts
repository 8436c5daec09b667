import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { TypedData } from './core-types.ts';
import type { QueueSettings } from './host-json.ts';

/** What is asked of a queue while a message of it is worked on; a part of the SDK's `QueueClient`. */
export interface MessageQueue {
  updateMessage(
    messageId: string,
    popReceipt: string,
    message: undefined,
    visibilitySeconds: number,
  ): Promise<{ popReceipt?: string | undefined }>;
  deleteMessage(messageId: string, popReceipt: string): Promise<unknown>;
  sendMessage(text: string): Promise<unknown>;
  createIfNotExists(): Promise<unknown>;
}

/** A received message while it is worked on. */
export interface HeldMessage {
  /**
   * Runs the function and settles the message. A throw of the function is settled, not passed on;
   * what rejects is a fault of the queue itself, after which the message comes again by itself.
   */
  process(): Promise<void>;
  /** Makes the message visible to others at once. */
  abandon(): Promise<void>;
}

/** How the messages of one queue are worked on. */
export interface MessageHandling {
  queueName: string;
  settings: QueueSettings;
  /** How long a received message stays hidden unless renewed; renewed at half of it. */
  holdMs: number;
  /** Invokes the function; rejects with what it threw. */
  run: (data: TypedData, triggerMetadata: Record<string, TypedData>) => Promise<void>;
  log: (level: 'warning' | 'error', message: string) => void;
  /** Calls again and again until the answer is called; default: by the machine's clock. */
  every?: (ms: number, work: () => void) => () => void;
}

interface Parts extends MessageHandling {
  item: DequeuedMessageItem;
  queue: MessageQueue;
  poison: MessageQueue;
}

function byTheClock(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
}

export function openMessage(parts: Parts): HeldMessage {
  const { item, queue, settings } = parts;
  const { messageId } = item;
  let receipt = item.popReceipt;
  // Renewals and the end of the work must not cross: each changes the receipt the next one needs.
  let inTurn: Promise<void> = Promise.resolve();
  const hideFor = (seconds: number): Promise<void> => {
    const hide = async (): Promise<void> => {
      const answer = await queue.updateMessage(messageId, receipt, undefined, seconds);
      receipt = answer.popReceipt ?? receipt;
    };
    const done = inTurn.then(hide);
    inTurn = done.catch(() => undefined);
    return done;
  };
  const remove = async (): Promise<void> => {
    await inTurn;
    await queue.deleteMessage(messageId, receipt);
  };
  const moveToPoison = async (): Promise<void> => {
    await parts.poison.createIfNotExists();
    await parts.poison.sendMessage(item.messageText);
    await remove();
  };

  const process = async (): Promise<void> => {
    const text = decode(item.messageText, settings.messageEncoding);
    if (text === undefined) {
      parts.log('error', `queue ${parts.queueName}: message ${messageId} is not base64`);
      return moveToPoison();
    }
    // Counts above the limit come from hosts that died before they could settle the message.
    if (item.dequeueCount > settings.maxDequeueCount) return moveToPoison();
    try {
      await parts.run({ string: text }, triggerMetadata(item, text));
    } catch (error) {
      const last = item.dequeueCount >= settings.maxDequeueCount;
      parts.log(
        'warning',
        `queue ${parts.queueName}: try ${item.dequeueCount} of message ${messageId} failed` +
          `${last ? ', moved to poison' : ''}: ${String(error)}`,
      );
      if (last) return moveToPoison();
      return hideFor(Math.ceil(settings.visibilityTimeoutMs / 1000));
    }
    await remove();
  };

  return {
    process: async () => {
      const endRenewal = (parts.every ?? byTheClock)(parts.holdMs / 2, () => {
        hideFor(Math.ceil(parts.holdMs / 1000)).catch((error: unknown) =>
          parts.log(
            'warning',
            `queue ${parts.queueName}: renewal of ${messageId}: ${String(error)}`,
          ),
        );
      });
      try {
        await process();
      } finally {
        endRenewal();
      }
    },
    abandon: () => hideFor(0),
  };
}

const BASE64 = /^(?:[\d+/A-Za-z]{4})*(?:[\d+/A-Za-z]{2}==|[\d+/A-Za-z]{3}=)?$/u;

function decode(text: string, encoding: 'base64' | 'none'): string | undefined {
  if (encoding === 'none') return text;
  return BASE64.test(text) ? Buffer.from(text, 'base64').toString('utf8') : undefined;
}

/** What the host tells a function of a message; the library turns the names into camel case. */
function triggerMetadata(item: DequeuedMessageItem, text: string): Record<string, TypedData> {
  const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
  return {
    QueueTrigger: json(text),
    Id: json(item.messageId),
    PopReceipt: json(item.popReceipt),
    DequeueCount: { int: item.dequeueCount },
    InsertionTime: json(item.insertedOn.toISOString()),
    ExpirationTime: json(item.expiresOn.toISOString()),
    NextVisibleTime: json(item.nextVisibleOn.toISOString()),
  };
}
