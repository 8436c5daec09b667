import { otherSide, type Side } from '../shared/model/ids.ts';
import type { History, Operation, Place } from './history.ts';
import { isExclusive, markIn, type Oracle } from './oracle.ts';
import { Reach, type Said } from './reach.ts';
import { SPARE_ROOM, type Item, type Systems } from './systems.ts';
import { Times, type Range, type TimesUse } from './times.ts';

export interface DeedsUse extends TimesUse {
  readonly history: History;
  readonly systems: Systems;
  readonly oracle: Oracle;
  readonly now: () => number;
}

/** Where something is done. */
export interface Scene {
  readonly pair: number;
  readonly side: Side;
  readonly tenant: number;
  readonly place: Place;
  readonly other: Place;
}

/** What people do, each told to the oracle as it is done. All say in a word what came of it. */
export class Deeds {
  readonly #use: DeedsUse;
  readonly #reach: Reach;
  readonly #times: Times;
  #said = 0;

  constructor(use: DeedsUse) {
    this.#use = use;
    this.#reach = new Reach(use.systems);
    this.#times = new Times(use);
  }

  /** @returns the mark of what was made, or why nothing was. */
  async create(scene: Scene, { kind, slot, pick, episode }: Operation): Promise<string> {
    const { pair, side, tenant, place, other } = scene;
    const { oracle } = this.#use;
    const isTwin = kind === 'create-twin';
    const isAllDay = kind === 'create-all-day';
    const range = this.#rangeOf(kind, { slot, pick });
    const isSure = isTwin || episode !== undefined;
    if (!this.#isFree(tenant, [place, other], range, isSure)) return 'taken';
    const mark = oracle.newMark(tenant);
    const said: Said = {
      title: `${mark} meeting`,
      description: pick % 3 === 0 ? '' : `about ${mark}`,
      isAllDay,
      ...range,
    };
    for (const one of isTwin ? [place, other] : [place]) {
      const more = {
        is_public: pick % 2 === 0 ? 1 : 0,
        ...(kind === 'create-shared' ? { resources: [place.room, SPARE_ROOM] } : {}),
      };
      const item = await this.#reach.make(tenant, one, said, isExclusive(one) ? more : {});
      if (item === undefined) return 'refused';
      oracle.born(pair, one === place ? side : otherSide(side), item);
    }
    return mark;
  }

  #rangeOf(kind: Operation['kind'], { slot, pick }: Pick<Operation, 'slot' | 'pick'>): Range {
    if (kind === 'create-at-edge') return this.#times.edge(pick);
    if (kind === 'create-soon') return this.#times.soon(this.#use.now());
    return this.#times.slot(slot, kind === 'create-all-day');
  }

