import { describe, expect, it } from 'vitest';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { slotOf } from '../../../shared/model/event.ts';
import { formatInstant } from '../../../shared/model/time.ts';
import { meeting, times } from '../../support/events.ts';
import { at, memoryWorld, OSLO, ROOM, type MemoryWorld } from '../../support/memory-world.ts';

function shown(bridge: MemoryBridge): string[] {
  return bridge
    .itemsOf(ROOM)
    .map(({ event }) => {
      const { start, end } = slotOf(event, OSLO);
      return `${event.title} | ${event.description} | ${formatInstant(start)}/${formatInstant(end)}`;
    })
    .sort();
}

/** Runs until a run has nothing to do; says what the last but one did. */
async function settle(world: MemoryWorld): Promise<void> {
  for (let run = 0; run < 4; run += 1) {
    const before = world.a.calendar.sequence + world.b.calendar.sequence;
    const report = await world.run();
    expect(report.outcome).toBe('completed');
    if (before === world.a.calendar.sequence + world.b.calendar.sequence) return;
  }
  throw new Error('four runs did not settle the pair');
}

async function equalAfterwards(world: MemoryWorld): Promise<void> {
  await settle(world);
  expect(shown(world.b)).toEqual(shown(world.a));
}

describe('a pair kept equal', () => {
  it('carries new events both ways and writes nothing on repeat', async () => {
    const world = await memoryWorld();
    world.a.calendar.create(ROOM, meeting('from a', at(2, 8), at(2, 9), { description: 'agenda' }));
    world.b.calendar.create(ROOM, meeting('from b', at(3, 8), at(3, 9)));
    await equalAfterwards(world);
    expect(shown(world.a)).toHaveLength(2);
    const writes = world.a.calendar.sequence + world.b.calendar.sequence;
    for (let run = 0; run < 5; run += 1) await world.run();
    expect(world.a.calendar.sequence + world.b.calendar.sequence).toBe(writes);
    expect((await world.storedPair()).status).toBe('synced');
  });

  it('carries edits both ways', async () => {
    const world = await memoryWorld();
    const a = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const b = world.b.calendar.create(ROOM, meeting('two', at(3, 8), at(3, 9)));
    await settle(world);
    world.clock.advance(60_000);
    world.a.calendar.edit(a.id, times(at(4, 8), at(4, 9)));
    world.b.calendar.edit(b.id, { title: 'two, renamed' });
    await equalAfterwards(world);
    expect(shown(world.a).some((text) => text.startsWith('two, renamed'))).toBe(true);
  });

  it('ends the copy of what was ended, either way', async () => {
    const world = await memoryWorld();
    const a = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const b = world.b.calendar.create(ROOM, meeting('two', at(3, 8), at(3, 9)));
    await settle(world);
    world.a.calendar.remove(a.id);
    world.b.calendar.remove(b.id);
    await equalAfterwards(world);
    expect(shown(world.a)).toEqual([]);
    const states = (await world.mappings()).map(({ state }) => state);
    expect(states).toEqual(['cancelled', 'cancelled']);
  });

  it('brings back what was brought back', async () => {
    const world = await memoryWorld();
    const b = world.b.calendar.create(ROOM, meeting('two', at(3, 8), at(3, 9)));
    await settle(world);
    world.b.calendar.remove(b.id);
    await settle(world);
    expect(shown(world.a)).toEqual([]);
    world.b.calendar.change(b.id, { state: 'active' });
    await equalAfterwards(world);
    expect(shown(world.a)).toHaveLength(1);
  });

  it('exchanges the slots of two meetings on a side that refuses overlaps', async () => {
    const world = await memoryWorld();
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world);
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    await equalAfterwards(world);
    expect(world.b.itemsOf(ROOM)).toHaveLength(2);
    expect((await world.mappings()).every(({ suspended }) => suspended === undefined)).toBe(true);
  });
});
