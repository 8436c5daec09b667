import type { Side } from '../model/ids.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { planTransactions } from './commit-plan.ts';
import {
  fromControlRows,
  fromLeaseRow,
  NO_SIGNAL,
  patchFacts,
  toLeaseRow,
  toSignalRow,
  type StoredControl,
} from './control-rows.ts';
import { LeaseLostError, StorageError } from './errors.ts';
import { CONTROL, CONTROL_ROWS } from './keys.ts';
import type {
  BrakeRow,
  ControlRows,
  CursorRow,
  HeldLease,
  LeaseFacts,
  LeaseFactsPatch,
  RowChange,
  SignalRow,
} from './ports.ts';
import type { RowWrite, Table } from './table.ts';

/** How often one write is tried again when it is our own unclear writes that stand in its way. */
const ATTEMPTS_MAX = 4;

export interface LeaseContext {
  readonly table: Table;
  readonly partitionKey: string;
  readonly clock: Clock;
  readonly leaseTtlMs: number;
  readonly newCommitId: () => string;
}

/** The part of a taken lease that its first write settled. */
export interface TakenLease extends StoredControl {
  readonly holder: string;
  readonly leaseEtag: string;
  readonly commitId: string;
  readonly expiresAt: Instant;
}

/**
 * The lease as its holder has it. Each write carries the lease row with the etag we last knew and a
 * new `commitId`: a holder that lost the pair cannot write, and a write whose answer was lost or
 * came back as a refusal of its own repeat is known again by that id.
 */
export class TableLease implements HeldLease {
  readonly #context: LeaseContext;
  readonly #holder: string;
  /** Ids of every write of the lease row that was ours, whatever became of it. */
  readonly #commitIds: Set<string>;
  #stored: StoredControl;
  #etag: string;
  #expiresAt: Instant;
  #isReleased = false;

  constructor(context: LeaseContext, taken: TakenLease) {
    this.#context = context;
    this.#holder = taken.holder;
    this.#commitIds = new Set([taken.commitId]);
    this.#stored = taken;
    this.#etag = taken.leaseEtag;
    this.#expiresAt = taken.expiresAt;
  }

  get control(): ControlRows {
    return this.#stored.control;
  }

  get expiresAt(): Instant {
    return this.#expiresAt;
  }

  async commit(
    changes: readonly RowChange[],
    facts: LeaseFactsPatch = {},
    finalFacts: LeaseFactsPatch = {},
  ): Promise<void> {
    const transactions = planTransactions(changes);
    for (const [index, writes] of transactions.entries()) {
      const isLast = index === transactions.length - 1;
      await this.#write(writes, isLast ? { ...facts, ...finalFacts } : facts);
    }
    this.#noteRows(changes);
  }

  async renew(): Promise<void> {
    await this.#write([], {});
  }

