import * as fc from 'fast-check';
import type { MemoryBridge } from '../../shared/bridges/memory-bridge.ts';
import type { StoredItem } from '../../shared/bridges/memory-calendar.ts';
import { BridgeError } from '../../shared/model/errors.ts';
import { SIDES, type Side } from '../../shared/model/ids.ts';
import type { EventMapping } from '../../shared/model/mapping.ts';
import { overlaps } from '../../shared/model/time.ts';
import { meeting, times } from '../support/events.ts';
import { at, OTHER_ROOM, ROOM } from '../support/memory-world.ts';

/** What somebody does in one of the two systems; numbers choose among what is there. */
export interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly side: Side;
  readonly pick: number;
  readonly slot: number;
}

const KINDS = [
  'create',
  'create twin',
  'rename',
  'describe',
  'reschedule',
  'swap',
  'remove',
  'restore',
  'move away',
  'move back',
  'paste',
  'create foreign',
  'run',
] as const;

const SLOTS = 12;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, 'run' as const, 'create' as const),
  side: fc.constantFrom(...SIDES),
  pick: fc.nat(20),
  slot: fc.nat(SLOTS - 1),
});

/** Some runs, and what people do before and between them. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 1,
  maxLength: 25,
});

export interface Stage {
  readonly a: MemoryBridge;
  readonly b: MemoryBridge;
  readonly clock: { advance(ms: number): void };
  readonly mappings: () => Promise<readonly EventMapping[]>;
  readonly run: () => Promise<unknown>;
  /** A run that comes to its end, where others may not. */
  readonly sureRun?: () => Promise<unknown>;
}

/**
 * `calm`: nobody does what only a person could settle: nobody takes a time that is taken in either
 * system, or brings back what has a successor.
 */
export interface Manners {
  readonly isCalm: boolean;
  /** Only there is anything changed, and on the other side at most something made or taken away. */
  readonly owner?: Side;
  /** A side whose lists do not show descriptions: a change of nothing else goes unseen there. */
  readonly hides?: Side;
  /** A side without stamps: a copy edited there before we hear that it was made is a stranger. */
  readonly stampless?: Side;
}

/** Plays histories on two calendars. Every title is used once, but for twins and pasted copies. */
export class Actor {
  readonly #stage: Stage;
  readonly #manners: Manners;
  #made = 0;

  constructor(stage: Stage, manners: Manners) {
    this.#stage = stage;
    this.#manners = manners;
  }

