import type { DequeuedMessageItem } from '@azure/storage-queue';
import { describe, expect, it } from 'vitest';

/** What the local host asks of a queue. */
export interface ContractQueue {
  sendMessage(text: string, options?: { visibilityTimeout?: number }): Promise<unknown>;
  receiveMessages(options: {
    numberOfMessages: number;
    visibilityTimeout: number;
  }): Promise<{ receivedMessageItems: DequeuedMessageItem[] }>;
  updateMessage(
    id: string,
    receipt: string,
    message: undefined,
    visibilitySeconds: number,
  ): Promise<{ popReceipt?: string | undefined }>;
  deleteMessage(id: string, receipt: string): Promise<unknown>;
  createIfNotExists(): Promise<unknown>;
}

export interface QueueStage {
  /** A queue of its own, made and empty. */
  readonly open: () => Promise<ContractQueue>;
  readonly pass: (ms: number) => Promise<void>;
}

/** What every kind of queue keeps to, and the host's loop leans on. */
export function describeQueue(name: string, stage: () => QueueStage): void {
  const receive = async (queue: ContractQueue, seconds: number, most = 5) =>
    (await queue.receiveMessages({ numberOfMessages: most, visibilityTimeout: seconds }))
      .receivedMessageItems;
  const one = async (queue: ContractQueue, seconds: number): Promise<DequeuedMessageItem> => {
    const [item, ...more] = await receive(queue, seconds);
    if (item === undefined || more.length > 0) throw new Error('not one message');
    return item;
  };

  describe(`queues (${name})`, () => {
    it('hide what was received for as long as was asked, and give it again', async () => {
      const queue = await stage().open();
      await queue.sendMessage('text');
      const first = await one(queue, 1);
      expect(first).toMatchObject({ messageText: 'text', dequeueCount: 1 });
      expect(await receive(queue, 1)).toEqual([]);
      await stage().pass(1_100);
      const again = await one(queue, 1);
      expect(again).toMatchObject({ messageId: first.messageId, dequeueCount: 2 });
      expect(again.popReceipt).not.toBe(first.popReceipt);
    });

    it('give a delayed message when its time has come', async () => {
      const queue = await stage().open();
      await queue.sendMessage('later', { visibilityTimeout: 1 });
      expect(await receive(queue, 30)).toEqual([]);
      await stage().pass(1_100);
      expect((await one(queue, 30)).messageText).toBe('later');
    });

    it('keep nothing that was deleted, and no more at once than asked for', async () => {
      const queue = await stage().open();
      for (const text of ['1', '2', '3']) await queue.sendMessage(text);
      const items = await receive(queue, 30, 2);
      expect(items).toHaveLength(2);
      for (const { messageId, popReceipt } of items)
        await queue.deleteMessage(messageId, popReceipt);
      const [last] = await receive(queue, 30);
      const texts = [...items, last].map((item) => item?.messageText);
      expect(texts.sort()).toEqual(['1', '2', '3']);
    });

    it('hide a message longer, or show it at once, for who has its last receipt', async () => {
      const queue = await stage().open();
      await queue.sendMessage('text');
      const { messageId, popReceipt } = await one(queue, 1);
      const longer = await queue.updateMessage(messageId, popReceipt, undefined, 30);
      await stage().pass(1_100);
      expect(await receive(queue, 1)).toEqual([]);
      await queue.updateMessage(messageId, longer.popReceipt ?? '', undefined, 0);
      expect(await one(queue, 30)).toMatchObject({ messageText: 'text', dequeueCount: 2 });
    });

    it('refuse who holds an older receipt: another one has the message now', async () => {
      const queue = await stage().open();
      await queue.sendMessage('text');
      const { messageId, popReceipt } = await one(queue, 30);
      const { popReceipt: next = '' } = await queue.updateMessage(
        messageId,
        popReceipt,
        undefined,
        30,
      );
      await expect(queue.deleteMessage(messageId, popReceipt)).rejects.toMatchObject({
        statusCode: 400,
      });
      await expect(queue.updateMessage(messageId, popReceipt, undefined, 30)).rejects.toMatchObject(
        { statusCode: 400 },
      );
      await queue.deleteMessage(messageId, next);
      await expect(queue.deleteMessage(messageId, next)).rejects.toMatchObject({ statusCode: 404 });
    });

    it('can be made again and again', async () => {
      const queue = await stage().open();
      await queue.sendMessage('text');
      await queue.createIfNotExists();
      expect((await one(queue, 30)).messageText).toBe('text');
    });
  });
}
