import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../shared/model/time.ts';
import { meeting, times } from '../../support/events.ts';
import { at, memoryWorld, OTHER_ROOM, ROOM, type MemoryWorld } from '../../support/memory-world.ts';
import { settle, shown } from './rooms.ts';

async function quiet(world: MemoryWorld): Promise<void> {
  await settle(world, () => world.run());
}

function onlyCopy(world: MemoryWorld) {
  const [copy, ...more] = world.a.itemsOf(ROOM);
  if (copy === undefined || more.length > 0) throw new Error('side a has not one item');
  return copy;
}

describe('an item that only its own system may change', () => {
  it('has its copy put back once, then a person is asked, until its owner changes it', async () => {
    const world = await memoryWorld();
    const allocation = world.b.calendar.create(ROOM, meeting('football', at(2, 8), at(2, 9)), {
      rights: 'none',
    });
    await quiet(world);
    const owned = shown(world.b);
    const copy = onlyCopy(world);

    world.clock.advance(1000);
    world.a.calendar.edit(copy.id, { title: 'mine' });
    await quiet(world);
    expect(shown(world.a)).toEqual(owned);

    world.clock.advance(1000);
    world.a.calendar.edit(copy.id, { title: 'mine, I say' });
    await quiet(world);
    expect(shown(world.a)[0]).toContain('mine, I say');
    expect(shown(world.b)).toEqual(owned);
    expect((await world.storedPair()).status).toBe('conflict');

    world.clock.advance(1000);
    world.b.calendar.edit(allocation.id, { title: 'handball' });
    await quiet(world);
    expect(shown(world.a)).toEqual(shown(world.b));
    expect((await world.storedPair()).status).toBe('synced');

    world.clock.advance(1000);
    world.a.calendar.edit(copy.id, { title: 'mine again' });
    await quiet(world);
    expect(shown(world.a)).toEqual(shown(world.b));
  });

  it('has its copy made again when that is taken away', async () => {
    const world = await memoryWorld();
    world.b.calendar.create(ROOM, meeting('football', at(2, 8), at(2, 9)), { rights: 'none' });
    await quiet(world);
    world.a.calendar.remove(onlyCopy(world).id);
    await quiet(world);
    expect(shown(world.a)).toEqual(shown(world.b));
  });

  it('is not cancelled for all its rooms when one room’s copy is deleted', async () => {
    const world = await memoryWorld();
    const booking = world.b.calendar.create(ROOM, meeting('fair', at(2, 8), at(2, 9)), {
      alsoOn: [OTHER_ROOM],
    });
    await quiet(world);
    world.a.calendar.remove(onlyCopy(world).id);
    await quiet(world);
    expect(world.b.calendar.get(booking.id)?.state).toBe('active');
    expect((await world.storedPair()).status).toBe('conflict');
  });
});

describe('a copy taken away before it was ever read', () => {
  it('is missed, though the list looks as it did before it was made', async () => {
    const world = await memoryWorld();
    world.b.calendar.create(ROOM, meeting('old', at(3, 8), at(3, 9)));
    await quiet(world);
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await world.run();
    const copy = world.b.itemsOf(ROOM).find(({ event }) => event.title === 'one');
    if (copy === undefined) throw new Error('there is no copy');
    world.b.calendar.remove(copy.id);
    await quiet(world);
    expect(shown(world.a)).toEqual(shown(world.b));
  });
});

describe('the past', () => {
  it('yesterday’s meeting that is dragged to tomorrow takes tomorrow’s slot', async () => {
    const world = await memoryWorld();
    const event = world.a.calendar.create(ROOM, meeting('one', at(0, 8), at(0, 9)));
    await quiet(world);
    world.clock.advance(DAY_MS);
    world.a.calendar.edit(event.id, { description: 'minutes' });
    await quiet(world);
    expect(shown(world.b)[0]).not.toContain('minutes');
    world.clock.advance(1000);
    world.a.calendar.edit(event.id, times(at(2, 8), at(2, 9)));
    await quiet(world);
    expect(shown(world.b)).toEqual(shown(world.a));
  });

  it('is kept on the other side when it is deleted on one', async () => {
    const world = await memoryWorld();
    const event = world.a.calendar.create(ROOM, meeting('one', at(0, 8), at(0, 9)));
    await quiet(world);
    world.clock.advance(DAY_MS);
    world.a.calendar.remove(event.id);
    await quiet(world);
    expect(shown(world.b)).toHaveLength(1);
  });
});
