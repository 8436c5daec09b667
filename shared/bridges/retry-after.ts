import type { Instant } from '../util/clock.ts';

/** A longer wait than this is taken for a mistake of theirs; the next answer can ask again. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/**
 * Milliseconds of a `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), 0 to one hour;
 * undefined where there is none, or none that can be read.
 */
export function retryAfterMs(header: string | null | undefined, now: Instant): number | undefined {
  const text = (header ?? '').trim();
  const waitMs = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.round(Math.min(Math.max(0, waitMs), RETRY_AFTER_MAX_MS));
}

/** Epoch ms; the three forms of RFC 9110, 5.6.7, begin with a day and mean UTC. NaN for any other. */
function httpDate(text: string): number {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
