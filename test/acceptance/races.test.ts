import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, graphTimes, Town } from '../support/town.ts';

/** What the simulation found: a call that is cut off, or people at the very moment of a write. */
describe('a cancellation that is cut off', () => {
  it.each(['PATCH', 'PUT'])(
    'at its %s is no edit that would bring the event back',
    async (method) => {
      const town = await Town.open();
      const id = await town.meet(1, graphEvent('meeting', 2, 9));
      await town.settle();
      await town.remove(1, id);
      town.booking.faults.add({ match: { method }, times: 1, drop: 'after' });
      await town.tick();
      await town.settle();
      expect(await town.schedule()).toEqual([]);
      expect(await town.calendar()).toEqual([]);
    },
  );
});

describe('an update whose answer is lost', () => {
  it('is not taken for an edit of the other side when people go on', async () => {
    const town = await Town.open({ conflictPolicy: 'flag' });
    const id = await town.book(1, { title: 'first', ...bookingTimes(2, 9) });
    await town.settle();
    await town.person('PUT', `events/${id}`, { name: 'second' });
    town.graph.faults.add({ match: { path: '$batch' }, times: 1, drop: 'after' });
    await town.timer('syncBookingToOutlook');
    await town.person('PUT', `events/${id}`, { name: 'third' });
    await town.settle();
    expect((await town.calendar()).map(({ subject }) => subject)).toEqual(['third']);
    expect((await town.storedPair()).status).toBe('synced');
  });

  it('is no edit that beats the end of the event', async () => {
    const town = await Town.open({ conflictPolicy: 'flag' });
    const id = await town.meet(1, graphEvent('meeting', 2, 9));
    await town.settle();
    await town.change(1, id, { subject: 'renamed' });
    town.booking.faults.add({ match: { method: 'PUT' }, times: 1, drop: 'after' });
    await town.timer('syncOutlookToBooking');
    await town.remove(1, id);
    await town.settle();
    expect(await town.schedule()).toEqual([]);
    expect((await town.storedPair()).status).toBe('synced');
  });

  it('is not sent again where the copy shows that it arrived', async () => {
    const town = await Town.open();
    const id = await town.book(1, { title: 'first', ...bookingTimes(2, 9) });
    await town.settle();
    await town.person('PUT', `events/${id}`, { name: 'second' });
    town.graph.faults.add({ match: { path: '$batch' }, times: 1, drop: 'after' });
    await town.timer('syncBookingToOutlook');
    town.manual.advance(60_000);
    town.forgetRequests();
    await town.tick();
    expect(town.writes()).toEqual([]);
    expect(await town.isEqual()).toBe(true);
    expect((await town.storedPair()).status).toBe('synced');
  });
});

describe('a create whose answer is lost', () => {
  it('takes away no edit that was made before the copy was found', async () => {
    const town = await Town.open();
    const id = await town.book(1, { title: 'meeting', is_public: 1, ...bookingTimes(2, 9) });
    town.graph.faults.add({ match: { path: '$batch' }, times: 1, drop: 'after' });
    await town.timer('syncBookingToOutlook');
    await town.person('PUT', `events/${id}`, { description: 'said since' });
    const match = { method: 'GET', path: '/events' };
    town.graph.faults.add({ match, times: 50, status: 503 });
    await town.timer('syncBookingToOutlook');
    town.graph.faults.clear();
    town.manual.advance(60_000);
    await town.settle();
    expect((await town.booked(id))['description']).toBe('said since');
    expect(await town.isEqual({ descriptions: true })).toBe(true);
  });
});

describe('a read that is overtaken before it is acted on', () => {
  it('is compared again when what had changed is changed back', async () => {
    const town = await Town.open();
    const id = await town.book(1, { title: 'meeting', ...bookingTimes(2, 9) });
    await town.settle();
    const [copy] = await town.calendar();
    await town.remove(1, String(copy?.['id']));
    const toggle = (active: number) =>
      town.person('PATCH', `events/${id}/toggle-active`, { active });
    const { fetch } = town.booking;
    town.booking.fetch = async (request) => {
      if (request.method === 'GET' && request.url.includes(`/events/${id}`)) {
        town.booking.fetch = fetch;
        await toggle(0);
      }
      return await fetch(request);
    };
    await town.timer('syncOutlookToBooking');
    await toggle(1);
    await town.settle();
    expect(await town.calendar()).toHaveLength(1);
    expect(await town.isEqual()).toBe(true);
  });
});

describe('copies that the follower’s people exchanged', () => {
  it('are both put back, though each stands in the other’s time', async () => {
    const town = await Town.open({ direction: 'bToA' });
    await town.meet(1, graphEvent('one', 2, 9));
    await town.meet(1, graphEvent('two', 3, 9));
    await town.settle();
    const [one, two] = await town.schedule();
    const move = (row: typeof one, day: number) =>
      town.person('PUT', `events/${String(row?.['id'])}`, bookingTimes(day, 9));
    await move(one, 9);
    await move(two, 2);
    await move(one, 3);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect((await town.storedPair()).status).toBe('synced');
  });
});

describe('a pair that goes one way', () => {
  it('takes what the follower had alone for the copy of what its owner has now', async () => {
    const town = await Town.open({ direction: 'bToA' });
    await town.book(1, { title: 'meeting', ...bookingTimes(2, 9) });
    await town.settle();
    await town.meet(1, graphEvent('meeting', 2, 9));
    await town.settle();
    expect(await town.schedule()).toHaveLength(1);
    expect((await town.storedPair()).status).toBe('synced');
    const [event] = await town.calendar();
    await town.change(1, String(event?.['id']), graphTimes(4, 9));
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  });
});
