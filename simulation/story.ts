import { otherSide, type Side } from '../shared/model/ids.ts';
import type { PairPlan } from './history.ts';
import type { Item } from './systems.ts';

export type Content = Pick<Item, 'title' | 'description' | 'start' | 'end' | 'isAllDay'>;

/**
 * One event as the people of a pair see it, known by the mark in its title. It knows nothing of the
 * engine's rules: only what was done to it, and whether both sides had been seen at peace before.
 */
export class Story {
  readonly pair: PairPlan;
  readonly mark: string;
  /** Where it was made; of twins, where it counts. */
  born: Side;
  /** An allocation or booking: its side owns it. */
  readonly isForeign: boolean;
  wanted: 'alive' | 'gone' = 'alive';
  content: Content;
  /** Sides that people touched since both sides were last seen to agree. */
  readonly pending = new Set<Side>();
  /** Both sides were touched, so that a policy decides: either content will do. */
  isContested = false;
  /** People made it on both sides at once, and nobody has noticed yet. */
  isTwin = false;
  /** Two of it on one side are people's own doing, or cannot be told from a stranger. */
  mayDouble = false;
  /** A person must decide: what stands there now is as good as anything else. */
  isSpoilt = false;
  /** It was ended together with so much that the brake may hold it, for a person to decide. */
  isHeld = false;
  /** The bridge has forgotten it, and may not have found it again. */
  isForgotten = false;
  /** At the edge of the window, or of the past, where nothing need be copied. */
  isAtEdge = false;
  /** It holds another room too, on the side where it was made. */
  isShared = false;
  /** How often the follower's people ended its copy: not for ever is it made again. */
  followerEnds = 0;
  /** Was taken back by a person. */
  wasReturned = false;
  /** A change of its description alone is not shown by the list, so that nobody can see it. */
  isDescriptionLoose = false;
  /** `side id` of the items that people made, and those that were there when both sides agreed. */
  readonly known = new Set<string>();
  readonly latest: Partial<Record<Side, string>> = {};

  constructor(pair: PairPlan, mark: string, born: Side, item: Item) {
    this.pair = pair;
    this.mark = mark;
    this.born = born;
    this.isForeign = item.isForeign;
    this.content = item;
    this.known.add(`${born} ${item.id}`);
    this.latest[born] = item.id;
    this.pending.add(born);
  }

  /** The side whose word holds, where only one may be written. */
  get owner(): Side | undefined {
    const { direction } = this.pair;
    if (direction === 'both') return this.isForeign ? this.born : undefined;
    return direction === 'aToB' ? 'a' : 'b';
  }

  /** It was made on the side that may not tell the other one. */
  get staysAlone(): boolean {
    const { direction } = this.pair;
    return direction !== 'both' && this.born !== this.owner;
  }

  /** What people did last is all that may be there. */
  get isCalm(): boolean {
    return !this.isContested && !this.isSpoilt && !this.mayDouble;
  }

  /** A person did something to it on one side. */
  touched(side: Side, item: Item, isStampless: boolean): void {
    const other = otherSide(side);
    if (this.pending.has(other)) {
      this.isContested = true;
      if (this.isTwin) this.mayDouble = true;
    }
    if (!this.known.has(`${side} ${item.id}`)) {
      // A copy of ours that we may not know of yet: it may be taken for another event.
      this.isContested = true;
      if (isStampless) this.mayDouble = true;
    }
    if (this.isForgotten) {
      this.isContested = true;
      this.mayDouble = true;
    }
    this.pending.add(side);
  }

  /** Both sides were seen to agree by a run that left nothing undone. */
  settled(items: Readonly<Record<Side, readonly Item[]>>): void {
    this.pending.clear();
    this.isContested = false;
    this.isTwin = false;
    this.isHeld = false;
    this.isForgotten = false;
    this.mayDouble = false;
    for (const side of ['a', 'b'] as const)
      for (const { id } of items[side]) {
        this.known.add(`${side} ${id}`);
        this.latest[side] = id;
      }
    const [shown] = this.owner === 'b' ? items.b : items.a;
    if (shown !== undefined) {
      this.wanted = 'alive';
      this.content = shown;
    } else if (!this.staysAlone) this.wanted = 'gone';
  }
}

export function isSame(one: Content, other: Content, isDescriptionLoose: boolean): boolean {
  return (
    one.title === other.title &&
    one.start === other.start &&
    one.end === other.end &&
    one.isAllDay === other.isAllDay &&
    (isDescriptionLoose || one.description === other.description)
  );
}
