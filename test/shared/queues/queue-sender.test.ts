import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryQueueSender } from '../../../shared/queues/memory-queue-sender.ts';
import { QUEUES, type SyncJob } from '../../../shared/queues/messages.ts';
import { AzureQueueSender, QueueError } from '../../../shared/queues/queue-sender.ts';
import type { QueueSender } from '../../../shared/queues/ports.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { startAzurite, type TestAzurite } from '../../support/azurite.ts';

const job: SyncJob = {
  v: 1,
  kind: 'sync',
  tenantId: 'municipal_a',
  pairId: 'pær-1',
  cause: 'notification',
  signal: 3,
};
const sized = (bytes: number): SyncJob => ({ ...job, pairId: 'x'.repeat(bytes - OTHER_BYTES) });
const OTHER_BYTES = JSON.stringify({ ...job, pairId: '' }).length;

let azurite: TestAzurite;
let service: QueueServiceClient;
const senders = new Map<string, QueueSender>();

beforeAll(async () => {
  azurite = await startAzurite();
  const { connectionString } = azurite;
  service = QueueServiceClient.fromConnectionString(connectionString);
  const sender = new AzureQueueSender({ connectionString });
  await sender.ensureQueues();
  senders.set('Azurite', sender);
  senders.set('memory', new MemoryQueueSender({ now: () => 0 as Instant }));
});

afterAll(async () => {
  await azurite.stop();
});

function sender(name: string): QueueSender {
  const found = senders.get(name);
  if (found === undefined) throw new Error(`no sender ${name}`);
  return found;
}

describe.each(['Azurite', 'memory'])('a queue sender (%s)', (name) => {
  it('refuses what no queue would take', async () => {
    const send = (one: SyncJob, delayMs = 0): Promise<void> =>
      sender(name).send(QUEUES.low, one, { delayMs });
    await send(sized(48 * 1024 - 1));
    await expect(send(sized(48 * 1024))).rejects.toThrow(RangeError);
    await expect(send(job, 7 * 24 * 3_600_000 + 1)).rejects.toThrow(RangeError);
    await expect(send(job, -1)).rejects.toThrow(RangeError);
    await send(job, 7 * 24 * 3_600_000);
  });

  it('refuses a job that no consumer could read', async () => {
    const broken = { ...job, cause: 'boredom' } as unknown as SyncJob;
    await expect(sender(name).send(QUEUES.low, broken)).rejects.toThrow('cause');
  });
});

describe('messages in Azure queues', () => {
  it('are base64 of the job’s JSON', async () => {
    await sender('Azurite').send(QUEUES.sync, job);
    const { receivedMessageItems } = await service.getQueueClient(QUEUES.sync).receiveMessages();
    const [message] = receivedMessageItems;
    const text = Buffer.from(message?.messageText ?? '', 'base64').toString('utf8');
    expect(JSON.parse(text)).toEqual(job);
  });

  it('wait for as long as they were told to', async () => {
    await sender('Azurite').send(QUEUES.bookingEvents, job, { delayMs: 3_600_000 });
    const client = service.getQueueClient(QUEUES.bookingEvents);
    expect((await client.receiveMessages()).receivedMessageItems).toEqual([]);
    expect((await client.getProperties()).approximateMessagesCount).toBe(1);
  });

  it('have queues that can be made again and again, each with its poison queue', async () => {
    await sender('Azurite').ensureQueues();
    const names: string[] = [];
    for await (const { name } of service.listQueues()) names.push(name);
    const wanted = Object.values(QUEUES).flatMap((queue) => [queue, `${queue}-poison`]);
    expect(names.sort()).toEqual(wanted.sort());
  });

  it('are not sent where the queue is not there', async () => {
    const { connectionString } = azurite;
    const elsewhere = new AzureQueueSender({ connectionString }, { prefix: 'none' });
    await expect(elsewhere.send(QUEUES.sync, job)).rejects.toThrow(QueueError);
    await expect(elsewhere.send(QUEUES.sync, job)).rejects.toMatchObject({ status: 404 });
  });
});

describe('messages in memory', () => {
  it('come in order, each once, and not before their time', async () => {
    let now = 1e12;
    const queues = new MemoryQueueSender({ now: () => now as Instant });
    await queues.send(QUEUES.sync, { ...job, signal: 1 }, { delayMs: 1_500 });
    await queues.send(QUEUES.sync, { ...job, signal: 2 });
    await queues.send(QUEUES.low, { ...job, signal: 3 });
    expect(queues.jobs).toHaveLength(3);
    const receive = (): unknown => (queues.receive(QUEUES.sync) as SyncJob | undefined)?.signal;
    expect([receive(), receive()]).toEqual([2, undefined]);
    now += 2_000;
    expect([receive(), receive()]).toEqual([1, undefined]);
  });
});
