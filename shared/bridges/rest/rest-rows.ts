import { BridgeError } from '../../model/errors.ts';
import type { InstantRange } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { stableJson } from '../stable-json.ts';
import type { EventField, FieldMappings } from './rest-fields.ts';
import { valueAt } from './rest-paths.ts';
import { timeOf, type TimeShape } from './rest-times.ts';

/** The mapped members of a row as they were sent; one that was not sent is not here. */
type Values = Readonly<Partial<Record<EventField, unknown>>>;

interface AnyRow {
  readonly id: string;
  /** The resources it is on, where it says so. */
  readonly resources?: readonly string[];
}

/** Cancelled or inactive: the system shows it, and it is not there. */
export interface EndedRow extends AnyRow {
  readonly isEnded: true;
}

/** Texts are undefined where the row lacks the member, empty where it is null. */
export interface LiveRow extends AnyRow {
  readonly isEnded: false;
  readonly slot: InstantRange;
  readonly title?: string;
  readonly description?: string;
  readonly contactName?: string;
  readonly contactEmail?: string;
  readonly source?: string;
  readonly isTentative: boolean;
  readonly updatedAt?: Instant;
  readonly values: Values;
}

export type Row = LiveRow | EndedRow;

/** Reads rows by the mappings of the settings. */
export class RowReader {
  readonly #mappings: FieldMappings;
  readonly #times: TimeShape;

  constructor(mappings: FieldMappings, times: TimeShape) {
    this.#mappings = mappings;
    this.#times = times;
  }

  /**
   * `where` names the call and the place in its answer.
   * @throws BridgeError `invalid-response` that names the first bad member, but not its value.
   */
  read(raw: unknown, where: string): Row {
    const values = this.#valuesOf(raw);
    const id = this.#text(values, 'id', where) ?? '';
    if (id === '') throw this.#bad('id', where);
    const resources = this.#resourcesOf(values, where);
    const base = { id, ...(resources === undefined ? {} : { resources }) };
    const status = (this.#text(values, 'status', where) ?? '').toLowerCase();
    if (/^cancell?ed$/.test(status) || isOff(values.active)) return { ...base, isEnded: true };
    const slot = {
      start: this.#time(values, 'start', where),
      end: this.#time(values, 'end', where),
    };
    return {
      ...base,
      isEnded: false,
      slot,
      ...this.#textsOf(values, where),
      isTentative: status === 'tentative',
      ...(isNothing(values.updated_at)
        ? {}
        : { updatedAt: this.#time(values, 'updated_at', where) }),
      values,
    };
  }

  /** Whether the object shows an event at all, as some answers to writes do. */
  isRow(raw: unknown): boolean {
    const { id, start, end } = this.#valuesOf(raw);
    return [id, start, end].every((value) => !isNothing(value));
  }

  #textsOf(
    values: Values,
    where: string,
  ): Pick<LiveRow, 'title' | 'description' | 'contactName' | 'contactEmail' | 'source'> {
    const members = {
      title: this.#text(values, 'title', where),
      description: this.#text(values, 'description', where),
      contactName: this.#text(values, 'contact_name', where),
      contactEmail: this.#text(values, 'contact_email', where),
      source: this.#text(values, 'source', where),
    };
    return Object.fromEntries(Object.entries(members).filter(([, text]) => text !== undefined));
  }

  #valuesOf(raw: unknown): Values {
    const fields = Object.entries(this.#mappings.read) as [EventField, readonly string[]][];
    const found = fields.map(([field, paths]): [EventField, unknown] => {
      const there = paths.map((path) => valueAt(raw, path)).filter((value) => value !== undefined);
      return [field, there.find((value) => value !== null) ?? there[0]];
    });
    return Object.fromEntries(found.filter(([, value]) => value !== undefined));
  }

  #text(values: Values, field: EventField, where: string): string | undefined {
    const value = values[field];
    if (value === undefined || typeof value === 'string') return value;
    if (value === null) return '';
    // A greater number has lost digits on the way: two ids could become one.
    if (typeof value === 'number' && (field !== 'id' || Number.isSafeInteger(value)))
      return String(value);
    throw this.#bad(field, where);
  }

  #time(values: Values, field: EventField, where: string): Instant {
    const instant = timeOf(values[field], this.#times);
    if (instant === undefined) throw this.#bad(field, where);
    return instant;
  }

  #resourcesOf(values: Values, where: string): readonly string[] | undefined {
    const value = values.resource_id;
    if (isNothing(value)) return undefined;
    const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
    return ids.map((id) => {
      if (typeof id === 'string' || typeof id === 'number') return String(id);
      throw this.#bad('resource_id', where);
    });
  }

  #bad(field: EventField, where: string): BridgeError {
    const paths = this.#mappings.read[field]?.join(' or ') ?? field;
    return new BridgeError('invalid-response', `${where}: ${paths} is no ${field}`);
  }
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isOff(value: unknown): boolean {
  return value === false || value === 0 || value === '0' || value === 'false';
}

/** The mapped members in one form, which moves with each change that we can see. */
export function versionOf({ values }: LiveRow): string {
  return stableJson(values);
}
