import { BridgeError } from '../../model/errors.ts';
import type { ExternalId, ResourceId } from '../../model/ids.ts';
import { DAY_MS, dateOf, toLocal, type InstantRange } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import type { Page } from '../abstract-calendar-bridge.ts';
import type { CallContext } from '../bridge.ts';
import type { ListPage, RestClient, Said } from './rest-client.ts';
import { isNamed, type ListName } from './rest-endpoints.ts';
import { bodyOf, isSameId, type Written } from './rest-mapper.ts';
import { areEqual, isObject, valueAt } from './rest-paths.ts';
import { RowReader, type Row } from './rest-rows.ts';
import type { RestSettings } from './rest-settings.ts';
import type { Filling } from './rest-templates.ts';
import { writtenTime } from './rest-times.ts';

/** Reads all pages; `AbstractCalendarBridge.collectPages`. */
export type CollectPages = (
  first: string,
  read: (link: string) => Promise<Page<ListPage, string>>,
  pagesMax: number,
) => Promise<readonly ListPage[]>;

const PAGES_MAX = 200;

/**
 * More is asked for than is meant, and cut here: whether a last day counts, whether what reaches over
 * an edge is listed, and in which zone days are, is left open by the contract.
 */
const MARGIN_MS = DAY_MS;

/** What a write was answered with: the event as the system holds it, or at least its id. */
export interface WrittenAnswer {
  readonly row?: Row;
  readonly id?: string;
}

/** The calls we make, by the settings. Every method throws as `RestClient.call`. */
export class RestApi {
  readonly #client: RestClient;
  readonly #settings: RestSettings;
  readonly #collect: CollectPages;
  readonly #rows: RowReader;

  constructor(client: RestClient, settings: RestSettings, collect: CollectPages) {
    this.#client = client;
    this.#settings = settings;
    this.#collect = collect;
    this.#rows = new RowReader(settings.mappings, settings.times);
  }

  get key(): string {
    return this.#client.key;
  }

  get readsById(): boolean {
    return this.#settings.endpoints.get_event !== undefined;
  }

