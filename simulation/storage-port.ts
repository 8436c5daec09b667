import type { Job } from '../shared/queues/messages.ts';
import type { QueueName, QueueSender, SendOptions } from '../shared/queues/ports.ts';
import { delaySeconds, encodeJob, QueueError } from '../shared/queues/queue-sender.ts';
import { CONTROL, TABLES } from '../shared/stores/keys.ts';
import { StorageError } from '../shared/stores/errors.ts';
import { MemoryTables } from '../shared/stores/memory/memory-tables.ts';
import type { RowWrite, Table, Tables } from '../shared/stores/table.ts';
import type { Faults } from './faults.ts';
import { QueueServiceError, QueueTwin } from './queue-twin.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Watch } from './watch.ts';

/** The storage account that all workers share. */
export class Storage {
  readonly tables = new MemoryTables();
  /** Every message that was ever sent. */
  readonly sent: { readonly queue: QueueName; readonly text: string }[] = [];
  readonly #queues = new Map<string, QueueTwin>();
  readonly #epochs = new Map<string, number>();
  readonly #now: () => number;
  readonly #pick: (count: number) => number;

  constructor(now: () => number, pick: (count: number) => number) {
    this.#now = now;
    this.#pick = pick;
  }

  queue(name: string): QueueTwin {
    let queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, (queue = new QueueTwin(this.#now, this.#pick)));
    return queue;
  }

  /** Every row of a pair is gone; what was read before cannot be written any more. */
  loseRows(partitionKey: string): void {
    this.#epochs.set(partitionKey, (this.#epochs.get(partitionKey) ?? 0) + 1);
  }

  /** Where the rows of a partition are now. */
  partition(key: string): string {
    const epoch = this.#epochs.get(key) ?? 0;
    return epoch === 0 ? key : `${key}~${epoch}`;
  }
}

export interface StorageUse {
  readonly actor: Actor;
  readonly scheduler: Scheduler;
  readonly storage: Storage;
  readonly faults: Faults;
  readonly random: Random;
  readonly watch: Watch;
}

/** The tables as one worker reaches them: each call is a step, and can fail. */
export function workerTables({ actor, scheduler, storage, faults, watch }: StorageUse): Tables {
  const readFault = (): void => {
    if (faults.draw(['table-down-before'], 0.3) !== undefined) throw down();
  };
  const table = (name: string): Table => {
    const inner = storage.tables.table(name);
    const write = async (key: string, writes: readonly RowWrite[]): Promise<readonly string[]> => {
      watch.rows(key, writes);
      const fault = faults.draw(
        ['table-down-before', 'table-down-after', 'table-write-repeated'],
        0.3,
      );
      if (fault === 'table-down-before') throw down();
      const lease =
        name === TABLES.sync ? await inner.get(storage.partition(key), CONTROL.lease) : undefined;
      const etags = await inner.write(storage.partition(key), writes);
      watch.fenced(lease, writes);
      if (fault === 'table-down-after') throw down();
      return fault === 'table-write-repeated'
        ? await inner.write(storage.partition(key), writes)
        : etags;
    };
    return {
      get: (key, rowKey) =>
        scheduler.call(
          actor,
          `get ${name} ${key} ${rowKey}`,
          async () => {
            readFault();
            return await inner.get(storage.partition(key), rowKey);
          },
          (row) => (row === undefined ? 'none' : 'found'),
        ),
      list: (key, query) =>
        scheduler.call(
          actor,
          `list ${name} ${key} ${query.from}`,
          async () => {
            readFault();
            return await inner.list(storage.partition(key), query);
          },
          (rows) => `${rows.length} rows`,
        ),
      write: (key, writes) =>
        scheduler.call(
          actor,
          `write ${name} ${key} ${writes.map(({ row }) => row.rowKey).join(' ')}`,
          () => write(key, writes),
        ),
    };
  };
  return { table, ensureTable: (name) => storage.tables.ensureTable(name) };
}

function down(): StorageError {
  return new StorageError('unavailable', 'the storage did not answer');
}

/** The queues as one worker sends to them. */
export function workerSender(use: StorageUse): QueueSender {
  const { actor, scheduler, storage, faults, random, watch } = use;
  const send = async (queue: QueueName, job: Job, { delayMs = 0 }: SendOptions): Promise<void> => {
    const text = encodeJob(job);
    const visibilityTimeout = delaySeconds(delayMs);
    watch.message(job.tenantId, text);
    const fault = faults.draw([
      'send-failed-before',
      'send-failed-after',
      'message-doubled',
      'message-lost',
      'message-late',
    ]);
    if (fault === 'send-failed-before') throw new QueueError(`queue ${queue}: 503`);
    storage.sent.push({ queue, text });
    const lateMs = fault === 'message-late' ? random.between(30, 600) : 0;
    const copies = { 'message-lost': 0, 'message-doubled': 2 }[fault as string] ?? 1;
    for (let copy = 0; copy < copies; copy += 1)
      await storage
        .queue(queue)
        .sendMessage(text, { visibilityTimeout: visibilityTimeout + lateMs });
    if (fault === 'send-failed-after') throw new QueueError(`queue ${queue}: 503`);
  };
  return {
    send: (queue, job, options = {}) =>
      scheduler.call(actor, `send ${queue} ${job.kind} ${job.tenantId}`, () =>
        send(queue, job, options),
      ),
    ensureQueues: async () => {},
  };
}

/** One queue as a worker's host consumes it. */
export function workerQueue({ actor, scheduler, storage, faults }: StorageUse, name: string) {
  const queue = storage.queue(name);
  const step = <T>(label: string, effect: () => Promise<T>, outcomeOf?: (value: T) => string) =>
    scheduler.call(actor, `${label} ${name}`, effect, outcomeOf);
  return {
    nextVisibleAt: () => queue.nextVisibleAt(),
    receiveMessages: (options: { numberOfMessages: number; visibilityTimeout: number }) =>
      step(
        'receive from',
        () => queue.receiveMessages(options),
        ({ receivedMessageItems }) => `${receivedMessageItems.length} messages`,
      ),
    updateMessage: (id: string, receipt: string, _text: undefined, seconds: number) =>
      step('hide in', () => queue.updateMessage(id, receipt, undefined, seconds)),
    deleteMessage: (id: string, receipt: string) =>
      step('delete from', async () => {
        if (faults.draw(['delete-failed']) !== undefined)
          throw new QueueServiceError(503, 'ServerBusy');
        await queue.deleteMessage(id, receipt);
      }),
    sendMessage: (text: string) => step('send to', () => queue.sendMessage(text)),
    createIfNotExists: () => queue.createIfNotExists(),
  };
}
