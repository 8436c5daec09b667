import { describe, expect, it } from 'vitest';
import {
  OSLO,
  YEAR,
  NOTHING,
  NEXT_YEAR,
  weekly,
  booked,
  occurrences,
  textOf,
  forgetCursor,
  occurrence,
  copyOf,
  tick,
} from '../support/series.ts';
import { graphEvent, graphTimes, PERSON, Town, type Json } from '../support/town.ts';

describe('a series in Outlook', () => {
  it('is in the booking system, occurrence by occurrence, and a second pass writes nothing', async () => {
    const town = await Town.open();
    await weekly(town, 4, { body: { contentType: 'text', content: 'Notes' } });
    await town.settle();
    expect(await booked(town)).toEqual(
      ['11-26', '12-03', '12-10', '12-17'].map((day) => `Choir at 2026-${day}T09:00:00Z`),
    );
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    expect(await town.mappings()).toHaveLength(4);
    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
    await forgetCursor(town);
    await town.tick();
    expect(town.graphRequests().some(({ status }) => status === 410)).toBe(true);
    expect(town.writes()).toEqual([]);
  });

  it('that began before the window, and never ends, has the copies that the window holds', async () => {
    const town = await Town.open();
    await town.meet(1, {
      subject: 'Old',
      start: { dateTime: '2024-01-02T09:00:00', timeZone: OSLO },
      end: { dateTime: '2024-01-02T10:00:00', timeZone: OSLO },
      recurrence: {
        pattern: { type: 'relativeMonthly', interval: 1, daysOfWeek: ['tuesday'], index: 'first' },
        range: { type: 'noEnd', startDate: '2024-01-02' },
      },
    });
    await town.settle();
    expect(await booked(town)).toEqual(
      ['2026-12-01', '2027-01-05', '2027-02-02', '2027-03-02', '2027-04-06', '2027-05-04']
        .map((date) => `Old at ${date}T0${date < '2027-03-28' ? 8 : 7}:00:00Z`)
        .slice(0, 5),
    );
    expect(await town.isEqual()).toBe(true);
  });

  it('keeps its hour of the wall over both nights in which the clocks change', async () => {
    const town = await Town.open(YEAR);
    await town.meet(1, {
      subject: 'Night watch',
      start: { dateTime: '2027-03-27T02:30:00', timeZone: OSLO },
      end: { dateTime: '2027-03-27T04:00:00', timeZone: OSLO },
      recurrence: {
        pattern: { type: 'daily', interval: 1 },
        range: { type: 'numbered', startDate: '2027-03-27', numberOfOccurrences: 3 },
      },
    });
    await town.meet(1, {
      subject: 'Owls',
      start: { dateTime: '2027-10-30T02:30:00', timeZone: OSLO },
      end: { dateTime: '2027-10-30T04:00:00', timeZone: OSLO },
      recurrence: {
        pattern: { type: 'daily', interval: 1 },
        range: { type: 'numbered', startDate: '2027-10-30', numberOfOccurrences: 3 },
      },
    });
    await town.settle();
    expect(await booked(town, NEXT_YEAR)).toEqual([
      'Night watch at 2027-03-27T01:30:00Z',
      'Night watch at 2027-03-28T01:30:00Z',
      'Night watch at 2027-03-29T00:30:00Z',
      'Owls at 2027-10-30T00:30:00Z',
      'Owls at 2027-10-31T00:30:00Z',
      'Owls at 2027-11-01T01:30:00Z',
    ]);
    expect(await tick(town)).toEqual(NOTHING);
  });

  it('shows nothing but its times where it is private', async () => {
    const town = await Town.open();
    await weekly(town, 3, { subject: 'Therapy', sensitivity: 'private' });
    await town.settle();
    expect((await booked(town)).map((row) => row.split(' at ')[0])).not.toContain('Therapy');
    expect(await town.schedule()).toHaveLength(3);
  });
});

