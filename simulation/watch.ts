import { CONTROL } from '../shared/stores/keys.ts';
import type { RowWrite, StoredRow } from '../shared/stores/table.ts';
import type { Logger } from '../shared/util/logger.ts';
import type { Answer, Call } from './call.ts';
import type { Faults } from './faults.ts';
import { Violation } from './violation.ts';

/** In every title and description that people write, before the number of the tenant. */
export const MARK = '§';

/** A place that asked to be left alone. */
interface Wait {
  readonly worker: string;
  readonly askedAt: number;
  readonly until: number;
}

/** Looks at everything that leaves the code under test, as it leaves. */
export class Watch {
  readonly #faults: Faults;
  readonly #tenants: readonly string[];
  readonly #waits = new Map<string, Wait>();
  /** Keys of creates that were answered with a copy. */
  readonly #keys = new Set<string>();
  /** No fault of this history excuses a worker for not knowing what another one was told. */
  readonly #isShared: boolean;
  /** Changes that the bridge made in the calendar systems. */
  writes = 0;
  violation: Violation | undefined;

  constructor(faults: Faults, tenants: readonly string[]) {
    this.#faults = faults;
    this.#tenants = tenants;
    const { enabled } = faults;
    const excuses = ['crash', 'stall', 'clock-skew', 'table-down-before', 'table-down-after'];
    this.#isShared = ![...excuses, 'rows-lost'].some((name) => enabled.has(name as never));
  }

  /** Notes what does not hold; the first one counts. Never throws into the code under test. */
  fail(violation: Violation): void {
    this.violation ??= violation;
  }

  /** @param tenant whose token, session or partition it is. */
  content(what: string, tenant: string, text: string): void {
    for (const other of this.#tenants)
      if (other !== tenant && text.includes(`${MARK}${other}.`))
        this.fail(new Violation('I4', `${what} of ${tenant} holds something of ${other}`));
  }

  rows(partitionKey: string, writes: readonly RowWrite[]): void {
    const tenant = partitionKey.split(':')[0] ?? '';
    if (!this.#tenants.includes(tenant))
      this.fail(new Violation('I4', `a row in the partition ${partitionKey} of no tenant`));
    for (const { row } of writes)
      for (const value of Object.values(row.values))
        if (typeof value === 'string' && value.includes(MARK))
          this.fail(new Violation('I4', `${row.rowKey} keeps content: ${value.slice(0, 80)}`));
  }

  /**
   * One writer a pair: what a run writes of events and cursors, it writes while the pair is its own.
   * @param lease as it stands before the write
   */
  fenced(lease: StoredRow | undefined, writes: readonly RowWrite[]): void {
    const next = writes.find(({ row }) => row.rowKey === CONTROL.lease)?.row.values['holder'];
    const isWork = writes.some(({ row }) => !row.rowKey.startsWith('c:'));
    const holder = lease?.values['holder'];
    if (isWork && holder !== undefined && next !== undefined && holder !== next)
      this.fail(new Violation('I11', `${String(next)} writes what ${String(holder)} holds`));
  }

  /** Creates that are about to be sent to Graph. */
  creates(call: Call): void {
    for (const key of createKeys(call).values())
      if (this.#isShared && this.#keys.has(key))
        this.fail(new Violation('I12', `${key.slice(0, 60)} made a copy before`));
  }

  /** What came back to the worker that asked. */
  answered(call: Call, { status, text }: Answer): void {
    const keys = createKeys(call);
    if (status !== 200 || keys.size === 0) return;
    const { responses } = JSON.parse(text) as { responses: { id: string; status: number }[] };
    for (const { id, status } of responses) {
      const key = keys.get(id);
      if (status === 201 && key !== undefined) this.#keys.add(key);
    }
  }

  message(tenant: string, text: string): void {
    const json = Buffer.from(text, 'base64').toString('utf8');
    if (json.includes(MARK)) this.fail(new Violation('I4', `a message of ${tenant} has content`));
  }

  logger(): Logger {
    const see = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (JSON.stringify([message, fields]).includes(MARK))
        this.fail(new Violation('I4', `a line of the log holds content: ${message}`));
      if (message.startsWith('another run has taken')) this.#faults.count('lease-taken-over');
      // Our own storage may fail in the middle of a pass; nothing else may.
      if (fields['kind'] === 'internal' && !/StorageError/.test(String(fields['reason'])))
        this.fail(new Violation('X', `${message}: ${String(fields['reason'])}`));
    };
    return { info: see, warn: see, error: see };
  }

  /** The workers' clocks were set: what they had noted in the old time ends at another one. */
  clocksSet(): void {
    this.#waits.clear();
  }

  /** A place asked a worker to stay away. */
  askedToWait(place: string, wait: Wait): void {
    this.#waits.set(place, wait);
  }

  /** @param sentAt When the worker made the request: what was on its way already is no offence. */
  request(place: string, worker: string, sentAt: number): void {
    const wait = this.#waits.get(place);
    if (wait === undefined || sentAt >= wait.until || sentAt <= wait.askedAt) return;
    // A booking system's wait is known to the worker that heard it, and to the pair; a mailbox is a pair's.
    if (wait.worker !== worker && !(this.#isShared && place.includes('@'))) return;
    this.fail(
      new Violation('I10', `${worker} asks ${place} ${wait.until - sentAt} ms before its time`),
    );
  }
}

/** Mailbox and transaction id of each create in a batch, by the id of its request. */
function createKeys(call: Call): ReadonlyMap<string, string> {
  if (!call.isBatch) return new Map();
  return new Map(
    call.batchRequests().flatMap(({ id, method, url, body }) => {
      const { transactionId } = (body ?? {}) as { transactionId?: string };
      const isCreate = method === 'POST' && transactionId !== undefined;
      return isCreate ? [[id, `${url} ${transactionId}`] as const] : [];
    }),
  );
}
