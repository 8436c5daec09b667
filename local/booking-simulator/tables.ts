import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import type { EventRow, Reservation } from './store.ts';
import { timeOrder, type WallTime } from './wall-time.ts';

/** When an event was made and last changed, in epoch ms, by whatever interface. */
export interface EventStamp {
  createdMs: number;
  updatedMs: number;
}

/** Rows of one kind, apart by domain, with an index by resource kept beside the journal. */
export class RowTable<T extends Reservation> {
  readonly #rows: DurableMap<T>;
  readonly #lastIds: DurableMap<number>;
  readonly #byResource = new Map<string, Map<number, T>>();

  constructor(journal: Journal, kind: string) {
    this.#rows = journal.collection<T>(kind);
    this.#lastIds = journal.collection<number>(`${kind}-last-id`);
    for (const [key, row] of this.#rows.entries()) this.#index(domainOf(key), row);
  }

  get(domain: string, id: number): T | undefined {
    return this.#rows.get(keyOf(domain, id));
  }

  put(domain: string, row: T): void {
    this.#unindex(domain, row.id);
    this.#rows.set(keyOf(domain, row.id), row);
    if (row.id > (this.#lastIds.get(domain) ?? 0)) this.#lastIds.set(domain, row.id);
    this.#index(domain, row);
  }

  delete(domain: string, id: number): void {
    this.#unindex(domain, id);
    this.#rows.delete(keyOf(domain, id));
  }

  /** Never given before, also where the highest row is gone: as a database sequence. */
  nextId(domain: string): number {
    return (this.#lastIds.get(domain) ?? 0) + 1;
  }

  /** Active or not, in the order of ids. */
  ofResource(domain: string, resourceId: number): T[] {
    const rows = this.#byResource.get(keyOf(domain, resourceId));
    return rows === undefined ? [] : [...rows.values()].sort((a, b) => a.id - b.id);
  }

  /** Every row of a domain, active or not. */
  ofDomain(domain: string): T[] {
    return [...this.#rows.entries()].flatMap(([key, row]) =>
      domainOf(key) === domain ? [row] : [],
    );
  }

  /** Active rows of a resource that overlap `[from, to)`, two of `timeOrder`, in the order of ids. */
  overlapping(domain: string, resourceId: number, from: string, to: string): T[] {
    return this.ofResource(domain, resourceId).filter(
      (row) => row.active === 1 && overlaps(row, from, to),
    );
  }

  clear(): void {
    this.#rows.clear();
    this.#lastIds.clear();
    this.#byResource.clear();
  }

  #index(domain: string, row: T): void {
    for (const resourceId of row.resources) {
      const key = keyOf(domain, resourceId);
      const rows = this.#byResource.get(key) ?? new Map<number, T>();
      this.#byResource.set(key, rows.set(row.id, row));
    }
  }

  #unindex(domain: string, id: number): void {
    for (const resourceId of this.get(domain, id)?.resources ?? [])
      this.#byResource.get(keyOf(domain, resourceId))?.delete(id);
  }
}

/** Whether a row shares time with `[from, to)`, two of `timeOrder`. */
export function overlaps(row: Reservation, from: string, to: string): boolean {
  return timeOrder(startOf(row)) < to && timeOrder(endOf(row)) > from;
}

export function startOf({ from, from_second_run: isSecondRun = false }: Reservation): WallTime {
  return { column: from, isSecondRun };
}

export function endOf({ to, to_second_run: isSecondRun = false }: Reservation): WallTime {
  return { column: to, isSecondRun };
}

/** Events, and beside them when each was made and changed: every write of a row is stamped. */
export class EventTable extends RowTable<EventRow> {
  readonly #stamps: DurableMap<EventStamp>;
  readonly #clock: SimulatorClock;

  constructor(journal: Journal, clock: SimulatorClock) {
    super(journal, 'events');
    this.#stamps = journal.collection('event-stamps');
    this.#clock = clock;
  }

  override put(domain: string, row: EventRow): void {
    super.put(domain, row);
    const key = keyOf(domain, row.id);
    const now = this.#clock.now();
    const createdMs = this.#stamps.get(key)?.createdMs ?? now;
    this.#stamps.set(key, { createdMs, updatedMs: now });
  }

  override delete(domain: string, id: number): void {
    super.delete(domain, id);
    this.#stamps.delete(keyOf(domain, id));
  }

  override clear(): void {
    super.clear();
    this.#stamps.clear();
  }

  /** An event of a journal that had no stamps yet counts as made when it is first asked for. */
  stamp(domain: string, id: number): EventStamp {
    const key = keyOf(domain, id);
    const known = this.#stamps.get(key);
    if (known !== undefined) return known;
    const now = this.#clock.now();
    const stamp = { createdMs: now, updatedMs: now };
    this.#stamps.set(key, stamp);
    return stamp;
  }
}

/** Key of a domain's row. A domain holds no slash. */
export function keyOf(domain: string, id: number | string): string {
  return `${domain}/${id}`;
}

export function domainOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
