import { describe, expect, it } from 'vitest';
import type { BridgeWrite, CalendarBridge } from '../../../shared/bridges/bridge.ts';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { ExternalId, Side } from '../../../shared/model/ids.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import { meeting, times } from '../../support/events.ts';
import { at, memoryWorld, ROOM, type WorldOptions } from '../../support/memory-world.ts';
import { mortalWorld, type MortalWorld } from './mortal-world.ts';
import { settle, shown, withMethods } from './rooms.ts';

/** A world whose process dies when a write of this kind to this side is done and not answered. */
async function diesAfter(
  kind: BridgeWrite['kind'],
  on: Side,
  options: WorldOptions = {},
): Promise<MortalWorld & { readonly arm: (kind?: BridgeWrite['kind']) => void }> {
  let isArmed = false;
  let deadly = kind;
  let world: MortalWorld | undefined;
  const wrap = (side: Side, bridge: CalendarBridge): CalendarBridge =>
    withMethods(bridge, {
      write: async (resource, writes, context) => {
        const outcomes = await bridge.write(resource, writes, context);
        if (side === on && isArmed && writes.some((write) => write.kind === deadly)) {
          isArmed = false;
          world?.process.kill();
        }
        return outcomes;
      },
    });
  world = await mortalWorld({ ...options, wrap });
  return {
    ...world,
    arm: (next = kind) => {
      deadly = next;
      isArmed = true;
    },
  };
}

/** It died when a copy in `a` was made and not answered; somebody took that copy away before it revived. */
async function losesUnansweredCopy(): Promise<MortalWorld> {
  const mortal = await diesAfter('create', 'a');
  const { world, run, arm, revive } = mortal;
  world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
  arm();
  await run();
  for (const { id } of world.a.itemsOf(ROOM)) world.a.calendar.remove(id);
  revive();
  return mortal;
}

async function equalAfterwards({ world, run }: MortalWorld): Promise<void> {
  await settle(world, run);
  expect(shown(world.b)).toEqual(shown(world.a));
}

/** The event of 2, 8 to 9 is moved, its update is done and not answered, and it is moved back. */
async function isTakenBack(
  mortal: Awaited<ReturnType<typeof diesAfter>>,
  { calendar }: Pick<MemoryBridge, 'calendar'>,
  id: ExternalId,
): Promise<void> {
  const { world, run, arm, revive } = mortal;
  world.clock.advance(1000);
  calendar.edit(id, times(at(3, 8), at(3, 9)));
  arm('update');
  expect(await run()).toBeUndefined();
  world.clock.advance(1000);
  calendar.edit(id, times(at(2, 8), at(2, 9)));
  revive();
  await equalAfterwards(mortal);
}

describe('a write without a condition', () => {
  it('does not swallow what a person changes at the same moment', async () => {
    let isArmed = false;
    const wrap = (side: Side, bridge: MemoryBridge): CalendarBridge =>
      withMethods(bridge, {
        write: async (resource, writes, context) => {
          const [write] = writes;
          if (side === 'b' && isArmed && write?.kind === 'update') {
            isArmed = false;
            bridge.calendar.edit(write.id, { title: 'renamed at that moment' });
          }
          return await bridge.write(resource, writes, context);
        },
      });
    const world = await memoryWorld({ wrap });
    const event = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, world.run);
    world.clock.advance(1000);
    world.a.calendar.edit(event.id, times(at(3, 8), at(3, 9)));
    isArmed = true;
    await settle(world, world.run);
    expect(shown(world.b)).toEqual(shown(world.a));
    expect(shown(world.a)[0]).toContain('renamed at that moment');
  });
});

