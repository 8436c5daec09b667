import { DAY_MS, HOUR_MS, MINUTE_MS } from '../shared/model/time.ts';
import { SLOTS } from './history.ts';
import type { Item } from './systems.ts';

/** Epoch ms. */
export type Range = Pick<Item, 'start' | 'end'>;

export interface TimesUse {
  readonly startMs: number;
  /** Days ahead that are surely in the window, and those that surely are not. */
  readonly windowDays: number;
  readonly beyondDays: number;
}

/** The times that people use: few, so that they meet. */
export class Times {
  readonly #use: TimesUse;

  constructor(use: TimesUse) {
    this.#use = use;
  }

  slot(slot: number, isAllDay: boolean): Range {
    const day = this.#midnight(2 + Math.floor(slot / 6) + (isAllDay ? 2 : 0));
    if (isAllDay) return { start: day, end: day + DAY_MS };
    const start = day + (7 + (slot % 6) * 2) * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  /** Where people put one of two meetings for the moment. */
  parking(): Range {
    const start = this.#midnight(2 + SLOTS) + 7 * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  edge(pick: number): Range {
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

  /** Begins at the next whole minute, and is over with it. */
  soon(now: number): Range {
    const start = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
    return { start, end: start + MINUTE_MS };
  }

  beyond(slot: number): Range {
    const start = this.#midnight(this.#use.beyondDays) + slot * 2 * HOUR_MS;
    return { start, end: start + HOUR_MS };
  }

  /** Of a day counted from the first one, in Oslo's winter. */
  #midnight(day: number): number {
    return Math.floor(this.#use.startMs / DAY_MS) * DAY_MS + day * DAY_MS - HOUR_MS;
  }
}
