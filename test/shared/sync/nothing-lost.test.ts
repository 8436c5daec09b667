import { describe, expect, it } from 'vitest';
import type { CalendarBridge, WriteOutcome } from '../../../shared/bridges/bridge.ts';
import { BridgeError } from '../../../shared/model/errors.ts';
import { BACKOFF_MAX_MS } from '../../../shared/sync/backoff.ts';
import { meeting } from '../../support/events.ts';
import { at, memoryWorld, ROOM, type MemoryWorld } from '../../support/memory-world.ts';
import { BOTH_TELL, settle, shown, withMethods } from './rooms.ts';

/** A world whose side a takes no creates while `isClosed`. */
async function closingWorld(outcome: WriteOutcome, more = BOTH_TELL) {
  const door = { isClosed: false };
  const world = await memoryWorld({
    ...more,
    wrap: (side, bridge): CalendarBridge =>
      side === 'b'
        ? bridge
        : withMethods(bridge, {
            write: async (resource, writes, context) =>
              door.isClosed && writes.some(({ kind }) => kind === 'create')
                ? writes.map(() => outcome)
                : await bridge.write(resource, writes, context),
          }),
  });
  return { ...world, door };
}

async function ended(world: MemoryWorld): Promise<void> {
  const [item] = world.a.itemsOf(ROOM);
  if (item === undefined) throw new Error('no item');
  world.a.calendar.remove(item.id);
}

describe('a copy that is to be made again, and cannot be', () => {
  const refusals: readonly [string, WriteOutcome][] = [
    ['fails', { kind: 'failed', error: new BridgeError('unavailable', 'it is down') }],
    ['finds its slot taken', { kind: 'slot-taken', detail: 'held by another' }],
    ['was made and is not found', { kind: 'duplicate' }],
  ];

  it.each(refusals)(
    '%s: the edit that beat its end stays, and is carried over later',
    async (_what, outcome) => {
      const { door, ...world } = await closingWorld(outcome);
      const event = world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      await settle(world, () => world.run());
      await ended(world);
      world.clock.advance(1000);
      world.b.calendar.edit(event.id, { title: 'edited' });
      door.isClosed = true;
      for (let run = 0; run < 4; run += 1) {
        await world.run({ complete: run === 3 });
        world.clock.advance(61_000);
      }
      expect(world.b.itemsOf(ROOM)).toHaveLength(1);
      door.isClosed = false;
      // What failed by itself rests for a while.
      world.clock.advance(BACKOFF_MAX_MS);
      await world.run({ complete: true });
      await settle(world, () => world.run());
      expect(shown(world.b)).toHaveLength(1);
      expect(shown(world.a)).toEqual(shown(world.b));
    },
  );

  it.each(refusals)(
    '%s: an event that was brought back is not ended again',
    async (_what, outcome) => {
      const { door, ...world } = await closingWorld(outcome);
      const event = world.b.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
      await settle(world, () => world.run());
      world.b.calendar.remove(event.id);
      await settle(world, () => world.run());
      expect(shown(world.a)).toEqual([]);
      world.b.calendar.change(event.id, { state: 'active' });
      door.isClosed = true;
      for (let run = 0; run < 4; run += 1) {
        await world.run({ complete: run === 3 });
        world.clock.advance(61_000);
      }
      expect(world.b.itemsOf(ROOM)).toHaveLength(1);
    },
  );
});
