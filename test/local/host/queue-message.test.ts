import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMessage, type HeldMessage } from '../../../local/host/queue-message.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Scene {
  message: HeldMessage;
  finish: () => void;
  calls: string[];
}

/** A message whose function runs until `finish`; the queue's calls are noted with the receipt used. */
function stage(dequeueCount = 1): Scene {
  const calls: string[] = [];
  let receipts = 0;
  const queue = {
    updateMessage: async (_id: string, receipt: string, _text: unknown, seconds: number) => {
      calls.push(`update ${receipt} ${seconds}`);
      receipts += 1;
      return { popReceipt: `r${receipts}` };
    },
    deleteMessage: async (_id: string, receipt: string) => {
      calls.push(`delete ${receipt}`);
    },
  } as unknown as QueueClient;
  const poison = {
    createIfNotExists: async () => undefined,
    sendMessage: async (text: string) => {
      calls.push(`poison ${text}`);
    },
  } as unknown as QueueClient;
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => (finish = resolve));
  const now = new Date();
  const item: DequeuedMessageItem = {
    messageId: 'm',
    popReceipt: 'r0',
    messageText: 'aGVp',
    dequeueCount,
    insertedOn: now,
    expiresOn: now,
    nextVisibleOn: now,
  };
  const message = openMessage({
    item,
    queue,
    poison,
    queueName: 'q',
    holdMs: 600_000,
    settings: {
      batchSize: 16,
      newBatchThreshold: 8,
      visibilityTimeoutMs: 30_000,
      maxPollingIntervalMs: 1_000,
      maxDequeueCount: 5,
      messageEncoding: 'base64',
    },
    run: () => ended,
    log: () => undefined,
  });
  return { message, finish, calls };
}

describe('a message under way', () => {
  it('is kept hidden by renewal at half its time, and deleted with the newest receipt', async () => {
    const { message, finish, calls } = stage();
    const done = message.process();
    await vi.advanceTimersByTimeAsync(600_000);
    finish();
    await done;
    expect(calls).toEqual(['update r0 600', 'update r1 600', 'delete r2']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toHaveLength(3);
  });

  it('can be given back at once', async () => {
    const { message, calls } = stage();
    void message.process();
    await message.abandon();
    expect(calls).toEqual(['update r0 0']);
  });

  it('goes to poison unread where hosts died over it too often', async () => {
    const { message, calls } = stage(6);
    await message.process();
    expect(calls).toEqual(['poison aGVp', 'delete r0']);
  });
});