describe('a run after one that died', () => {
  it('does not take its own deletion for a person’s when the event was taken back', async () => {
    const mortal = await diesAfter('cancel', 'a');
    const { world, run, arm, revive } = mortal;
    const event = world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, run);
    world.clock.advance(1000);
    world.b.calendar.remove(event.id);
    arm();
    expect(await run()).toBeUndefined();
    world.b.calendar.change(event.id, { state: 'active' });
    revive();
    await equalAfterwards(mortal);
    expect(shown(world.b)).toHaveLength(1);
  });

  it.each(['a', 'b'] as const)(
    'carries over that a change was taken back whose update on side %s was not answered',
    async (side) => {
      const mortal = await diesAfter('update', side);
      const { world, run } = mortal;
      const origin = side === 'a' ? world.b : world.a;
      const event = origin.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      await settle(world, run);
      const [before] = shown(origin);
      await isTakenBack(mortal, origin, event.id);
      expect(shown(world.a)).toEqual([before]);
    },
  );

  it.each(['a', 'b'] as const)(
    'carries over that a change was taken back of a copy that was found on side %s',
    async (side) => {
      const mortal = await diesAfter('create', side, { conflictPolicy: side });
      const { world, run, arm, revive } = mortal;
      const origin = side === 'a' ? world.b : world.a;
      const event = origin.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      const [before] = shown(origin);
      arm();
      expect(await run()).toBeUndefined();
      revive();
      await isTakenBack(mortal, origin, event.id);
      expect(shown(world.a)).toEqual([before]);
    },
  );

  it.each(['a', 'b'] as const)(
    'finds the copy on side %s whose create was not answered',
    async (side) => {
      const mortal = await diesAfter('create', side);
      const { world, run, arm, revive } = mortal;
      const origin = side === 'a' ? world.b : world.a;
      origin.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      arm();
      expect(await run()).toBeUndefined();
      revive();
      await equalAfterwards(mortal);
      expect(shown(world.a)).toHaveLength(1);
    },
  );

  it.each(['a', 'b'] as const)(
    'carries an edit made meanwhile to the copy found on side %s',
    async (side) => {
      const mortal = await diesAfter('create', side);
      const { world, run, arm, revive } = mortal;
      const origin = side === 'a' ? world.b : world.a;
      const event = origin.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      arm();
      await run();
      world.clock.advance(1000);
      origin.calendar.edit(event.id, { title: 'edited meanwhile' });
      revive();
      await equalAfterwards(mortal);
      expect(shown(world.a)[0]).toContain('edited meanwhile');
    },
  );

  it('does what else is due in the run that finds a copy', async () => {
    const mortal = await diesAfter('create', 'b');
    const { world, run, arm, revive } = mortal;
    const two = world.a.calendar.create(ROOM, meeting('two', at(3, 8), at(3, 9)));
    const three = world.a.calendar.create(ROOM, meeting('three', at(4, 8), at(4, 9)));
    await settle(world, run);
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    arm();
    await run();
    world.clock.advance(1000);
    world.a.calendar.edit(two.id, { title: 'two, renamed' });
    world.a.calendar.remove(three.id);
    world.a.calendar.create(ROOM, meeting('four', at(5, 8), at(5, 9)));
    revive();
    expect(await run()).toMatchObject({ outcome: 'completed' });
    await equalAfterwards(mortal);
    expect(shown(world.a).map((text) => text.split(' | ')[0])).toEqual([
      'four',
      'one',
      'two, renamed',
    ]);
    expect((await mortal.storedPair()).status).toBe('synced');
  });

  it('makes a copy again that was made unanswered and then taken away', async () => {
    const mortal = await losesUnansweredCopy();
    const { world, run } = mortal;
    for (let look = 0; look < 4; look += 1) {
      await run();
      world.clock.advance(2 * MINUTE_MS);
    }
    await equalAfterwards(mortal);
    expect(shown(world.a)).toHaveLength(1);
  });

  it('makes such a copy as soon as it was looked for twice, a minute apart', async () => {
    const { world, run } = await losesUnansweredCopy();
    await run();
    expect(shown(world.a)).toEqual([]);
    world.clock.advance(MINUTE_MS);
    expect(await run()).toMatchObject({ outcome: 'completed' });
    expect(shown(world.a)).toHaveLength(1);
  });

  it('never makes an item active again that was ended while it was out of its slot', async () => {
    const mortal = await diesAfter('suspend', 'b');
    const { world, run, arm, revive } = mortal;
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world, run);
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    arm();
    await run();
    world.a.calendar.remove(one.id);
    world.a.calendar.remove(two.id);
    revive();
    expect(await run()).toMatchObject({ outcome: 'completed' });
    await equalAfterwards(mortal);
    expect(shown(world.b)).toEqual([]);
    expect((await mortal.mappings()).filter(({ suspended }) => suspended !== undefined)).toEqual(
      [],
    );
  });

  it('says so where the slot of a suspended item was taken by a person, and does not insist', async () => {
    const mortal = await diesAfter('suspend', 'b');
    const { world, run, arm, revive } = mortal;
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world, run);
    const before = world.b.itemsOf(ROOM);
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    arm();
    await run();
    // What the crash left inactive lost its slot; its owner takes both events back where they were.
    world.a.calendar.edit(one.id, times(at(2, 8), at(2, 9)));
    world.a.calendar.edit(two.id, times(at(2, 10), at(2, 11)));
    const [left] = world.b.itemsOf(ROOM);
    const suspended = before.find(({ id }) => id !== left?.id);
    if (suspended === undefined) throw new Error('nothing was suspended');
    const { start, timeZone, duration } = suspended.event;
    const taken = meeting('taken', at(2, 8), at(2, 9));
    const person = world.b.calendar.create(ROOM, { ...taken, start, timeZone, duration });
    revive();
    const report = await run();
    expect(report).toMatchObject({ outcome: 'completed' });
    expect(await mortal.storedPair()).toMatchObject({ status: 'conflict' });
    world.b.calendar.remove(person.id);
    await equalAfterwards(mortal);
    expect(shown(world.b)).toHaveLength(2);
    expect(await mortal.storedPair()).toMatchObject({ status: 'synced' });
  });
});