  /** Every row of a list, of all its pages. @throws BridgeError `invalid-response` where it is short. */
  async list(
    name: ListName,
    usual: readonly string[],
    context: CallContext,
    filling: Filling = {},
  ): Promise<readonly unknown[]> {
    const pages = await this.#collect(
      this.#client.firstPage(name, filling),
      async (link) => {
        const page = await this.#client.page(name, link, usual, filling, context);
        return { items: [page], ...(page.next === undefined ? {} : { next: page.next }) };
      },
      PAGES_MAX,
    );
    const rows = pages.flatMap((page) => page.rows);
    const counted = Math.max(0, ...pages.map(({ count = 0 }) => count));
    if (counted > rows.length)
      throw this.invalid(
        `${name}: ${rows.length} rows were sent of ${counted}; set next of the endpoint, or a ` +
          'parameter that asks for all',
      );
    return rows;
  }

  /**
   * The rows of a resource in a range, ended ones too, and some that lie outside of it.
   * @throws BridgeError `invalid-response` where rows contradict each other or are of another resource.
   */
  async events(
    resource: ResourceId,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly Row[]> {
    const filling = { resource_id: resource, ...this.#fillingOf(range) };
    const raw = await this.list('list_events', ['events', 'data'], context, filling);
    const rows = this.#readAll('list_events', raw);
    return rows.filter((row) => this.#isOfResource(row, resource));
  }

  async eventsOfUser(
    user: string,
    range: InstantRange,
    context: CallContext,
  ): Promise<readonly Row[]> {
    const filling = { user_id: user, ...this.#fillingOf(range) };
    const raw = await this.list('list_user_events', ['events', 'data'], context, filling);
    return this.#readAll('list_user_events', raw);
  }

  /** By id, also an ended one. @throws BridgeError `not-found`; `invalid-response` for another event. */
  async event(resource: ResourceId, id: string, context: CallContext): Promise<Row> {
    const filling = { resource_id: resource, event_id: id };
    const said = await this.#client.call('get_event', filling, context);
    const { row } = this.#readWritten(said, 'get_event');
    if (row?.id === id) return row;
    throw this.invalid('get_event: the answer is not that event');
  }

  async create(
    resource: ResourceId,
    written: Written,
    context: CallContext,
  ): Promise<WrittenAnswer> {
    const body = bodyOf(written, this.#settings.mappings);
    const filling = { resource_id: resource };
    const said = await this.#client.call('create_event', filling, context, body);
    return this.#readWritten(said, 'create_event');
  }

  async update(
    resource: ResourceId,
    id: string,
    written: Written,
    context: CallContext,
  ): Promise<WrittenAnswer> {
    const body = bodyOf(written, this.#settings.mappings);
    const filling = { resource_id: resource, event_id: id };
    const said = await this.#client.call('update_event', filling, context, body);
    return this.#readWritten(said, 'update_event');
  }

  async delete(resource: ResourceId, id: ExternalId, context: CallContext): Promise<void> {
    await this.#client.call('delete_event', { resource_id: resource, event_id: id }, context);
  }

  /** An answer of this system that is none. */
  invalid(what: string): BridgeError {
    return new BridgeError('invalid-response', `${this.#client.key}: ${what}`);
  }

  #fillingOf(range: InstantRange): Filling {
    const { times } = this.#settings;
    const start = (range.start - MARGIN_MS) as Instant;
    const end = (range.end + MARGIN_MS) as Instant;
    return {
      start: String(writtenTime(start, times)),
      end: String(writtenTime(end, times)),
      start_date: dateOf(toLocal(start, times.zone)),
      end_date: dateOf(toLocal(end, times.zone)),
    };
  }

  #readAll(name: ListName, raw: readonly unknown[]): readonly Row[] {
    const byId = new Map<string, Row>();
    for (const [index, value] of raw.entries()) {
      const row = this.#rows.read(value, `${this.#client.key}: ${name}: row ${index}`);
      const other = byId.get(row.id);
      // Pages may overlap where something is added meanwhile; two accounts of one event may not differ.
      if (other !== undefined && !areEqual(other, row))
        throw this.invalid(`${name}: two rows of one id differ`);
      byId.set(row.id, row);
    }
    return [...byId.values()];
  }

  /** A list that was asked for one resource and shows others is not the list that was asked for. */
  #isOfResource({ resources }: Row, resource: ResourceId): boolean {
    const isAsked = isNamed(this.#settings.endpoints.list_events, 'resource_id');
    if (resources === undefined) {
      if (isAsked) return true;
      throw this.invalid('list_events: a row does not name its resource');
    }
    if (resources.some((id) => isSameId(id, resource))) return true;
    if (!isAsked) return false;
    throw this.invalid('list_events: a row is of another resource');
  }

  #readWritten(
    { call, value }: Said,
    name: 'get_event' | 'create_event' | 'update_event',
  ): WrittenAnswer {
    const dataKey = this.#settings.endpoints[name]?.dataKey ?? this.#settings.responseDataKey;
    const places = [dataKey, 'event', 'data'].flatMap((path) =>
      path === undefined ? [] : [valueAt(value, path)],
    );
    const objects = [...places, value].filter(isObject);
    const found = objects.find((object) => this.#rows.isRow(object));
    const row = found === undefined ? undefined : this.#rows.read(found, call);
    const id = row?.id ?? this.#idIn(objects);
    return { ...(row === undefined ? {} : { row }), ...(id === undefined ? {} : { id }) };
  }

  #idIn(objects: readonly object[]): string | undefined {
    const paths = ['event_id', ...(this.#settings.mappings.read.id ?? [])];
    const ids = objects.flatMap((object) => paths.map((path) => valueAt(object, path)));
    const id = ids.find(
      (found): found is string | number => typeof found === 'string' || Number.isSafeInteger(found),
    );
    return id === undefined ? undefined : String(id);
  }
}
