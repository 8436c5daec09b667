import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../shared/model/time.ts';
import { act, afterwards, openScene, type Act, type Place, type Scene } from './faults/scene.ts';
import { OPERATIONS, TOWNS, type Match, type System } from './faults/systems.ts';
import { WEATHERS, type Weather } from './faults/weather.ts';

const SIGN_IN: Match = { method: 'POST', path: '/login' };
const TICKS = 4;
/** In each of the towns. */
const RUNS = 100;

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
  /** Between two ticks; what is missed in a list is gone after five. */
  readonly minutes: number;
}

function bolts(system: System): fc.Arbitrary<readonly Bolt[]> {
  const aims = OPERATIONS.flatMap((operation) => system.requests[operation]);
  const matches = [
    // A bolt has a skip of its own.
    ...aims.filter(({ skip }) => skip === undefined),
    ...(system.lapse === 'session' ? [SIGN_IN] : []),
  ];
  const weathers = WEATHERS.filter(({ cannotBe }) => cannotBe?.(system, 'read') === undefined);
  const bolt = fc.constantFrom(...weathers).chain((weather) =>
    fc.record({
      system: fc.constant(system),
      weather: fc.constant(weather),
      match: fc.constantFrom(...matches.filter((match) => weather.befalls?.(match) ?? true)),
      skip: fc.nat(2),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  );
  return fc.array(bolt, { minLength: 1, maxLength: 3 });
}

const ACTS = (['create', 'update', 'delete'] as const).flatMap((what) =>
  (['inOutlook', 'inBooking'] as const).map((where) => [what, where] as const),
);

function storm(systems: readonly System[]): fc.Arbitrary<Storm> {
  return fc
    .record({
      acts: fc.subarray(ACTS, { minLength: 1 }),
      bolts: fc.tuple(...systems.map(bolts)).map((lists) => lists.flat()),
      minutes: fc.integer({ min: 1, max: 3 }),
    })
    .map((one) => Object.assign(one, { [fc.toStringMethod]: () => told(one) }));
}

/** Faults begin after what people do, and end with the last tick. */
async function pass(scene: Scene, { acts, bolts, minutes }: Storm, round: number): Promise<void> {
  for (const [what, where] of acts) await act(scene, what, where, round);
  for (const { system, weather, match, skip, times } of bolts)
    for (const fault of weather.faults(system))
      system.faults(scene.town).add({ ...fault, match, times, skip: skip + (fault.skip ?? 0) });
  for (let tick = 0; tick < TICKS; tick += 1) {
    await scene.town.tick();
    scene.town.manual.advance(minutes * MINUTE_MS);
  }
  for (const { faults } of [scene.town.graph, scene.town.booking]) faults.clear();
}

function told({ acts, bolts, minutes }: Storm): string {
  const faults = bolts.map(({ system, weather, match, skip, times }) =>
    [
      system.name,
      `${match.method} ${match.path}`,
      weather.name,
      `skip ${skip}`,
      `times ${times}`,
    ].join(', '),
  );
  const people = acts.map((one) => one.join(' ')).join(', ');
  return [`${people}; every ${minutes} minutes`, ...faults].join('\n  ');
}

describe('faults of both systems at once', () => {
  it.each(TOWNS.map((systems) => ({ systems, name: systems.map(({ name }) => name).join(', ') })))(
    'leave both sides equal once they are over, nothing made twice or taken away: $name',
    async ({ systems, name }) => {
      const seed = fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31;
      console.log(`${name}: ${RUNS} storms, FC_SEED=${seed}`);
      const storms = fc.array(storm(systems), { minLength: 1, maxLength: 2 });
      const [, { town }] = systems;
      await fc.assert(
        fc.asyncProperty(storms, async (ones) => {
          const scene = await openScene(town, ones.length);
          for (const [round, one] of ones.entries()) await pass(scene, one, round);
          expect(await afterwards(scene)).toBeUndefined();
        }),
        { seed, numRuns: RUNS },
      );
    },
    300_000,
  );
});