  async release(
    facts: LeaseFactsPatch = {},
    { sawSignal = false, force = false }: { sawSignal?: boolean; force?: boolean } = {},
  ): Promise<'released' | 'signalled'> {
    const noted = this.control.signal.raised;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { signal } = this.control;
      const seen = sawSignal ? Math.max(signal.seen, noted) : signal.seen;
      const write = this.#signalWrite({ ...signal, seen });
      if ((await this.#tryWrite([write], facts, { isRelease: true })) === 'written')
        return 'released';
      await this.#readSignal();
      // Its message being sent moves the row too, and asks for nothing.
      if (this.control.signal.raised !== noted && !force) return 'signalled';
    }
    if (!force) return 'signalled';
    await this.#write([], facts, { isRelease: true });
    return 'released';
  }

  #signalWrite(signal: SignalRow): RowWrite {
    const row = toSignalRow(signal);
    const { signalEtag: etag } = this.#stored;
    return etag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag };
  }

  async #readSignal(): Promise<void> {
    const { table, partitionKey } = this.#context;
    const { control, signalEtag } = fromControlRows(
      partitionKey,
      await table.list(partitionKey, CONTROL_ROWS),
    );
    const signal = signalEtag === undefined ? NO_SIGNAL : control.signal;
    // A decision is noted before its signal is raised, so that who sees the one has the other.
    const { decisions } = control;
    this.#stored = {
      control: { ...this.control, signal, decisions },
      ...(signalEtag === undefined ? {} : { signalEtag }),
    };
  }

  async #write(
    writes: readonly RowWrite[],
    facts: LeaseFactsPatch,
    options: { isRelease?: boolean } = {},
  ): Promise<void> {
    if ((await this.#tryWrite(writes, facts, options)) === 'other-row-moved')
      throw new StorageError(
        'conflict',
        `rows of ${this.#context.partitionKey} moved by themselves`,
      );
  }

  /** `other-row-moved`: the lease is ours, but a precondition of another row did not hold. */
  async #tryWrite(
    writes: readonly RowWrite[],
    patch: LeaseFactsPatch,
    { isRelease = false }: { isRelease?: boolean },
  ): Promise<'written' | 'other-row-moved'> {
    const { table, partitionKey, clock, leaseTtlMs, newCommitId } = this.#context;
    if (this.#isReleased) throw new LeaseLostError(`the lease of ${partitionKey} was given back`);
    for (let attempt = 1; ; attempt += 1) {
      const commitId = newCommitId();
      const expiresAt = (clock.now() + leaseTtlMs) as Instant;
      const facts = { ...patchFacts(this.control.lease, patch), commitId };
      const holding = { holder: this.#holder, commitId, ...(isRelease ? {} : { expiresAt }) };
      this.#commitIds.add(commitId);
      const lease: RowWrite = {
        kind: 'replace',
        row: toLeaseRow(facts, holding),
        etag: this.#etag,
      };
      const settled = await table.write(partitionKey, [lease, ...writes]).then(
        ([etag]) => ({ kind: 'written', etag }) as const,
        (error: unknown) => this.#settle(commitId, error),
      );
      this.#etag = settled.etag ?? this.#etag;
      if (settled.kind === 'other-row-moved') return 'other-row-moved';
      if (settled.kind === 'written') {
        this.#noteWritten(facts, expiresAt, isRelease);
        return 'written';
      }
      if (attempt === ATTEMPTS_MAX) throw settled.error;
    }
  }

  /** What became of a write that was answered with an error, by what the lease row says now. */
  async #settle(
    commitId: string,
    error: unknown,
  ): Promise<
    | { kind: 'written'; etag: string }
    | { kind: 'other-row-moved'; etag: string }
    | { kind: 'again'; etag: string; error: StorageError }
  > {
    if (!(error instanceof StorageError) || error.kind === 'too-large' || error.kind === 'other')
      throw error;
    const { table, partitionKey } = this.#context;
    const row = await table.get(partitionKey, CONTROL.lease);
    const holding = row && fromLeaseRow(partitionKey, row).holding;
    if (row === undefined || holding === undefined || !this.#commitIds.has(holding.commitId))
      throw new LeaseLostError(
        `the pair ${partitionKey} was taken by ${holding?.holder ?? 'nobody, its lease is gone'}`,
        holding?.expiresAt,
      );
    const { etag } = row;
    if (holding.commitId === commitId) return { kind: 'written', etag };
    // An earlier write of ours, told to us as failed, has moved the row after all.
    if (etag !== this.#etag) return { kind: 'again', etag, error };
    if (error.kind === 'unavailable') throw error;
    return { kind: 'other-row-moved', etag };
  }

  #noteWritten(lease: LeaseFacts, expiresAt: Instant, isRelease: boolean): void {
    this.#isReleased = isRelease;
    this.#expiresAt = expiresAt;
    this.#stored = { ...this.#stored, control: { ...this.control, lease } };
  }

  #noteRows(changes: readonly RowChange[]): void {
    const cursors: { [S in Side]?: CursorRow } = {};
    let { window } = this.control;
    const brake: { [S in Side]?: BrakeRow } = {};
    for (const change of changes) {
      if (change.kind === 'cursor') cursors[change.side] = change.row;
      if (change.kind === 'window') window = change.row;
      if (change.kind === 'brake') brake[change.side] = change.row;
    }
    const control = {
      ...this.control,
      brake: { ...this.control.brake, ...brake },
      ...cursors,
      ...(window === undefined ? {} : { window }),
    };
    this.#stored = { ...this.#stored, control };
  }
}
