import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarBridge } from '../../../shared/bridges/bridge.ts';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import type { BridgeCapabilities } from '../../../shared/model/capabilities.ts';
import { SIDES, type Side } from '../../../shared/model/ids.ts';
import { Actor, history } from '../../arbitraries/histories.ts';
import {
  LIKE_BOOKING,
  LIKE_OUTLOOK,
  memoryWorld,
  type MemoryWorld,
  type WorldOptions,
} from '../../support/memory-world.ts';
import { settle, shown, withMethods } from './rooms.ts';

const ABLE: Partial<BridgeCapabilities> = {
  changes: 'delta',
  exclusiveSlots: false,
  stamps: true,
  lastModified: true,
  canBlank: true,
  conditionalWrites: true,
  writesPerRequestMax: 20,
};

interface Systems {
  readonly name: string;
  readonly sides: WorldOptions;
  /** The side whose lists do not show descriptions. */
  readonly hides?: Side;
}

const SYSTEMS: readonly Systems[] = [
  {
    name: 'Outlook and a booking system',
    sides: { b: { hidden: ['description'] } },
    hides: 'b',
  },
  {
    name: 'a booking system and Outlook',
    sides: {
      a: { capabilities: LIKE_BOOKING, hidden: ['description'] },
      b: { capabilities: { ...ABLE, ...LIKE_OUTLOOK } },
    },
    hides: 'a',
  },
  {
    name: 'two systems that tell changes',
    sides: { a: { capabilities: ABLE }, b: { capabilities: ABLE } },
  },
];

async function quiet(world: MemoryWorld): Promise<void> {
  const changes = () => world.a.calendar.sequence + world.b.calendar.sequence;
  const rows = JSON.stringify(await world.mappings());
  const before = changes();
  const sent = world.sent.length;
  const report = await world.run();
  expect(report.outcome).toBe('completed');
  expect(changes()).toBe(before);
  expect(JSON.stringify(await world.mappings())).toBe(rows);
  expect(world.sent).toHaveLength(sent);
}

const policies = fc.constantFrom('a' as const, 'b' as const, 'lastModified' as const);

describe.each(SYSTEMS)('after any calm history of $name', ({ sides, hides }) => {
  const manners = { isCalm: true, ...(hides === undefined ? {} : { hides }) };

  it('both sides say the same, each event once, and nothing more is written', async () => {
    await fc.assert(
      fc.asyncProperty(history, policies, async (steps, conflictPolicy) => {
        const world = await memoryWorld({ ...sides, conflictPolicy });
        const actor = new Actor(world, manners);
        actor.begin();
        await actor.play(steps);
        await settle(world, () => world.run());
        expect(shown(world.b)).toEqual(shown(world.a));
        expect((await world.storedPair()).status).toBe('synced');
        await quiet(world);
      }),
      { numRuns: 50 },
    );
  });

  it.each(SIDES)('the follower has what side %s owns, each event once', async (owner) => {
    const direction = owner === 'a' ? 'aToB' : 'bToA';
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const world = await memoryWorld({ ...sides, direction });
        const actor = new Actor(world, { ...manners, owner });
        actor.begin();
        await actor.play(steps);
        const before = shown(world[owner]);
        await settle(world, () => world.run());
        const owned = shown(world[owner]);
        expect(owned).toEqual(before);
        const follower = shown(world[owner === 'a' ? 'b' : 'a']);
        for (const text of new Set(owned))
          expect(follower.filter((other) => other === text)).toHaveLength(
            owned.filter((other) => other === text).length,
          );
        await quiet(world);
      }),
      { numRuns: 40 },
    );
  });
});

/** Fails the run at a write to what is not ours to write. */
function guarded(side: Side, bridge: MemoryBridge, world: () => MemoryWorld): CalendarBridge {
  return withMethods(bridge, {
    write: async (resource, writes, context) => {
      const mapped = new Set((await world().mappings()).map((mapping) => mapping[side]?.id));
      for (const write of writes) {
        if (write.kind === 'create') continue;
        expect(bridge.calendar.get(write.id)?.rights).toBe('full');
        expect(mapped).toContain(write.id);
      }
      return await bridge.write(resource, writes, context);
    },
  });
}

describe.each(SYSTEMS)('after any history at all of $name', ({ sides }) => {
  const settings = fc.record({
    direction: fc.constantFrom('both' as const, 'aToB' as const, 'bToA' as const),
    conflictPolicy: fc.constantFrom(
      'a' as const,
      'b' as const,
      'lastModified' as const,
      'flag' as const,
    ),
  });

  it('a pair becomes quiet, and nothing foreign was written', async () => {
    await fc.assert(
      fc.asyncProperty(history, settings, async (steps, options) => {
        let world: MemoryWorld | undefined;
        const trouble: unknown[] = [];
        const wrap = (side: Side, bridge: MemoryBridge): CalendarBridge =>
          guarded(side, bridge, () => world as MemoryWorld);
        world = await memoryWorld({ ...sides, ...options, wrap });
        const stage = { ...world, run: async () => trouble.push((await world?.run())?.error) };
        const actor = new Actor(stage, { isCalm: false });
        actor.begin();
        await actor.play(steps);
        await settle(world, async () => {
          const report = await world?.run();
          trouble.push(report?.error);
          return report;
        });
        expect(trouble.filter((error) => error !== undefined)).toEqual([]);
        await quiet(world);
      }),
      { numRuns: 50 },
    );
  });
});
