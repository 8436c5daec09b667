import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, Town } from '../support/town.ts';

const ROOMS = [1, 2, 3, 4, 5];
const EVENTS = 40;

/** Rooms full on both sides: half of the events of each were made in Outlook, half were booked. */
async function fullTown(): Promise<Town> {
  const events = ROOMS.flatMap((room) =>
    Array.from({ length: EVENTS / 2 }, (_, index) => ({
      id: room * 1000 + index,
      name: `booking ${room}/${index}`,
      description: `about booking ${index}`,
      resources: [room],
      ...bookingTimes(2 + index, 8),
    })),
  );
  const town = await Town.open({ rooms: ROOMS.length, booking: { events: events as never } });
  for (const room of ROOMS)
    for (let index = 0; index < EVENTS / 2; index += 1) {
      const body = { contentType: 'text', content: `about meeting ${index}` };
      await town.meet(room, graphEvent(`meeting ${room}/${index}`, 2 + index, 12, { body }));
    }
  await town.settle();
  return town;
}

/** The same, of which nothing was made by the bridge: people entered all of it in both systems. */
async function twiceEnteredTown(): Promise<Town> {
  const events = ROOMS.flatMap((room) =>
    Array.from({ length: EVENTS }, (_, index) => ({
      id: room * 1000 + index,
      name: `event ${room}/${index}`,
      description: `about ${index}`,
      resources: [room],
      ...bookingTimes(2 + index, 8),
    })),
  );
  const town = await Town.open({ rooms: ROOMS.length, booking: { events: events as never } });
  for (const room of ROOMS)
    for (let index = 0; index < EVENTS; index += 1) {
      const body = { contentType: 'text', content: `about ${index}` };
      await town.meet(room, graphEvent(`event ${room}/${index}`, 2 + index, 8, { body }));
    }
  return town;
}

/** What two ticks have written, and every room of which something is not linked and equal. */
async function unlinked(town: Town): Promise<readonly unknown[]> {
  const found: unknown[] = [...town.writes()];
  for (const room of ROOMS) {
    const mappings = await town.mappings(room);
    const counts = {
      outlook: (await town.calendar(room)).length,
      booking: (await town.schedule(room)).length,
      linked: mappings.filter(({ state, a, b }) => state === 'synced' && a && b).length,
      status: (await town.storedPair(room)).status,
    };
    const whole = { outlook: EVENTS, booking: EVENTS, linked: EVENTS, status: 'synced' };
    if (JSON.stringify(counts) !== JSON.stringify(whole) || mappings.length !== EVENTS)
      found.push({ room, mappings: mappings.length, ...counts });
  }
  return [...found, ...(await town.holds.list(town.pairOf(1).tenantId))];
}

describe('every row of every pair deleted while both calendars are full', () => {
  it('is found again by the stamps in Outlook: all is linked, nothing is written', async () => {
    const town = await fullTown();
    await town.loseRows();
    town.forgetRequests();
    await town.tick();
    await town.tick();
    expect(await unlinked(town)).toEqual([]);
  });

  it('is found again by content alone where no item has a stamp', async () => {
    const town = await twiceEnteredTown();
    town.forgetRequests();
    await town.tick();
    await town.tick();
    expect(await unlinked(town)).toEqual([]);
  });

  it('goes on as before: a change and an end cross once', async () => {
    const town = await fullTown();
    await town.loseRows();
    await town.settle();
    await town.person('PUT', 'events/1000', { name: 'renamed' });
    await town.person('PATCH', 'events/1001/toggle-active', { active: 0 });
    const meeting = (await town.calendar()).find((one) => one['subject'] === 'meeting 1/3');
    await town.remove(1, String(meeting?.['id']));
    town.forgetRequests();
    await town.tick();
    expect(town.writes().length).toBeGreaterThanOrEqual(3);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(await town.calendar()).toHaveLength(EVENTS - 2);
  });
});
