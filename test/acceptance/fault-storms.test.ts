import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../shared/model/time.ts';
import { act, afterwards, openScene, type Act, type Place, type Scene } from './faults/scene.ts';
import { OPERATIONS, SYSTEMS, type Match, type System } from './faults/systems.ts';
import { WEATHERS, type Weather } from './faults/weather.ts';

const SIGN_IN: Match = { method: 'POST', path: '/login' };
const TICKS = 4;
const RUNS = 200;

/** One fault of one system among others. */
interface Bolt {
  readonly system: System;
  readonly weather: Weather;
  readonly match: Match;
  readonly skip: number;
  readonly times: number;
}

/** What people do, and what befalls the systems while the bridge carries it over. */
interface Storm {
  readonly acts: readonly (readonly [Act, Place])[];
  readonly bolts: readonly Bolt[];
}

function bolts(system: System): fc.Arbitrary<readonly Bolt[]> {
  const matches = OPERATIONS.flatMap((operation) => system.requests[operation]);
  const bolt = fc.record({
    system: fc.constant(system),
    weather: fc.constantFrom(
      ...WEATHERS.filter(({ cannotBe }) => cannotBe?.(system, 'read') === undefined),
    ),
    match: fc.constantFrom(...matches, ...(system.lapse === 'session' ? [SIGN_IN] : [])),
    skip: fc.nat(2),
    times: fc.integer({ min: 1, max: 4 }),
  });
  return fc.array(bolt, { minLength: 1, maxLength: 3 });
}

const ACTS = (['create', 'update', 'delete'] as const).flatMap((what) =>
  (['inOutlook', 'inBooking'] as const).map((where) => [what, where] as const),
);

const storm: fc.Arbitrary<Storm> = fc
  .record({
    acts: fc.subarray(ACTS, { minLength: 1 }),
    bolts: fc.tuple(...SYSTEMS.map(bolts)).map((lists) => lists.flat()),
  })
  .map((one) => Object.assign(one, { [fc.toStringMethod]: () => told(one) }));

/** Faults begin after what people do, and end with the last tick. */
async function pass(scene: Scene, { acts, bolts }: Storm, round: number): Promise<void> {
  for (const [what, where] of acts) await act(scene, what, where, round);
  for (const { system, weather, match, skip, times } of bolts)
    for (const fault of weather.faults(system))
      system.faults(scene.town).add({ ...fault, match, times, skip: skip + (fault.skip ?? 0) });
  for (let tick = 0; tick < TICKS; tick += 1) {
    await scene.town.tick();
    scene.town.manual.advance(MINUTE_MS);
  }
  for (const system of SYSTEMS) system.faults(scene.town).clear();
}

function told({ acts, bolts }: Storm): string {
  const faults = bolts.map(({ system, weather, match, skip, times }) =>
    [
      system.name,
      `${match.method} ${match.path}`,
      weather.name,
      `skip ${skip}`,
      `times ${times}`,
    ].join(', '),
  );
  return [acts.map((one) => one.join(' ')).join(', '), ...faults].join('\n  ');
}

describe('faults of both systems at once', () => {
  it('leave both sides equal once they are over, nothing made twice or taken away', async () => {
    const seed = fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31;
    console.log(`${RUNS} storms, FC_SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(fc.array(storm, { minLength: 1, maxLength: 2 }), async (storms) => {
        const scene = await openScene({}, storms.length);
        for (const [round, one] of storms.entries()) await pass(scene, one, round);
        expect(await afterwards(scene)).toBeUndefined();
      }),
      { seed, numRuns: RUNS },
    );
  }, 300_000);
});