  /** @param items All that it could have been done to. */
  async change(
    scene: Scene,
    operation: Operation,
    item: Item,
    items: readonly Item[],
  ): Promise<string> {
    const { tenant, place, other } = scene;
    const { kind, slot, pick, episode } = operation;
    switch (kind) {
      case 'rename':
        return await this.rename(scene, item);
      case 'rename-both':
        return await this.#renameBoth(scene, item);
      case 'describe':
        return await this.#edit(scene, item, { description: `said ${(this.#said += 1)}` });
      case 'blank':
        return await this.#edit(scene, item, { description: '' });
      case 'reschedule':
      case 'leave-window': {
        const range =
          kind === 'leave-window' ? this.#times.beyond(slot) : this.#times.slot(slot, false);
        if (!this.#isFree(tenant, [place, other], range, false)) return 'taken';
        return await this.#edit(scene, item, { ...range, isAllDay: false });
      }
      case 'swap':
        return await this.#swap(scene, item, items[(pick + 1) % items.length]);
      case 'remove':
      case 'remove-shared-copy':
        return await this.#end(scene, item, episode === undefined && pick % 4 === 0);
      case 'end-foreign':
        return await this.#end(scene, item, true);
      case 'quarrel':
        return await this.#quarrel(scene, item);
      case 'restore':
        return await this.#restore(scene, item);
      case 'restore-both':
        return await this.#restoreBoth(scene, item);
      case 'restore-against-edit':
        return await this.#restoreAgainstEdit(scene, item);
      case 'move-away':
        return await this.#moveTo(scene, item, SPARE_ROOM);
      case 'move-back':
        return await this.#moveTo(scene, item, place.room);
      case 'move-room':
        return await this.#moveToAnother(scene, item);
      case 'paste':
        return await this.#paste(scene, item, slot);
      case 'create':
      case 'create-twin':
      case 'create-all-day':
      case 'create-at-edge':
      case 'create-shared':
      case 'create-soon':
        throw new RangeError(`${kind} needs no item`);
    }
  }

  async rename(scene: Omit<Scene, 'other'>, item: Item): Promise<string> {
    const title = `${markIn(item.title) ?? ''} renamed ${(this.#said += 1)}`;
    return await this.#edit(scene, item, { title });
  }

  async #edit(
    { pair, side, tenant, place }: Omit<Scene, 'other'>,
    item: Item,
    said: Said,
  ): Promise<string> {
    if (!(await this.#reach.edit(tenant, place, item, said))) return 'refused';
    const now = this.#items(tenant, place).find(({ id }) => id === item.id);
    if (now === undefined) return 'gone';
    const story = this.#use.oracle.acted(pair, side, now, 'edited');
    const isUnseen = isExclusive(place) && Object.keys(said).join() === 'description';
    if (story !== undefined && isUnseen && !now.isShown) story.isDescriptionLoose = true;
    return markIn(now.title) ?? '';
  }

  /** Two meetings exchange their times; where times are exclusive, by way of a third one. */
  async #swap(scene: Scene, item: Item, partner: Item | undefined): Promise<string> {
    const { tenant, place, other } = scene;
    if (partner === undefined || partner.id === item.id) return 'nobody to swap with';
    if (item.isAllDay || partner.isAllDay) return 'whole days stay';
    const parking = this.#times.parking();
    if (!this.#isFree(tenant, [place, other], parking, false)) return 'taken';
    const steps: (readonly [Item, Range])[] = [
      ...(isExclusive(place) ? [[item, parking] as const] : []),
      [partner, item],
      [item, partner],
    ];
    for (const [one, { start, end }] of steps)
      if ((await this.#edit(scene, one, { start, end })) === 'refused') return 'refused half-way';
    return `${markIn(item.title) ?? ''} and ${markIn(partner.title) ?? ''}`;
  }

  async #end(
    { pair, side, tenant, place }: Scene,
    item: Item,
    isForGood: boolean,
  ): Promise<string> {
    await this.#reach.end(tenant, place, item, isForGood);
    this.#use.oracle.acted(pair, side, item, 'ended');
    return markIn(item.title) ?? '';
  }

  async #restore({ pair, side, tenant, place, other }: Scene, item: Item): Promise<string> {
    if (!this.#isFree(tenant, [place, other], item, false, item)) return 'taken';
    if (!(await this.#reach.setActive(tenant, place, item.id, true))) return 'refused';
    this.#use.oracle.acted(pair, side, { ...item, isActive: true }, 'returned');
    return markIn(item.title) ?? '';
  }

  /** One ends what another one edits on the other side. */
  async #quarrel(scene: Scene, item: Item): Promise<string> {
    const twin = this.#twinOf(scene, item, true);
    if (twin === undefined) return 'nobody on the other side';
    await this.#end(scene, item, false);
    return await this.rename(mirrored(scene), twin);
  }

  /** Two people say something else of it, each on their side. */
  async #renameBoth(scene: Scene, item: Item): Promise<string> {
    const twin = this.#twinOf(scene, item, true);
    const done = await this.rename(scene, item);
    if (twin === undefined) return done;
    return `${done} and ${await this.rename(mirrored(scene), twin)}`;
  }

  /** What was ended is taken back on both sides before anybody has heard. */
  async #restoreBoth(scene: Scene, item: Item): Promise<string> {
    const twin = isExclusive(scene.other) ? this.#twinOf(scene, item, false) : undefined;
    const done = await this.#restore(scene, item);
    if (twin === undefined) return done;
    return `${done} and ${await this.#restore(mirrored(scene), twin)}`;
  }

  /** It is taken back on one side while somebody edits it on the other. */
  async #restoreAgainstEdit(scene: Scene, item: Item): Promise<string> {
    const twin = this.#twinOf(scene, item, true);
    const done = await this.#restore(scene, item);
    if (twin === undefined) return done;
    return `${done} and ${await this.rename(mirrored(scene), twin)}`;
  }

  #twinOf({ tenant, other }: Scene, item: Item, isActive: boolean): Item | undefined {
    return this.#items(tenant, other).findLast(
      (one) => one.isActive === isActive && markIn(one.title) === markIn(item.title),
    );
  }

  /** To or from a room that no pair has. */
  async #moveTo(scene: Scene, item: Item, room: number): Promise<string> {
    const { pair, side, tenant, place, other } = scene;
    if (!isExclusive(place)) return 'a mailbox keeps its events';
    const isBack = room !== SPARE_ROOM;
    if (isBack && !this.#isFree(tenant, [place, other], item, false, item)) return 'taken';
    if (!(await this.#reach.moveTo(tenant, place, item, room))) return 'refused';
    if (isBack) this.#arrived(pair, side, item);
    else this.#use.oracle.acted(pair, side, item, 'ended');
    return markIn(item.title) ?? '';
  }

  /** To the room of another pair. */
  async #moveToAnother({ pair, side, tenant, place }: Scene, item: Item): Promise<string> {
    const { history, oracle } = this.#use;
    if (!isExclusive(place)) return 'a mailbox keeps its events';
    const goals = history.pairs.flatMap((plan, index) =>
      (['a', 'b'] as const).map((goalSide) => ({ plan, pair: index, side: goalSide })),
    );
    const goal = goals.find(
      (one) =>
        one.pair !== pair &&
        one.plan.tenant === tenant &&
        one.plan[one.side].bridge === place.bridge &&
        this.#isFree(tenant, [one.plan.a, one.plan.b], item, false),
    );
    if (goal === undefined) return 'no other room';
    const { room } = goal.plan[goal.side];
    if (!(await this.#reach.moveTo(tenant, place, item, room))) return 'refused';
    oracle.acted(pair, side, item, 'ended');
    this.#arrived(goal.pair, goal.side, item);
    return markIn(item.title) ?? '';
  }

  /** What comes from another room is new to a pair, or known to it from before. */
  #arrived(pair: number, side: Side, item: Item): void {
    const { oracle } = this.#use;
    const isKnown = oracle.storiesOf(pair).some(({ mark }) => mark === markIn(item.title));
    if (isKnown) oracle.acted(pair, side, item, 'returned');
    else oracle.born(pair, side, item);
  }

  /** A meeting is copied in Outlook, and our stamp with it; people then give it its own name. */
  async #paste(scene: Scene, item: Item, slot: number): Promise<string> {
    const { pair, side, tenant, place, other } = scene;
    const { oracle, systems } = this.#use;
    if (isExclusive(place)) return 'only Outlook copies stamps';
    const range = this.#times.slot(slot, false);
    if (!this.#isFree(tenant, [place, other], range, false)) return 'taken';
    const mark = oracle.newMark(tenant);
    const { description } = item;
    const said = { ...range, title: `${mark} pasted`, description, isAllDay: false };
    const stamp = { singleValueExtendedProperties: systems.propertiesOf(item.id) };
    const made = await this.#reach.make(tenant, place, said, stamp);
    if (made !== undefined) oracle.born(pair, side, made);
    return mark;
  }

  /** Polite people, twins and episodes take nothing that something else has on either side. */
  #isFree(
    tenant: number,
    places: readonly Place[],
    range: Range,
    isSure: boolean,
    own?: Item,
  ): boolean {
    if (!this.#use.history.isPolite && !isSure) return true;
    return places.every((place) =>
      this.#items(tenant, place).every(
        ({ start, end, isActive, title }) =>
          !isActive ||
          (own !== undefined && markIn(title) === markIn(own.title)) ||
          range.end <= start ||
          end <= range.start,
      ),
    );
  }

  #items(tenant: number, place: Place): readonly Item[] {
    return this.#use.systems.itemsOf(tenant, place);
  }
}

/** The same from the other side. */
function mirrored(scene: Scene): Scene {
  return { ...scene, side: otherSide(scene.side), place: scene.other, other: scene.place };
}
