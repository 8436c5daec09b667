import { describe, expect, it } from 'vitest';
import { formatInstant } from '../../shared/model/time.ts';
import { bookingTimes, graphEvent, graphTimes, instant, Town, type Json } from '../support/town.ts';

/** Both sides' events, by what their own systems say. */
async function counts(town: Town): Promise<{ outlook: number; booking: number }> {
  return {
    outlook: (await town.calendar()).length,
    booking: (await town.schedule()).length,
  };
}

/** Faults of the earlier service, by their ids. None of them may come back. */
describe('F1: repeating a sync', () => {
  it('makes no second copy of anything', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('from Outlook', 2, 9));
    await town.book(1, { title: 'from booking', ...bookingTimes(3, 9) });
    for (let run = 0; run < 6; run += 1) await town.tick();
    expect(await counts(town)).toEqual({ outlook: 2, booking: 2 });
  });
});

describe('F2: an error that reads like "not found"', () => {
  it.each([
    ['a mailbox that does not answer', 404, { error: { code: 'MailboxNotEnabledForRESTAPI' } }],
    ['a message with 404 in it', 500, { error: { code: 'x', message: '404 not found' } }],
    ['throttling', 429, { error: { code: 'TooManyRequests' } }],
    ['refused access', 403, { error: { code: 'ErrorAccessDenied' } }],
  ])('%s takes no booking away', async (_what, status, body) => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('meeting', 2, 9));
    await town.settle();
    await town.remove(1, id);
    // The deletion is told; looking at the item fails.
    town.graph.faults.add({ match: { path: '/events/' }, times: 50, status, body });
    await town.tick();
    expect(await town.schedule()).toHaveLength(1);
    town.graph.faults.clear();
    town.manual.advance(20 * 60_000);
    await town.settle();
    expect(await town.schedule()).toHaveLength(0);
  });
});

describe('F3: a window that moves on', () => {
  it('takes nothing away that slid out of it', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('soon past', 1, 9));
    await town.book(1, { title: 'booked', ...bookingTimes(1, 11) });
    await town.meet(1, graphEvent('later', 100, 9));
    await town.settle();
    const before = await counts(town);
    for (let week = 1; week <= 4; week += 1) {
      town.manual.advance(8 * 24 * 3_600_000);
      town.forgetRequests();
      await town.tick();
      expect(town.writes()).toEqual([]);
    }
    expect(await counts(town)).toEqual(before);
  });
});

describe('F4: our own copies coming back', () => {
  it('are not copied again: twenty cycles leave both sides as they are', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('from Outlook', 2, 9));
    await town.book(1, { title: 'from booking', ...bookingTimes(3, 9) });
    await town.settle();
    town.forgetRequests();
    for (let cycle = 0; cycle < 20; cycle += 1) {
      await town.timer('syncBookingToOutlook');
      await town.timer('syncOutlookToBooking');
    }
    expect(town.writes()).toEqual([]);
    expect(await counts(town)).toEqual({ outlook: 2, booking: 2 });
  });

  it('are known again by their stamp when every row of the pair is lost', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('from Outlook', 2, 9));
    await town.book(1, { title: 'from booking', ...bookingTimes(3, 9) });
    await town.settle();
    await town.loseRows();
    town.forgetRequests();
    await town.tick();
    await town.tick();
    expect(town.writes()).toEqual([]);
    expect(await town.isEqual()).toBe(true);
  });
});

describe('F6: a tick of a timer', () => {
  it('reaches every active pair of the tenant, and no paused one', async () => {
    const town = await Town.open({ rooms: 3 });
    for (const room of [1, 2, 3]) await town.meet(room, graphEvent('meeting', 2, 9));
    const paused = town.pairOf(3);
    await town.stores.pairs.update(paused.tenantId, paused.id, { syncEnabled: false });
    await town.timer('syncOutlookToBooking');
    const booked = [1, 2, 3].map(async (room) => (await town.schedule(room)).length);
    expect(await Promise.all(booked)).toEqual([1, 1, 0]);
  });
});

describe('F9: the end of an event', () => {
  it('is seen whichever side it was born on, noted once and kept as a row', async () => {
    const town = await Town.open();
    const id = await town.book(1, { title: 'booked', ...bookingTimes(3, 9) });
    await town.settle();
    const [copy] = await town.calendar();
    await town.remove(1, String(copy?.['id']));
    await town.settle();
    await town.settle();
    const booked = await town.booked(id);
    expect(booked['active']).toBe(false);
    expect(String(booked['description']).match(/Cancelled from Outlook/g)).toHaveLength(1);
    expect(await town.mappings()).toMatchObject([{ state: 'cancelled', rule: 'deleted' }]);
  });
});

