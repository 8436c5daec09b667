import { describe, expect, it } from 'vitest';
import { instantMs, wallTimeOf } from '../../../local/booking-simulator/wall-time.ts';
import {
  created,
  EVENTS,
  listed,
  meeting,
  startGeneric,
  type GenericTown,
} from './generic-harness.ts';
import type { Json } from './harness.ts';

const times = (start_time: string, end_time: string): Json => ({ start_time, end_time });

/** The UTC times of the only event there is. */
async function only(town: GenericTown): Promise<unknown> {
  const events = await listed(town, '2026-01-01', '2026-12-31');
  return events.map((event) => [event['start_time'], event['end_time']]);
}

describe('times sent to the generic interface', () => {
  it.each([
    ['2026-06-25T13:30:00Z', '2026-06-25 15:30:00', false],
    ['2026-06-25T15:30:00+02:00', '2026-06-25 15:30:00', false],
    ['2026-06-25T08:30:00-0500', '2026-06-25 15:30:00', false],
    ['2026-12-24T23:30:00.5Z', '2026-12-25 00:30:00', false],
    ['2026-06-25T15:30', '2026-06-25 15:30:00', false],
    // Spring skips 02:00 to 03:00 on 29 March.
    ['2026-03-29T02:30:00', '2026-03-29 03:30:00', false],
    ['2026-03-29T00:59:59Z', '2026-03-29 01:59:59', false],
    ['2026-03-29T01:00:00Z', '2026-03-29 03:00:00', false],
    // Autumn repeats 02:00 to 03:00 on 25 October.
    ['2026-10-25T02:30:00', '2026-10-25 02:30:00', false],
    ['2026-10-25T00:30:00Z', '2026-10-25 02:30:00', false],
    ['2026-10-25T01:30:00Z', '2026-10-25 02:30:00', true],
    ['2026-10-25T02:30:00+01:00', '2026-10-25 02:30:00', true],
    ['2026-10-25T02:00:00Z', '2026-10-25 03:00:00', false],
  ])('%s is %s in Oslo', (sent, column, isSecondRun) => {
    expect(wallTimeOf(sent)).toEqual({ column, isSecondRun });
  });

  it.each([
    '2026-06-25T13:30:00Z',
    '2026-12-24T23:30:00Z',
    '2026-03-29T00:59:59Z',
    '2026-03-29T01:00:00Z',
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-25T02:00:00Z',
  ])('%s is the same instant when it comes back', (sent) => {
    const wall = wallTimeOf(sent);
    expect(wall === undefined ? undefined : instantMs(wall)).toBe(Date.parse(sent));
  });

  it('are shown in UTC, summer and winter', async () => {
    const town = await startGeneric();
    await created(town, times('2026-06-25T15:30:00+02:00', '2026-06-25T16:00:00'));
    await created(town, times('2026-12-24T15:30:00+01:00', '2026-12-24T16:00:00'));
    expect(await only(town)).toEqual([
      ['2026-06-25T13:30:00Z', '2026-06-25T14:00:00Z'],
      ['2026-12-24T14:30:00Z', '2026-12-24T15:00:00Z'],
    ]);
  });

  it('keep the second run of the hour that autumn repeats', async () => {
    const town = await startGeneric();
    const id = await created(town, times('2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'));
    expect(await only(town)).toEqual([['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']]);
    await town.api('PUT', `${EVENTS}/${id}`, { title: 'Renamed' });
    await town.call('PUT', `/booking/events/${id}`, { name: 'Renamed by Portico' });
    expect(await only(town)).toEqual([['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']]);
    await town.api('PUT', `${EVENTS}/${id}`, { start_time: '2026-10-25T01:10:00Z' });
    expect(await only(town)).toEqual([['2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z']]);
  });

  it('are the first run to the Portico interface, and after a move by it', async () => {
    const town = await startGeneric();
    const id = await created(town, times('2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z'));
    const { json } = await town.call('GET', `/booking/events/${id}`);
    expect(json).toMatchObject({ from_: '2026-10-25T02:10:00+02:00' });
    await town.call('PUT', `/booking/events/${id}`, { from_: json['from_'], to_: json['to_'] });
    expect(await only(town)).toEqual([['2026-10-25T00:10:00Z', '2026-10-25T00:30:00Z']]);
  });

  it('are compared as instants where two events meet in the repeated hour', async () => {
    const town = await startGeneric();
    await created(town, times('2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'));
    await created(town, times('2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'));
    for (const [start, stop] of [
      ['2026-10-25T00:15:00Z', '2026-10-25T00:20:00Z'],
      ['2026-10-25T01:15:00Z', '2026-10-25T01:20:00Z'],
    ] as const) {
      const { status } = await town.api('POST', EVENTS, meeting(times(start, stop)));
      expect(status).toBe(409);
    }
    const found = await listed(town, '2026-10-25T01:00:00Z', '2026-10-25T01:01:00Z');
    expect(found.map((event) => event['start_time'])).toEqual(['2026-10-25T01:00:00Z']);
  });

  it('hold an hour less in the night of spring and an hour more in that of autumn', async () => {
    const town = await startGeneric();
    await created(town, times('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'));
    await created(town, times('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'));
    expect(await listed(town, '2026-03-29', '2026-03-29')).toHaveLength(1);
    expect(await listed(town, '2026-03-30', '2026-03-30')).toEqual([]);
    expect(await listed(town, '2026-10-25', '2026-10-25')).toHaveLength(1);
    expect(await listed(town, '2026-10-26', '2026-10-26')).toEqual([]);
    expect((await town.call('GET', '/booking/events/2')).json).toMatchObject({
      from_: '2026-10-25T00:00:00+02:00',
      to_: '2026-10-26T00:00:00+01:00',
    });
  });

  it('of the hour that spring skips, which the web pages can set, show an hour later', async () => {
    const town = await startGeneric();
    const body = { title: 'Night', source: 'web' };
    await town.people('POST', '/booking/resources/12/events', {
      ...body,
      from_: '2026-03-29T02:30:00',
      to_: '2026-03-29T04:00:00',
    });
    expect(await only(town)).toEqual([['2026-03-29T01:30:00Z', '2026-03-29T02:00:00Z']]);
  });
});
