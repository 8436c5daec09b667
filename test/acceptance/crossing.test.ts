import { describe, expect, it } from 'vitest';
import {
  bookingTimes,
  graphEvent,
  graphTimes,
  instant,
  PERSON,
  Town,
  type Json,
} from '../support/town.ts';

function subjects(events: readonly Json[]): string[] {
  return events.map((event) => String(event['subject'])).sort();
}

function names(rows: readonly Json[]): string[] {
  return rows.map((row) => String(row['name'])).sort();
}

async function onlyOf(town: Town, room = 1): Promise<Json> {
  const [event, ...more] = await town.calendar(room);
  if (event === undefined || more.length > 0) throw new Error('not exactly one event');
  return event;
}

describe('an event crosses between Outlook and the booking system', () => {
  it('created, changed and cancelled in Outlook', async () => {
    const town = await Town.open();
    const body = { contentType: 'text', content: 'Agenda:\n1. Budget' };
    const id = await town.meet(1, graphEvent('Budget', 2, 9, { body }));
    await town.settle();
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    await town.change(1, id, { subject: 'Budget, again', ...graphTimes(3, 10) });
    await town.settle();
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    const [row] = await town.schedule();
    const booked = Number(row?.['id']);
    await town.remove(1, id);
    await town.settle();
    expect(await town.schedule()).toEqual([]);
    const left = await town.booked(booked);
    expect(left['active']).toBe(false);
    expect(String(left['description']).match(/--- Cancelled from Outlook ---/g)).toHaveLength(1);
    const [mapping] = await town.mappings();
    expect(mapping?.state).toBe('cancelled');
  });

  it('created, changed and set inactive in the booking system, and mails nobody', async () => {
    const town = await Town.open();
    const id = await town.book(1, {
      title: 'Choir',
      description: 'Bring sheets',
      contact_email: 'per@choir.example',
      ...bookingTimes(2, 17, 2),
    });
    await town.settle();
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    await town.person('PUT', `events/${id}`, { name: 'Choir, big', ...bookingTimes(4, 17, 2) });
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await town.settle();
    expect(await town.calendar()).toEqual([]);
    const mails = await town.fetch(new Request('http://127.0.0.1:7080/__sim/mails'));
    expect(JSON.stringify(await mails.json())).not.toContain('per@choir.example');
  });

  it('comes back when a cancelled booking is made active again', async () => {
    const town = await Town.open();
    const id = await town.book(1, { title: 'Choir', ...bookingTimes(2, 17) });
    await town.settle();
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await town.settle();
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 1 });
    await town.settle();
    expect(subjects(await town.calendar())).toEqual(['Choir']);
  });

  it('keeps the description of an Outlook event over ten round trips though the schedule hides it', async () => {
    const town = await Town.open();
    const content = 'Line one\n\n  - a point: æøå 🎻\nlast line';
    const body = { contentType: 'text', content };
    const id = await town.meet(1, graphEvent('Meeting', 2, 9, { body }));
    await town.settle();
    const [row] = await town.schedule();
    const booked = Number(row?.['id']);
    expect(row).not.toHaveProperty('description');
    for (let trip = 1; trip <= 10; trip += 1) {
      if (trip % 2 === 0) await town.change(1, id, graphTimes(2 + trip, 9));
      else await town.person('PUT', `events/${booked}`, { name: `Meeting ${trip}` });
      await town.settle();
      const event = await onlyOf(town);
      expect(String((event['body'] as Json)['content']).trim()).toBe(content);
      expect(String((await town.booked(booked))['description'])).toBe(content);
    }
    expect(await town.isEqual({ descriptions: true })).toBe(true);
  });

  it('whole days stay on their dates, either way', async () => {
    const town = await Town.open();
    const day = (date: string): Json => ({ dateTime: `${date}T00:00:00`, timeZone: 'Europe/Oslo' });
    await town.meet(1, {
      subject: 'Inventory',
      isAllDay: true,
      start: day('2027-03-27'),
      end: day('2027-03-29'),
    });
    await town.book(1, { title: 'Fair', from_: '2026-12-05T00:00:00', to_: '2026-12-06T00:00:00' });
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    const fair = (await town.calendar()).find((event) => event['subject'] === 'Fair');
    expect(fair?.['isAllDay']).toBe(true);
    expect(fair?.['start']).toMatchObject({
      dateTime: expect.stringMatching(/^2026-12-05T00:00:00/) as string,
    });
    const row = (await town.schedule()).find((one) => one['name'] === 'Inventory');
    expect([row?.['from_'], row?.['to_']]).toEqual([
      '2027-03-27T00:00:00+01:00',
      '2027-03-29T00:00:00+02:00',
    ]);
  });
});

