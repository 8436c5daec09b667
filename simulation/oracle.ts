import { otherSide, SIDES, type Side } from '../shared/model/ids.ts';
import type { RunReport } from '../shared/sync/run-report.ts';
import type { Call } from './call.ts';
import type { History, PairPlan, Place } from './history.ts';
import { isSame, Story } from './story.ts';
import { mailboxOf, tenantName, type Item, type Systems } from './systems.ts';
import { Violation, type InvariantName } from './violation.ts';
import { MARK, type Watch } from './watch.ts';

const MARKED = new RegExp(`${MARK}t\\d+\\.\\d+`);

export function markIn(title: string): string | undefined {
  return MARKED.exec(title)?.[0];
}

/** A plan is carried out within a run's budget; by a frozen process, or another clock, later. */
const CARRIED_OUT_MS = 180_000;
const CLOCKS_DIFFER_MS = 600_000;
/** Less than the brake lets through in a day. */
const HELD_MIN = 5;

/** A pair with what happened to it. */
interface Track {
  readonly plan: PairPlan;
  readonly stories: Map<string, Story>;
  /** How often people acted on it, or a system lied about it. */
  acts: number;
  lies: number;
  /** Runs that have begun; those of a process that died stay. */
  readonly underWay: Set<RunStart>;
}

/** What a run was when it began. */
export interface RunStart {
  readonly pair: number;
  readonly acts: number;
  readonly lies: number;
  /** Marks of what could not have its time then: it is looked at again by the next pass. */
  readonly crowded: ReadonlySet<string>;
}

/** Keeps what people did, and says whether what is there is what must follow from it. */
export class Oracle {
  readonly #tracks: readonly Track[];
  readonly #systems: Systems;
  readonly #watch: Watch;
  readonly #now: () => number;
  /** How long after its end an event may still be ended. */
  readonly #slackMs: number;
  /** What begins later may lie outside of the window. */
  readonly #horizon: number;
  #made = 0;
  #before: readonly Item[] = [];