describe('F10: times', () => {
  const NIGHTS = [
    ['before the clocks go forward', '2027-03-27T22:30:00Z', '2027-03-28T00:30:00Z'],
    ['over the gap', '2027-03-28T00:30:00Z', '2027-03-28T01:30:00Z'],
    ['a winter day', '2026-12-24T11:00:00Z', '2026-12-24T12:00:00Z'],
    ['a summer day', '2027-04-17T10:00:00Z', '2027-04-17T11:00:00Z'],
  ] as const;

  it.each(NIGHTS)('%s are the same instants on both sides', async (_name, start, end) => {
    const town = await Town.open();
    const utc = (text: string): Json => ({ dateTime: text.replace('Z', ''), timeZone: 'UTC' });
    await town.meet(1, { subject: 'timed', start: utc(start), end: utc(end) });
    await town.settle();
    const [row] = await town.schedule();
    expect([row?.['from_'], row?.['to_']].map((text) => Date.parse(String(text)))).toEqual([
      Date.parse(start),
      Date.parse(end),
    ]);
    expect(await town.isEqual()).toBe(true);
  });

  it('a whole day stays whole and on its date', async () => {
    const town = await Town.open();
    const day = (date: string): Json => ({ dateTime: `${date}T00:00:00`, timeZone: 'UTC' });
    const times = { start: day('2027-03-28'), end: day('2027-03-29') };
    await town.meet(1, { subject: 'day', isAllDay: true, ...times });
    await town.settle();
    const [row] = await town.schedule();
    expect(String(row?.['from_'])).toMatch(/^2027-03-28T00:00:00/);
    expect(String(row?.['to_'])).toMatch(/^2027-03-29T00:00:00/);
  });
});

describe('F13: a pair that goes one way', () => {
  it.each(['aToB', 'bToA'] as const)(
    '%s writes nothing on repeat, with both timers',
    async (direction) => {
      const town = await Town.open({ direction });
      await town.meet(1, graphEvent('from Outlook', 2, 9));
      await town.book(1, { title: 'from booking', ...bookingTimes(3, 9) });
      await town.settle();
      town.forgetRequests();
      for (let cycle = 0; cycle < 10; cycle += 1) await town.tick();
      expect(town.writes()).toEqual([]);
      const both = { outlook: 2, booking: 1 };
      expect(await counts(town)).toEqual(direction === 'aToB' ? both : { outlook: 1, booking: 2 });
    },
  );
});

describe('F14: what an update carries', () => {
  it('a new title arrives, though the system drops the name that creation uses', async () => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('old', 2, 9));
    await town.settle();
    await town.change(1, id, { subject: 'new' });
    await town.settle();
    expect(await town.schedule()).toMatchObject([{ name: 'new' }]);
  });

  it('an event and an allocation of the same number are two things', async () => {
    const times = bookingTimes(2, 17) as never;
    const town = await Town.open({
      booking: {
        allocations: [
          { id: 7, organization_name: 'Club', resources: [1], ...(times as Json) },
        ] as never,
        events: [{ id: 7, name: 'Concert', resources: [1], ...bookingTimes(3, 17) }] as never,
      },
    });
    await town.settle();
    await town.person('PATCH', 'events/7/toggle-active', { active: 0 });
    await town.settle();
    expect((await town.calendar()).map((event) => event['subject'])).toEqual(['Club']);
  });
});

describe('F15: two at once, many pages, and half-done work', () => {
  it('two overlapping runs make one copy', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('meeting', 2, 9));
    await town.book(1, { title: 'booked', ...bookingTimes(3, 9) });
    await Promise.all([town.run(), town.run(), town.run()]);
    await town.settle();
    expect(await counts(town)).toEqual({ outlook: 2, booking: 2 });
  });

  it('every page is read', async () => {
    const town = await Town.open();
    for (let index = 0; index < 230; index += 1)
      await town.meet(1, graphEvent(`meeting ${index}`, 2 + Math.floor(index / 10), index % 10));
    await town.settle();
    expect(await town.schedule()).toHaveLength(230);
  });

  it.each(['POST', '$batch'])('a copy whose answer was lost is found again (%s)', async (what) => {
    const town = await Town.open();
    await town.meet(1, graphEvent('meeting', 2, 9));
    await town.book(1, { title: 'booked', ...bookingTimes(3, 9) });
    if (what === 'POST')
      town.booking.faults.add({ match: { method: 'POST' }, times: 1, drop: 'after' });
    else town.graph.faults.add({ match: { path: '$batch' }, times: 1, drop: 'after' });
    await town.tick();
    await town.settle();
    expect(await counts(town)).toEqual({ outlook: 2, booking: 2 });
    expect(await town.isEqual()).toBe(true);
    expect((await town.storedPair()).status).toBe('synced');
  });
});

describe('F17: many notices of one change, and the edges of the window', () => {
  it('one change is one write, however often a run is asked for', async () => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('meeting', 2, 9));
    await town.settle();
    town.forgetRequests();
    await town.change(1, id, graphTimes(2, 12));
    town.forgetRequests();
    await Promise.all([town.run(), town.run()]);
    await town.run();
    expect(town.writes()).toHaveLength(1);
  });

  it('both sides are cut at the same instants', async () => {
    const town = await Town.open();
    await town.run();
    const control = await town.stores.sync
      .forPair(town.pairOf(1).tenantId, town.pairOf(1).id)
      .readControl();
    const end = control.window?.end;
    if (end === undefined) throw new Error('no window');
    const utc = (at: number): Json => ({
      dateTime: formatInstant(at as typeof end).replace('Z', ''),
      timeZone: 'UTC',
    });
    const hour = 3_600_000;
    await town.meet(1, { subject: 'last in', start: utc(end - hour), end: utc(end) });
    await town.meet(1, { subject: 'first out', start: utc(end), end: utc(end + hour) });
    await town.settle();
    expect(instant(0, 0)).toBeLessThan(end);
    const rows = (await town.bookingApi('/booking/resources/1/schedule', {
      start_date: '2026-11-24',
      end_date: '2027-12-01',
    })) as Json[];
    expect(rows.map((row) => row['name'])).toEqual(['last in']);
  });
});
