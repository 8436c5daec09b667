import { isNotFound } from '../../model/errors.ts';
import type { ExternalId } from '../../model/ids.ts';
import type { Verdict } from '../../model/snapshot.ts';
import type { InstantRange } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { assertNever } from '../../util/invariant.ts';
import type { CallContext, Candidate } from '../bridge.ts';
import { mapAtOnce } from '../calls/call-gate.ts';
import { confirmationRange, isMissedLong } from '../silence.ts';
import type { BookingApi } from './booking-api.ts';
import {
  externalIdOf,
  isOn,
  parseExternalId,
  slotOfRow,
  toItem,
  type Place,
  type ReadRow,
} from './booking-mapper.ts';

const LOOKS_AT_ONCE = 4;

/** What only the resource's schedule can decide. */
interface Question {
  readonly range: InstantRange;
  answer(rows: readonly ReadRow[]): Verdict;
}

/**
 * Looks at single items of one resource. Events and allocations are read by id, one request each.
 * Where a schedule must decide (bookings, which have no read by id, and rows that name no resources)
 * one request more does for all of them, as one does for all that are not found by id.
 */
export class VerdictReader {
  readonly #api: BookingApi;
  readonly #place: Place;
  readonly #now: Instant;
  readonly #context: CallContext;
  #listed: Promise<ReadonlySet<ExternalId> | undefined> | undefined;

  constructor(api: BookingApi, place: Place, now: Instant, context: CallContext) {
    this.#api = api;
    this.#place = place;
    this.#now = now;
    this.#context = context;
  }

  /** In the order given. `mayEnd`: a booking that was missed long enough may be called gone. */
  async judge(candidates: readonly Candidate[], mayEnd: boolean): Promise<readonly Verdict[]> {
    const findings = await mapAtOnce(
      candidates,
      LOOKS_AT_ONCE,
      async (candidate) => await this.#lookAt(candidate, mayEnd),
    );
    const range = hullOf(findings.flatMap((found) => ('range' in found ? [found.range] : [])));
    const rows =
      range === undefined
        ? []
        : await this.#api.schedule(this.#place.resource, range, this.#context);
    return findings.map((found) => ('range' in found ? found.answer(rows) : found));
  }

  async #lookAt(candidate: Candidate, mayEnd: boolean): Promise<Verdict | Question> {
    const id = parseExternalId(candidate.id);
    if (id === undefined) return unknown('no id of the booking system');
    switch (id.type) {
      case 'booking':
        return this.#lookAtBooking(candidate, mayEnd);
      case 'event':
      case 'allocation':
        try {
          return this.#judgeRow(await this.#api[id.type](id.number, this.#context), candidate);
        } catch (error) {
          if (!isNotFound(error)) throw error;
          return await this.#judgeUnfound(candidate);
        }
      default:
        return assertNever(id.type);
    }
  }

  #judgeRow(read: ReadRow, candidate: Candidate): Verdict | Question {
    const { row } = read;
    if (!row.active && candidate.suspended !== true) return { kind: 'gone' };
    const isHere = isOn(row, this.#place.resource);
    if (isHere === false) return { kind: 'elsewhere' };
    // An allocation by id lacks the name of its organization, which is its title.
    if (isHere === true && row.type === 'event') return this.#alive(read);
    // A schedule lists nothing inactive, so it cannot be asked about what we made so.
    if (!row.active) return this.#alive(read);
    const isEvent = row.type === 'event';
    return {
      range: isEvent ? slotOfRow(row, this.#place.zone) : confirmationRange(this.#now),
      answer: (rows) => {
        const listed = rows.find((other) => isSame(other, read));
        if (listed !== undefined) return this.#alive(isEvent ? read : listed);
        return isEvent ? { kind: 'elsewhere' } : this.#unlisted(candidate, rows);
      },
    };
  }

  /**
   * An allocation that is active, and by id does not say where. That it was moved takes more than one
   * short list, and one that shows something: a system that answers `[]` for every room has moved nothing.
   */
  #unlisted(candidate: Candidate, rows: readonly ReadRow[]): Verdict {
    if (rows.length === 0) return unknown('it is there, and the schedule shows nothing at all');
    return isMissedLong(candidate, this.#now)
      ? { kind: 'elsewhere' }
      : unknown('it is there, and missed in the schedule for less than five minutes');
  }

  #lookAtBooking(candidate: Candidate, mayEnd: boolean): Verdict | Question {
    const { id } = candidate;
    if (mayEnd && !isMissedLong(candidate, this.#now))
      return unknown('missed for less than five minutes');
    return {
      range: confirmationRange(this.#now),
      answer: (rows) => {
        const listed = rows.find(({ row }) => externalIdOf(row.type, row.id) === id);
        if (listed !== undefined) return this.#alive(listed);
        return mayEnd ? { kind: 'gone' } : unknown('a booking that the schedule does not show');
      },
    };
  }

  #alive(read: ReadRow): Verdict {
    return { kind: 'alive', item: toItem(read, this.#place) };
  }

  /** A 404 says nothing while the resource is unknown or inactive itself, or its schedule disagrees. */
  async #judgeUnfound({ id }: Candidate): Promise<Verdict> {
    const shown = await this.#shown();
    if (shown === undefined) return unknown('the resource does not answer either');
    return shown.has(id)
      ? unknown('the schedule shows it, though it is not found by id')
      : { kind: 'gone' };
  }

  /** What the schedule shows far around; undefined where the resource is not there. */
  #shown(): Promise<ReadonlySet<ExternalId> | undefined> {
    this.#listed ??= this.#api
      .schedule(this.#place.resource, confirmationRange(this.#now), this.#context)
      .then(
        (rows) => new Set(rows.map(({ row }) => externalIdOf(row.type, row.id))),
        (error: unknown) => {
          if (isNotFound(error)) return undefined;
          throw error;
        },
      );
    return this.#listed;
  }
}

function unknown(reason: string): Verdict {
  return { kind: 'unknown', reason };
}

function isSame({ row: one }: ReadRow, { row: other }: ReadRow): boolean {
  return one.type === other.type && one.id === other.id;
}

/** The least range that holds all of these, also where one of them ends before it starts. */
function hullOf(ranges: readonly InstantRange[]): InstantRange | undefined {
  if (ranges.length === 0) return undefined;
  const times = ranges.flatMap(({ start, end }) => [start, end]);
  return { start: Math.min(...times) as Instant, end: Math.max(...times) as Instant };
}
