import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, graphTimes, Town } from '../support/town.ts';

const LISTS = { method: 'GET', path: '/api/resources/1/events' };
/** The list of a month back and more than a year ahead. */
const WIDE = { method: 'GET', path: '/api/resources/1/events?start_date=2026-10-' };

/** A room of the generic contract with a meeting and three bookings, on both sides. */
async function openTown(): Promise<{ town: Town; meeting: string; booking: number }> {
  const town = await Town.open({ profile: 'generic' });
  const meeting = await town.meet(1, graphEvent('meeting', 2, 9));
  const booking = await town.book(1, { title: 'booking', ...bookingTimes(3, 9) });
  for (const day of [4, 5]) await town.book(1, { title: `day ${day}`, ...bookingTimes(day, 9) });
  await town.settle();
  return { town, meeting, booking };
}

async function subjects(town: Town): Promise<readonly string[]> {
  return (await town.calendar()).map(({ subject }) => String(subject)).sort();
}

async function recovered(town: Town): Promise<void> {
  town.booking.faults.clear();
  town.manual.advance(5 * 60_000);
  await town.settle();
  town.manual.advance(5 * 60_000);
  await town.settle();
  expect(await town.isEqual()).toBe(true);
  expect(await town.storedPair()).toMatchObject({ status: 'synced' });
}

describe('a list that says it did not succeed is not taken for what is there', () => {
  const body = { success: false, error: 'Database down', error_code: 'INTERNAL_ERROR', events: [] };

  it('by a read: the run fails and says so', async () => {
    const { town } = await openTown();
    town.booking.faults.add({ match: LISTS, body });
    const report = await town.run();
    expect(report).toMatchObject({ outcome: 'failed', error: { kind: 'rejected' }, actions: [] });
    expect(report.error?.message).toMatch(/\/api\/resources\/1\/events: .*did not succeed/);
    expect(report.error?.message).not.toMatch(/Database/);
    await recovered(town);
  });

  it('by the look for an event that was only moved far away', async () => {
    const { town, booking } = await openTown();
    await town.person('PUT', `events/${booking}`, bookingTimes(250, 9));
    town.booking.faults.add({ match: WIDE, times: 100, body });
    for (let tick = 0; tick < 2; tick += 1) {
      town.forgetRequests();
      await town.tick();
      expect(town.booking.faults.fired).toBeGreaterThan(tick);
      expect(town.writes()).toEqual([]);
      town.manual.advance(5 * 60_000);
    }
    expect(await subjects(town)).toContain('booking');
    await recovered(town);
    expect(await subjects(town)).toEqual(['day 4', 'day 5', 'meeting']);
  });
});

describe('a move that is answered as done, and was not', () => {
  it.each(['once', 'in every try'])('is tried again: %s', async (how) => {
    const { town, meeting } = await openTown();
    await town.change(1, meeting, graphTimes(2, 14));
    town.booking.faults.add({
      match: { method: 'PUT' },
      times: how === 'once' ? 1 : 100,
      body: { success: true, event_id: '4', message: 'Event updated' },
    });
    expect(await town.run()).toMatchObject({ outcome: 'partial' });
    const { status, statusReason } = await town.storedPair();
    expect(status).toBe('error');
    expect(statusReason).toMatch(/update_event: the event is still where it was/);
    if (how !== 'once') await town.tick();
    expect(await town.isEqual()).toBe(false);
    await recovered(town);
  });
});

describe('an event that is known to be gone', () => {
  it('is not asked about again by each timer that confirms deletions', async () => {
    const { town, booking } = await openTown();
    await town.person('PATCH', `events/${booking}/toggle-active`, { active: 0 });
    await town.tick();
    town.manual.advance(5 * 60_000);
    await town.timer('detectDeletions');
    expect(await subjects(town)).toEqual(['day 4', 'day 5', 'meeting']);
    town.forgetRequests();
    await town.timer('detectDeletions');
    expect(town.bookingRequests()).toEqual([]);
  });

  it('is missed for five minutes anew when it came back and is missed again', async () => {
    const { town, booking } = await openTown();
    const toggle = async (active: 0 | 1): Promise<void> => {
      await town.person('PATCH', `events/${booking}/toggle-active`, { active });
    };
    await toggle(0);
    await town.tick();
    town.manual.advance(5 * 60_000);
    await town.settle();
    await toggle(1);
    await town.settle();
    expect(await subjects(town)).toContain('booking');
    await toggle(0);
    await town.tick();
    expect(await subjects(town)).toContain('booking');
    town.manual.advance(5 * 60_000);
    await town.tick();
    expect(await subjects(town)).toEqual(['day 4', 'day 5', 'meeting']);
    expect(await town.isEqual()).toBe(true);
  });
});