  /** An event on each side that nobody touches, so that no side is ever empty. */
  begin(): void {
    for (const side of SIDES)
      this.#stage[side].calendar.create(ROOM, this.#meeting(side === 'a' ? SLOTS : SLOTS + 1));
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      this.#stage.clock.advance(1000);
      try {
        await this.#do(one);
      } catch (error) {
        // The system refuses a time that is taken, to people as to us.
        if (!(error instanceof BridgeError && error.kind === 'conflict')) throw error;
      }
    }
    this.#stage.clock.advance(1000);
  }

  async #do({ kind, side, pick, slot }: Step): Promise<void> {
    const { calendar } = this.#stage[side];
    if (kind === 'create foreign') return this.#createForeign(side, pick, slot);
    if (kind === 'run') return void (await this.#stage.run());
    if (kind === 'create' || kind === 'create twin') return await this.#create(kind, side, slot);
    const item =
      kind === 'restore' || kind === 'move back'
        ? await this.#returnable(side, pick, kind)
        : this.#live(side, pick);
    if (item === undefined) return;
    if (this.#manners.owner !== undefined && side !== this.#manners.owner && kind !== 'remove')
      return;
    const isKnown = await this.#isMapped(side, item);
    if (side === this.#manners.stampless && !isKnown) return;
    switch (kind) {
      case 'rename':
        return void calendar.edit(item.id, { title: `renamed ${(this.#made += 1)}` });
      case 'describe':
        if (side === this.#manners.hides) return;
        return void calendar.edit(item.id, { description: `described ${(this.#made += 1)}` });
      case 'reschedule':
        if (!this.#isFree(slot)) return;
        return void calendar.edit(item.id, times(...slotAt(slot)));
      case 'swap':
        return await this.#swap(side, item, pick);
      case 'remove':
        return void calendar.remove(item.id);
      case 'restore':
        return void calendar.change(item.id, { state: 'active' });
      case 'move away':
        // A copy that is not known yet would be found, but not as one of this room.
        if (this.#manners.isCalm && !isKnown) return;
        return void calendar.change(item.id, { resources: [OTHER_ROOM] });
      case 'move back':
        return void calendar.change(item.id, { resources: [ROOM] });
      case 'paste':
        return this.#paste(side, item, slot);
    }
  }

  async #isMapped(side: Side, { id }: StoredItem): Promise<boolean> {
    return (await this.#stage.mappings()).some((mapping) => mapping[side]?.id === id);
  }

  async #create(kind: 'create' | 'create twin', side: Side, slot: number): Promise<void> {
    if (!this.#isFree(slot)) return;
    const content = this.#meeting(slot);
    for (const one of kind === 'create' ? [side] : SIDES)
      this.#stage[one].calendar.create(ROOM, content);
    // Changed before they are known to be one event, they are two at the same time.
    if (kind === 'create twin') await this.#calmDown();
  }

  /** What only its owner may change, and what no bridge can carry. */
  #createForeign(side: Side, pick: number, slot: number): void {
    if (this.#manners.isCalm) return;
    const rights = pick % 2 === 0 ? 'none' : 'decline';
    const unsupported = pick % 3 === 0 ? ({ unsupported: 'series' } as const) : {};
    this.#stage[side].calendar.create(ROOM, this.#meeting(slot), { rights, ...unsupported });
  }

  async #swap(side: Side, item: StoredItem, pick: number): Promise<void> {
    const { calendar, capabilities } = this.#stage[side];
    const other = this.#live(side, pick + 1);
    // Where times are exclusive people need a free one to exchange two.
    if (other === undefined || other.id === item.id || capabilities.exclusiveSlots) return;
    // A policy that puts one of them back must not find the other in its place.
    await this.#calmDown();
    const timesOf = ({ event }: StoredItem) => ({ start: event.start, duration: event.duration });
    calendar.edit(item.id, timesOf(other));
    calendar.edit(other.id, timesOf(item));
    await this.#calmDown();
  }

  async #calmDown(): Promise<void> {
    const { sureRun, run } = this.#stage;
    if (this.#manners.isCalm) await (sureRun ?? run)();
  }

  #paste(side: Side, item: StoredItem, slot: number): void {
    if (!this.#isFree(slot)) return;
    const content = { ...item.event, ...times(...slotAt(slot)) };
    const { stamp } = item;
    this.#stage[side].calendar.create(ROOM, content, stamp === undefined ? {} : { stamp });
  }

  #meeting(slot: number) {
    this.#made += 1;
    return meeting(`made ${this.#made}`, ...slotAt(slot), { description: `about ${this.#made}` });
  }

  /** The anchors come first and are left out. */
  #live(side: Side, pick: number): StoredItem | undefined {
    const { calendar } = this.#stage[side];
    const items = calendar
      .everOn(ROOM)
      .filter(
        ({ state, resources, event, rights }) =>
          state === 'active' &&
          resources.includes(ROOM) &&
          (!this.#manners.isCalm || rights === 'full') &&
          calendar.slot(event).start < slotAt(SLOTS)[0],
      );
    return items[pick % Math.max(1, items.length)];
  }

  async #returnable(
    side: Side,
    pick: number,
    kind: 'restore' | 'move back',
  ): Promise<StoredItem | undefined> {
    const { calendar } = this.#stage[side];
    const away = calendar
      .everOn(ROOM)
      .filter(({ state, resources }) =>
        kind === 'restore' ? state === 'removed' : state === 'active' && !resources.includes(ROOM),
      );
    const item = away[pick % Math.max(1, away.length)];
    if (item === undefined || !this.#manners.isCalm) return item;
    const mappings = await this.#stage.mappings();
    const isKnown = mappings.find((mapping) => mapping[side]?.id === item.id);
    const isFree = this.#isFreeAt(calendar.slot(item.event));
    return isFree && isKnown?.origin === side ? item : undefined;
  }

  #isFree(slot: number): boolean {
    const [start, end] = slotAt(slot);
    return !this.#manners.isCalm || this.#isFreeAt({ start, end });
  }

  #isFreeAt(range: { start: ReturnType<typeof at>; end: ReturnType<typeof at> }): boolean {
    return SIDES.every((side) => {
      const { calendar } = this.#stage[side];
      return calendar
        .everOn(ROOM)
        .filter(({ state, resources }) => state !== 'removed' && resources.includes(ROOM))
        .every(({ event }) => !overlaps(calendar.slot(event), range));
    });
  }
}

function slotAt(slot: number): [ReturnType<typeof at>, ReturnType<typeof at>] {
  const day = 2 + Math.floor(slot / 6);
  const hour = 6 + (slot % 6) * 2;
  return [at(day, hour), at(day, hour + 1)];
}
