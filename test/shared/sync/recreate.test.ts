import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { ExternalId } from '../../../shared/model/ids.ts';
import { meeting } from '../../support/events.ts';
import { at, ROOM, type WorldOptions } from '../../support/memory-world.ts';
import { mortalWorld, type MortalWorld } from './mortal-world.ts';
import { BOTH_TELL, settle, shown, withMethods } from './rooms.ts';

/** Creates on side b fail while it is on. */
interface Trouble {
  isOn: boolean;
}

/** An event that was changed on side a while its copy on side b was taken away. */
async function editedAndDeleted(
  options: WorldOptions,
  trouble: Trouble = { isOn: false },
): Promise<{ mortal: MortalWorld; original: ExternalId }> {
  const mortal = await mortalWorld({
    ...options,
    conflictPolicy: 'a',
    wrap: (side, bridge) =>
      withMethods(bridge, {
        write: async (resource, writes, context) =>
          trouble.isOn && side === 'b'
            ? writes.map(() => ({
                kind: 'failed',
                error: new BridgeError('unavailable', 'side b is down'),
              }))
            : await bridge.write(resource, writes, context),
      }),
  });
  const { a, b, clock } = mortal.world;
  const { id } = a.calendar.create(ROOM, meeting('one', at(2, 8), at(2, 9)));
  await settle(mortal.world, mortal.run);
  const [copy] = b.itemsOf(ROOM);
  if (copy === undefined) throw new Error('there is no copy');
  clock.advance(1000);
  b.calendar.remove(copy.id);
  a.calendar.edit(id, { title: 'one, renamed' });
  clock.advance(1000);
  return { mortal, original: id };
}

describe.each([
  { name: 'Outlook and a booking system', options: {} },
  { name: 'two systems that tell changes', options: BOTH_TELL },
])('an event that was changed while its copy was deleted: $name', ({ options }) => {
  /** What both sides show in the end. */
  async function outcomeOf({ world, run }: MortalWorld) {
    await settle(world, run);
    return { a: shown(world.a), b: shown(world.b) };
  }

  const lives = [expect.stringContaining('one, renamed')];

  it('lives on where the copy cannot be made again at once', async () => {
    const trouble = { isOn: false };
    const { mortal } = await editedAndDeleted(options, trouble);
    trouble.isOn = true;
    for (let run = 0; run < 3; run += 1) await mortal.run();
    expect(shown(mortal.world.a)).toHaveLength(1);
    trouble.isOn = false;
    expect(await outcomeOf(mortal)).toEqual({ a: lives, b: lives });
  });

  it('lives on wherever the process dies', async () => {
    const calm = await editedAndDeleted(options);
    const before = calm.mortal.process.calls;
    await calm.mortal.run();
    const calls = calm.mortal.process.calls - before;
    for (let call = 1; call <= calls; call += 1)
      for (const when of ['before', 'after'] as const) {
        const { mortal } = await editedAndDeleted(options);
        mortal.process.dieAt(call, when);
        await mortal.run();
        mortal.revive();
        expect(await outcomeOf(mortal)).toEqual({ a: lives, b: lives });
      }
  });

  it('ends with its last copy, when that is ended before another could be made', async () => {
    const trouble = { isOn: false };
    const { mortal, original } = await editedAndDeleted(options, trouble);
    trouble.isOn = true;
    const { world, run } = mortal;
    await run();
    world.a.calendar.remove(original);
    trouble.isOn = false;
    await settle(world, run);
    expect([...shown(world.a), ...shown(world.b)]).toEqual([]);
    expect((await mortal.mappings()).map(({ state }) => state)).toEqual(['cancelled']);
  });
});

describe('an event whose slot was taken after its copy was deleted', () => {
  it('waits for the slot, and is not deleted for it', async () => {
    const { mortal } = await editedAndDeleted({});
    const { world, run } = mortal;
    const holder = world.b.calendar.create(ROOM, meeting('other', at(2, 8), at(2, 9)), {
      rights: 'none',
    });
    for (let times = 0; times < 3; times += 1) await run();
    expect(shown(world.a).filter((text) => text.startsWith('one'))).toHaveLength(1);
    world.b.calendar.remove(holder.id);
    await settle(world, run);
    expect(shown(world.b)).toEqual([expect.stringContaining('one, renamed')]);
    expect(shown(world.a)).toEqual(shown(world.b));
  });
});
