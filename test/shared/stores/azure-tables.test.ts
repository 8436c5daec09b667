import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AzureTables, isLoopbackHttp } from '../../../shared/stores/azure-tables.ts';
import { prefixRange } from '../../../shared/stores/keys.ts';
import { toStorageError } from '../../../shared/stores/storage-fault.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answering(status: number, code: string): Promise<AzureTables> {
  server = createServer((_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ 'odata.error': { code, message: { value: 'no' } } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return tablesAt((server.address() as AddressInfo).port);
}

function tablesAt(port: number): AzureTables {
  const connectionString =
    'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;' +
    `TableEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
  return new AzureTables({ connectionString });
}

describe('errors of the table service', () => {
  it.each([
    [400, 'PropertyValueTooLarge', 'too-large'],
    [403, 'AuthenticationFailed', 'other'],
    [404, 'TableNotFound', 'not-found'],
    [409, 'EntityAlreadyExists', 'conflict'],
    [409, 'TableBeingDeleted', 'unavailable'],
    [412, 'UpdateConditionNotSatisfied', 'precondition-failed'],
    [413, 'RequestBodyTooLarge', 'too-large'],
    [500, 'InternalError', 'unavailable'],
  ])('%i %s is %s, told by a single call and by a transaction', async (status, code, kind) => {
    const table = (await answering(status, code)).table('sync');
    const expected = { name: 'StorageError', kind, status, code };
    await expect(table.get('pk', 'rk')).rejects.toMatchObject(expected);
    await expect(table.list('pk', prefixRange('m:'))).rejects.toMatchObject(expected);
    const write = { kind: 'upsert', row: { rowKey: 'm:1', values: {} } } as const;
    await expect(table.write('pk', [write])).rejects.toMatchObject(expected);
  });

  it('are "unavailable" where nothing listens', async () => {
    const tables = await answering(500, 'x');
    server?.close();
    server?.closeAllConnections();
    await expect(tables.table('sync').get('pk', 'rk')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('sync') as string,
    });
  });

  it('keep what else went wrong as their cause', () => {
    const cause = new TypeError('x is not a function');
    expect(toStorageError(cause, 'sync')).toMatchObject({ kind: 'other', cause });
  });
});

describe('plain HTTP', () => {
  it.each([
    ['UseDevelopmentStorage=true', true],
    ['AccountName=a;TableEndpoint=http://127.0.0.1:10002/a;', true],
    ['AccountName=a;QueueEndpoint=http://localhost:10001/a', true],
    ['http://[::1]:10002/a', true],
    ['AccountName=a;TableEndpoint=http://storage.example:10002/a;', false],
    ['AccountName=a;TableEndpoint=https://a.table.core.windows.net', false],
    ['https://a.table.core.windows.net', false],
    ['http://127.0.0.1.example/a', false],
  ])('to %s: %s', (address, allowed) => {
    expect(isLoopbackHttp(address)).toBe(allowed);
  });
});
