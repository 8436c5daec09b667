import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { Side } from '../../../shared/model/ids.ts';
import { RemovalError } from '../../../shared/model/removal.ts';
import { HOUR_MS } from '../../../shared/model/time.ts';
import { meeting } from '../../support/events.ts';
import { at, ROOM, TENANT, type WorldOptions } from '../../support/memory-world.ts';
import { mortalWorld, ProcessDied, type MortalWorld } from './mortal-world.ts';
import { BOTH_TELL, settle, withMethods } from './rooms.ts';

const ALIKE = [
  { name: 'Outlook and a booking system', options: {} },
  { name: 'two systems that tell changes', options: BOTH_TELL },
];

/** Three events born on side a and two on side b, each with its copy; one copy was edited since. */
async function mappedWorld(options: WorldOptions): Promise<MortalWorld> {
  const mortal = await mortalWorld({ conflictPolicy: 'a', ...options });
  const { a, b, clock } = mortal.world;
  for (const day of [1, 2, 3]) a.calendar.create(ROOM, meeting(`a${day}`, at(day, 8), at(day, 9)));
  for (const day of [1, 2]) b.calendar.create(ROOM, meeting(`b${day}`, at(day, 12), at(day, 13)));
  await settle(mortal.world, mortal.run);
  clock.advance(1000);
  const edited = b.itemsOf(ROOM).find(({ event }) => event.title === 'a3');
  if (edited === undefined) throw new Error('there is no copy of a3');
  b.calendar.edit(edited.id, { title: 'a3, edited' });
  clock.advance(1000);
  return mortal;
}

const titles = ({ world }: MortalWorld, side: Side): string[] =>
  world[side]
    .itemsOf(ROOM)
    .map(({ event }) => event.title)
    .sort();

const ORIGINALS_A = ['a1', 'a2', 'a3'];
/** With the copy that a person edited. */
const LEFT_ON_B = ['a3, edited', 'b1', 'b2'];
const ALL = ['a1', 'a2', 'a3, edited', 'b1', 'b2'];

async function confirmOf({ removal, pair }: MortalWorld): Promise<string> {
  return (await removal.plan(TENANT, pair.id)).confirm;
}

async function apply(mortal: MortalWorld, confirm: string) {
  return await mortal.removal.apply(TENANT, mortal.pair.id, confirm);
}

/** Undefined where the process died on the way. */
async function tryToApply(mortal: MortalWorld, confirm: string): Promise<unknown> {
  try {
    return await apply(mortal, confirm);
  } catch (error) {
    if (error instanceof ProcessDied) return undefined;
    throw error;
  }
}

