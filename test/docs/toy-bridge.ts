import * as z from 'zod';
import { AbstractCalendarBridge } from '../../shared/bridges/abstract-calendar-bridge.ts';
import {
  UNBOUNDED,
  type BridgeHealth,
  type BridgeWrite,
  type CalendarResource,
  type CallContext,
  type WriteOutcome,
} from '../../shared/bridges/bridge.ts';
import { errorOf, isSuccess, parseAnswer } from '../../shared/bridges/calls/answers.ts';
import { Caller, type HttpPorts } from '../../shared/bridges/calls/caller.ts';
import { healthBy } from '../../shared/bridges/health-check.ts';
import type { BridgeCapabilities } from '../../shared/model/capabilities.ts';
import { BridgeError } from '../../shared/model/errors.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../../shared/model/ids.ts';
import type { Snapshot, Verdict, Window } from '../../shared/model/snapshot.ts';
import { overlaps, type TimeZoneId } from '../../shared/model/time.ts';
import { bodyOf, FIELDS, SlotSchema, slotOf, toItem, type Slot } from './toy-mapper.ts';

export interface ToySettings {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeZone: TimeZoneId;
}

const PageSchema = z.object({
  payload: z.object({ items: z.array(SlotSchema), more: z.string().nullable() }),
});
const OneSchema = z.object({ payload: SlotSchema });
const SpacesSchema = z.object({
  payload: z.object({ items: z.array(z.object({ ref: z.string(), label: z.string() })) }),
});
const PAGES_MAX = 200;

export class ToyBridge extends AbstractCalendarBridge {
  readonly key: BridgeKey;
  readonly mapperVersion = 1;
  readonly capabilities: BridgeCapabilities = {
    changes: 'list',
    readable: FIELDS,
    writable: FIELDS,
    canBlank: true,
    titleCharsMax: 80,
    descriptionCharsMax: 32_768,
    contactNameCharsMax: 255,
    recurrence: 'occurrences',
    allDay: true,
    conditionalWrites: false,
    exclusiveSlots: true,
    suspends: false,
    stamps: false,
    lastModified: true,
    writesPerRequestMax: 1,
    push: false,
  };
  readonly #settings: ToySettings;
  readonly #ports: HttpPorts;
  readonly #caller: Caller;

  constructor(key: BridgeKey, settings: ToySettings, ports: HttpPorts) {
    super();
    this.key = key;
    this.#settings = settings;
    this.#ports = ports;
    this.#caller = new Caller(ports);
  }

  async listResources(): Promise<readonly CalendarResource[]> {
    const { payload } = await this.#call('GET', '/spaces', SpacesSchema, UNBOUNDED);
    return payload.items.map(({ ref, label }) => ({
      id: ref as ResourceId,
      name: label,
      kind: 'room',
    }));
  }

