import { otherSide } from '../shared/model/ids.ts';
import { Deeds, type DeedsUse, type Scene } from './deeds.ts';
import type { Operation, OperationName, Place } from './history.ts';
import { isExclusive, markIn } from './oracle.ts';
import { Actor, type Scheduler } from './scheduler.ts';
import { SPARE_ROOM, tenantName, type Item } from './systems.ts';

/** What was ended is mostly taken back at once. */
const FROM_THE_END = /^(restore|restore-both|remove-shared-copy)$/;

/** What Outlook's people cannot do, those of the booking system do. */
const NOT_IN_OUTLOOK: ReadonlySet<OperationName> = new Set([
  'create-shared',
  'remove-shared-copy',
  'restore',
  'restore-both',
  'restore-against-edit',
  'move-room',
  'move-away',
  'move-back',
  'end-foreign',
]);

export interface PeopleUse extends DeedsUse {
  readonly scheduler: Scheduler;
}

/** Everybody who uses the two systems by their own pages and clients; each act is one step. */
export class People {
  readonly #use: PeopleUse;
  readonly #deeds: Deeds;
  readonly #actor = new Actor('people');
  /** What each episode is about, by its mark. */
  readonly #episodes = new Map<number, string>();
  isDone = false;

  constructor(use: PeopleUse) {
    this.#use = use;
    this.#deeds = new Deeds(use);
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

  /** Somebody edits an item at the very moment when it is written; says whether anybody could. */
  async renameNow(tenant: string, id: string): Promise<boolean> {
    let isRenamed = false;
    for (const [pair, plan] of this.#use.history.pairs.entries())
      for (const side of ['a', 'b'] as const) {
        if (tenantName(plan.tenant) !== tenant) continue;
        const place = plan[side];
        const item = this.#items(plan.tenant, place).find((one) => one.id === id);
        if (item === undefined || !item.isActive || markIn(item.title) === undefined) continue;
        await this.#deeds.rename({ pair, side, tenant: plan.tenant, place }, item);
        isRenamed = true;
      }
    return isRenamed;
  }

  /** Says in a word what came of it. */
  async #do(operation: Operation): Promise<string> {
    const plan = this.#use.history.pairs[operation.pair];
    if (plan === undefined) return 'no such pair';
    const { pick, kind, pair, episode } = operation;
    const isElsewhere = NOT_IN_OUTLOOK.has(kind) && !isExclusive(plan[operation.side]);
    const side = isElsewhere ? otherSide(operation.side) : operation.side;
    const scene = {
      pair,
      side,
      tenant: plan.tenant,
      place: plan[side],
      other: plan[otherSide(side)],
    };
    if (kind.startsWith('create')) {
      const made = await this.#deeds.create(scene, operation);
      if (episode !== undefined) this.#episodes.set(episode, made);
      return made;
    }
    const items = this.#candidates(operation, scene);
    const isLast = FROM_THE_END.test(kind) && pick % 3 > 0;
    const item = isLast ? items.at(-1) : items[pick % Math.max(1, items.length)];
    if (item === undefined) return 'nothing to do it to';
    return await this.#deeds.change(scene, operation, item, items);
  }

  #candidates({ kind, episode }: Operation, { tenant, place, other }: Scene): Item[] {
    const isBack = kind === 'move-back';
    if (isBack && !isExclusive(place)) return [];
    return this.#items(tenant, isBack ? { ...place, room: SPARE_ROOM } : place).filter((item) => {
      const { isActive, isForeign, title, rooms } = item;
      if (episode !== undefined && markIn(title) !== this.#episodes.get(episode)) return false;
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

  #items(tenant: number, place: Place): readonly Item[] {
    return this.#use.systems.itemsOf(tenant, place);
  }
}