describe('one occurrence in Outlook', () => {
  it('that is moved and renamed moves and renames its copy alone', async () => {
    const town = await Town.open();
    await weekly(town, 4);
    await town.settle();
    await town.change(1, await occurrence(town, 1), { subject: 'Concert', ...graphTimes(10, 17) });
    expect(await tick(town)).toEqual({ ...NOTHING, updates: 1 });
    expect(await booked(town)).toEqual([
      'Choir at 2026-11-26T09:00:00Z',
      'Choir at 2026-12-10T09:00:00Z',
      'Choir at 2026-12-17T09:00:00Z',
      'Concert at 2026-12-04T17:00:00Z',
    ]);
    expect(await town.isEqual()).toBe(true);
    expect(await tick(town)).toEqual(NOTHING);
  });

  it('that is deleted, which delta does not tell, ends its copy alone', async () => {
    const town = await Town.open();
    await weekly(town, 4);
    await town.settle();
    await town.remove(1, await occurrence(town, 2));
    expect(await tick(town)).toEqual({ ...NOTHING, cancels: 1 });
    expect(await booked(town)).toEqual(
      ['11-26', '12-03', '12-17'].map((day) => `Choir at 2026-${day}T09:00:00Z`),
    );
    expect(await town.isEqual()).toBe(true);
    expect(await tick(town)).toEqual(NOTHING);
  });

  it('that is moved out of the window is not taken for deleted', async () => {
    const town = await Town.open();
    await weekly(town, 1);
    await town.settle();
    await town.change(1, await occurrence(town, 0), graphTimes(300, 9));
    await town.settle();
    expect(await booked(town, NEXT_YEAR)).toEqual(['Choir at 2027-09-20T09:00:00Z']);
  });
});

describe('a copy of one occurrence in the booking system', () => {
  it('that is changed makes an exception of its occurrence, and leaves the others', async () => {
    const town = await Town.open();
    await weekly(town, 4);
    await town.settle();
    await town.person('PUT', `events/${await copyOf(town, 2)}`, { name: 'Concert' });
    await town.settle();
    const found = await occurrences(town);
    expect(found.map(({ subject, type }) => `${String(type)} ${String(subject)}`)).toEqual([
      'occurrence Choir',
      'occurrence Choir',
      'exception Concert',
      'occurrence Choir',
    ]);
    expect(await town.isEqual()).toBe(true);
    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
  });

  it('that is cancelled takes its occurrence out, and leaves the others', async () => {
    const town = await Town.open();
    await weekly(town, 4);
    await town.settle();
    await town.person('PATCH', `events/${await copyOf(town, 0)}/toggle-active`, { active: 0 });
    await town.settle();
    expect((await occurrences(town)).map(textOf).map((text) => text.slice(0, 10))).toEqual([
      '2026-12-03',
      '2026-12-10',
      '2026-12-17',
    ]);
    expect(await town.isEqual()).toBe(true);
  });

  it('is written with others of its series at once, though all of them have one version', async () => {
    const town = await Town.open();
    await weekly(town, 6);
    await town.settle();
    for (const index of [0, 2, 4])
      await town.person('PUT', `events/${await copyOf(town, index)}`, { name: `Solo ${index}` });
    await town.person('PATCH', `events/${await copyOf(town, 5)}/toggle-active`, { active: 0 });
    town.forgetRequests();
    await town.tick();
    expect(town.writes().map(({ method, status }) => `${method} ${status}`)).toEqual([
      'DELETE 204',
      ...Array<string>(3).fill('PATCH 200'),
    ]);
    await town.settle();
    expect((await occurrences(town)).map(({ subject }) => subject)).toEqual([
      'Solo 0',
      'Choir',
      'Solo 2',
      'Choir',
      'Solo 4',
    ]);
    expect(await town.isEqual()).toBe(true);
  });

  it('that is moved past the next one rests with the reason, and is not asked for again and again', async () => {
    const town = await Town.open();
    await weekly(town, 4);
    await town.settle();
    const past = { from_: '2026-12-12T10:00:00', to_: '2026-12-12T11:00:00' };
    await town.person('PUT', `events/${await copyOf(town, 1)}`, past);
    await town.tick();
    const resting = (await town.mappings()).filter(({ state }) => state === 'error');
    expect(resting).toHaveLength(1);
    expect(resting[0]?.reason).toContain('ErrorOccurrenceCrossingBoundary');
    let asked = 0;
    for (let minute = 0; minute < 180; minute += 5) {
      town.manual.advance(5 * 60_000);
      town.forgetRequests();
      await town.tick();
      asked += town.writes().length;
    }
    expect(asked).toBeLessThan(10);
    await town.person('PUT', `events/${await copyOf(town, 2)}`, {
      from_: '2026-12-03T10:00:00',
      to_: '2026-12-03T11:00:00',
    });
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });
});