describe('a side that stands in the way', () => {
  it('is not asked again at once for an item it holds to be out of date', async () => {
    let staleLeft = 99;
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'b'
          ? bridge
          : withMethods(bridge, {
              // The version moves without the change feed saying so; a read by id shows it.
              readItems: async (...args) => {
                staleLeft = 0;
                return await bridge.readItems(...args);
              },
              write: async (resource, writes, context) => {
                if (staleLeft === 0 || writes.every(({ kind }) => kind !== 'update'))
                  return await bridge.write(resource, writes, context);
                staleLeft -= 1;
                return writes.map(() => ({ kind: 'stale' as const }));
              },
            }),
    });
    const event = world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    world.b.calendar.edit(event.id, { title: 'renamed' });
    expect(await world.run()).toMatchObject({ outcome: 'completed' });
    expect(shown(world.a)).toEqual(shown(world.b));
  });

  it('is left alone when it asks for time in the middle of an exchange of slots', async () => {
    let isThrottled = false;
    const reads = { a: 0, b: 0 };
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        withMethods(bridge, {
          readChanges: async (...args) => {
            reads[side] += 1;
            return await bridge.readChanges(...args);
          },
          write: async (resource, writes, context) => {
            if (side === 'b' && isThrottled)
              return writes.map(() => ({
                kind: 'failed' as const,
                error: new BridgeError('throttled', 'busy', { retryAfterMs: 30_000 }),
              }));
            return await bridge.write(resource, writes, context);
          },
        }),
    });
    const one = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    const two = world.a.calendar.create(ROOM, meeting('two', at(2, 10), at(2, 11)));
    await settle(world, () => world.run());
    world.a.calendar.edit(one.id, times(at(2, 10), at(2, 11)));
    world.a.calendar.edit(two.id, times(at(2, 8), at(2, 9)));
    isThrottled = true;
    const before = reads.b;
    await world.run();
    expect(reads.b).toBe(before + 1);
    isThrottled = false;
    expect((await world.run()).outcome).toBe('blocked');
    world.clock.advance(31_000);
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
    expect(world.b.itemsOf(ROOM)).toHaveLength(2);
  });

  it('is left alone as long as it asks when a write is refused altogether', async () => {
    let isThrottled = true;
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        withMethods(bridge, {
          write: async (...args) => {
            if (side === 'b' && isThrottled)
              throw new BridgeError('throttled', 'busy', { retryAfterMs: 30_000 });
            return await bridge.write(...args);
          },
        }),
    });
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    expect(await world.run()).toMatchObject({ outcome: 'failed', error: { kind: 'throttled' } });
    expect((await world.storedPair()).statusReason).toContain('side b');
    isThrottled = false;
    expect((await world.run()).outcome).toBe('blocked');
    world.clock.advance(31_000);
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
  });

  it('is read once a pass again after a cursor that was too old', async () => {
    let reads = 0;
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'b'
          ? bridge
          : withMethods(bridge, {
              readChanges: async (...args) => {
                reads += 1;
                return await bridge.readChanges(...args);
              },
            }),
    });
    world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await world.run();
    await world.run();
    world.a.calendar.expireCursors();
    await world.run();
    reads = 0;
    await world.run();
    expect(reads).toBe(1);
  });
});

