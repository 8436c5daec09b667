import { MINUTE_MS } from '../../../shared/model/time.ts';
import {
  bookingTimes,
  graphEvent,
  graphTimes,
  Town,
  type TownOptions,
} from '../../support/town.ts';

/** Two events of each side: one to be changed by people, and one to be ended. */
interface People {
  readonly meetings: readonly [string, string];
  readonly bookings: readonly [number, number];
}

/** A room whose events are equal on both sides, and what people did to them since. */
export interface Scene {
  readonly town: Town;
  readonly people: readonly People[];
  /** Events that each side is to have in the end. */
  expected: number;
  created: number;
  /** Copies that may be ended: each a part of the path of the requests that do it. */
  readonly endable: string[];
}

export type Act = 'create' | 'update' | 'delete';
export type Place = 'inOutlook' | 'inBooking';

const CALM_TICKS_MAX = 12;

/** @param rounds How often people will act. */
export async function openScene(options: TownOptions, rounds = 1): Promise<Scene> {
  // What people do here is meant, however much it is.
  const town = await Town.open({ brake: { createsMin: 10_000 }, ...options });
  const people: People[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const day = 2 + 10 * round;
    people.push({
      meetings: [
        await town.meet(1, graphEvent(`meeting to change ${round}`, day, 9)),
        await town.meet(1, graphEvent(`meeting to end ${round}`, day + 1, 9)),
      ],
      bookings: [
        await town.book(1, { title: `booking to change ${round}`, ...bookingTimes(day + 2, 9) }),
        await town.book(1, { title: `booking to end ${round}`, ...bookingTimes(day + 3, 9) }),
      ],
    });
  }
  await town.settle();
  return { town, people, expected: 4 * rounds, created: 0, endable: [] };
}

/** What a person does in one of the systems, in a round of acts. */
export async function act(scene: Scene, what: Act, where: Place, round = 0): Promise<void> {
  switch (what) {
    case 'create':
      await create(scene, where, round);
      return;
    case 'update':
      await update(scene, where, round);
      return;
    case 'delete':
      await remove(scene, where, round);
  }
}

async function create(scene: Scene, where: Place, round: number): Promise<void> {
  const { town, created } = scene;
  // Each has a time of its own: two events of one time would be a matter for people.
  const [day, hour] = [40 + Math.floor(created / 10), 7 + (created % 10)];
  const title = `new ${round} ${created}`;
  scene.created += 1;
  scene.expected += 1;
  await (where === 'inOutlook'
    ? town.meet(1, graphEvent(title, day, hour))
    : town.book(1, { title, ...bookingTimes(day, hour) }));
}

async function update({ town, people }: Scene, where: Place, round: number): Promise<void> {
  const { meetings, bookings } = peopleOf(people, round);
  const day = 2 + 10 * round;
  await (where === 'inOutlook'
    ? town.change(1, meetings[0], { subject: `meeting, moved ${round}`, ...graphTimes(day, 12) })
    : town.person('PUT', `events/${bookings[0]}`, {
        name: `booking, moved ${round}`,
        ...bookingTimes(day + 2, 12),
      }));
}

async function remove(scene: Scene, where: Place, round: number): Promise<void> {
  const { town, people } = scene;
  const [, meeting] = peopleOf(people, round).meetings;
  const [, booking] = peopleOf(people, round).bookings;
  const [mine, other] = where === 'inOutlook' ? (['b', 'a'] as const) : (['a', 'b'] as const);
  const own = where === 'inOutlook' ? meeting : `event:${booking}`;
  const mapping = (await town.mappings()).find((candidate) => candidate[mine]?.id === own);
  const copy = mapping?.[other]?.id;
  if (copy === undefined) throw new Error(`what is to be ended has no copy yet: ${own}`);
  scene.expected -= 1;
  if (where === 'inOutlook') {
    // The person's own request is in the log as well.
    scene.endable.push(
      `/${copy.replace('event:', '')}/toggle-active`,
      `/events/${encodeURIComponent(meeting)}`,
    );
    await town.remove(1, meeting);
  } else {
    scene.endable.push(`/events/${encodeURIComponent(copy)}`);
    await town.person('PATCH', `events/${booking}/toggle-active`, { active: 0 });
  }
}

function peopleOf(people: readonly People[], round: number): People {
  const found = people[round];
  if (found === undefined) throw new Error(`there is no round ${round}`);
  return found;
}

/** Requests that end an event, whatever became of them. */
export function endings({ town }: Scene): readonly string[] {
  return town
    .writes()
    .filter(({ method, path }) => method === 'DELETE' || path.includes('/toggle-active'))
    .map(({ path }) => path);
}

/** The same of those that make one. */
export function creations({ town }: Scene): readonly string[] {
  return town
    .writes()
    .filter(({ method, path }) => method === 'POST' && /\/events(?:\?|$)/.test(path))
    .map(({ path }) => path);
}

/** What is wrong once all systems are well again, in words, or nothing. */
export async function afterwards(scene: Scene): Promise<string | undefined> {
  const { town, expected, endable } = scene;
  // Past every pause.
  town.manual.advance(2 * MINUTE_MS);
  let isQuiet = false;
  for (let tick = 0; tick < CALM_TICKS_MAX && !isQuiet; tick += 1) {
    const before = town.writes().length;
    await town.tick();
    isQuiet = town.writes().length === before && (await pending(town)) === undefined;
    town.manual.advance(MINUTE_MS);
  }
  if (!isQuiet) return `not settled: ${(await pending(town)) ?? 'it goes on writing'}`;
  const wrongly = endings(scene).filter((path) => !endable.some((part) => path.includes(part)));
  if (wrongly.length > 0) return `ended what nobody had ended: ${wrongly.join(', ')}`;
  const [comparison] = await town.compare();
  if (comparison?.inOutlook !== expected || comparison.inBooking !== expected)
    return `${expected} events expected: ${JSON.stringify(comparison)}`;
  if (!(await town.isEqual())) return `not equal: ${JSON.stringify(comparison)}`;
  town.forgetRequests();
  await town.tick();
  return town.writes().length === 0 ? undefined : 'a further tick writes';
}

/** What the pair has still to do, in words. */
async function pending(town: Town): Promise<string | undefined> {
  const { status, statusReason } = await town.storedPair();
  if (status !== 'synced') return `the pair is ${status}: ${statusReason ?? ''}`;
  for (const mapping of await town.mappings()) {
    const { state, createIntent, suspended, owed, reason = '' } = mapping;
    if (!['synced', 'cancelled'].includes(state)) return `an event is ${state}: ${reason}`;
    if (createIntent !== undefined || suspended !== undefined || owed.length > 0)
      return 'an event is left half done';
  }
  return undefined;
}