describe('a series that is not for the bridge to change, or that both sides change', () => {
  it("of a person's meetings in a room is copied, and follows its organizer alone", async () => {
    const town = await Town.open();
    const attendees = [{ type: 'resource', emailAddress: { address: 'room-1@town.example' } }];
    const events = `${PERSON}/events`;
    const master = await town.outlook('POST', events, {
      ...graphEvent('Council', 2, 9, { attendees }),
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
        range: { type: 'numbered', startDate: '2026-11-26', numberOfOccurrences: 3 },
      },
    });
    await town.settle();
    await town.person('PUT', `events/${await copyOf(town, 1)}`, { name: 'Mine' });
    expect(await tick(town)).toEqual({ ...NOTHING, updates: 1 });
    expect(await booked(town)).toEqual(
      ['11-26', '12-03', '12-10'].map((day) => `Council at 2026-${day}T09:00:00Z`),
    );
    const range = 'startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z';
    const path = `${events}/${encodeURIComponent(String(master['id']))}/instances?${range}`;
    const [first] = (await town.outlook('GET', path))['value'] as Json[];
    await town.outlook('DELETE', `${events}/${encodeURIComponent(String(first?.['id']))}`);
    expect(await tick(town)).toEqual({ ...NOTHING, cancels: 1 });
    expect(await town.isEqual()).toBe(true);
  });

  it('of whole days stays on its dates', async () => {
    const town = await Town.open();
    const midnight = (date: string): Json => ({ dateTime: `${date}T00:00:00`, timeZone: OSLO });
    await town.meet(1, {
      subject: 'Closed',
      isAllDay: true,
      start: midnight('2027-02-28'),
      end: midnight('2027-03-01'),
      recurrence: {
        pattern: { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
        range: { type: 'numbered', startDate: '2027-02-28', numberOfOccurrences: 2 },
      },
    });
    await town.settle();
    expect(await booked(town)).toEqual([
      'Closed at 2027-02-27T23:00:00Z',
      'Closed at 2027-03-30T22:00:00Z',
    ]);
    expect(await town.isEqual()).toBe(true);
    expect(await tick(town)).toEqual(NOTHING);
  });

  it('in one direction is copied and never changed: a change of a copy is taken back', async () => {
    const town = await Town.open({ direction: 'bToA' });
    await weekly(town, 3);
    await town.settle();
    await town.person('PUT', `events/${await copyOf(town, 1)}`, { name: 'Mine' });
    expect(await tick(town)).toEqual({ ...NOTHING, updates: 1 });
    expect((await booked(town)).every((row) => row.startsWith('Choir'))).toBe(true);
    expect((await occurrences(town)).map(({ type }) => type)).toEqual(Array(3).fill('occurrence'));
  });

  it('that both sides changed is decided for each occurrence alone', async () => {
    const town = await Town.open({ conflictPolicy: 'a' });
    const id = await weekly(town, 3);
    await town.settle();
    await town.person('PUT', `events/${await copyOf(town, 1)}`, { name: 'Booked' });
    await town.change(1, id, { subject: 'Renamed' });
    await town.settle();
    expect((await occurrences(town)).map(({ subject }) => subject)).toEqual([
      'Renamed',
      'Booked',
      'Renamed',
    ]);
    expect(await town.isEqual()).toBe(true);
  });
});