describe('what people do with copies', () => {
  it('takes a copy somebody pasted for a new event', async () => {
    const world = await memoryWorld();
    world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    const [copy] = world.a.itemsOf(ROOM);
    if (copy?.stamp.state !== 'read') throw new Error('the copy has no stamp');
    const { stamp } = copy.stamp;
    world.a.calendar.create(ROOM, meeting('one', at(5, 8), at(5, 9)), { stamp });
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
    expect(shown(world.b)).toHaveLength(2);
  });

  it('takes what was pasted after its original had ended for a new event', async () => {
    const world = await memoryWorld();
    const event = world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    const [copy] = world.a.itemsOf(ROOM);
    if (copy?.stamp.state !== 'read') throw new Error('the copy has no stamp');
    world.b.calendar.remove(event.id);
    await settle(world, () => world.run());
    expect(shown(world.a)).toEqual([]);
    const { stamp } = copy.stamp;
    world.a.calendar.create(ROOM, meeting('one, later', at(5, 8), at(5, 9)), { stamp });
    await settle(world, () => world.run());
    expect(shown(world.a)).toHaveLength(1);
    expect(shown(world.b)).toEqual(shown(world.a));
  });

  it('still knows of a change that came while a former copy was there again', async () => {
    const world = await memoryWorld({ direction: 'aToB' });
    const event = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    const [first] = world.b.itemsOf(ROOM);
    if (first === undefined) throw new Error('there is no copy');
    world.b.calendar.remove(first.id);
    await settle(world, () => world.run());
    world.a.calendar.edit(event.id, times(at(3, 8), at(3, 9)));
    await settle(world, () => world.run());
    world.b.calendar.change(first.id, { state: 'active' });
    world.clock.advance(1000);
    world.a.calendar.edit(event.id, { title: 'renamed' });
    await world.run();
    expect((await world.storedPair()).status).toBe('conflict');
    world.b.calendar.remove(first.id);
    await settle(world, () => world.run());
    expect(shown(world.b)).toEqual(shown(world.a));
    expect((await world.storedPair()).status).toBe('synced');
  });
});

describe('what a bridge cannot carry for a while', () => {
  it('does not make the other copy’s changes be forgotten', async () => {
    let isSeries = false;
    const world = await memoryWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              readChanges: async (...args) => {
                const snapshot = await bridge.readChanges(...args);
                const items = snapshot.items.map((item) =>
                  isSeries
                    ? { ...item, unsupported: 'series' as const, version: { raw: 'series' } }
                    : item,
                );
                return { ...snapshot, items };
              },
            }),
    });
    const event = world.a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
    await settle(world, () => world.run());
    isSeries = true;
    await world.run();
    world.clock.advance(1000);
    world.a.calendar.edit(event.id, { title: 'renamed' });
    await world.run();
    expect(shown(world.b)).not.toEqual(shown(world.a));
    isSeries = false;
    await settle(world, () => world.run());
    expect(shown(world.a)[0]).toContain('renamed');
    expect(shown(world.b)).toEqual(shown(world.a));
  });
});
