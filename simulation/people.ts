import { otherSide, type Side } from '../shared/model/ids.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toLocal } from '../shared/model/time.ts';
import type { Instant } from '../shared/util/clock.ts';
import type { History, Operation, OperationName, Place } from './history.ts';
import { SLOTS } from './history.ts';
import { isExclusive, markIn, type Oracle } from './oracle.ts';
import { Actor, type Scheduler } from './scheduler.ts';
import {
  bookingUrlOf,
  domainOf,
  GRAPH_URL,
  mailboxOf,
  OSLO,
  SPARE_ROOM,
  tenantName,
  type Item,
  type Systems,
} from './systems.ts';

type Json = Record<string, unknown>;

const FROM_THE_END = /^(restore|restore-both|remove-shared-copy)$/;

const NOT_IN_OUTLOOK: ReadonlySet<OperationName> = new Set([
  'create-shared',
  'remove-shared-copy',
  'restore',
  'restore-both',
  'move-room',
  'move-away',
  'move-back',
  'end-foreign',
]);
type Range = Pick<Item, 'start' | 'end'>;

export interface PeopleUse {
  readonly history: History;
  readonly scheduler: Scheduler;
  readonly systems: Systems;
  readonly oracle: Oracle;
  readonly startMs: number;
  /** Days ahead that are surely in the window, and those that surely are not. */
  readonly windowDays: number;
  readonly beyondDays: number;
}

/** One operation with what it is about. */
interface Scene {
  readonly operation: Operation;
  readonly tenant: number;
  readonly place: Place;
  readonly other: Place;
  readonly item: Item;
}

/** Everybody who uses the two systems by their own pages and clients; each act is one step. */
export class People {
  readonly #use: PeopleUse;
  readonly #actor = new Actor('people');
  #said = 0;
  isDone = false;

  constructor(use: PeopleUse) {
    this.#use = use;
  }

  async play(afterEach: (operation: Operation) => void): Promise<void> {
    const { scheduler, history } = this.#use;
    for (const operation of history.operations) {
      await scheduler.sleep(this.#actor, operation.afterMs);
      const { kind, pair, side } = operation;
      await scheduler.call(
        this.#actor,
        `${kind} pair ${pair} side ${side}`,
        () => this.#do(operation),
        (text) => text,
      );
      afterEach(operation);
    }
    this.isDone = true;
  }

  /** Somebody edits an item at the very moment when it is written. */
  async renameNow(tenant: string, id: string): Promise<void> {
    const { history } = this.#use;
    for (const [pair, plan] of history.pairs.entries())
      for (const side of ['a', 'b'] as const) {
        if (tenantName(plan.tenant) !== tenant) continue;
        const item = this.#items(plan.tenant, plan[side]).find((one) => one.id === id);
        if (item === undefined || !item.isActive || markIn(item.title) === undefined) continue;
        await this.#edit(pair, side, plan.tenant, plan[side], item, this.#renamed(item));
      }
  }

  /** Says in a word what came of it. */
  async #do(operation: Operation): Promise<string> {
    const plan = this.#use.history.pairs[operation.pair];
    if (plan === undefined) return 'no such pair';
    const { pick } = operation;
    // What Outlook's people cannot do, those of the booking system do.
    const side =
      NOT_IN_OUTLOOK.has(operation.kind) && !isExclusive(plan[operation.side])
        ? otherSide(operation.side)
        : operation.side;
    const [place, other] = [plan[side], plan[otherSide(side)]];
    const base = { operation: { ...operation, side }, tenant: plan.tenant, place, other };
    if (operation.kind.startsWith('create')) return await this.#create(base);
    const items = this.#candidates(operation, plan.tenant, place, other);
    // What was ended is mostly taken back at once.
    const isLast = FROM_THE_END.test(operation.kind) && pick % 3 > 0;
    const item = isLast ? items.at(-1) : items[pick % Math.max(1, items.length)];
    if (item === undefined) return 'nothing to do it to';
    return await this.#change({ ...base, item }, items);
  }

