import { describe, expect, it } from 'vitest';
import type { CalendarBridge } from '../../../shared/bridges/bridge.ts';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import type { HoldDecision } from '../../../shared/model/hold.ts';
import type { Endpoint, ResourceId, Side } from '../../../shared/model/ids.ts';
import { mappingProblems } from '../../../shared/model/mapping-problems.ts';
import type { Pair } from '../../../shared/model/pair.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import type { Stores } from '../../../shared/stores/stores.ts';
import { HoldService } from '../../../shared/sync/holds.ts';
import { meeting } from '../../support/events.ts';
import {
  at,
  memoryWorld,
  OTHER_ROOM,
  ROOM,
  TENANT,
  type WorldOptions,
} from '../../support/memory-world.ts';
import { mortalWorld, type MortalWorld } from './mortal-world.ts';
import { BOTH_TELL, settle, shown, withMethods } from './rooms.ts';

function holdsOf(stores: Stores, clock: { now(): ReturnType<typeof at> }): HoldService {
  const queue = { send: async () => {} };
  return new HoldService({ clock, store: stores.sync, work: stores.work, queue });
}

/** Five equal events of which four were then taken away on side a. */
async function lossyWorld(options: WorldOptions): Promise<MortalWorld & { holds: HoldService }> {
  const mortal = await mortalWorld({ ...options, brake: { deletionsMin: 3 } });
  const { world, run, stores } = mortal;
  for (let day = 1; day <= 5; day += 1)
    world.a.calendar.create(ROOM, meeting(`a${day}`, at(day, 8), at(day, 9)));
  await settle(world, run);
  world.clock.advance(1000);
  for (const { id } of world.a.itemsOf(ROOM).slice(0, 4)) world.a.calendar.remove(id);
  return { ...mortal, holds: holdsOf(stores, world.clock) };
}

/** Copies of which the audit says that they were ended. */
async function cancelled({ stores, world }: MortalWorld): Promise<number> {
  const to = (world.clock.now() + 1) as ReturnType<typeof at>;
  const range = { from: at(0, 0), to, limit: 1000 };
  const rows = await stores.audit.list(TENANT, range);
  return new Set(rows.filter(({ what }) => what === 'event.cancel').map((row) => row.targetId))
    .size;
}

function end(bridge: MemoryBridge, resource: ResourceId): Endpoint {
  return { bridge: bridge.key, resource };
}

async function ringPair(stores: Stores, a: Endpoint, b: Endpoint): Promise<Pair> {
  const settings = {
    direction: 'both',
    conflictPolicy: 'lastModified',
    syncEnabled: true,
  } as const;
  return (await stores.pairs.create({ tenantId: TENANT, a, b, ...settings })).pair;
}

async function callsOf(options: WorldOptions, decision?: HoldDecision): Promise<number> {
  const mortal = await lossyWorld(options);
  if (decision !== undefined) await decide(mortal, decision);
  const before = mortal.process.calls;
  await mortal.run();
  return mortal.process.calls - before;
}

async function decide(
  { run, holds }: Pick<MortalWorld, 'run'> & { holds: HoldService },
  decision: HoldDecision,
): Promise<void> {
  await run();
  const [hold] = await holds.list(TENANT);
  if (hold === undefined) throw new Error('nothing is held');
  await holds.decide(TENANT, hold.id, decision, 'kari');
}

describe.each([
  { name: 'Outlook and a booking system', options: {} },
  { name: 'two systems that tell changes', options: BOTH_TELL },
])('a process that dies while it holds deletions: $name', ({ options }) => {
  it.each(['before', 'after'] as const)(
    '%s a call ends nothing and leaves one hold',
    async (when) => {
      const calls = await callsOf(options);
      for (let call = 1; call <= calls; call += 1) {
        const mortal = await lossyWorld(options);
        mortal.process.dieAt(call, when);
        await mortal.run();
        mortal.revive();
        await mortal.run();
        await mortal.run();
        expect(mortal.world.b.itemsOf(ROOM), `died ${when} call ${call}`).toHaveLength(5);
        expect(await mortal.holds.list(TENANT), `died ${when} call ${call}`).toMatchObject([
          { state: 'open', side: 'a', items: 4 },
        ]);
        expect((await mortal.storedPair()).status).toBe('conflict');
      }
    },
  );

  it.each([
    ['approve', 'before', 1],
    ['approve', 'after', 1],
    ['reject', 'before', 5],
    ['reject', 'after', 5],
  ] as const)(
    'and is then told to %s, dying %s a call, comes to its end',
    async (decision, when, left) => {
      const calls = await callsOf(options, decision);
      for (let call = 1; call <= calls; call += 1) {
        const mortal = await lossyWorld(options);
        await decide(mortal, decision);
        mortal.process.dieAt(call, when);
        await mortal.run();
        mortal.revive();
        await settle(mortal.world, mortal.run);
        expect(mortal.world.b.itemsOf(ROOM), `died ${when} call ${call}`).toHaveLength(left);
        expect(shown(mortal.world.a), `died ${when} call ${call}`).toEqual(shown(mortal.world.b));
        expect((await mortal.storedPair()).status, `died ${when} call ${call}`).toBe('synced');
        expect(await cancelled(mortal), `died ${when} call ${call}`).toBe(5 - left);
        const [hold] = await mortal.holds.list(TENANT);
        expect(hold?.state, `died ${when} call ${call}`).toBe(
          decision === 'approve' ? 'approved' : 'rejected',
        );
        expect(hold?.closedAt, `died ${when} call ${call}`).toBeDefined();
      }
    },
  );
});

