import { describe, expect, it } from 'vitest';
import { at, eventInput, eventPath, makeGraph } from './support.ts';

describe('times', () => {
  it('are taken in Windows and IANA zones and answered in the zone that is preferred', async () => {
    const graph = await makeGraph();
    const created = await graph.create({
      start: at('2026-07-01T10:00:00', 'W. Europe Standard Time'),
      end: at('2026-07-01T11:30:00.5', 'Europe/Oslo'),
    });
    expect(created).toMatchObject({
      start: { dateTime: '2026-07-01T08:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-07-01T09:30:00.5000000', timeZone: 'UTC' },
      originalStartTimeZone: 'W. Europe Standard Time',
      originalEndTimeZone: 'Europe/Oslo',
    });
    const zone = 'outlook.timezone="Eastern Standard Time"';
    const read = await graph.call('GET', eventPath(created.id), { headers: { prefer: zone } });
    expect(read.body['start']).toEqual({
      dateTime: '2026-07-01T04:00:00.0000000',
      timeZone: 'Eastern Standard Time',
    });
    expect(read.headers.get('preference-applied')).toBe(zone);
    const wrong = await graph.call('GET', eventPath(created.id), {
      headers: { prefer: 'outlook.timezone="Nowhere"' },
    });
    expect(wrong.status).toBe(400);
  });

  it('of an all-day event are its own dates in every zone, over a clock change too', async () => {
    const graph = await makeGraph();
    const zone = 'W. Europe Standard Time';
    const { id } = await graph.create({
      isAllDay: true,
      start: at('2026-03-28T00:00:00', zone),
      end: at('2026-03-30T00:00:00', zone),
    });
    for (const prefer of ['outlook.timezone="UTC"', 'outlook.timezone="Pacific Standard Time"']) {
      const { body } = await graph.call('GET', eventPath(id), { headers: { prefer } });
      expect(body).toMatchObject({
        isAllDay: true,
        start: { dateTime: '2026-03-28T00:00:00.0000000' },
        end: { dateTime: '2026-03-30T00:00:00.0000000' },
      });
    }
  });

  it('must come along when an all-day event becomes a timed one', async () => {
    const graph = await makeGraph();
    const { id } = await graph.create({
      isAllDay: true,
      start: at('2026-12-03T00:00:00'),
      end: at('2026-12-04T00:00:00'),
    });
    const alone = await graph.call('PATCH', eventPath(id), { body: { isAllDay: false } });
    expect(alone.status).toBe(400);
    const { start, end } = eventInput();
    const whole = await graph.call('PATCH', eventPath(id), {
      body: { isAllDay: false, start, end },
    });
    expect(whole.body).toMatchObject({
      isAllDay: false,
      start: { dateTime: '2026-12-03T10:00:00.0000000' },
    });
  });
});
