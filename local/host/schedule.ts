import { Cron } from 'croner';

/** A timer's schedule in UTC: the consumption plans have no time zone setting. */
export interface Schedule {
  /** First time after `afterMs` (both epoch ms), or undefined if there is none. */
  next(afterMs: number): number | undefined;
}

const NAMES = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat';
const FIELD = new RegExp(`^(?:[\\d*,/-]|${NAMES})+$`, 'iu');

/**
 * Reads an NCRONTAB expression: six fields, seconds first; a day must fit both its day of the month
 * and its day of the week (0 to 6).
 * @throws Error that says what is wrong with it.
 */
export function parseSchedule(expression: string): Schedule {
  const fields = expression.trim().split(/\s+/u);
  if (fields.length !== 6)
    throw new Error(`"${expression}" has ${fields.length} fields; a schedule has six`);
  const odd = fields.find((field) => !FIELD.test(field));
  if (odd !== undefined) throw new Error(`"${expression}": the field "${odd}" is not NCRONTAB`);
  // The library takes 7 for Sunday, which the real host refuses.
  const weekdays = (fields[5] ?? '').replaceAll(/\/\d+/gu, '');
  if (/\b7\b/u.test(weekdays)) throw new Error(`"${expression}": days of the week are 0 to 6`);
  const cron = new Cron(expression, { mode: '6-part', domAndDow: true, timezone: 'UTC' });
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}
