import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, graphTimes, Town } from '../support/town.ts';

describe('a town whose booking system has the generic contract', () => {
  it('becomes equal both ways, and a tick without changes writes nothing and asks once', async () => {
    const town = await Town.open({ profile: 'generic' });
    await town.meet(
      1,
      graphEvent('Outlook', 2, 9, { body: { contentType: 'text', content: 'Sak' } }),
    );
    await town.book(1, { title: 'Booking', description: 'Øving', ...bookingTimes(3, 9) });
    await town.settle();
    expect(await town.isEqual({ descriptions: true })).toBe(true);
    expect((await town.calendar()).map(({ subject }) => subject).sort()).toEqual([
      'Booking',
      'Outlook',
    ]);

    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
    const paths = town
      .bookingRequests()
      .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    expect(new Set(paths)).toEqual(new Set(['GET /api/resources/1/events']));
  });

  it('carries changes and deletions of both sides', async () => {
    const town = await Town.open({ profile: 'generic' });
    const meeting = await town.meet(1, graphEvent('Outlook', 2, 9));
    const ended = await town.meet(1, graphEvent('Ends in Outlook', 4, 9));
    const booked = await town.book(1, { title: 'Booking', ...bookingTimes(3, 9) });
    const cancelled = await town.book(1, { title: 'Ends in booking', ...bookingTimes(5, 9) });
    await town.settle();

    await town.change(1, meeting, { subject: 'Moved', ...graphTimes(6, 9) });
    await town.person('PUT', `events/${booked}`, { name: 'Renamed', description: 'Ny' });
    await town.remove(1, ended);
    await town.person('PATCH', `events/${cancelled}/toggle-active`, { active: 0 });
    await town.tick();
    // The list's silence is believed when it has lasted five minutes.
    expect((await town.calendar()).map(({ subject }) => subject)).toContain('Ends in booking');
    town.manual.advance(5 * 60_000);
    await town.settle();
    expect((await town.calendar()).map(({ subject }) => subject).sort()).toEqual([
      'Moved',
      'Renamed',
    ]);
    expect(await town.isEqual({ descriptions: true })).toBe(true);
  });

  it('makes one event of a create whose answer was lost', async () => {
    const town = await Town.open({ profile: 'generic' });
    await town.meet(1, graphEvent('Once', 2, 9));
    town.booking.faults.add({ match: { method: 'POST', path: '/api/' }, times: 1, drop: 'after' });
    await town.tick();
    town.manual.advance(60_000);
    await town.settle();
    expect(await town.schedule()).toHaveLength(1);
    expect(await town.calendar()).toHaveLength(1);
    expect(await town.isEqual()).toBe(true);
  });

  it.each([
    ['an empty list', 'conflict', { success: true, events: [], count: 0 }],
    ['a list cut short', 'error', { success: true, events: [], count: 3 }],
    ['a web page', 'error', '<html>Login</html>'],
    ['an error', 'error', undefined],
  ])('ends nothing for %s', async (_name, status, body) => {
    const town = await Town.open({ profile: 'generic' });
    for (const day of [2, 3, 4])
      await town.book(1, { title: `Day ${day}`, ...bookingTimes(day, 9) });
    await town.settle();
    const fault = { match: { path: '/api/resources' }, times: 50 };
    town.booking.faults.add(body === undefined ? { ...fault, status: 500 } : { ...fault, body });
    for (let tick = 0; tick < 3; tick += 1) {
      await town.tick();
      town.manual.advance(6 * 60_000);
    }
    expect(await town.calendar()).toHaveLength(3);
    expect(await town.storedPair()).toMatchObject({ status });
    town.booking.faults.clear();
    town.manual.advance(60 * 60_000);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it('shows an exchange of times to a person, and loses nothing', async () => {
    const town = await Town.open({ profile: 'generic' });
    const one = await town.meet(1, graphEvent('One', 2, 9));
    const two = await town.meet(1, graphEvent('Two', 2, 11));
    await town.settle();
    await town.change(1, one, graphTimes(2, 11));
    await town.change(1, two, graphTimes(2, 9));
    await town.settle();
    expect(await town.storedPair()).toMatchObject({ status: 'conflict' });
    expect(await town.schedule()).toHaveLength(2);
    await town.change(1, one, graphTimes(2, 15));
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });
});
