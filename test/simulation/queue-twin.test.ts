import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QueueTwin } from '../../simulation/queue-twin.ts';
import { startAzurite, type TestAzurite } from '../support/azurite.ts';
import { describeQueue } from './queue-contract.ts';

let azurite: TestAzurite;
let service: QueueServiceClient;
let queues = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});

afterAll(async () => {
  await azurite.stop();
});

describeQueue('Azurite', () => ({
  open: async () => {
    queues += 1;
    const queue = service.getQueueClient(`contract-${queues}`);
    await queue.createIfNotExists();
    return queue;
  },
  // Azurite's own clock: there is nothing to wait for but the time.
  pass: (ms) => new Promise((done) => setTimeout(done, ms)),
}));

let now = 1e12;
describeQueue('the simulation’s twin', () => ({
  open: async () => new QueueTwin(() => now),
  pass: async (ms) => void (now += ms),
}));

it('the twin gives what is visible in the order it is told to', async () => {
  const twin = new QueueTwin(
    () => 1e12,
    (count) => count - 1,
  );
  for (const text of ['1', '2', '3']) await twin.sendMessage(text);
  const { receivedMessageItems } = await twin.receiveMessages({ numberOfMessages: 3 });
  expect(receivedMessageItems.map(({ messageText }) => messageText)).toEqual(['3', '2', '1']);
});
