import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../shared/model/time.ts';
import { BACKOFF_MAX_MS, backoffMs } from '../../../shared/sync/backoff.ts';

const drawn = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the rest after a failure', () => {
  it('is half a minute to a minute after the first, and at most six hours', () => {
    expect(backoffMs(1, () => 0)).toBe(MINUTE_MS / 2);
    expect(backoffMs(1, () => 1)).toBe(MINUTE_MS);
    expect(backoffMs(1000, () => 1)).toBe(6 * HOUR_MS);
    expect(BACKOFF_MAX_MS).toBe(6 * HOUR_MS);
  });

  it('never shrinks from one failure to the next, whatever is drawn, up to where it is capped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), drawn, drawn, (failures, one, other) => {
        expect(backoffMs(failures + 1, () => one)).toBeGreaterThanOrEqual(
          backoffMs(failures, () => other),
        );
      }),
    );
  });

  it('is half certain and half drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), drawn, (failures, random) => {
        const rest = backoffMs(failures, () => random);
        const whole = backoffMs(failures, () => 1);
        expect(rest).toBeGreaterThanOrEqual(Math.round(whole / 2));
        expect(rest).toBeLessThanOrEqual(whole);
      }),
    );
  });
});
