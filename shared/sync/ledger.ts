import { SIDES, type MappingId, type Side } from '../model/ids.ts';
import { isMissed, parkedOf, type EventMapping } from '../model/mapping.ts';
import type { Clock } from '../util/clock.ts';
import type {
  BrakeRow,
  HeldLease,
  LeaseFactsPatch,
  ParkedMark,
  RowChange,
} from '../stores/ports.ts';
import type { CallContext } from '../bridges/bridge.ts';
import type { Brakes } from './holding.ts';
import {
  nextTries,
  parkedAfter,
  parkedAll,
  parkedFacts,
  parkedIn,
  type ParkedEvents,
} from './parked-events.ts';
import { counted } from './plan/brake.ts';
import type { MappingChange } from './plan/mapping-change.ts';

/** Renew when less than this share of the lease's life is left. */
const RENEW_BELOW = 2 / 3;

type OtherRow = Exclude<RowChange, { kind: 'mapping' }>;

/** What a commit adds to the counts of the brake, by the side whose brake counts it. */
export interface Tally {
  readonly kind: 'deletions' | 'creates';
  readonly side: Side;
  readonly count: number;
}

/**
 * The mappings of one pass as they are stored by now, and the only way to store more. Every commit
 * rides on the lease: a pass that lost it can neither write rows nor go on calling anybody.
 */
