import { SIDES, type MappingId } from '../model/ids.ts';
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
  /** Undefined until all rows were once seen. */
  #mapped: number | undefined;
  /** Also when the pass before died between its commits. */
  #open: boolean;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(lease: HeldLease, clock: Clock, leaseTtlMs: number) {
    this.#lease = lease;
    this.#clock = clock;
    this.#leaseTtlMs = leaseTtlMs;
    this.#intents = lease.control.lease.intents;
    this.#mapped = lease.control.lease.mapped;
    this.#open = lease.control.lease.passOpen;
  }

  /** Takes note of rows as they were loaded. */
  note(mappings: readonly EventMapping[]): void {
    for (const mapping of mappings) this.#mappings.set(mapping.id, mapping);
  }

  /** Events that have both of their copies, where that is known. */
  get mapped(): number | undefined {
    return this.#mapped;
  }

  /** The same of all rows there are, which also says how many intents are open. */
  noteAll(mappings: readonly EventMapping[]): void {
    this.note(mappings);
    this.#intents = sumOf(mappings, openIn);
    this.#mapped = sumOf(mappings, mappedIn);
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
    const { intents, mapped } = this.#lease.control.lease;
    const isCounted = this.#intents === intents && this.#mapped === mapped;
    if (!this.#open && rows.length === 0 && isCounted) return;
    await this.#write([], rows);
    this.#open = false;
  }

  async #write(
    changes: readonly MappingChange[],
    rows: readonly Exclude<RowChange, { kind: 'mapping' }>[],
  ): Promise<void> {
    const latest = new Map(changes.map((change) => [change.mapping.id, change]));
    const grown = (countIn: (mapping: EventMapping | undefined) => number): number =>
      sumOf(
        [...latest.values()],
        ({ mapping }) => countIn(mapping) - countIn(this.#mappings.get(mapping.id)),
      );
    const intents = this.#intents + grown(openIn);
    const mapped = this.#mapped === undefined ? undefined : this.#mapped + grown(mappedIn);
    const facts: LeaseFactsPatch = {
      passOpen: rows.length === 0 && changes.length > 0,
      intents,
      ...(mapped === undefined ? {} : { mapped }),
    };
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
    this.#mapped = mapped;
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

function sumOf<T>(list: readonly T[], countIn: (one: T) => number): number {
  return list.reduce((sum, one) => sum + countIn(one), 0);
}

/** 1 where the event has both of its copies. */
function mappedIn(mapping: EventMapping | undefined): number {
  return SIDES.every((side) => mapping?.[side] !== undefined && mapping[side].gone !== true)
    ? 1
    : 0;
}

function openIn(mapping: EventMapping | undefined): number {
  return (mapping?.createIntent === undefined ? 0 : 1) + (mapping?.suspended === undefined ? 0 : 1);
}
