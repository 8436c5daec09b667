import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../local/simulator-kit/faults.ts';
import { bookingTimes, graphEvent, graphTimes, Town } from '../support/town.ts';

const THROTTLED = { error: { code: 'ApplicationThrottled' } };

/** A room with a meeting and a booking, on both sides. */
async function openTown(): Promise<{ town: Town; meeting: string; booking: number }> {
  const town = await Town.open();
  const meeting = await town.meet(1, graphEvent('meeting', 2, 9));
  const booking = await town.book(1, { title: 'booking', ...bookingTimes(3, 9) });
  await town.settle();
  return { town, meeting, booking };
}

async function recovered(town: Town): Promise<void> {
  for (const { faults } of [town.graph, town.booking]) faults.clear();
  town.manual.advance(5 * 60_000);
  await town.settle();
  expect(await town.isEqual()).toBe(true);
  expect(await town.storedPair()).toMatchObject({ status: 'synced' });
}

describe('a meeting that was cancelled does not come back', () => {
  it.each<[string, FaultInput]>([
    ['the booking was noted and not deactivated', { match: { path: '/toggle-active' } }],
    ['the answer to the note is lost', { match: { method: 'PUT' }, drop: 'after' }],
  ])('where %s', async (_what, fault) => {
    const { town, meeting } = await openTown();
    await town.remove(1, meeting);
    town.booking.faults.add({ ...(fault.drop === undefined ? { status: 503 } : {}), ...fault });
    await town.tick();
    expect(town.booking.faults.fired).toBe(1);
    await recovered(town);
    expect((await town.calendar()).map(({ subject }) => subject)).toEqual(['booking']);
    expect(await town.schedule()).toHaveLength(1);
  });
});

describe('a copy that was not ended is not forgotten', () => {
  it.each(['<html>Sorry</html>', '{"value":'])(
    'where its deletion is answered %s',
    async (body) => {
      const { town, booking } = await openTown();
      await town.person('PATCH', `events/${booking}/toggle-active`, { active: 0 });
      town.graph.faults.add({ match: { method: 'DELETE' }, status: 200, body });
      await town.tick();
      expect(town.graph.faults.fired).toBe(1);
      await recovered(town);
      expect((await town.calendar()).map(({ subject }) => subject)).toEqual(['meeting']);
    },
  );
});