export class Ledger {
  readonly #lease: HeldLease;
  readonly #clock: Clock;
  readonly #leaseTtlMs: number;
  readonly #mappings = new Map<MappingId, EventMapping>();
  #brakes: Brakes;
  #isWhole = false;
  #intents: number;
  /** Undefined until all rows were once seen. */
  #mapped: number | undefined;
  #missed: number | undefined;
  #parked: ParkedEvents;
  /** Also when the pass before died between its commits. */
  #open: boolean;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(lease: HeldLease, clock: Clock, leaseTtlMs: number) {
    this.#lease = lease;
    this.#clock = clock;
    this.#leaseTtlMs = leaseTtlMs;
    this.#intents = lease.control.lease.intents;
    this.#mapped = lease.control.lease.mapped;
    this.#missed = lease.control.lease.missed;
    this.#open = lease.control.lease.passOpen;
    this.#brakes = lease.control.brake;
    this.#parked = parkedIn(lease.control.lease);
  }

  /** Takes note of rows as they were loaded. */
  note(mappings: readonly EventMapping[]): void {
    for (const mapping of mappings) this.#mappings.set(mapping.id, mapping);
  }

  /** Events that have both of their copies, where that is known. */
  get mapped(): number | undefined {
    return this.#mapped;
  }

  /** How many events are parked. */
  get parked(): number {
    return this.#parked.count;
  }

  /** Takes note of all marks there are. */
  noteParked(marks: readonly ParkedMark[]): void {
    this.#parked = parkedAll(
      new Map(marks.map(({ mappingId, nextTryAt }) => [mappingId, nextTryAt])),
    );
  }

  /** The same of all rows there are, which also says how many intents are open. */
  noteAll(mappings: readonly EventMapping[]): void {
    this.note(mappings);
    this.#isWhole = true;
    this.#intents = sumOf(mappings, openIn);
    this.#mapped = sumOf(mappings, mappedIn);
    this.#missed = sumOf(mappings, missedIn);
    this.#parked = parkedAll(nextTries(mappings));
  }

  /** Every mapping of the pair is among them. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** What is counted and held by now. */
  get brakes(): Brakes {
    return this.#brakes;
  }

  mappings(): readonly EventMapping[] {
    return [...this.#mappings.values()];
  }

  /** As stored; the given one where it never was. */
  current(mapping: EventMapping): EventMapping {
    return this.#mappings.get(mapping.id) ?? mapping;
  }

  /**
   * `tally` is counted in the same transaction as what it counts.
   * @throws LeaseLostError, StorageError
   */
  async commit(changes: readonly MappingChange[], tally?: Tally): Promise<void> {
    if (changes.length === 0) return;
    const brakes = tally === undefined || tally.count === 0 ? undefined : this.#with(tally);
    await this.#write(changes, this.#brakeRows(brakes), { brakes, isOpen: true });
    this.#open = true;
  }

  /** A hold and the marks of its items in one, so that neither stands without the other. */
  async hold(brakes: Brakes, changes: readonly MappingChange[]): Promise<void> {
    const rows = this.#brakeRows(brakes);
    if (changes.length === 0 && rows.length === 0) return;
    await this.#write(changes, rows, { brakes, isOpen: true });
    this.#open = true;
  }

  /** The last commit of a pass: what moves the cursors, or closes a pass that may not. */
  async close(cursors: readonly OtherRow[], brakes: Brakes = this.#brakes): Promise<void> {
    const rows = [...cursors, ...this.#brakeRows(brakes)];
    const { intents, mapped, missed } = this.#lease.control.lease;
    const isCounted =
      this.#intents === intents &&
      this.#mapped === mapped &&
      this.#missed === missed &&
      Object.keys(parkedFacts(this.#parked, this.#lease.control.lease)).length === 0;
    if (!this.#open && rows.length === 0 && isCounted) return;
    await this.#write([], rows, { brakes, isOpen: false });
    this.#open = false;
  }

  /** The rows of those that differ from what is stored. */
  #brakeRows(brakes: Brakes | undefined): readonly OtherRow[] {
    if (brakes === undefined) return [];
    return SIDES.filter(
      (side) => JSON.stringify(brakes[side]) !== JSON.stringify(this.#brakes[side]),
    ).map((side) => ({ kind: 'brake', side, row: brakes[side] }));
  }

  #with({ kind, side, count }: Tally): Brakes {
    const row = this.#brakes[side];
    const next: BrakeRow = { ...row, [kind]: counted(row[kind], count, this.#clock.now()) };
    return { ...this.#brakes, [side]: next };
  }

  async #write(
    changes: readonly MappingChange[],
    rows: readonly OtherRow[],
    { brakes, isOpen }: { readonly brakes: Brakes | undefined; readonly isOpen: boolean },
  ): Promise<void> {
    const latest = new Map(changes.map((change) => [change.mapping.id, change]));
    const grown = (countIn: (mapping: EventMapping | undefined) => number): number =>
      sumOf(
        [...latest.values()],
        ({ mapping }) => countIn(mapping) - countIn(this.#mappings.get(mapping.id)),
      );
    const intents = this.#intents + grown(openIn);
    const mapped = this.#mapped === undefined ? undefined : this.#mapped + grown(mappedIn);
    const missed = this.#missed === undefined ? undefined : this.#missed + grown(missedIn);
    const before = [...latest.keys()].map((id) => this.#mappings.get(id));
    const parked = parkedAfter(
      this.#parked,
      [...latest.values()].map(({ mapping }) => mapping),
      before.filter((mapping) => mapping !== undefined),
    );
    const facts: LeaseFactsPatch = {
      passOpen: isOpen,
      intents,
      ...(mapped === undefined ? {} : { mapped }),
      ...(missed === undefined ? {} : { missed }),
      ...parkedFacts(parked, this.#lease.control.lease),
    };
    await this.#inTurn(() =>
      this.#lease.commit(
        [...[...latest.values()].map((change) => this.#rowOf(change)), ...rows],
        isOpen ? facts : {},
        facts,
      ),
    );
    this.#intents = intents;
    this.#mapped = mapped;
    this.#missed = missed;
    this.#brakes = brakes ?? this.#brakes;
    this.#parked = parked;
    for (const { mapping } of latest.values()) this.#mappings.set(mapping.id, mapping);
  }

  #rowOf(change: MappingChange): RowChange {
    const before = this.#mappings.get(change.mapping.id);
    const wasParked = before !== undefined && parkedOf(before) !== undefined;
    return { kind: 'mapping', ...change, ...(wasParked ? { wasParked } : {}) };
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

/** 1 where it is missed, and may be gone. */
function missedIn(mapping: EventMapping | undefined): number {
  return mapping !== undefined && isMissed(mapping) ? 1 : 0;
}

function openIn(mapping: EventMapping | undefined): number {
  return (mapping?.createIntent === undefined ? 0 : 1) + (mapping?.suspended === undefined ? 0 : 1);
}
