import { BridgeError, isNotFound } from '../../model/errors.ts';
import type { CalendarEvent } from '../../model/event.ts';
import type { EventContent } from '../../model/fields.ts';
import type { ResourceId } from '../../model/ids.ts';
import { overlaps, type InstantRange } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { InvariantError } from '../../util/invariant.ts';
import type {
  BridgeWrite,
  CallContext,
  CancelWrite,
  CreateWrite,
  UpdateWrite,
  WriteOutcome,
} from '../bridge.ts';
import { confirmationRange } from '../silence.ts';
import type { RestApi, WrittenAnswer } from './rest-api.ts';
import {
  isSameId,
  readableFields,
  SOURCE,
  toItem,
  writableFields,
  writtenOf,
  writtenSlot,
  type Written,
} from './rest-mapper.ts';
import type { LiveRow, Row } from './rest-rows.ts';
import type { RestSettings } from './rest-settings.ts';

/**
 * Writes to one resource. Requests: create 1, and 1 more where the slot is taken; update 1, and 1
 * before it where the event is sent whole; 1 more where the answer does not show the event; cancel 1,
 * and 1 more where it is not found. Where a read by id finds nothing, a list more.
 */
export class RestWriter {
  readonly #api: RestApi;
  readonly #settings: RestSettings;
  readonly #resource: ResourceId;
  readonly #now: Instant;
  readonly #context: CallContext;

  constructor(
    api: RestApi,
    settings: RestSettings,
    resource: ResourceId,
    now: Instant,
    context: CallContext,
  ) {
    this.#api = api;
    this.#settings = settings;
    this.#resource = resource;
    this.#now = now;
    this.#context = context;
  }

  /** What the system said is an outcome; only the context's own refusal throws. */
  async write(write: BridgeWrite): Promise<WriteOutcome> {
    try {
      switch (write.kind) {
        case 'create':
          return await this.#create(write);
        case 'update':
          return await this.#update(write);
        case 'cancel':
          return await this.#cancel(write);
        case 'suspend':
        case 'resume':
          throw new InvariantError('this system can suspend nothing, and says so');
      }
    } catch (error) {
      if (error instanceof BridgeError) return outcomeOf(write, error);
      throw error;
    }
  }

