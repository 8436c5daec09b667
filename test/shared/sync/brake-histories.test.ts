import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HoldService } from '../../../shared/sync/holds.ts';
import { Actor, history, type Manners } from '../../arbitraries/histories.ts';
import { memoryWorld, TENANT, type WorldOptions } from '../../support/memory-world.ts';
import { BOTH_TELL, settle, shown } from './rooms.ts';

describe('whatever people do while holds are opened and approved', () => {
  const systems: readonly { name: string; options: WorldOptions; manners: Manners }[] = [
    {
      name: 'Outlook and a booking system',
      options: {},
      manners: { isCalm: true, stampless: 'b' },
    },
    { name: 'two systems that tell changes', options: BOTH_TELL, manners: { isCalm: true } },
  ];

  it.each(systems)('both sides end up equal: $name', async ({ options, manners }) => {
    const decidedAfter = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(history, decidedAfter, async (steps, choices) => {
        const brake = { deletionsMin: 0, deletionsPercent: 0, createsMin: 0 };
        const world = await memoryWorld({ conflictPolicy: 'a', ...options, brake });
        const { clock, stores } = world;
        const holds = new HoldService({
          clock,
          store: stores.sync,
          work: stores.work,
          queue: { send: async () => {} },
        });
        const approve = async (): Promise<void> => {
          for (const { id, state } of await holds.list(TENANT))
            if (state === 'open') await holds.decide(TENANT, id, 'approve', 'kari');
        };
        let turn = 0;
        const run = async () => {
          if (choices[(turn += 1) % choices.length] === true) await approve();
          return await world.run();
        };
        const sureRun = async (): Promise<void> => {
          for (let runs = 0; runs < 4; runs += 1) {
            await world.run();
            await approve();
          }
        };
        const actor = new Actor({ ...world, run, sureRun }, manners);
        actor.begin();
        await actor.play(steps);
        await sureRun();
        await settle(world, () => world.run());
        expect(shown(world.b)).toEqual(shown(world.a));
        expect(await world.storedPair()).toMatchObject({ status: 'synced' });
        const left = (await holds.list(TENANT)).filter(({ closedAt }) => closedAt === undefined);
        expect(left).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