describe.each(ALIKE)('a pair that ends with its copies: $name', ({ options }) => {
  it('leaves the originals and what people changed, and tells what it did', async () => {
    const mortal = await mappedWorld(options);
    const { removal, pair, runs, world } = mortal;
    const plan = await removal.plan(TENANT, pair.id);
    expect(plan.items.map(({ action, rule }) => `${action} ${rule}`).sort()).toEqual([
      'keep changed',
      ...Array.from({ length: 4 }, () => 'remove made-by-us'),
    ]);
    const before = world.a.calendar.sequence + world.b.calendar.sequence;
    expect(await removal.plan(TENANT, pair.id)).toEqual(plan);
    expect(world.a.calendar.sequence + world.b.calendar.sequence).toBe(before);

    const result = await apply(mortal, plan.confirm);
    expect(result).toMatchObject({ removed: 4, kept: 1, left: 0 });
    expect(titles(mortal, 'a')).toEqual(ORIGINALS_A);
    expect(titles(mortal, 'b')).toEqual(LEFT_ON_B);
    expect(world.a.calendar.sequence + world.b.calendar.sequence).toBe(before + 4);
    expect(await mortal.storedPair()).toMatchObject({ active: false, mappedEvents: 1 });
    const { report } = result;
    expect(report).toMatchObject({ cause: 'removal', outcome: 'completed' });
    expect(await runs.get(TENANT, report.runId)).toMatchObject({ report });
    expect((await runs.list(TENANT, pair.id, { limit: 1 })).runs[0]?.counts).toMatchObject({
      deleted: 4,
      kept: 1,
    });
  });

  it('is not synced any more, also by a run that was about to begin', async () => {
    const mortal = await mappedWorld(options);
    const stale = { ...(await mortal.storedPair()) };
    await apply(mortal, await confirmOf(mortal));
    const before = mortal.world.a.calendar.sequence + mortal.world.b.calendar.sequence;
    expect(await mortal.run()).toMatchObject({ outcome: 'skipped' });
    mortal.answerPairOnce(stale);
    expect(await mortal.run()).toMatchObject({ outcome: 'skipped' });
    expect(mortal.world.a.calendar.sequence + mortal.world.b.calendar.sequence).toBe(before);
  });

  it('and is mapped again has each copy once, and what people changed on both sides', async () => {
    const mortal = await mappedWorld(options);
    const { world, run } = mortal;
    await apply(mortal, await confirmOf(mortal));
    // a1 is past by then.
    world.clock.advance(28 * HOUR_MS);
    world.a.calendar.create(ROOM, meeting('a4', at(4, 8), at(4, 9)));
    await mortal.mapAgain();
    await settle(world, run);
    const living = ['a2', 'a3, edited', 'a4', 'b1', 'b2'];
    expect([titles(mortal, 'a'), titles(mortal, 'b')]).toEqual([['a1', ...living], living]);
    expect(await mortal.storedPair()).toMatchObject({ status: 'synced' });
    const again = await confirmOf(mortal);
    expect(await apply(mortal, again)).toMatchObject({ left: 0 });
  });

  it.each(['before', 'after'] as const)(
    'ends when asked again, died %s any of its calls',
    { timeout: 60_000 },
    async (when) => {
      const calm = await mappedWorld(options);
      const confirm = await confirmOf(calm);
      const before = calm.process.calls;
      await apply(calm, confirm);
      const calls = calm.process.calls - before;
      expect(calls).toBeGreaterThan(15);
      for (let call = 1; call <= calls; call += 1) {
        const mortal = await mappedWorld(options);
        mortal.process.dieAt(call, when);
        expect(await tryToApply(mortal, confirm)).toBeUndefined();
        mortal.revive();
        expect(await apply(mortal, confirm), `died ${when} call ${call}`).toMatchObject({
          removed: 4,
          left: 0,
        });
        expect([titles(mortal, 'a'), titles(mortal, 'b')], `died ${when} call ${call}`).toEqual([
          ORIGINALS_A,
          LEFT_ON_B,
        ]);
        await mortal.mapAgain();
        await settle(mortal.world, mortal.run);
        expect([titles(mortal, 'a'), titles(mortal, 'b')], `died ${when} call ${call}`).toEqual([
          ALL,
          ALL,
        ]);
      }
    },
  );

  it.each(['before', 'after'] as const)(
    'is equal when mapped again in the middle, died %s any of its calls',
    { timeout: 60_000 },
    async (when) => {
      const calm = await mappedWorld(options);
      const confirm = await confirmOf(calm);
      const before = calm.process.calls;
      await apply(calm, confirm);
      const calls = calm.process.calls - before;
      for (let call = 1; call <= calls; call += 1) {
        const mortal = await mappedWorld(options);
        mortal.process.dieAt(call, when);
        await tryToApply(mortal, confirm);
        mortal.revive();
        if (!(await mortal.storedPair()).active) await mortal.mapAgain();
        await settle(mortal.world, mortal.run);
        expect([titles(mortal, 'a'), titles(mortal, 'b')], `died ${when} call ${call}`).toEqual([
          ALL,
          ALL,
        ]);
        expect(await mortal.storedPair(), `died ${when} call ${call}`).toMatchObject({
          status: 'synced',
          mappedEvents: 5,
        });
      }
    },
  );
});

