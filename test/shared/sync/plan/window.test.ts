import { describe, expect, it } from 'vitest';
import type { PairId } from '../../../../shared/model/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/model/time.ts';
import { windowFor } from '../../../../shared/sync/plan/window.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { NOW, PAIR } from './support.ts';

const SETTINGS = { pastDays: 1, futureDays: 180 };
const later = (ms: number): Instant => (NOW + ms) as Instant;

describe('the window', () => {
  const first = windowFor(undefined, SETTINGS, PAIR, later(5 * 60_000));

  it('reaches from a day back to the days ahead and eight more, on whole hours', () => {
    expect(first).toEqual({
      start: NOW - DAY_MS,
      end: NOW + 188 * DAY_MS,
      version: 1,
      rebasedAt: later(5 * 60_000),
    });
  });

  it('stays as it is for days, with its version', () => {
    expect(windowFor(first, SETTINGS, PAIR, later(6 * DAY_MS))).toBe(first);
  });

  it('is moved on after a week at the latest, as another version', () => {
    const now = later(7 * DAY_MS + HOUR_MS);
    const next = windowFor(first, SETTINGS, PAIR, now);
    expect(next).toMatchObject({ version: 2, rebasedAt: now });
    expect(next.start - first.start).toBe(7 * DAY_MS + HOUR_MS);
  });

  it('always covers the days ahead that are asked for', () => {
    for (let hours = 0; hours < 8 * 24; hours += 1) {
      const now = later(hours * HOUR_MS);
      const { start, end } = windowFor(first, SETTINGS, PAIR, now);
      expect(end).toBeGreaterThanOrEqual(now + 180 * DAY_MS);
      expect(start).toBeLessThanOrEqual(now - DAY_MS + HOUR_MS);
    }
  });

  it('is moved on at another hour for other pairs, always the same for one', () => {
    const hourOf = (pairId: PairId): number => {
      let hours = 0;
      while (windowFor(first, SETTINGS, pairId, later(hours * HOUR_MS)) === first) hours += 1;
      return hours;
    };
    const hours = Array.from({ length: 50 }, (_, index) => hourOf(`pair-${index}` as PairId));
    expect(new Set(hours).size).toBeGreaterThan(10);
    expect(Math.min(...hours)).toBeGreaterThan(6 * 24);
    expect(Math.max(...hours)).toBeLessThanOrEqual(7 * 24 + 1);
    expect(hourOf('pair-3' as PairId)).toBe(hours[3]);
  });

  it('is moved on at once when the settings change, or the clock was set back', () => {
    const wider = windowFor(first, { pastDays: 2, futureDays: 180 }, PAIR, later(HOUR_MS));
    expect(wider).toMatchObject({ version: 2, start: NOW + HOUR_MS - 2 * DAY_MS });
    expect(windowFor(first, SETTINGS, PAIR, later(-3 * DAY_MS))).toMatchObject({ version: 2 });
  });
});
