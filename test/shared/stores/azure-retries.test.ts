import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QUEUES } from '../../../shared/queues/messages.ts';
import { AzureQueueSender, QueueError } from '../../../shared/queues/queue-sender.ts';
import { AzureTables } from '../../../shared/stores/azure-tables.ts';
import { StorageError } from '../../../shared/stores/errors.ts';

/** A storage account that always answers 503; says how often it was asked. */
async function busyStorage(): Promise<{ connectionString: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    // So that nobody waits long.
    response
      .writeHead(503, { 'retry-after-ms': '1', 'content-type': 'application/json' })
      .end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => new Promise((done) => server.close(() => done(undefined))));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/devstoreaccount1`;
  const key = Buffer.alloc(64).toString('base64');
  return {
    asked: () => asked,
    connectionString:
      `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};` +
      `TableEndpoint=${url};QueueEndpoint=${url};`,
  };
}

describe('a storage account that is busy is asked once more and no further', () => {
  it('for a row, for a list and for a transaction', async () => {
    const { connectionString, asked } = await busyStorage();
    const table = new AzureTables({ connectionString }).table('sync');
    const row = { rowKey: 'm:1', values: {} };
    for (const call of [
      () => table.get('p', 'm:1'),
      () => table.list('p', { from: 'm:', to: 'n' }),
      () => table.write('p', [{ kind: 'upsert', row }]),
    ]) {
      const before = asked();
      await expect(call()).rejects.toBeInstanceOf(StorageError);
      expect(asked() - before).toBe(2);
    }
  });

  it('for a message', async () => {
    const { connectionString, asked } = await busyStorage();
    const sender = new AzureQueueSender({ connectionString });
    const sent = sender.send(QUEUES.sync, {
      v: 1,
      kind: 'fan-out',
      tenantId: 'town',
      timer: 'detectDeletions',
    });
    await expect(sent).rejects.toBeInstanceOf(QueueError);
    expect(asked()).toBe(2);
  });
});