describe('many copies at once', () => {
  async function flooded() {
    const world = await memoryWorld({ ...BOTH_TELL, brake: { createsMin: 5 } });
    world.a.calendar.create(ROOM, meeting('first', at(1, 8), at(1, 9)));
    world.b.calendar.create(ROOM, meeting('second', at(1, 10), at(1, 11)));
    await settle(world, () => world.run());
    for (let day = 2; day <= 8; day += 1)
      world.a.calendar.create(ROOM, meeting(`new ${day}`, at(day, 8), at(day, 9)));
    await world.run();
    return { ...world, holds: holdsOf(world.stores, world.clock) };
  }

  it('are made where a pair is filled for the first time', async () => {
    const world = await memoryWorld({ ...BOTH_TELL, brake: { createsMin: 5 } });
    for (let day = 2; day <= 20; day += 1)
      world.a.calendar.create(ROOM, meeting(`new ${day}`, at(day, 8), at(day, 9)));
    await settle(world, () => world.run());
    expect(world.b.itemsOf(ROOM)).toHaveLength(19);
  });

  it('are made where a pair that had ended is mapped again', async () => {
    const world = await memoryWorld({ ...BOTH_TELL, brake: { createsMin: 5 } });
    const { stores, pair } = world;
    world.a.calendar.create(ROOM, meeting('first', at(1, 8), at(1, 9)));
    await settle(world, () => world.run());
    await stores.pairs.update(TENANT, pair.id, { active: false });
    for (let day = 2; day <= 20; day += 1)
      world.a.calendar.create(ROOM, meeting(`new ${day}`, at(day, 8), at(day, 9)));
    await stores.pairs.create(pair);
    await world.run();
    expect(world.b.itemsOf(ROOM)).toHaveLength(20);
  });

  it('wait for a person, and are made once that is approved', async () => {
    const world = await flooded();
    expect(world.b.itemsOf(ROOM)).toHaveLength(2);
    expect(await world.storedPair()).toMatchObject({ status: 'conflict' });
    world.a.calendar.create(ROOM, meeting('one more', at(9, 8), at(9, 9)));
    await world.run();
    await world.run();
    expect(await world.holds.list(TENANT)).toMatchObject([
      { kind: 'creates', side: 'b', items: 8, why: { rule: 'flood', count: 7, known: 2 } },
    ]);
    await decide({ run: async () => undefined, holds: world.holds }, 'approve');
    await settle(world, () => world.run());
    expect(world.b.itemsOf(ROOM)).toHaveLength(10);
    expect(shown(world.a)).toEqual(shown(world.b));
    expect(await world.storedPair()).toMatchObject({ status: 'synced' });
  });

  it('are refused with a reason once that is rejected, until one of them changes', async () => {
    const world = await flooded();
    await decide({ run: async () => undefined, holds: world.holds }, 'reject');
    await settle(world, () => world.run());
    await world.run({ complete: true });
    expect(world.b.itemsOf(ROOM)).toHaveLength(2);
    const refused = (await world.mappings()).filter(({ state }) => state === 'refused');
    expect(refused).toHaveLength(7);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['rejected']));
    expect(await world.storedPair()).toMatchObject({ status: 'synced' });
    world.clock.advance(1000);
    const item = world.a.itemsOf(ROOM).find(({ event }) => event.title === 'new 4');
    if (item === undefined) throw new Error('no item');
    world.a.calendar.edit(item.id, { title: 'wanted' });
    await settle(world, () => world.run());
    expect(world.b.itemsOf(ROOM)).toHaveLength(3);
  });
});

