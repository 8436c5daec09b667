import { DAY_MS } from '../../../shared/model/time.ts';
import { START, type Json, type Town } from '../../support/town.ts';
import type { Shown } from './shown.ts';

export type Profile = 'portico' | 'generic';
export const PROFILES: readonly Profile[] = ['portico', 'generic'];

/** One text for both profiles of the booking system, or one for each. */
export type ByProfile<T> = T | Readonly<Record<Profile, T>>;

/** Something that a person makes in one system, and how the other one shows it. */
export interface Case {
  readonly what: string;
  /** Its first day, counted from the start of the town; else one that no other case has. */
  readonly day?: number;
  /** Days that are its own, from the first; 8 where it is left out. */
  readonly span?: number;
  /** The hour of UTC at which it begins, where other cases have the same days. */
  readonly hour?: number;
  /** Of two rooms, the first where it is left out. */
  readonly room?: 2;
  readonly make: (town: Town, day: number, room: number) => Promise<unknown>;
  /** In what the copy differs, where it does. */
  readonly copy?: ByProfile<(made: Shown) => Partial<Shown>>;
  /** Why it differs, or what does not cross. */
  readonly loss?: ByProfile<string | undefined>;
  /** Why there is no copy. */
  readonly none?: ByProfile<string | undefined>;
  /** What becomes of a new name of the copy: it crosses, is put back, or stays there alone. */
  readonly renamed?: 'put back' | 'stays in the copy';
}

export interface Placed extends Omit<Case, 'room'> {
  readonly day: number;
  readonly span: number;
  readonly room: number;
  /** Hours that are others' on the same days. */
  readonly otherHours: ReadonlySet<number>;
}

const SPAN = 8;
/** Days around a change of the clock that cases name themselves. */
const TAKEN: readonly (readonly [number, number])[] = [
  [110, 132],
  [330, 350],
];

/** Gives each case days of its own. */
export function placed(cases: readonly Case[]): readonly Placed[] {
  let next = 3;
  const otherHours = new Set(cases.flatMap(({ hour }) => (hour === undefined ? [] : [hour])));
  return cases.map((one) => {
    const { span = SPAN, room = 1 } = one;
    if (one.day !== undefined) return { ...one, day: one.day, span, room, otherHours };
    const taken = TAKEN.find(([from, to]) => next + SPAN > from && next < to);
    if (taken !== undefined) next = taken[1];
    const day = next;
    next += SPAN;
    return { ...one, day, span, room, otherHours };
  });
}

export function of<T>(value: ByProfile<T>, profile: Profile): T {
  return isByProfile(value) ? value[profile] : value;
}

function isByProfile<T>(value: ByProfile<T>): value is Readonly<Record<Profile, T>> {
  return typeof value === 'object' && value !== null && 'portico' in value;
}

export function dateAt(day: number): string {
  return new Date(START + day * DAY_MS).toISOString().slice(0, 10);
}

/** Wall-clock times of Oslo, the end so many days later. */
export function osloTimes(day: number, from: string, to: string, days = 0): Json {
  const at = (offset: number, time: string): Json => ({
    dateTime: `${dateAt(day + offset)}T${time}:00`,
    timeZone: 'Europe/Oslo',
  });
  return { start: at(0, from), end: at(days, to) };
}