describe('a system that asks for time is left alone until then', () => {
  it.each<['graph' | 'booking', 'seconds' | 'date']>([
    ['graph', 'seconds'],
    ['graph', 'date'],
    ['booking', 'seconds'],
    ['booking', 'date'],
  ])('%s, told in %s: to the second', async (system, as) => {
    const { town } = await openTown();
    const match = { method: 'GET' };
    town[system].faults.add({
      match,
      status: 429,
      retryAfter: { seconds: 75, as },
      body: THROTTLED,
    });
    const asked = town.clock.now();
    const report = await town.run();
    expect(report).toMatchObject({ outcome: 'failed', error: { kind: 'throttled' } });
    expect(report.blockedUntil).toBe(asked + 75_000);
    expect(report.error?.message).toMatch(system === 'graph' ? /side b: Graph/ : /side a: booking/);
    expect(report.error?.message).toMatch(/nothing to do/);
    expect(await town.storedPair()).toMatchObject({
      status: 'error',
      statusReason: report.error?.message,
    });
    town.forgetRequests();
    town.manual.advance(74_999);
    await town.tick();
    expect((await town.run()).outcome).toBe('blocked');
    expect([...town.graphRequests(), ...town.bookingRequests()]).toEqual([]);
    town.manual.advance(1);
    await town.work();
    expect(town.graphRequests()).toHaveLength(1);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it.each<['graph' | 'booking', 'seconds' | 'date']>([
    ['graph', 'seconds'],
    ['graph', 'date'],
    ['booking', 'seconds'],
    ['booking', 'date'],
  ])('%s, told in %s while it is written: to the second', async (system, as) => {
    const { town, meeting, booking } = await openTown();
    if (system === 'booking') await town.change(1, meeting, { subject: 'renamed' });
    else await town.person('PUT', `events/${booking}`, { name: 'renamed' });
    const match = { method: system === 'booking' ? 'PUT' : 'PATCH' };
    const retryAfter = { seconds: 75, as };
    town[system].faults.add({ match, status: 429, retryAfter, body: THROTTLED });
    const asked = town.clock.now();
    expect(await town.run()).toMatchObject({ outcome: 'partial', blockedUntil: asked + 75_000 });
    const { statusReason } = await town.storedPair();
    expect(statusReason).toMatch(system === 'graph' ? /Graph.*429/ : /booking system.*429/);
    expect(statusReason).toMatch(/nothing to do/);
    town.forgetRequests();
    town.manual.advance(74_999);
    await town.tick();
    expect([...town.graphRequests(), ...town.bookingRequests()]).toEqual([]);
    town.manual.advance(1);
    await town.work();
    expect(town.writes()).toHaveLength(1);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });

  it('and both are, where both ask', async () => {
    const { town } = await openTown();
    for (const [system, seconds] of [
      ['graph', 90],
      ['booking', 20],
    ] as const)
      town[system].faults.add({
        match: { method: 'GET' },
        status: 429,
        retryAfter: { seconds },
        body: THROTTLED,
      });
    const report = await town.run();
    expect(report.error?.message).toMatch(/side a: booking system.*side b: Graph/);
    town.forgetRequests();
    town.manual.advance(89_000);
    await town.tick();
    expect(town.graphRequests()).toEqual([]);
    await recovered(town);
  });

  it('also where an event moved on under our hands in the same batch', async () => {
    const { town, booking } = await openTown();
    const other = await town.book(1, { title: 'other', ...bookingTimes(4, 9) });
    await town.settle();
    for (const id of [booking, other]) await town.person('PUT', `events/${id}`, { name: 'new' });
    const match = { method: 'PATCH' };
    town.graph.faults.add({
      match,
      status: 412,
      body: { error: { code: 'ErrorIrresolvableConflict' } },
    });
    town.graph.faults.add({ match, status: 429, retryAfter: { seconds: 90 }, body: THROTTLED });
    town.forgetRequests();
    await town.run();
    expect(town.graph.faults.fired).toBe(2);
    // The read, and the batch.
    expect(town.graphRequests()).toHaveLength(2);
    await recovered(town);
  });

  it('also by the other batches of one look at many events', async () => {
    const town = await Town.open({ brake: { deletionsMin: 100 } });
    const meetings: string[] = [];
    for (let index = 0; index < 22; index += 1)
      meetings.push(await town.meet(1, graphEvent(`meeting ${index}`, 2 + index, 9)));
    await town.settle();
    for (const meeting of meetings.slice(1)) await town.remove(1, meeting);
    const match = { path: '/events/' };
    town.graph.faults.add({ match, status: 429, retryAfter: { seconds: 90 }, body: THROTTLED });
    town.forgetRequests();
    await town.run();
    expect(town.graphRequests()).toHaveLength(2);
    expect(await town.schedule()).toHaveLength(22);
    await recovered(town);
    expect(await town.schedule()).toHaveLength(1);
  });

  it('for an hour at most, however absurd the time it asks for', async () => {
    const { town, booking } = await openTown();
    await town.person('PUT', `events/${booking}`, { name: 'renamed' });
    town.graph.faults.add({
      match: { method: 'PATCH' },
      status: 429,
      retryAfter: { seconds: 30 * 24 * 3600 },
      body: THROTTLED,
    });
    await town.tick();
    expect(town.graph.faults.fired).toBe(1);
    town.manual.advance(3_600_000);
    await recovered(town);
  });

  it('and one job waits for that time, however often the pair is asked for meanwhile', async () => {
    const { town } = await openTown();
    const retryAfter = { seconds: 1800 };
    town.booking.faults.add({ match: { path: '/schedule' }, status: 429, retryAfter });
    for (let minute = 0; minute < 25; minute += 1) {
      await town.tick();
      await town.run();
      town.manual.advance(60_000);
    }
    expect(town.jobs).toHaveLength(1);
    town.manual.advance(5 * 60_000);
    town.forgetRequests();
    await town.work();
    expect(town.bookingRequests()).toHaveLength(1);
    expect(town.jobs).toEqual([]);
  });
});

describe('a system that does not answer', () => {
  it('is waited for once a run, and not once an event', async () => {
    const town = await Town.open();
    for (let index = 0; index < 12; index += 1)
      await town.meet(1, graphEvent(`meeting ${index}`, 2 + index, 9));
    const match = { method: 'POST', path: '/events' };
    town.booking.faults.add({ match, times: 100, delayMs: 31_000 });
    const from = town.clock.now();
    town.forgetRequests();
    await town.run();
    expect(town.bookingRequests().filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(town.clock.now() - from).toBe(31_000);
    await recovered(town);
    expect(await town.schedule()).toHaveLength(12);
  });
});

describe('an event that one system can never take', () => {
  it.each([1, 2, 3, 4])('keeps no other event waiting: booking %i', async (broken) => {
    const town = await Town.open();
    const meetings: string[] = [];
    for (let index = 0; index < 4; index += 1)
      meetings.push(await town.meet(1, graphEvent(`meeting ${index}`, 2 + index, 9)));
    await town.settle();
    const path = `/booking/events/${broken}`;
    town.booking.faults.add({ match: { method: 'PUT', path }, times: 1000, status: 500, body: '' });
    for (const [index, meeting] of meetings.entries())
      await town.change(1, meeting, { subject: `renamed ${index}` });
    await town.meet(1, graphEvent('new', 7, 9));
    for (let tick = 0; tick < 4; tick += 1) {
      await town.tick();
      town.manual.advance(5 * 60_000);
    }
    const names = (await town.schedule()).map(({ id, name }) => [id, name]);
    expect(names.filter(([id]) => id !== broken)).toEqual(
      names.filter(([id, name]) => id !== broken && /renamed|new/.test(String(name))),
    );
    expect(names).toHaveLength(5);
    expect(await town.storedPair()).toMatchObject({ status: 'error' });
    await recovered(town);
  });

  it('and gives the time it leaves to another one, once it can be taken', async () => {
    const { town, meeting } = await openTown();
    const other = await town.meet(1, graphEvent('other', 4, 9));
    await town.settle();
    const match = { method: 'PUT' };
    town.booking.faults.add({ match, times: 1000, status: 500, body: '' });
    await town.change(1, meeting, graphTimes(2, 14));
    await town.tick();
    await town.change(1, other, graphTimes(2, 9));
    for (let tick = 0; tick < 4; tick += 1) {
      await town.tick();
      town.manual.advance(5 * 60_000);
    }
    await recovered(town);
    expect(await town.schedule()).toHaveLength(3);
  });

  it('nor is a new meeting kept out for good by a booking that could not be cancelled', async () => {
    const { town, meeting } = await openTown();
    const match = { path: '/toggle-active' };
    town.booking.faults.add({ match, times: 1000, status: 500, body: '' });
    await town.remove(1, meeting);
    await town.meet(1, graphEvent('at the same time', 2, 9));
    for (let tick = 0; tick < 4; tick += 1) {
      await town.tick();
      town.manual.advance(5 * 60_000);
    }
    await recovered(town);
    expect(await town.schedule()).toHaveLength(2);
  });
});
