import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAzurite, type TestAzurite } from '../../support/azurite.ts';
import { startToyHost, type ToyHost } from './fixtures/toy-host.ts';

let azurite: TestAzurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

interface Scene {
  host: ToyHost;
  queue: QueueClient;
  poison: QueueClient;
  send: (text: string) => Promise<void>;
}

async function withHost(
  queues: Record<string, unknown>,
  test: (scene: Scene) => Promise<void>,
): Promise<void> {
  const host = await startToyHost({ connectionString: azurite.connectionString, queues });
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  const queue = service.getQueueClient(host.queueName);
  const poison = service.getQueueClient(`${host.queueName}-poison`);
  const send = async (text: string): Promise<void> => {
    await queue.createIfNotExists();
    await queue.sendMessage(Buffer.from(text).toString('base64'));
  };
  try {
    await test({ host, queue, poison, send });
  } finally {
    await host.close();
  }
}

const isIdle = async (host: ToyHost): Promise<boolean> => {
  const answer = await host.owner('GET', '/admin/host/idle');
  return ((await answer.json()) as { idle: boolean }).idle;
};
const untilIdle = (host: ToyHost): Promise<unknown> =>
  vi.waitFor(async () => expect(await isIdle(host)).toBe(true), { timeout: 15_000 });
const textOf = (message: { messageText: string } | undefined): string =>
  Buffer.from(message?.messageText ?? '', 'base64').toString('utf8');

describe('the consumer of a queue', () => {
  it('takes every message once, in a queue made after the host', async () => {
    await withHost({}, async ({ host, send }) => {
      const texts = Array.from({ length: 40 }, (_, index) => `{"n":${index}}`);
      for (const text of texts) await send(text);
      await untilIdle(host);
      const isOurs = (message: unknown): message is { n: number } =>
        typeof message === 'object' && message !== null && 'n' in message;
      const taken = (await host.seen()).filter(({ message }) => isOurs(message));
      const numbers = taken.map(({ message }) => (message as { n: number }).n);
      expect(numbers.sort((a, b) => a - b)).toEqual(texts.map((_, index) => index));
      expect(taken.every(({ dequeueCount, hasId }) => dequeueCount === 1 && hasId)).toBe(true);
    });
  });

  it('tries again after a throw and moves the message to poison after the last try', async () => {
    const queues = { visibilityTimeout: '00:00:00', maxDequeueCount: 3 };
    await withHost(queues, async ({ host, send, poison }) => {
      const before = (await host.seen()).filter(({ message }) => message === 'fail').length;
      await send('fail');
      await untilIdle(host);
      const tries = (await host.seen()).filter(({ message }) => message === 'fail').slice(before);
      expect(tries.map(({ dequeueCount }) => dequeueCount)).toEqual([1, 2, 3]);
      const { peekedMessageItems } = await poison.peekMessages();
      expect(peekedMessageItems.map(textOf)).toEqual(['fail']);
    });
  });

  it('moves what is not base64 to poison without running the function', async () => {
    await withHost({}, async ({ host, queue, poison }) => {
      const before = (await host.seen()).filter((one) => 'message' in one).length;
      await queue.createIfNotExists();
      await queue.sendMessage('not base64!');
      await untilIdle(host);
      const { peekedMessageItems } = await poison.peekMessages();
      expect(peekedMessageItems[0]?.messageText).toBe('not base64!');
      expect((await host.seen()).filter((one) => 'message' in one)).toHaveLength(before);
    });
  });

  it('is not idle while a message is hidden', async () => {
    await withHost({}, async ({ host, queue }) => {
      await queue.createIfNotExists();
      await queue.sendMessage(Buffer.from('later').toString('base64'), { visibilityTimeout: 600 });
      const answer = await host.owner('GET', '/admin/host/idle');
      expect(await answer.json()).toEqual({
        idle: false,
        queues: { [host.queueName]: 1 },
        running: 0,
      });
    });
  });

  it('lets a message rest after a throw', async () => {
    await withHost({ visibilityTimeout: '00:10:00' }, async ({ host, queue, send }) => {
      const before = (await host.seen()).filter(({ message }) => message === 'fail').length;
      await send('fail');
      await vi.waitFor(async () => {
        const tries = (await host.seen()).filter(({ message }) => message === 'fail').length;
        expect(tries).toBe(before + 1);
      });
      await vi.waitFor(async () => {
        const status = await host.owner('GET', '/admin/host/idle');
        expect(await status.json()).toMatchObject({ running: 0, idle: false });
      });
      expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
    });
  });
});