  #candidates({ kind }: Operation, tenant: number, place: Place, other: Place): Item[] {
    const isBack = kind === 'move-back';
    const from = isBack ? { ...place, room: SPARE_ROOM } : place;
    if (isBack && !isExclusive(place)) return [];
    return this.#items(tenant, from).filter(({ isActive, isForeign, title, rooms }) => {
      if (kind.startsWith('move') && rooms.length > 1) return false;
      if (kind === 'remove-shared-copy')
        return isActive && !isForeign && this.#isCopyOfShared(tenant, other, title);
      if (kind === 'end-foreign') return isActive && isForeign;
      if (markIn(title) === undefined || isForeign) return false;
      return kind.startsWith('restore') ? !isActive : isActive;
    });
  }

  #isCopyOfShared(tenant: number, other: Place, title: string): boolean {
    return this.#items(tenant, other).some(
      (item) => item.isActive && item.rooms.length > 1 && markIn(item.title) === markIn(title),
    );
  }

  async #create({ operation, tenant, place, other }: Omit<Scene, 'item'>): Promise<string> {
    const { oracle } = this.#use;
    const { kind, pair, side, slot, pick } = operation;
    const isEdge = kind === 'create-at-edge';
    const isAllDay = kind === 'create-all-day';
    const range = isEdge ? this.#edge(pick) : this.#slot(slot, isAllDay);
    const places = kind === 'create-twin' ? [place, other] : [place];
    if (!this.#isFree(tenant, [place, other], range, kind === 'create-twin')) return 'taken';
    const mark = oracle.newMark(tenant);
    const content = {
      title: `${mark} meeting`,
      description: pick % 3 === 0 ? '' : `about ${mark}`,
      isAllDay,
      isPublic: pick % 2 === 0,
      ...(kind === 'create-shared' ? { resources: [place.room, SPARE_ROOM] } : {}),
      ...range,
    };
    for (const one of places) {
      const item = await this.#make(tenant, one, content);
      if (item === undefined) return 'refused';
      oracle.born(pair, one === place ? side : otherSide(side), item);
    }
    return mark;
  }

  async #change(scene: Scene, items: readonly Item[]): Promise<string> {
    const { operation, tenant, place, other, item } = scene;
    const { kind, pair, side, slot, pick } = operation;
    const { oracle } = this.#use;
    const edit = (change: Json): Promise<string> =>
      this.#edit(pair, side, tenant, place, item, change);
    switch (kind) {
      case 'rename':
        return await edit(this.#renamed(item));
      case 'describe':
        return await edit({ description: `said ${(this.#said += 1)}` });
      case 'blank':
        return await edit({ description: '' });
      case 'reschedule':
      case 'leave-window': {
        const range = kind === 'leave-window' ? this.#beyond(slot) : this.#slot(slot, false);
        if (!this.#isFree(tenant, [place, other], range, false)) return 'taken';
        return await edit({ ...range, isAllDay: false });
      }
      case 'swap':
        return await this.#swap(scene, items);
      case 'remove':
      case 'remove-shared-copy':
        await this.#end(tenant, place, item, pick % 4 === 0);
        oracle.acted(pair, side, item, 'ended');
        return markIn(item.title) ?? '';
      case 'quarrel':
        return await this.#quarrel(scene);
      case 'restore':
        return await this.#restore(scene);
      case 'restore-both':
        return await this.#restoreBoth(scene);
      case 'end-foreign':
        await this.#web('DELETE', tenant, place, `/booking/${item.id.replace(':', 's/')}`);
        oracle.acted(pair, side, item, 'ended');
        return item.id;
      case 'move-away':
        return await this.#moveTo(scene, SPARE_ROOM);
      case 'move-back':
        return await this.#moveTo(scene, place.room);
      case 'move-room':
        return await this.#moveToAnother(scene);
      case 'paste':
        return await this.#paste(scene);
      case 'create':
      case 'create-twin':
      case 'create-all-day':
      case 'create-at-edge':
      case 'create-shared':
        throw new RangeError(`${kind} needs no item`);
    }
  }

  #renamed({ title }: Item): Json {
    return { title: `${markIn(title) ?? ''} renamed ${(this.#said += 1)}` };
  }

  async #edit(
    pair: number,
    side: Side,
    tenant: number,
    place: Place,
    item: Item,
    change: Json,
  ): Promise<string> {
    const isDone = isExclusive(place)
      ? await this.#web(
          'PUT',
          tenant,
          place,
          `/booking/${item.id.replace(':', 's/')}`,
          bookingBody(change),
        )
      : await this.#outlook(
          'PATCH',
          tenant,
          place,
          `/events/${encodeURIComponent(item.id)}`,
          graphBody(change),
        );
    if (isDone === undefined) return 'refused';
    const now = this.#items(tenant, place).find(({ id }) => id === item.id);
    if (now === undefined) return 'gone';
    const story = this.#use.oracle.acted(pair, side, now, 'edited');
    const isUnseen = isExclusive(place) && Object.keys(change).join() === 'description';
    if (story !== undefined && isUnseen && !now.isShown) story.isDescriptionLoose = true;
    return markIn(now.title) ?? '';
  }

  /** Two meetings exchange their times; where times are exclusive, by way of a third one. */
  async #swap({ operation, tenant, place, other, item }: Scene, items: readonly Item[]) {
    const partner = items[(operation.pick + 1) % items.length];
    if (partner === undefined || partner.id === item.id) return 'nobody to swap with';
    if (item.isAllDay || partner.isAllDay) return 'whole days stay';
    const { pair, side } = operation;
    if (!this.#isFree(tenant, [place, other], this.#parking(), false)) return 'taken';
    const steps: [Item, Range][] = [
      ...(isExclusive(place) ? ([[item, this.#parking()]] as [Item, Range][]) : []),
      [partner, item],
      [item, partner],
    ];
    for (const [one, { start, end }] of steps)
      if ((await this.#edit(pair, side, tenant, place, one, { start, end })) === 'refused')
        return 'refused half-way';
    return `${markIn(item.title) ?? ''} and ${markIn(partner.title) ?? ''}`;
  }

  async #restore({ operation, tenant, place, item, other }: Scene): Promise<string> {
    if (!this.#isFree(tenant, [place, other], item, false)) return 'taken';
    const path = `/booking/${item.id.replace(':', 's/')}/toggle-active`;
    const done = await this.#web('PATCH', tenant, place, path, { active: 1 });
    if (done === undefined) return 'refused';
    this.#use.oracle.acted(operation.pair, operation.side, { ...item, isActive: true }, 'returned');
    return markIn(item.title) ?? '';
  }

  /** One ends what another one edits on the other side. */
  async #quarrel(scene: Scene): Promise<string> {
    const { operation, tenant, place, other, item } = scene;
    const { pair, side } = operation;
    const twin = this.#twinOf(scene, true);
    if (twin === undefined) return 'nobody on the other side';
    await this.#end(tenant, place, item, false);
    this.#use.oracle.acted(pair, side, item, 'ended');
    return await this.#edit(pair, otherSide(side), tenant, other, twin, this.#renamed(twin));
  }

  /** What was ended is taken back on both sides before anybody has heard. */
  async #restoreBoth(scene: Scene): Promise<string> {
    const { operation, place, other } = scene;
    const twin = isExclusive(other) ? this.#twinOf(scene, false) : undefined;
    const done = await this.#restore(scene);
    if (twin === undefined) return done;
    const side = otherSide(operation.side);
    const mirrored = { ...scene, operation: { ...operation, side }, place: other, other: place };
    return `${done} and ${await this.#restore({ ...mirrored, item: twin })}`;
  }

  #twinOf({ tenant, other, item }: Scene, isActive: boolean): Item | undefined {
    return this.#items(tenant, other).findLast(
      (one) => one.isActive === isActive && markIn(one.title) === markIn(item.title),
    );
  }

  /** To or from a room that no pair has. */
  async #moveTo({ operation, tenant, place, other, item }: Scene, room: number): Promise<string> {
    if (!isExclusive(place)) return 'a mailbox keeps its events';
    const isBack = room !== SPARE_ROOM;
    if (isBack && !this.#isFree(tenant, [place, other], item, false)) return 'taken';
    if (!(await this.#putInto(tenant, place, item, room))) return 'refused';
    const { pair, side } = operation;
    const { oracle } = this.#use;
    const isKnown = oracle.storiesOf(pair).some(({ mark }) => mark === markIn(item.title));
    // What comes back may come to another pair's room, where it is new.
    if (isBack && !isKnown) oracle.born(pair, side, item);
    else oracle.acted(pair, side, item, isBack ? 'returned' : 'ended');
    return markIn(item.title) ?? '';
  }

  /** To the room of another pair. */
  async #moveToAnother({ operation, tenant, place, item }: Scene): Promise<string> {
    const { history, oracle } = this.#use;
    if (!isExclusive(place)) return 'a mailbox keeps its events';
    const goals = history.pairs.flatMap((plan, pair) =>
      (['a', 'b'] as const).map((side) => ({ plan, pair, side })),
    );
    const goal = goals.find(
      ({ plan, side, pair }) =>
        pair !== operation.pair &&
        plan.tenant === tenant &&
        plan[side].bridge === place.bridge &&
        this.#isFree(tenant, [plan.a, plan.b], item, false),
    );
    if (goal === undefined) return 'no other room';
    if (!(await this.#putInto(tenant, place, item, goal.plan[goal.side].room))) return 'refused';
    oracle.acted(operation.pair, operation.side, item, 'ended');
    const isKnown = oracle.storiesOf(goal.pair).some(({ mark }) => mark === markIn(item.title));
    if (isKnown) oracle.acted(goal.pair, goal.side, item, 'returned');
    else oracle.born(goal.pair, goal.side, item);
    return markIn(item.title) ?? '';
  }

  async #putInto(tenant: number, place: Place, item: Item, room: number): Promise<boolean> {
    const path = `/booking/${item.id.replace(':', 's/')}`;
    return (await this.#web('PUT', tenant, place, path, { resources: [room] })) !== undefined;
  }

  /** A meeting is copied in Outlook, and our stamp with it; people then give it its own name. */
  async #paste({ operation, tenant, place, other, item }: Scene): Promise<string> {
    const { oracle, systems } = this.#use;
    if (isExclusive(place)) return 'only Outlook copies stamps';
    const range = this.#slot(operation.slot, false);
    if (!this.#isFree(tenant, [place, other], range, false)) return 'taken';
    const mark = oracle.newMark(tenant);
    const content = { ...range, title: `${mark} pasted`, description: item.description };
    const stamp = { singleValueExtendedProperties: systems.propertiesOf(item.id) };
    const made = await this.#make(tenant, place, { ...content, isAllDay: false }, stamp);
    if (made !== undefined) oracle.born(operation.pair, operation.side, made);
    return mark;
  }

  async #end(tenant: number, place: Place, { id }: Item, isForGood: boolean): Promise<void> {
    if (!isExclusive(place))
      await this.#outlook('DELETE', tenant, place, `/events/${encodeURIComponent(id)}`);
    else if (isForGood)
      await this.#web('DELETE', tenant, place, `/booking/${id.replace(':', 's/')}`);
    else {
      const path = `/booking/${id.replace(':', 's/')}/toggle-active`;
      await this.#web('PATCH', tenant, place, path, { active: 0 });
    }
  }

  async #make(tenant: number, place: Place, content: Json, more: Json = {}) {
    const made = isExclusive(place)
      ? await this.#web('POST', tenant, place, `/booking/resources/${place.room}/events`, {
          source: 'web',
          contact_name: 'Per',
          is_public: content['isPublic'] === true ? 1 : 0,
          ...bookingBody(content),
          ...(content['resources'] === undefined ? {} : { resources: content['resources'] }),
          title: content['title'],
        })
      : await this.#outlook('POST', tenant, place, '/events', { ...graphBody(content), ...more });
    if (made === undefined) return undefined;
    const id = isExclusive(place) ? `event:${String(made['id'])}` : String(made['id']);
    return this.#items(tenant, place).find((item) => item.id === id);
  }

  // ---- times

  #slot(slot: number, isAllDay: boolean): Range {
    const day = this.#midnight(2 + Math.floor(slot / 6) + (isAllDay ? 2 : 0));
    if (isAllDay) return { start: day, end: day + DAY_MS };
    const start = day + (7 + (slot % 6) * 2) * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  /** Where people put one of two meetings for the moment. */
  #parking(): Range {
    const start = this.#midnight(2 + SLOTS) + 7 * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  #edge(pick: number): Range {
    const { windowDays, beyondDays, startMs } = this.#use;
    const starts = [
      startMs - 30 * MINUTE_MS,
      startMs - 26 * HOUR_MS,
      this.#midnight(windowDays) + 9 * HOUR_MS,
      this.#midnight(beyondDays) + 9 * HOUR_MS,
    ];
    const start = starts[pick % starts.length] ?? startMs;
    return { start, end: start + 2 * HOUR_MS };
  }

  #beyond(slot: number): Range {
    const start = this.#midnight(this.#use.beyondDays) + slot * 2 * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  /** Of a day counted from the first one, in Oslo's winter. */
  #midnight(day: number): number {
    return Math.floor(this.#use.startMs / DAY_MS) * DAY_MS + day * DAY_MS - HOUR_MS;
  }

  /** Polite people, and twins, take nothing that is taken on either side. */
  #isFree(tenant: number, places: readonly Place[], range: Range, isSure: boolean): boolean {
    if (!this.#use.history.isPolite && !isSure) return true;
    return places.every((place) =>
      this.#items(tenant, place).every(
        ({ start, end }) => range.end <= start || end <= range.start,
      ),
    );
  }

  #items(tenant: number, place: Place): Item[] {
    return this.#use.systems.itemsOf(tenant, place);
  }

  // ---- how people reach the systems

  async #outlook(method: string, tenant: number, place: Place, path: string, body?: Json) {
    const user = encodeURIComponent(mailboxOf(tenant, place.room));
    const answer = await this.#use.systems.graph.fetch(
      new Request(`${GRAPH_URL}/v1.0/users/${user}${path}`, {
        method,
        headers: {
          authorization: `Bearer person ${tenantName(tenant)}`,
          'content-type': 'application/json',
          prefer: 'IdType="ImmutableId", outlook.body-content-type="text"',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return await jsonOf(answer);
  }

  /** A change in the web pages of the booking system; undefined where they refuse it. */
  async #web(method: string, tenant: number, place: Place, path: string, body: Json = {}) {
    const domain = domainOf(tenant, place.bridge);
    const answer = await this.#use.systems.booking.fetch(
      new Request(`${bookingUrlOf(domain)}/__sim/people`, {
        method: 'POST',
        body: JSON.stringify({ method, path, domain, body }),
      }),
    );
    return await jsonOf(answer);
  }
}

async function jsonOf(answer: Response): Promise<Json | undefined> {
  const text = await answer.text();
  if (!answer.ok) return undefined;
  return text === '' ? {} : (JSON.parse(text) as Json);
}

function graphBody(content: Json): Json {
  const { title, description, start, end, isAllDay } = content;
  const zone = isAllDay === true ? 'W. Europe Standard Time' : 'UTC';
  const time = (at: unknown): Json => ({
    dateTime:
      isAllDay === true
        ? toLocal(at as Instant, OSLO)
        : new Date(at as number).toISOString().replace('Z', ''),
    timeZone: zone,
  });
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: { contentType: 'text', content: description } }),
    ...(isAllDay === undefined ? {} : { isAllDay }),
    ...(start === undefined ? {} : { start: time(start), end: time(end) }),
  };
}

function bookingBody(content: Json): Json {
  const { title, description, start, end } = content;
  const time = (at: unknown): string => toLocal(at as Instant, OSLO).replace('T', ' ');
  return {
    ...(title === undefined ? {} : { name: title }),
    ...(description === undefined ? {} : { description }),
    ...(start === undefined ? {} : { from_: time(start), to_: time(end) }),
  };
}
