import { BridgeError, isNotFound } from '../../model/errors.ts';
import { overlaps } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { assertNever } from '../../util/invariant.ts';
import type {
  BridgeWrite,
  CallContext,
  CreateWrite,
  UpdateWrite,
  WriteOutcome,
} from '../bridge.ts';
import { confirmationRange } from '../silence.ts';
import type { BookingApi } from './booking-api.ts';
import { CANCELLATION_NOTE, membersOf, membersOfNew, type EventMembers } from './booking-fields.ts';
import {
  externalIdOf,
  isMadeOf,
  isOn,
  othersOf,
  parseExternalId,
  slotOfMembers,
  slotOfRow,
  toItem,
  type Place,
  type ReadRow,
} from './booking-mapper.ts';

/**
 * Writes to one resource. Requests: create 1, and 1 more where the slot is taken; update 1;
 * suspend and resume 1; cancel 3 (read, deactivate, note), or 1 where it is inactive already, and 1
 * or 2 more where it is not found.
 */
export class BookingWriter {
  readonly #api: BookingApi;
  readonly #place: Place;
  readonly #now: Instant;
  readonly #logger: Logger;
  readonly #context: CallContext;

  constructor(api: BookingApi, place: Place, now: Instant, logger: Logger, context: CallContext) {
    this.#api = api;
    this.#place = place;
    this.#now = now;
    this.#logger = logger;
    this.#context = context;
  }

  /** What the system said is an outcome; only the context's own refusal throws. */
  async write(write: BridgeWrite): Promise<WriteOutcome> {
    try {
      if (write.kind === 'create') return await this.#create(write);
      const id = parseExternalId(write.id);
      if (id?.type !== 'event') return readOnly();
      switch (write.kind) {
        case 'update':
          return await this.#update(id.number, write);
        case 'cancel':
          return await this.#cancel(id.number);
        case 'suspend':
          return this.#applied(await this.#api.setActive(id.number, 0, this.#context));
        case 'resume':
          return this.#applied(await this.#api.setActive(id.number, 1, this.#context));
        default:
          return assertNever(write);
      }
    } catch (error) {
      if (error instanceof BridgeError) return outcomeOf(write, error);
      throw error;
    }
  }

  async #create({ content }: CreateWrite): Promise<WriteOutcome> {
    const members = membersOfNew(content, this.#place.zone);
    try {
      return this.#applied(
        await this.#api.createEvent(this.#place.resource, members, this.#context),
      );
    } catch (error) {
      if (!(error instanceof BridgeError) || error.kind !== 'conflict') throw error;
      return await this.#holderOf(members, error);
    }
  }

  /** Whose the slot is: the first try of this create, whose answer was lost, or somebody else's. */
  async #holderOf(members: EventMembers, conflict: BridgeError): Promise<WriteOutcome> {
    const { resource, zone } = this.#place;
    const slot = slotOfMembers(members, zone);
    if (slot === undefined) throw conflict;
    const rows = await this.#api.schedule(resource, slot, this.#context);
    const ours = rows.find(({ row }) => isMadeOf(row, members, zone));
    if (ours !== undefined) return { kind: 'duplicate', item: toItem(ours, this.#place) };
    const holders = rows.filter(({ row }) => overlaps(slotOfRow(row, zone), slot));
    const { row } = holders.find((holder) => holder.row.type === 'event') ?? holders[0] ?? {};
    return {
      kind: 'slot-taken',
      detail: row === undefined ? unnamed(conflict) : externalIdOf(row.type, row.id),
    };
  }

  async #update(id: number, write: UpdateWrite): Promise<WriteOutcome> {
    const members = membersOf(write.content, write.fields, this.#place.zone);
    // Nothing to set would be refused; what is there is the answer.
    const isEmpty = Object.keys(members).length === 0;
    const read = isEmpty
      ? await this.#api.event(id, this.#context)
      : await this.#api.updateEvent(id, members, this.#context);
    if (!read.row.active && write.suspended !== true) return { kind: 'missing' };
    return this.#applied(read);
  }

  async #cancel(id: number): Promise<WriteOutcome> {
    try {
      return await this.#end(id);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Taken for done, it would come back as a new event with the next schedule.
      return (await this.#isThere(id)) ? notFound() : { kind: 'applied' };
    }
  }

  async #end(id: number): Promise<WriteOutcome> {
    const { row } = await this.#api.event(id, this.#context);
    if (!row.active) return { kind: 'applied' };
    if (isOn(row, this.#place.resource) === false) return { kind: 'missing' };
    if (othersOf(row, this.#place.resource).length > 0) return shared();
    // The note comes last: left alone by a failure, it would be taken for a person's edit.
    await this.#api.setActive(id, 0, this.#context);
    await this.#note(id, row.type === 'event' ? (row.description ?? '') : '');
    return { kind: 'applied' };
  }

  /** Whether the event holds a slot here: one answer that says it is nowhere is not enough. */
  async #isThere(id: number): Promise<boolean> {
    const { resource } = this.#place;
    try {
      const { row } = await this.#api.event(id, this.#context);
      return row.active && isOn(row, resource) !== false;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const range = confirmationRange(this.#now);
    const rows = await this.#api.schedule(resource, range, this.#context);
    return rows.some(({ row }) => row.type === 'event' && row.id === id);
  }

  async #note(id: number, description: string): Promise<void> {
    if (description.split(/\r?\n/).includes(CANCELLATION_NOTE)) return;
    const noted = description === '' ? CANCELLATION_NOTE : `${description}\n${CANCELLATION_NOTE}`;
    try {
      await this.#api.updateEvent(id, { description: noted }, this.#context);
    } catch (error) {
      // Nobody comes back for a note: the item is inactive, and so done with.
      if (!(error instanceof BridgeError)) throw error;
      this.#logger.warn('booking system: cancelled without a note', { id, reason: error.message });
    }
  }

  #applied(read: ReadRow): WriteOutcome {
    return { kind: 'applied', item: toItem(read, this.#place) };
  }
}

function outcomeOf(write: BridgeWrite, error: BridgeError): WriteOutcome {
  switch (write.kind) {
    case 'create':
    case 'update':
    case 'resume':
      if (error.kind === 'conflict') return { kind: 'slot-taken', detail: unnamed(error) };
      break;
    case 'cancel':
    case 'suspend':
      // What gives a slot up cannot find it taken.
      break;
    default:
      assertNever(write);
  }
  // What is not there any more cannot be changed. Of a cancel it was not believed.
  const isOfItem = write.kind !== 'create' && write.kind !== 'cancel';
  return isOfItem && error.kind === 'not-found' ? { kind: 'missing' } : { kind: 'failed', error };
}

function unnamed({ code }: BridgeError): string {
  return code ?? 'the booking system does not say by what';
}

function readOnly(): WriteOutcome {
  const message = 'booking system: allocations and bookings are only read';
  return { kind: 'failed', error: new BridgeError('rejected', message, { code: 'read-only' }) };
}

function notFound(): WriteOutcome {
  const message = 'booking system: does not find an event that is there; it is not cancelled';
  return { kind: 'failed', error: new BridgeError('rejected', message) };
}

function shared(): WriteOutcome {
  const message = 'booking system: the event holds other resources too; cancel it there';
  return { kind: 'failed', error: new BridgeError('rejected', message, { code: 'shared-item' }) };
}