describe('what must not be lost, doubled or taken away', () => {
  it('two meetings that swap times in Outlook end swapped in the booking system', async () => {
    const town = await Town.open();
    const one = await town.meet(1, graphEvent('one', 2, 9));
    const two = await town.meet(1, graphEvent('two', 2, 10));
    await town.settle();
    const before = new Set((await town.schedule()).map((row) => row['id']));
    await town.change(1, one, graphTimes(2, 10));
    await town.change(1, two, graphTimes(2, 9));
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(new Set((await town.schedule()).map((row) => row['id']))).toEqual(before);
  });

  it("an allocation's copy edited in Outlook is put back once, and then flagged", async () => {
    const allocations = [
      {
        id: 201,
        organization_name: 'Handball',
        resources: [1],
        ...bookingTimes(2, 17, 2),
      } as never,
    ];
    const town = await Town.open({ booking: { allocations } });
    await town.settle();
    const copy = await onlyOf(town);
    await town.change(1, String(copy['id']), { subject: 'Football' });
    await town.settle();
    expect(subjects(await town.calendar())).toEqual(['Handball']);
    await town.change(1, String(copy['id']), { subject: 'Football' });
    await town.settle();
    expect(subjects(await town.calendar())).toEqual(['Football']);
    expect(await town.storedPair()).toMatchObject({ status: 'conflict' });
    expect(await town.mappings()).toMatchObject([
      { state: 'conflict', rule: 'owner-restored-once' },
    ]);
  });

  it("deleting one room's copy of a two-room booking cancels nothing and is flagged", async () => {
    const town = await Town.open({ rooms: 2 });
    const id = await town.book([1, 2], { title: 'Open day', ...bookingTimes(3, 10, 4) });
    await town.settle();
    const copy = await onlyOf(town, 1);
    await town.remove(1, String(copy['id']));
    await town.settle();
    expect((await town.booked(id))['active']).toBe(true);
    expect(names(await town.schedule(2))).toEqual(['Open day']);
    expect(subjects(await town.calendar(2))).toEqual(['Open day']);
    expect(await town.mappings(1)).toMatchObject([{ state: 'conflict', rule: 'shared' }]);
    expect(await town.mappings(2)).toMatchObject([{ state: 'synced' }]);
  });

  it('a booking moved to another room ends with one copy, in the new room', async () => {
    const town = await Town.open({ rooms: 2 });
    const id = await town.book(1, { title: 'Chess', ...bookingTimes(3, 18) });
    await town.settle();
    await town.person('PUT', `events/${id}`, { resources: [2] });
    await town.settle();
    expect(await town.calendar(1)).toEqual([]);
    expect(subjects(await town.calendar(2))).toEqual(['Chess']);
    expect((await town.booked(id))['active']).toBe(true);
    expect(await town.isEqual()).toBe(true);
  });

  it("yesterday's meeting dragged to tomorrow holds tomorrow's slot", async () => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('dragged', 1, 9));
    await town.meet(1, graphEvent('another', 5, 9));
    await town.settle();
    town.manual.advance(instant(2, 9) - town.clock.now());
    await town.settle();
    await town.change(1, id, graphTimes(3, 9));
    await town.settle();
    const rows = await town.schedule();
    expect(rows.find((row) => row['name'] === 'dragged')?.['from_']).toMatch(/^2026-11-27T10:00/);
    expect(rows).toHaveLength(2);
  });

  it("a person's meeting in the room is copied, and never changed or taken away by us", async () => {
    const town = await Town.open();
    const resource = { address: 'room-1@town.example', name: 'Room 1' };
    const meeting = await town.outlook('POST', `${PERSON}/events`, {
      ...graphEvent('Project', 2, 13),
      attendees: [{ type: 'resource', emailAddress: resource }],
    });
    await town.settle();
    const [row] = await town.schedule();
    expect(row?.['name']).toBe('Project');
    await town.person('PUT', `events/${Number(row?.['id'])}`, { name: 'Mine' });
    await town.settle();
    expect(names(await town.schedule())).toEqual(['Project']);
    expect(subjects(await town.calendar())).toEqual(['Project']);
    await town.outlook('DELETE', `${PERSON}/events/${encodeURIComponent(String(meeting['id']))}`);
    await town.settle();
    expect(await town.schedule()).toEqual([]);
  });

  it('a private meeting holds its slot and tells nothing', async () => {
    const town = await Town.open();
    const body = { contentType: 'text', content: 'secret text' };
    await town.meet(1, graphEvent('Secret', 2, 9, { sensitivity: 'private', body }));
    await town.settle();
    const [row] = await town.schedule();
    expect(row?.['name']).toBe('Busy');
    expect(JSON.stringify(await town.booked(Number(row?.['id'])))).not.toMatch(
      /Secret|secret text/,
    );
  });

  it('a private meeting crosses whole where the tenant wants that, and stays private', async () => {
    const town = await Town.open({ copiesPrivate: true });
    const body = { contentType: 'text', content: 'secret text' };
    const id = await town.meet(1, graphEvent('Secret', 2, 9, { sensitivity: 'private', body }));
    await town.settle();
    const [row] = await town.schedule();
    expect(row?.['name']).toBe('Secret');
    const booked = Number(row?.['id']);
    expect(JSON.stringify(await town.booked(booked))).toContain('secret text');
    await town.person('PUT', `events/${booked}`, { name: 'Less so' });
    await town.settle();
    expect((await town.calendar()).find((one) => one['id'] === id)).toMatchObject({
      subject: 'Less so',
      sensitivity: 'private',
    });
    expect(await town.isEqual()).toBe(true);
  });

  it('a copy that a person makes a series of is refused with a reason, and nothing of it is touched', async () => {
    const town = await Town.open();
    await town.book(1, { title: 'Weekly', ...bookingTimes(2, 9) });
    await town.settle();
    const copy = await onlyOf(town);
    await town.change(1, String(copy['id']), {
      recurrence: {
        pattern: {
          type: 'weekly',
          interval: 1,
          daysOfWeek: ['thursday'],
          firstDayOfWeek: 'monday',
        },
        range: { type: 'numbered', startDate: '2026-11-26', numberOfOccurrences: 4 },
      },
    });
    await town.settle();
    expect(names(await town.schedule())).toEqual(['Weekly']);
    expect(await town.calendar()).toHaveLength(4);
    expect(await town.mappings()).toMatchObject([{ state: 'refused', reason: 'series' }]);
  });
});