  async #create({ content }: CreateWrite): Promise<WriteOutcome> {
    const { mappings } = this.#settings;
    const written = this.#signed(writtenOf(content, writableFields(mappings), this.#settings));
    const slot = this.#slotOf(content);
    let answer: WrittenAnswer;
    try {
      answer = await this.#api.create(this.#resource, withoutEmpty(written), this.#context);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.kind !== 'conflict') throw error;
      return await this.#holderOf(written, slot);
    }
    const row = this.#whole(answer) ?? (await this.#made(answer, written, slot)) ?? answer.row;
    if (row?.isEnded === false) return this.#applied(row);
    throw this.#api.invalid('create_event: the new event is not shown');
  }

  /** The new event as the list, or a read by id, shows it. */
  async #made(
    { id }: WrittenAnswer,
    written: Written,
    slot: InstantRange,
  ): Promise<Row | undefined> {
    const rows = await this.#liveIn(slot);
    if (id !== undefined) return rows.find((row) => row.id === id) ?? (await this.#find(id));
    const [ours, ...twins] = rows.filter((row) => isMadeOf(row, written, slot));
    // Where events may overlap, one of its name may have been there before.
    return twins.length === 0 ? ours : undefined;
  }

  /** Whose the slot is: the first try of this create, whose answer was lost, or somebody else's. */
  async #holderOf(written: Written, slot: InstantRange): Promise<WriteOutcome> {
    const rows = await this.#liveIn(slot);
    const ours = rows.find((row) => isMadeOf(row, written, slot));
    if (ours !== undefined)
      return { kind: 'duplicate', item: toItem(ours, this.#resource, this.#settings) };
    return this.#taken(rows);
  }

  async #update({ id, fields, content }: UpdateWrite): Promise<WriteOutcome> {
    const changed = writtenOf(content, fields, this.#settings);
    const before = await this.#find(id);
    if (before?.isEnded !== false || !this.#isHere(before)) return { kind: 'missing' };
    const written = this.#sendsAll()
      ? this.#signed({ ...this.#unread(content), ...withoutEmpty(kept(before)), ...changed })
      : changed;
    let answer: WrittenAnswer;
    try {
      answer = await this.#api.update(this.#resource, id, written, this.#context);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.kind !== 'conflict') throw error;
      const wanted = fields.includes('slot') ? this.#slotOf(content) : before.slot;
      return this.#taken((await this.#liveIn(wanted)).filter((row) => row.id !== id));
    }
    const row = this.#whole(answer) ?? (await this.#find(id));
    if (row?.isEnded !== false) return { kind: 'missing' };
    if (row.id !== id) throw this.#api.invalid('update_event: answered with another event');
    // Taken for done, both sides would count as unchanged from now on, and stay unequal.
    if (fields.includes('slot') && isAt(row, before.slot) && !isAt(row, this.#slotOf(content)))
      throw this.#api.invalid('update_event: the event is still where it was');
    return this.#applied(row);
  }

  async #cancel({ id }: CancelWrite): Promise<WriteOutcome> {
    try {
      await this.#api.delete(this.#resource, id, this.#context);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const row = await this.#find(id);
      // Taken for done, it would come back as a new event with the next list.
      if (row?.isEnded === false && this.#isHere(row)) throw this.#api.findsNothing('delete_event');
    }
    return { kind: 'applied' };
  }

  /** PUT replaces (RFC 9110, 9.3.4); the other methods change what they name. */
  #sendsAll(): boolean {
    const { sends, method } = this.#settings.endpoints.update_event;
    return sends === undefined ? method === 'PUT' : sends === 'all';
  }

  /** The row of an answer that shows all that rows can show: what else it holds is then known too. */
  #whole({ row }: WrittenAnswer): Row | undefined {
    if (row?.isEnded !== false) return row;
    const { shown } = toItem(row, this.#resource, this.#settings);
    return shown.length === readableFields(this.#settings.mappings).length ? row : undefined;
  }

  /** What a whole update must send again, and no read can show. */
  #unread(content: EventContent): Written {
    const { mappings } = this.#settings;
    const readable = readableFields(mappings);
    const fields = writableFields(mappings).filter((field) => !readable.includes(field));
    return withoutEmpty(writtenOf(content, fields, this.#settings));
  }

  #signed(written: Written): Written {
    return { ...written, source: SOURCE, resource_id: this.#resource };
  }

  #slotOf(content: EventContent): InstantRange {
    const event: CalendarEvent = { ...content, status: 'confirmed', privacy: 'public' };
    return writtenSlot(event, this.#settings.times);
  }

  /** The event by id, or in a list that is wide enough to hold it; undefined where it is not there. */
  async #find(id: string): Promise<Row | undefined> {
    if (!this.#api.readsById) return await this.#listed(id);
    try {
      return await this.#api.event(this.#resource, id, this.#context);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    // Of a wrong address every event is missing.
    const row = await this.#listed(id);
    if (row?.isEnded === false) throw this.#api.findsNothing('get_event');
    return row;
  }

  async #listed(id: string): Promise<Row | undefined> {
    const range = confirmationRange(this.#now);
    const rows = await this.#api.events(this.#resource, range, this.#context);
    return rows.find((row) => row.id === id);
  }

  async #liveIn(slot: InstantRange): Promise<readonly LiveRow[]> {
    const rows = await this.#api.events(this.#resource, slot, this.#context);
    return rows.filter((row): row is LiveRow => !row.isEnded && overlaps(row.slot, slot));
  }

  #isHere({ resources }: Row): boolean {
    return resources?.some((id) => isSameId(id, this.#resource)) !== false;
  }

  #applied(row: LiveRow): WriteOutcome {
    return { kind: 'applied', item: toItem(row, this.#resource, this.#settings) };
  }

  #taken([holder]: readonly LiveRow[]): WriteOutcome {
    return { kind: 'slot-taken', detail: holder?.id ?? 'the system does not say by what' };
  }
}

/** What a whole update sends of the fields that it does not set: as they were read. */
function kept({ values }: LiveRow): Written {
  const { title, start, end, description, contact_name, contact_email } = values;
  return { title, start, end, description, contact_name, contact_email };
}

/** An empty member says no more than one that is left out, and may be refused. */
function withoutEmpty(written: Written): Written {
  return Object.fromEntries(
    Object.entries(written).filter(([, value]) => ![undefined, null, ''].includes(value as null)),
  );
}

/** Whether the row is the event that these values make: the system keeps no reference of ours. */
function isMadeOf(row: LiveRow, written: Written, slot: InstantRange): boolean {
  const level = (text: unknown): string => String(text).normalize('NFC').trim();
  return (
    level(row.title) === level(written.title) &&
    isAt(row, slot) &&
    (row.source === undefined || row.source === '' || row.source === SOURCE)
  );
}

function isAt({ slot }: LiveRow, { start, end }: InstantRange): boolean {
  return slot.start === start && slot.end === end;
}

function outcomeOf(write: BridgeWrite, error: BridgeError): WriteOutcome {
  // What is not there any more cannot be changed.
  return error.kind === 'not-found' && write.kind === 'update'
    ? { kind: 'missing' }
    : { kind: 'failed', error };
}
