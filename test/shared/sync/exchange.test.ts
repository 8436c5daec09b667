import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import { BACKOFF_MAX_MS } from '../../../shared/sync/backoff.ts';
import { meeting, times } from '../../support/events.ts';
import { at, memoryWorld, ROOM } from '../../support/memory-world.ts';
import { settle, shown, withMethods } from './rooms.ts';

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

describe('an exchange of slots that is broken off half-way', () => {
  it('is not told as completed until both events are where they belong', async () => {
    const door = { isClosed: false };
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              write: async (resource, writes, context) =>
                door.isClosed && writes.some(({ kind }) => kind === 'resume')
                  ? writes.map(() => ({
                      kind: 'failed',
                      error: new BridgeError('unavailable', 'down'),
                    }))
                  : await bridge.write(resource, writes, context),
            }),
    });
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world, () => world.run());
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    door.isClosed = true;
    expect(await world.run()).toMatchObject({ outcome: 'partial' });
    expect(shown(world.b)).toHaveLength(1);
    world.clock.advance(BACKOFF_MAX_MS);
    expect(await world.run()).toMatchObject({ outcome: 'partial' });
    door.isClosed = false;
    world.clock.advance(BACKOFF_MAX_MS);
    expect(await world.run()).toMatchObject({ outcome: 'completed' });
    expect(shown(world.b)).toEqual(shown(world.a));
  });
});