describe('a removal that is not to be carried out', () => {
  it('is refused with the new plan where something changed since it was confirmed', async () => {
    const mortal = await mappedWorld({});
    const { world, removal, pair } = mortal;
    const confirm = await confirmOf(mortal);
    const copy = world.a.itemsOf(ROOM).find(({ event }) => event.title === 'b1');
    if (copy !== undefined) world.a.calendar.edit(copy.id, { title: 'b1, edited' });
    const error: unknown = await apply(mortal, confirm).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemovalError);
    expect(error).toMatchObject({ kind: 'plan-changed' });
    const { plan } = error as RemovalError;
    expect(plan).toEqual(await removal.plan(TENANT, pair.id));
    expect(await mortal.storedPair()).toMatchObject({ active: true });
    expect(titles(mortal, 'b')).toHaveLength(5);
    expect(await apply(mortal, plan?.confirm ?? '')).toMatchObject({ removed: 3, kept: 2 });
  });

  it('waits for the run that holds the pair', async () => {
    const mortal = await mappedWorld({});
    const confirm = await confirmOf(mortal);
    const taken = await mortal.rows.take('another');
    if (taken.kind !== 'held') throw new Error('the pair was not free');
    await expect(apply(mortal, confirm)).rejects.toMatchObject({
      kind: 'busy',
      until: taken.lease.expiresAt,
    });
    await taken.lease.release({}, { force: true });
    expect(await apply(mortal, confirm)).toMatchObject({ left: 0 });
  });

  it('is not found for a pair, or a tenant, that is not there', async () => {
    const { removal } = await mappedWorld({});
    const none = 'none' as MortalWorld['pair']['id'];
    await expect(removal.plan(TENANT, none)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(removal.apply(TENANT, none, 'x')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('a side that stops answering', () => {
  const down = new BridgeError('unavailable', 'side b is down');
  const later = new BridgeError('throttled', 'side b asks to wait', { retryAfterMs: 30_000 });

  /** Side b takes so many writes, and then fails until it is told to go on. */
  async function limitedWorld(fault: BridgeError, writesMax: number) {
    const limit = { writes: Infinity, isReading: true };
    const mortal = await mappedWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              readItems: async (...args) => {
                if (!limit.isReading) throw fault;
                return await bridge.readItems(...args);
              },
              write: async (resource, writes, context) => {
                const taken = writes.slice(0, limit.writes);
                limit.writes -= taken.length;
                const done = await bridge.write(resource, taken, context);
                const rest = writes.slice(taken.length);
                return [...done, ...rest.map(() => ({ kind: 'failed', error: fault }) as const)];
              },
            }),
    });
    return { mortal, limit, stop: () => (limit.writes = writesMax) };
  }

  it.each([down, later])('leaves the rest for another call: $kind', async (fault) => {
    const { mortal, limit, stop } = await limitedWorld(fault, 1);
    const confirm = await confirmOf(mortal);
    stop();
    expect(await apply(mortal, confirm)).toMatchObject({
      removed: 3,
      kept: 1,
      left: 1,
      report: { outcome: 'partial', error: { kind: fault.kind } },
    });
    expect(await mortal.storedPair()).toMatchObject({ active: false, status: 'error' });
    limit.writes = Infinity;
    mortal.world.clock.advance(30_001);
    expect(await apply(mortal, confirm)).toMatchObject({ removed: 4, kept: 1, left: 0 });
    expect(titles(mortal, 'b')).toEqual(LEFT_ON_B);
  });

  it('and asks for a pause is left alone until then', async () => {
    const { mortal, limit, stop } = await limitedWorld(later, 1);
    const confirm = await confirmOf(mortal);
    stop();
    const until = mortal.world.clock.now() + 30_000;
    expect((await apply(mortal, confirm)).report.blockedUntil).toBe(until);
    limit.writes = Infinity;
    await expect(apply(mortal, confirm)).rejects.toMatchObject({ kind: 'blocked', until });
    mortal.world.clock.advance(30_001);
    expect(await apply(mortal, confirm)).toMatchObject({ left: 0 });
  });

  it('before anything is done changes nothing, and gives the pair back', async () => {
    const { mortal, limit } = await limitedWorld(down, 0);
    const confirm = await confirmOf(mortal);
    limit.isReading = false;
    await expect(mortal.removal.plan(TENANT, mortal.pair.id)).rejects.toMatchObject({
      name: 'BridgeError',
      kind: 'unavailable',
      message: 'side b: side b is down',
    });
    await expect(apply(mortal, confirm)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await mortal.storedPair()).toMatchObject({ active: true });
    limit.isReading = true;
    limit.writes = Infinity;
    expect(await mortal.run()).toMatchObject({ outcome: 'completed' });
  });

  it('and whose answer was lost is found out when asked again', async () => {
    let isLosing = false;
    const mortal = await mappedWorld({
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              write: async (resource, writes, context) => {
                const done = await bridge.write(resource, writes, context);
                return isLosing ? writes.map(() => ({ kind: 'failed', error: down })) : done;
              },
            }),
    });
    const confirm = await confirmOf(mortal);
    isLosing = true;
    expect(await apply(mortal, confirm)).toMatchObject({ removed: 2, left: 2 });
    isLosing = false;
    expect(await apply(mortal, confirm)).toMatchObject({ removed: 4, left: 0 });
    await mortal.mapAgain();
    await settle(mortal.world, mortal.run);
    expect([titles(mortal, 'a'), titles(mortal, 'b')]).toEqual([ALL, ALL]);
  });
});

