import { describe, expect, it } from 'vitest';
import {
  columnTime,
  dayWindow,
  echoedIso,
  osloIso,
} from '../../../local/booking-simulator/wall-time.ts';
import { june, made, startTown } from './harness.ts';

describe('times of the simulated booking system', () => {
  it.each([
    ['2026-06-25T15:30:00', '2026-06-25 15:30:00'],
    ['2026-06-25 15:30', '2026-06-25 15:30:00'],
    ['2026-06-25T15:30:00+02:00', '2026-06-25 15:30:00'],
    ['2026-06-25T15:30:00.000Z', '2026-06-25 15:30:00'],
    ['2026-06-25T15:30:00-0500', '2026-06-25 15:30:00'],
    ['2026-06-25', '2026-06-25 00:00:00'],
    ['2026-02-30T10:00:00', undefined],
    ['25.06.2026', undefined],
    ['', undefined],
  ])('keeps the wall clock of %s', (sent, column) => {
    expect(columnTime(sent)).toBe(column);
  });

  it('answers with the offset of Oslo, summer and winter', () => {
    expect(osloIso('2026-06-25 15:30:00')).toBe('2026-06-25T15:30:00+02:00');
    expect(osloIso('2026-12-24 15:30:05')).toBe('2026-12-24T15:30:05+01:00');
  });

  it('moves the hour that spring skips on by one', () => {
    expect(osloIso('2026-03-29 01:59:59')).toBe('2026-03-29T01:59:59+01:00');
    expect(osloIso('2026-03-29 02:30:00')).toBe('2026-03-29T03:30:00+02:00');
    expect(osloIso('2026-03-29 03:30:00')).toBe('2026-03-29T03:30:00+02:00');
  });

  it('takes the hour that autumn repeats for its first run', () => {
    expect(osloIso('2026-10-25 01:30:00')).toBe('2026-10-25T01:30:00+02:00');
    expect(osloIso('2026-10-25 02:30:00')).toBe('2026-10-25T02:30:00+02:00');
    expect(osloIso('2026-10-25 03:00:00')).toBe('2026-10-25T03:00:00+01:00');
  });

  it('runs a month over into the next where that one is shorter', () => {
    expect(dayWindow('2026-01-31', undefined)).toEqual({
      from: '2026-01-31 00:00:00',
      to: '2026-03-03 23:59:59',
    });
  });

  it('lets an offset count in the answer to the write, and not in what is kept', async () => {
    expect(echoedIso('2026-06-25T13:30:00Z')).toBe('2026-06-25T15:30:00+02:00');
    const town = await startTown();
    const created = await town.call('POST', '/booking/resources/12/events', {
      title: 'Sent in UTC',
      from_: '2026-06-25T13:30:00Z',
      to_: '2026-06-25T14:30:00Z',
      source: 'test',
    });
    expect(created.json['event']).toMatchObject({ from_: '2026-06-25T15:30:00+02:00' });
    expect((await june(town, 12))[0]).toMatchObject({ from_: '2026-06-25T13:30:00+02:00' });
  });

  it('gives Oslo wall clock back as it was sent', async () => {
    const town = await startTown();
    const id = await made(town, 12, {
      from_: '2026-06-25T15:30:00+02:00',
      to_: '2026-06-25T16:00:00+02:00',
    });
    const { json } = await town.call('GET', `/booking/events/${id}`);
    expect(json).toMatchObject({
      from_: '2026-06-25T15:30:00+02:00',
      to_: '2026-06-25T16:00:00+02:00',
    });
  });
});
