import { describe, expect, it } from 'vitest';
import { meeting, times } from '../../support/events.ts';
import { at, memoryWorld, ROOM } from '../../support/memory-world.ts';
import { settle, shown } from './rooms.ts';

describe('an exchange of slots on a system that can neither overlap nor suspend', () => {
  it('waits for a person, loses nothing, and is done once one of the two was moved', async () => {
    const world = await memoryWorld({ b: { capabilities: { suspends: false } } });
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world, () => world.run());
    const before = shown(world.b);
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(before);
    expect(await world.storedPair()).toMatchObject({ status: 'conflict' });
    const rows = await world.mappings();
    expect(rows.map(({ rule }) => rule)).toEqual(['slots-exchanged', 'slots-exchanged']);

    const sequence = world.b.calendar.sequence;
    await world.run();
    expect(await world.mappings()).toEqual(rows);
    expect(world.b.calendar.sequence).toBe(sequence);

    world.a.calendar.edit(one.id, times(at(3, 8), at(3, 9)));
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
    expect(await world.storedPair()).toMatchObject({ status: 'synced' });
  });
});
