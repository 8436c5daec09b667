import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/host/schedule.ts';
import { SCHEDULES } from '../../../shared/config.ts';

const next = (expression: string, after: string): string | undefined => {
  const ms = parseSchedule(expression).next(Date.parse(after));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('a schedule', () => {
  it('has seconds first and is in UTC', () => {
    expect(next('30 */5 * * * *', '2026-03-29T00:05:30Z')).toBe('2026-03-29T00:10:30.000Z');
  });

  it('wants day of month and day of week both to fit', () => {
    expect(next('0 0 0 13 * 5', '2026-01-01T00:00:00Z')).toBe('2026-02-13T00:00:00.000Z');
  });

  it('may have no next time', () => {
    expect(next('0 0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
  });

  it.each(['* * * * *', '0 0 0 * * 7', '0 0 0 * * 1-7', '0 0 0 L * *', '0 0 0 ? * *', 'nonsense'])(
    'is refused where the real host would refuse it: %s',
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow(/fields|NCRONTAB|0 to 6/u);
    },
  );

  it('takes a step of seven days', () => {
    expect(() => parseSchedule('0 0 0 * * */7')).not.toThrow(Error);
  });

  it.each(Object.entries(SCHEDULES))('of a local run is good: %s', (_, expression) => {
    expect(next(expression, '2026-01-01T00:00:00Z')).toBeDefined();
  });
});
