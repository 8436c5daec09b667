import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meeting, times } from '../../support/events.ts';
import { at, ROOM, type WorldOptions } from '../../support/memory-world.ts';
import { Actor, history, type Manners } from '../../arbitraries/histories.ts';
import { mortalWorld, type MortalWorld } from './mortal-world.ts';
import { BOTH_TELL, settle, shown } from './rooms.ts';

/** Rooms that are equal, and then all at once: new, changed, exchanged and ended on both sides. */
async function busyWorld(options: WorldOptions): Promise<MortalWorld> {
  const mortal = await mortalWorld({ conflictPolicy: 'a', ...options });
  const { world, run } = mortal;
  const { a, b, clock } = world;
  const onA = [1, 2, 3, 4].map((day) =>
    a.calendar.create(ROOM, meeting(`a${day}`, at(day, 8), at(day, 9), { description: 'x' })),
  );
  const onB = [1, 2, 3].map((day) =>
    b.calendar.create(ROOM, meeting(`b${day}`, at(day, 12), at(day, 13), { description: 'y' })),
  );
  await settle(world, run);
  clock.advance(1000);
  const [one, two, three, four] = onA;
  const [five, six] = onB;
  if (!one || !two || !three || !four || !five || !six) throw new Error('events are missing');
  a.calendar.edit(one.id, times(at(2, 8), at(2, 9)));
  a.calendar.edit(two.id, times(at(1, 8), at(1, 9)));
  a.calendar.edit(three.id, { title: 'a3, renamed' });
  a.calendar.remove(four.id);
  b.calendar.remove(five.id);
  b.calendar.edit(six.id, times(at(9, 12), at(9, 13)));
  a.calendar.create(ROOM, meeting('a5', at(5, 8), at(5, 9), { description: 'x' }));
  b.calendar.create(ROOM, meeting('b5', at(5, 12), at(5, 13), { description: 'y' }));
  clock.advance(1000);
  return mortal;
}

async function callsOfARun(options: WorldOptions): Promise<number> {
  const { process, run } = await busyWorld(options);
  const before = process.calls;
  await run();
  return process.calls - before;
}

describe.each([
  { name: 'Outlook and a booking system', options: {} },
  { name: 'two systems that tell changes', options: BOTH_TELL },
])('a process that dies at one of its calls: $name', ({ options }) => {
  it.each(['before', 'after'] as const)('%s its effect leaves nothing behind', async (when) => {
    const calm = await busyWorld(options);
    await settle(calm.world, calm.run);
    const expected = shown(calm.world.a);
    expect(shown(calm.world.b)).toEqual(expected);
    expect(expected).toHaveLength(7);
    const calls = await callsOfARun(options);
    expect(calls).toBeGreaterThan(10);
    for (let call = 1; call <= calls; call += 1) {
      const mortal = await busyWorld(options);
      mortal.process.dieAt(call, when);
      expect(await mortal.run(), `died ${when} call ${call}`).toBeUndefined();
      mortal.revive();
      await settle(mortal.world, mortal.run);
      expect(shown(mortal.world.a), `a, died ${when} call ${call}`).toEqual(expected);
      expect(shown(mortal.world.b), `b, died ${when} call ${call}`).toEqual(expected);
      expect((await mortal.storedPair()).status).toBe('synced');
    }
  });
});

describe('a process that dies again and again', () => {
  it('loses no event and makes none twice, whatever people do meanwhile', async () => {
    const deaths = fc.array(
      fc.record({
        call: fc.integer({ min: 1, max: 40 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      { minLength: 1, maxLength: 5 },
    );
    const systems = fc.constantFrom<{ options: WorldOptions; manners: Manners }>(
      { options: {}, manners: { isCalm: true, stampless: 'b' } },
      { options: BOTH_TELL, manners: { isCalm: true } },
    );
    await fc.assert(
      fc.asyncProperty(history, deaths, systems, async (steps, ends, { options, manners }) => {
        const mortal = await mortalWorld({ conflictPolicy: 'a', ...options });
        const { world, process } = mortal;
        const left = [...ends];
        const run = async () => {
          const next = left.shift();
          if (next !== undefined) process.dieAt(next.call, next.when);
          const report = await mortal.run();
          if (process.isDead) mortal.revive();
          else process.restart();
          return report;
        };
        const stage = { ...world, mappings: mortal.mappings, run, sureRun: mortal.run };
        const actor = new Actor(stage, manners);
        actor.begin();
        await actor.play(steps);
        while (left.length > 0) await run();
        // A copy that was made and taken away unheard is looked for twice, a minute apart.
        for (let look = 0; look < 3; look += 1) {
          await settle(world, mortal.run);
          world.clock.advance(61_000);
        }
        expect(shown(world.b)).toEqual(shown(world.a));
        expect((await mortal.storedPair()).status).toBe('synced');
      }),
      { numRuns: 150 },
    );
  });
});
