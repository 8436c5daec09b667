import { HOUR_MS, MINUTE_MS } from '../model/time.ts';

const BACKOFF_BASE_MS = MINUTE_MS;
export const BACKOFF_MAX_MS = 6 * HOUR_MS;

/**
 * How long to wait after so many failures in a row, in ms: twice as long each time, up to 6 h. Half of
 * it is certain and half is drawn ("equal jitter", AWS Architecture Blog, Exponential Backoff And
 * Jitter), so that what failed together does not come back together.
 * @param failures from 1 on
 * @param random as `Math.random`: from 0 up to 1
 */
export function backoffMs(failures: number, random: () => number): number {
  const whole = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (Math.max(1, failures) - 1));
  return Math.round(whole / 2 + (random() * whole) / 2);
}