  constructor(
    history: History,
    systems: Systems,
    watch: Watch,
    { now, horizon }: { now: () => number; horizon: number },
  ) {
    this.#tracks = history.pairs.map((plan) => ({
      plan,
      stories: new Map(),
      acts: 0,
      lies: 0,
      underWay: new Set(),
    }));
    this.#systems = systems;
    this.#watch = watch;
    this.#now = now;
    const { faults } = history;
    const isLate = faults.has('clock-skew') || faults.has('stall');
    this.#slackMs = isLate ? CLOCKS_DIFFER_MS : CARRIED_OUT_MS;
    this.#horizon = horizon;
  }

  /** A mark that no event has yet. */
  newMark(tenant: number): string {
    this.#made += 1;
    return `${MARK}${tenantName(tenant)}.${this.#made}`;
  }

  // ---- what people do

  born(pair: number, side: Side, item: Item): Story | undefined {
    const track = this.#track(pair);
    const mark = markIn(item.title);
    if (mark === undefined) return undefined;
    track.acts += 1;
    const known = track.stories.get(mark);
    if (known === undefined) {
      const story = new Story(track.plan, mark, side, item);
      this.#noteEdge(story, item);
      story.isShared = item.rooms.length > 1;
      track.stories.set(mark, story);
      return story;
    }
    known.known.add(`${side} ${item.id}`);
    known.latest[side] = item.id;
    known.pending.add(side);
    known.isTwin = true;
    // A run may have read one side before, and the other one after.
    if (track.underWay.size > 0) known.mayDouble = true;
    known.born = known.owner ?? known.born;
    return known;
  }

  /** @param item As it is now. */
  acted(
    pair: number,
    side: Side,
    item: Item,
    what: 'edited' | 'ended' | 'returned',
  ): Story | undefined {
    const track = this.#track(pair);
    const story = track.stories.get(markIn(item.title) ?? '');
    if (story === undefined) return undefined;
    track.acts += 1;
    this.#noteEdge(story, item);
    story.touched(side, item, isExclusive(track.plan[side]));
    const isFollower = story.owner !== undefined && story.owner !== side && !story.staysAlone;
    // The owner's content is put back once, then a person is asked; an end of it is undone.
    if (isFollower && what !== 'ended') story.isContested = true;
    if (what === 'returned') this.#returned(story, side, item);
    if (isFollower && what === 'ended' && (story.followerEnds += 1) > 1) story.isSpoilt = true;
    if (isFollower) return story;
    // An item that holds other rooms too is not ended for one of them: a person must.
    if (story.isShared && side !== story.born) story.isSpoilt = true;
    if (what === 'ended') story.wanted = 'gone';
    else {
      story.wanted = 'alive';
      story.content = item;
    }
    return story;
  }

  #noteEdge(story: Story, { start, end }: Item): void {
    if (start >= this.#horizon || end <= this.#now()) story.isAtEdge = true;
  }

  #returned(story: Story, side: Side, item: Item): void {
    story.wasReturned = true;
    // What the follower had alone has come to the owner's side, by way of another room.
    if (story.staysAlone && side === story.owner) {
      story.born = side;
      story.isContested = true;
      story.mayDouble = true;
    }
    const isAlone = this.#live(story, side).length === 1;
    if (!isAlone || (story.latest[side] ?? item.id) !== item.id) {
      story.isSpoilt = true;
      story.mayDouble = true;
    }
  }

  /** All that the bridge knew of a pair is gone: what was under way is anybody's guess. */
  rowsLost(pair: number): void {
    const track = this.#track(pair);
    track.acts += 1;
    for (const story of track.stories.values()) {
      const sides = this.#sides(story);
      story.isForgotten = true;
      // A copy that lies outside of the window cannot be found again.
      const isSeen = !story.isAtEdge;
      if (isSeen && story.pending.size === 0 && this.#agree(story, sides, false)) continue;
      story.isContested = true;
      story.mayDouble = true;
    }
  }

  /** A list that leaves out what is there was shown for a place. */
  lied(place: string): void {
    for (const track of this.#tracks)
      if (SIDES.some((side) => placeName(track.plan, side) === place)) this.#liedTo(track);
  }

  /** Of what nobody could know yet, such a list may say that it is not there. */
  #liedTo(track: Track): void {
    track.lies += 1;
    for (const story of track.stories.values()) {
      if (story.pending.size === 0 && !story.isForgotten) continue;
      story.isContested = true;
      story.mayDouble = true;
    }
  }

  // ---- what the bridge does

  runStarted(pair: number): RunStart {
    const { acts, lies, stories, plan } = this.#track(pair);
    const ended = [...stories.values()].filter((story) => this.#hasEnded(story));
    // Nothing left on a side, or too much ended at once: the brake's limits, from above. While a person
    // is asked about some of them, what ends later joins them.
    const isHolding = ended.some(({ isHeld }) => isHeld);
    if (this.isEmptied(plan) || ended.length >= HELD_MIN || isHolding)
      for (const story of ended) story.isHeld = true;
    const crowded = [...stories.values()].filter((story) => this.isCrowded(story));
    const start = { pair, acts, lies, crowded: new Set(crowded.map(({ mark }) => mark)) };
    this.#track(pair).underWay.add(start);
    return start;
  }

  /** Since both sides were last seen to agree, a copy of it went away. */
  #hasEnded(story: Story): boolean {
    const { wanted, pending, latest } = story;
    const isMissed = SIDES.some(
      (side) => latest[side] !== undefined && this.#live(story, side).length === 0,
    );
    return pending.size > 0 && (wanted === 'gone' || isMissed);
  }

  /** A run that nobody disturbed and that says it is completed must have left both sides equal. */
  runEnded(start: RunStart, report: RunReport): void {
    const track = this.#track(start.pair);
    track.underWay.delete(start);
    if (report.outcome !== 'completed' || report.dryRun) return;
    if (track.acts !== start.acts || track.lies !== start.lies) return;
    for (const story of track.stories.values()) {
      const fault = this.faultOf(story);
      if (fault !== undefined && story.isCalm && !start.crowded.has(story.mark))
        this.#watch.fail(new Violation('I8', `${story.mark}: ${fault.detail}`));
      const sides = this.#sides(story);
      // Beyond the window nothing is found again, however equal it is.
      const isBlind = story.isForgotten && story.isAtEdge;
      if (!isBlind && this.#agree(story, sides, false)) story.settled(sides);
    }
  }

  /** Remembers what a write is about to change. */
  beforeWrite(call: Call): void {
    if (call.method === 'GET' || call.isSignIn || call.isSubscription) return;
    const bridge = call.domain === undefined ? 'outlook' : bridgeOf(call.domain);
    this.#before = call.existingIds().flatMap((id) => {
      const item = this.#systems.itemById(tenantNumber(call.tenant), bridge, id);
      return item === undefined ? [] : [item];
    });
  }

  /** @param edited Id of an item that a person has edited since the bridge sent this. */
  afterWrite(call: Call, status: number, text: string, edited?: string): void {
    if (call.method === 'GET' || call.isSignIn || call.isSubscription || status >= 300) return;
    if (call.isBatch) {
      const { responses } = JSON.parse(text) as { responses: { id: string; status: number }[] };
      const statuses = new Map(responses.map(({ id, status }) => [id, status]));
      for (const { id, method, url, body } of call.batchRequests()) {
        if (method === 'GET' || (statuses.get(id) ?? 500) >= 300) continue;
        const item = this.#before.find(({ id }) => url.includes(encodeURIComponent(id)));
        if (item !== undefined && item.id === edited) this.#overwritten(item, method, body);
        this.#wrote(call.mailboxes()[0] ?? '', item, method === 'DELETE');
      }
      return;
    }
    const [item] = this.#before;
    // Inactive alone may be an exchange that is being untied; our note says that it has ended.
    const isEnd = item?.isActive === false && call.body.includes('Cancelled from Outlook');
    const room = /\/resources\/(\d+)\/events/.exec(call.url.pathname)?.[1];
    const place = `${call.domain ?? ''}/${room ?? item?.rooms[0] ?? 'nowhere'}`;
    this.#wrote(place, item, isEnd);
  }

  /** A booking system has no conditional writes; Graph has, and an edit is not written over unseen. */
  #overwritten(item: Item, method: string, body: unknown): void {
    const isOver = method === 'DELETE' || (body as { subject?: unknown }).subject !== undefined;
    if (isOver)
      this.#watch.fail(new Violation('I7', `${markIn(item.title) ?? ''} was edited meanwhile`));
  }

  #wrote(place: string, item: Item | undefined, isEnd: boolean): void {
    this.#watch.writes += 1;
    const mark = markIn(item?.title ?? '');
    const fail = (detail: string): void => this.#watch.fail(new Violation('I6', detail));
    if (isEnd && item !== undefined && item.end <= this.#now() - this.#slackMs)
      fail(`${mark ?? ''} was past, and was ended`);
    for (const { plan, stories } of this.#tracks) {
      const side = SIDES.find((one) => roomName(plan, one) === place);
      if (side === undefined) continue;
      if (plan.direction === (side === 'a' ? 'aToB' : 'bToA'))
        fail(`${place} owns what it has, and was written`);
      const story = mark === undefined ? undefined : stories.get(mark);
      if (story === undefined) continue;
      if (story.staysAlone) fail(`${mark ?? ''} is of the follower alone, and was written`);
      if (isEnd && (item?.rooms.length ?? 0) > 1) fail(`${mark ?? ''} holds other rooms too`);
      if (isEnd && story.isCalm && story.wanted === 'alive' && !story.wasReturned)
        fail(`${mark ?? ''} was ended on side ${side} at ${place}, and nobody ended it`);
    }
  }

  // ---- what must be there

  stories(): Story[] {
    return this.#tracks.flatMap(({ stories }) => [...stories.values()]);
  }

  storiesOf(pair: number): Story[] {
    return [...this.#track(pair).stories.values()];
  }

  /** What is not as it must be, or undefined. */
  faultOf(story: Story): { invariant: InvariantName; detail: string } | undefined {
    const sides = this.#sides(story);
    const seen = SIDES.map((side) => `${side} has ${sides[side].map(textOf).join(' and ')}`);
    const fault = (invariant: InvariantName, what: string) => ({
      invariant,
      detail: `${what}; ${seen.join('; ')}; wanted ${story.wanted} ${textOf(story.content)}`,
    });
    if (!story.mayDouble && !story.isSpoilt && SIDES.some((side) => sides[side].length > 1))
      return fault('I2', 'there twice');
    if (story.isSpoilt || story.mayDouble || story.isAtEdge || this.#isPast(story))
      return undefined;
    if (story.isHeld || this.isEmptied(story.pair)) return undefined;
    if (story.isContested)
      return this.#mustAgree(story) &&
        !this.#agree(story, sides, story.isDescriptionLoose) &&
        !this.isCrowded(story, sides)
        ? fault('I7', 'a conflict that is not decided')
        : undefined;
    if (story.wanted === 'gone')
      return sides.a.length + sides.b.length > 0 ? fault('I3', 'it was ended') : undefined;
    if (story.staysAlone) {
      const [own, other] = [sides[story.born], sides[otherSide(story.born)]];
      if (other.length > 0) return fault('I6', 'it went the wrong way');
      return own.length === 1 ? undefined : fault('I1', 'it is lost');
    }
    if (this.isCrowded(story, sides)) return undefined;
    if (sides.a.length === 0 || sides.b.length === 0) return fault('I1', 'it is not on both sides');
    const isRight = SIDES.every((side) =>
      sides[side].every((item) => isSame(item, story.content, story.isDescriptionLoose)),
    );
    return isRight ? undefined : fault('I3', 'not what was said last');
  }

  /** Where a policy decides, it decides at once, and for both sides. */
  #mustAgree({ pair, isForeign }: Story): boolean {
    const { direction, conflictPolicy } = pair;
    return direction === 'both' && !isForeign && (conflictPolicy === 'a' || conflictPolicy === 'b');
  }

  #agree(
    story: Story,
    { a, b }: Readonly<Record<Side, readonly Item[]>>,
    isDescriptionLoose: boolean,
  ): boolean {
    if (story.staysAlone) return true;
    const [one, other] = [a[0], b[0]];
    if (a.length > 1 || b.length > 1) return false;
    if (one === undefined || other === undefined) return one === other;
    return isSame(one, other, isDescriptionLoose);
  }

  /** Its time is taken by something else where a time can be taken once only. */
  isCrowded(
    story: Story,
    sides: Readonly<Record<Side, readonly Item[]>> = this.#sides(story),
  ): boolean {
    const wanted = [story.content, ...sides.a, ...sides.b];
    return SIDES.some((side) => {
      const place = story.pair[side];
      if (!isExclusive(place)) return false;
      return this.#systems
        .itemsOf(story.pair.tenant, place)
        .some(
          (item) =>
            item.isActive &&
            !item.isForeign &&
            markIn(item.title) !== story.mark &&
            wanted.some(({ start, end }) => item.start < end && start < item.end),
        );
    });
  }

  /**
   * A side with nothing on it trips the brake where more was known: its ends wait for a person, whom
   * no history has.
   */
  isEmptied({ tenant, ...plan }: PairPlan): boolean {
    // What lies at the edge of the window need not be in any list.
    const isListed = ({ isActive, start, end }: Item): boolean =>
      isActive && start < this.#horizon && end > this.#now();
    return SIDES.some((side) => !this.#systems.itemsOf(tenant, plan[side]).some(isListed));
  }

  #isPast({ content }: Story): boolean {
    return content.end <= this.#now() + 600_000;
  }

  #sides(story: Story): Record<Side, Item[]> {
    return { a: this.#live(story, 'a'), b: this.#live(story, 'b') };
  }

  #live({ pair, mark }: Story, side: Side): Item[] {
    return this.#systems
      .itemsOf(pair.tenant, pair[side])
      .filter(({ isActive, title }) => isActive && markIn(title) === mark);
  }

  #track(pair: number): Track {
    const track = this.#tracks[pair];
    if (track === undefined) throw new RangeError(`there is no pair ${pair}`);
    return track;
  }
}

/** Two active items of it cannot overlap, and it keeps no stamps: a booking system. */
export function isExclusive({ bridge }: Place): boolean {
  return bridge !== 'outlook';
}

/** As `Call.place`: a mailbox, or a domain of the booking system. */
function placeName({ tenant, ...plan }: PairPlan, side: Side): string {
  const { bridge, room } = plan[side];
  if (bridge === 'outlook') return mailboxOf(tenant, room);
  return bridge === 'booking_two' ? `${tenantName(tenant)}-two` : tenantName(tenant);
}

function roomName(plan: PairPlan, side: Side): string {
  const place = placeName(plan, side);
  return plan[side].bridge === 'outlook' ? place : `${place}/${plan[side].room}`;
}

function bridgeOf(domain: string): Place['bridge'] {
  return domain.endsWith('-two') ? 'booking_two' : 'booking_system';
}

function tenantNumber(tenant: string): number {
  return Number(tenant.slice(1));
}

function textOf({ title, start, end, description }: Story['content']): string {
  const at = (ms: number): string => new Date(ms).toISOString().slice(5, 16);
  return `${JSON.stringify(title)} ${at(start)}-${at(end)} ${JSON.stringify(description)}`;
}
