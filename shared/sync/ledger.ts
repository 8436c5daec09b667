import type { MappingId } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import type { Clock } from '../util/clock.ts';
import type { HeldLease, LeaseFactsPatch, RowChange } from '../stores/ports.ts';
import type { CallContext } from '../bridges/bridge.ts';
import type { MappingChange } from './plan/mapping-change.ts';

/** Renew when less than this share of the lease's life is left. */
const RENEW_BELOW = 2 / 3;

/**
 * The mappings of one pass as they are stored by now, and the only way to store more. Every commit
 * rides on the lease: a pass that lost it can neither write rows nor go on calling anybody.
 */
export class Ledger {
  readonly #lease: HeldLease;
  readonly #clock: Clock;
  readonly #leaseTtlMs: number;
  readonly #mappings = new Map<MappingId, EventMapping>();
  #intents: number;
  /** Also when the pass before died between its commits. */
  #open: boolean;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(lease: HeldLease, clock: Clock, leaseTtlMs: number) {
    this.#lease = lease;
    this.#clock = clock;
    this.#leaseTtlMs = leaseTtlMs;
    this.#intents = lease.control.lease.intents;
    this.#open = lease.control.lease.passOpen;
  }

  /** Takes note of rows as they were loaded. */
  note(mappings: readonly EventMapping[]): void {
    for (const mapping of mappings) this.#mappings.set(mapping.id, mapping);
  }

  /** The same of all rows there are, which also says how many intents are open. */
  noteAll(mappings: readonly EventMapping[]): void {
    this.note(mappings);
    this.#intents = mappings.reduce((sum, mapping) => sum + openIn(mapping), 0);
  }

  mappings(): readonly EventMapping[] {
    return [...this.#mappings.values()];
  }

  /** As stored; the given one where it never was. */
  current(mapping: EventMapping): EventMapping {
    return this.#mappings.get(mapping.id) ?? mapping;
  }

  /** @throws LeaseLostError, StorageError */
  async commit(changes: readonly MappingChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#write(changes, []);
    this.#open = true;
  }

  /** The last commit of a pass: what moves the cursors, or closes a pass that may not. */
  async close(rows: readonly Exclude<RowChange, { kind: 'mapping' }>[]): Promise<void> {
    const isCounted = this.#intents === this.#lease.control.lease.intents;
    if (!this.#open && rows.length === 0 && isCounted) return;
    await this.#write([], rows);
    this.#open = false;
  }

  async #write(
    changes: readonly MappingChange[],
    rows: readonly Exclude<RowChange, { kind: 'mapping' }>[],
  ): Promise<void> {
    const latest = new Map(changes.map((change) => [change.mapping.id, change]));
    const intents =
      this.#intents +
      [...latest.values()].reduce(
        (sum, { mapping }) => sum + openIn(mapping) - openIn(this.#mappings.get(mapping.id)),
        0,
      );
    const facts: LeaseFactsPatch = { passOpen: rows.length === 0 && changes.length > 0, intents };
    await this.#inTurn(() =>
      this.#lease.commit(
        [
          ...[...latest.values()].map((change) => ({ kind: 'mapping' as const, ...change })),
          ...rows,
        ],
        changes.length > 0 ? { ...facts, passOpen: true } : {},
        facts,
      ),
    );
    this.#intents = intents;
    for (const { mapping } of latest.values()) this.#mappings.set(mapping.id, mapping);
  }

  /** For the bridges: keeps the lease alive before each of their calls. */
  readonly context: CallContext = {
    beforeCall: async () => {
      await this.#inTurn(async () => {
        const left = this.#lease.expiresAt - this.#clock.now();
        if (left < this.#leaseTtlMs * RENEW_BELOW) await this.#lease.renew();
      });
    },
  };

  /** Both sides are read at once, but the lease row has one ETag: writes to it take turns. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(write);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function openIn(mapping: EventMapping | undefined): number {
  return (mapping?.createIntent === undefined ? 0 : 1) + (mapping?.suspended === undefined ? 0 : 1);
}