describe('a ring of mappings, which nobody should save', () => {
  it('finds its own copies, and makes each event once a room', async () => {
    const world = await memoryWorld(BOTH_TELL);
    const { a, b, stores, orchestrator } = world;
    const ends = {
      ar: end(a, ROOM),
      br: end(b, ROOM),
      ao: end(a, OTHER_ROOM),
      bo: end(b, OTHER_ROOM),
    };
    const ring: Pair[] = [world.pair];
    for (const [one, other] of [
      [ends.br, ends.ao],
      [ends.ao, ends.bo],
      [ends.bo, ends.ar],
    ] as const)
      ring.push(await ringPair(stores, one, other));
    for (let day = 1; day <= 4; day += 1)
      a.calendar.create(ROOM, meeting(`event ${day}`, at(day, 8), at(day, 9)));
    for (let cycle = 0; cycle < 6; cycle += 1) {
      for (const { tenantId, id: pairId } of ring)
        await orchestrator.run({ tenantId, pairId, cause: 'timer', options: {} });
      world.clock.advance(MINUTE_MS);
    }
    for (const bridge of [a, b])
      for (const room of [ROOM, OTHER_ROOM]) expect(bridge.itemsOf(room)).toHaveLength(4);
    const problems = mappingProblems(ring.slice(0, 3), ring[3] ?? world.pair);
    expect(problems.map(({ kind }) => kind)).toContain('cycle');
  });
});

/** A system that changes titles on its own after each write; the write's own answer is as written. */
function rewriting(
  bridge: MemoryBridge,
  rewrite: (title: string) => string,
  log: string[],
): CalendarBridge {
  return withMethods(bridge, {
    write: async (resource, writes, context) => {
      const outcomes = await bridge.write(resource, writes, context);
      for (const [index, outcome] of outcomes.entries()) {
        const item = 'item' in outcome ? outcome.item : undefined;
        if (item === undefined) continue;
        log.push(`${writes[index]?.kind ?? ''} ${item.event.title}`);
        bridge.calendar.edit(item.id, { title: rewrite(item.event.title) });
      }
      return outcomes;
    },
  });
}

describe('two systems that undo each other’s titles', () => {
  const LOUD: Readonly<Record<Side, (title: string) => string>> = {
    a: (title) => title.toUpperCase(),
    b: (title) => title.toLowerCase(),
  };

  async function quarrel() {
    const log: string[] = [];
    const world = await memoryWorld({
      ...BOTH_TELL,
      wrap: (side, bridge) => rewriting(bridge, LOUD[side], log),
    });
    world.a.calendar.create(ROOM, meeting('Title', at(2, 8), at(2, 9)));
    for (let run = 0; run < 12; run += 1) {
      await world.run();
      world.clock.advance(5 * MINUTE_MS);
    }
    return { ...world, log };
  }

  it('are paused after a few writes, and what differs is named', async () => {
    const { log, mappings, storedPair } = await quarrel();
    expect(log.length).toBeLessThanOrEqual(6);
    expect(await mappings()).toMatchObject([
      {
        state: 'conflict',
        rule: 'thrash',
        reason: expect.stringContaining('title keeps differing') as string,
        writes: { sinceSource: 3 },
      },
    ]);
    expect(await storedPair()).toMatchObject({ status: 'conflict' });
  });

  it('do not stop the rest of the pair', async () => {
    const { log: _, ...world } = await quarrel();
    world.a.calendar.create(ROOM, meeting('other', at(3, 8), at(3, 9)));
    await world.run();
    expect(world.b.itemsOf(ROOM)).toHaveLength(2);
  });

  it('are carried over again once a person changes the event, or asks for it', async () => {
    const { log, ...world } = await quarrel();
    const before = log.length;
    const [mapping] = await world.mappings();
    const [item] = world.a.itemsOf(ROOM);
    if (mapping === undefined || item === undefined) throw new Error('no event');
    await world.run({ retry: [mapping.id] });
    expect(log).toHaveLength(before + 1);
    for (let run = 0; run < 12; run += 1) await world.run();
    const paused = log.length;
    world.clock.advance(MINUTE_MS);
    world.a.calendar.edit(item.id, { title: 'A New One' });
    await world.run();
    expect(log.length).toBe(paused + 1);
    expect(log.at(-1)).toBe('update A New One');
  });

  it('a copy that somebody takes away each time is not made for ever', async () => {
    const world = await memoryWorld({ ...BOTH_TELL, direction: 'aToB' });
    world.a.calendar.create(ROOM, meeting('Title', at(2, 8), at(2, 9)));
    let made = 0;
    for (let run = 0; run < 10; run += 1) {
      await world.run();
      world.clock.advance(MINUTE_MS);
      for (const { id } of world.b.itemsOf(ROOM)) {
        made += 1;
        world.b.calendar.remove(id);
      }
    }
    expect(made).toBe(3);
    expect(await world.mappings()).toMatchObject([{ state: 'conflict', rule: 'thrash' }]);
  });
});