  async checkHealth(): Promise<BridgeHealth> {
    return await healthBy(this.#ports.clock, async () => {
      const { length } = await this.listResources();
      return `answers; ${length} spaces`;
    });
  }

  /** A complete read or none: a page that fails throws. */
  async readChanges(
    resource: ResourceId,
    _cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot> {
    const slots = await this.#list(resource, window, context);
    const items = slots
      .filter((slot) => overlaps(slotOf(slot), window))
      .map((slot) => toItem(slot, this.#settings.timeZone));
    return { kind: 'complete', window, items };
  }

  /** `confirmGone` is this too, since the system reads by id. */
  async readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const id of ids) verdicts.push(await this.#look(resource, id, context));
    return verdicts;
  }

  async #look(resource: ResourceId, id: ExternalId, context: CallContext): Promise<Verdict> {
    const slot = await this.#find(id, context);
    if (slot !== undefined && slot.space !== resource) return { kind: 'elsewhere' };
    if (slot !== undefined && slot.state !== 'cancelled')
      return { kind: 'alive', item: toItem(slot, this.#settings.timeZone) };
    // A missing item says nothing while its resource does not answer: this call would throw.
    const { clock } = this.#ports;
    await this.#list(resource, { start: clock.now(), end: clock.now() }, context);
    return { kind: 'gone' };
  }

  protected async writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const write of writes)
      try {
        outcomes.push(await this.#write(resource, write, context));
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        outcomes.push(await this.#outcomeOf(resource, write, error, context));
      }
    return outcomes;
  }

  async #write(
    resource: ResourceId,
    write: BridgeWrite,
    context: CallContext,
  ): Promise<WriteOutcome> {
    const { timeZone } = this.#settings;
    const applied = (slot: Slot): WriteOutcome => ({
      kind: 'applied',
      item: toItem(slot, timeZone),
    });
    if (write.kind === 'create') {
      const path = `/spaces/${encodeURIComponent(resource)}/slots`;
      const body = bodyOf(write.content, FIELDS, timeZone);
      return applied((await this.#call('POST', path, OneSchema, context, body)).payload);
    }
    const path = `/slots/${encodeURIComponent(write.id)}`;
    if (write.kind === 'update') {
      const body = bodyOf(write.content, write.fields, timeZone);
      return applied((await this.#call('PATCH', path, OneSchema, context, body)).payload);
    }
    await this.#call('DELETE', path, z.undefined(), context);
    return { kind: 'applied' };
  }

  /** What a refusal means for the write; what is no refusal stays a failure, and is never "applied". */
  async #outcomeOf(
    resource: ResourceId,
    write: BridgeWrite,
    error: BridgeError,
    context: CallContext,
  ): Promise<WriteOutcome> {
    if (error.kind === 'not-found' && write.kind === 'update') return { kind: 'missing' };
    if (error.kind === 'not-found' && write.kind === 'cancel') return { kind: 'applied' };
    if (error.kind !== 'conflict' || !('content' in write)) return { kind: 'failed', error };
    const { timeZone } = this.#settings;
    const wanted = bodyOf(write.content, FIELDS, timeZone);
    const slot = slotOf({ when: { from: 0, until: 0, ...wanted.when } });
    const holders = await this.#list(resource, slot, context);
    const ours = holders.find(
      ({ what, when }) =>
        what.headline === wanted.what?.headline &&
        when.from === wanted.when?.from &&
        when.until === wanted.when.until,
    );
    // The answer to an earlier try of this create was lost.
    if (ours !== undefined && write.kind === 'create')
      return { kind: 'duplicate', item: toItem(ours, timeZone) };
    return { kind: 'slot-taken', detail: holders[0]?.key ?? 'unknown' };
  }

  async #find(id: ExternalId, context: CallContext): Promise<Slot | undefined> {
    try {
      const path = `/slots/${encodeURIComponent(id)}`;
      return (await this.#call('GET', path, OneSchema, context)).payload;
    } catch (error) {
      if (error instanceof BridgeError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  async #list(
    resource: ResourceId,
    range: Pick<Window, 'start' | 'end'>,
    context: CallContext,
  ): Promise<readonly Slot[]> {
    const seconds = (ms: number): number => Math.floor(ms / 1000);
    const query = `?from=${seconds(range.start)}&until=${seconds(range.end) + 1}`;
    const first = `/spaces/${encodeURIComponent(resource)}/slots${query}`;
    return await this.collectPages(
      first,
      async (path) => {
        const { items, more } = (await this.#call('GET', path, PageSchema, context)).payload;
        return { items, ...(more === null ? {} : { next: `${first}&page=${more}` }) };
      },
      PAGES_MAX,
    );
  }

  async #call<T>(
    method: string,
    path: string,
    schema: z.ZodType<T>,
    context: CallContext,
    body?: object,
  ): Promise<T> {
    const { baseUrl, token } = this.#settings;
    const name = `${this.key}: ${method} ${path.split('?')[0] ?? path}`;
    const answer = await this.#caller.send(
      name,
      (signal) =>
        new Request(baseUrl + path, {
          method,
          headers: { 'x-toy-token': `Secret ${token}`, 'content-type': 'application/json' },
          redirect: 'manual',
          signal,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      context,
    );
    if (!isSuccess(answer)) {
      const error = errorOf(name, answer, this.#ports.clock.now(), {
        unauthorized: 'the token is refused',
        forbidden: 'the token may not do this',
        saysGone: true,
        holderIn: () => undefined,
        membersIn: () => [],
      });
      this.#caller.pause(error, error.retryAfterMs);
      throw error;
    }
    if (answer.status === 204) return schema.parse(undefined);
    return parseAnswer(name, answer.body, schema);
  }
}
