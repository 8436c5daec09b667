import {
  odata,
  TableClient,
  type TableEntityResult,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { StorageError } from './errors.ts';
import { toStorageError } from './storage-fault.ts';
import {
  checkWrites,
  type RowQuery,
  type RowWrite,
  type StoredRow,
  type Table,
  type Tables,
  type Value,
} from './table.ts';

const PAGE_ROWS = 1_000;

/** Where the tables are. The credential is one of `@azure/identity`. */
export type TableConnection =
  | { readonly connectionString: string }
  | { readonly serviceUri: string; readonly credential: TokenCredential };

export interface AzureTablesOptions {
  /** Put before each table's name, so that tests share one account. Letters and digits. */
  readonly prefix?: string;
}

/** Azure Table Storage, or Azurite. Plain HTTP is used for a loopback address only. */
export class AzureTables implements Tables {
  readonly #connection: TableConnection;
  readonly #prefix: string;
  readonly #clients = new Map<string, TableClient>();

  constructor(connection: TableConnection, { prefix = '' }: AzureTablesOptions = {}) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  table(name: string): Table {
    return new AzureTable(this.#client(name));
  }

  async ensureTable(name: string): Promise<void> {
    await settled(name, this.#client(name).createTable());
  }

  #client(name: string): TableClient {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = makeClient(this.#connection, this.#prefix + name);
    this.#clients.set(name, client);
    return client;
  }
}

function makeClient(connection: TableConnection, name: string): TableClient {
  const options = (address: string): TableServiceClientOptions => ({
    // More is our own policy's to decide: what a timer asked for is asked again at its next tick.
    retryOptions: { maxRetries: 1 },
    allowInsecureConnection: isLoopbackHttp(address),
  });
  if ('connectionString' in connection) {
    const { connectionString } = connection;
    return TableClient.fromConnectionString(connectionString, name, options(connectionString));
  }
  const { serviceUri, credential } = connection;
  return new TableClient(serviceUri, name, credential, options(serviceUri));
}

/** True for Azurite's address, in a URL or in a connection string. */
export function isLoopbackHttp(address: string): boolean {
  const endpoint = /(?:^|TableEndpoint=|QueueEndpoint=)(http:\/\/[^;]+)/i.exec(address)?.[1];
  if (endpoint === undefined) return /UseDevelopmentStorage=true/i.test(address);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}

class AzureTable implements Table {
  readonly #client: TableClient;

  constructor(client: TableClient) {
    this.#client = client;
  }

  async get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined> {
    try {
      return toStoredRow(await this.#client.getEntity(partitionKey, rowKey));
    } catch (error) {
      const fault = toStorageError(error, this.#client.tableName);
      if (fault.kind === 'not-found' && fault.code !== 'TableNotFound') return undefined;
      throw fault;
    }
  }

  async list(partitionKey: string, query: RowQuery): Promise<readonly StoredRow[]> {
    return settled(this.#client.tableName, this.#list(partitionKey, query));
  }

  async #list(
    partitionKey: string,
    { from, to, equals = {}, limit = Infinity }: RowQuery,
  ): Promise<readonly StoredRow[]> {
    if (limit <= 0) return [];
    const range = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
    const wanted = Object.entries(equals).map(
      ([name, value]) => ` and ${name} ${odata`eq ${value}`}`,
    );
    const filter = range + wanted.join('');
    const rows: StoredRow[] = [];
    const pages = this.#client
      .listEntities({ queryOptions: { filter } })
      .byPage({ maxPageSize: Math.min(limit, PAGE_ROWS) });
    // Short and empty pages are no end: only a missing continuation is.
    for await (const page of pages) {
      for (const entity of page) rows.push(toStoredRow(entity));
      if (rows.length >= limit) break;
    }
    return rows.slice(0, limit);
  }

  async write(partitionKey: string, writes: readonly RowWrite[]): Promise<readonly string[]> {
    checkWrites(partitionKey, writes);
    if (writes.length === 0) return [];
    const actions = writes.map((write) => toAction(partitionKey, write));
    const { subResponses } = await settled(
      this.#client.tableName,
      this.#client.submitTransaction(actions),
    );
    return subResponses.map(({ etag }) => {
      if (etag === undefined) throw new StorageError('other', 'a transaction answered no etag');
      return etag;
    });
  }
}

function toAction(partitionKey: string, write: RowWrite): TransactionAction {
  const { rowKey, values } = write.row;
  const entity = { partitionKey, rowKey, ...values };
  switch (write.kind) {
    case 'insert':
      return ['create', entity];
    case 'upsert':
      return ['upsert', entity, 'Replace'];
    case 'merge':
      return ['upsert', entity, 'Merge'];
    case 'replace':
      return ['update', entity, 'Replace', { etag: write.etag }];
  }
}

function toStoredRow(entity: TableEntityResult<Record<string, unknown>>): StoredRow {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(entity))
    if (!SERVICE_VALUES.has(name) && isValue(value)) values[name] = value;
  return { rowKey: entity.rowKey ?? '', etag: entity.etag, values };
}

const SERVICE_VALUES = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp', 'odata.metadata']);

function isValue(value: unknown): value is Value {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

async function settled<T>(table: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toStorageError(error, table);
  }
}