describe('a copy that changes while it is to be removed', () => {
  it('is kept, and carried to its original when the pair is mapped again', async () => {
    let isLate = false;
    const mortal = await mappedWorld({
      ...BOTH_TELL,
      wrap: (side, bridge) =>
        side === 'a'
          ? bridge
          : withMethods(bridge, {
              write: async (resource, writes, context) => {
                const [first] = writes;
                if (isLate && first?.kind === 'cancel') {
                  isLate = false;
                  bridge.calendar.edit(first.id, { title: 'in time' });
                }
                return await bridge.write(resource, writes, context);
              },
            }),
    });
    const confirm = await confirmOf(mortal);
    isLate = true;
    expect(await apply(mortal, confirm)).toMatchObject({ removed: 3, kept: 1, left: 1 });
    expect(titles(mortal, 'b')).toContain('in time');
    await expect(apply(mortal, confirm)).rejects.toMatchObject({ kind: 'plan-changed' });
    expect(await apply(mortal, await confirmOf(mortal))).toMatchObject({ kept: 2, left: 0 });
    await mortal.mapAgain();
    await settle(mortal.world, mortal.run);
    expect(titles(mortal, 'a')).toContain('in time');
    expect(titles(mortal, 'b')).toEqual(titles(mortal, 'a'));
    expect(titles(mortal, 'a')).toHaveLength(5);
  });
});

describe('events that were entered on both sides', () => {
  it.each(ALIKE)("are nobody's copies, and stay: $name", async ({ options }) => {
    const mortal = await mortalWorld(options);
    const { world, run } = mortal;
    for (const side of ['a', 'b'] as const)
      world[side].calendar.create(ROOM, meeting('twice', at(2, 8), at(2, 9)));
    await settle(world, run);
    world.clock.advance(1000);
    const [one] = world.a.itemsOf(ROOM);
    if (one !== undefined) world.a.calendar.edit(one.id, { title: 'twice, renamed' });
    await settle(world, run);
    const plan = await mortal.removal.plan(TENANT, mortal.pair.id);
    expect(plan.items).toMatchObject([{ action: 'keep', rule: 'not-ours' }]);
    expect(await apply(mortal, plan.confirm)).toMatchObject({ removed: 0, kept: 1 });
    expect([titles(mortal, 'a'), titles(mortal, 'b')]).toEqual([
      ['twice, renamed'],
      ['twice, renamed'],
    ]);
  });

  it.each(ALIKE)('become original and copy when one is made again: $name', async ({ options }) => {
    const mortal = await mortalWorld({ ...options, conflictPolicy: 'a' });
    const { world, run } = mortal;
    const [one, other] = (['a', 'b'] as const).map((side) =>
      world[side].calendar.create(ROOM, meeting('twice', at(2, 8), at(2, 9))),
    );
    await settle(world, run);
    world.clock.advance(1000);
    if (other !== undefined) world.b.calendar.remove(other.id);
    if (one !== undefined) world.a.calendar.edit(one.id, { title: 'once' });
    await settle(world, run);
    expect(titles(mortal, 'b')).toEqual(['once']);
    expect(await apply(mortal, await confirmOf(mortal))).toMatchObject({ removed: 1, kept: 0 });
    expect([titles(mortal, 'a'), titles(mortal, 'b')]).toEqual([['once'], []]);
  });
});
