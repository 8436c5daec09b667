import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarBridge, WriteOutcome } from '../../../shared/bridges/bridge.ts';
import { BridgeError, type BridgeFault } from '../../../shared/model/errors.ts';
import type { Side } from '../../../shared/model/ids.ts';
import { Actor, history } from '../../arbitraries/histories.ts';
import { memoryWorld } from '../../support/memory-world.ts';
import { BOTH_TELL, settle, shown, withMethods } from './rooms.ts';

const KINDS: readonly BridgeFault[] = [
  'throttled',
  'unavailable',
  'not-found',
  'precondition-failed',
  'conflict',
  'rejected',
  'auth-rejected',
  'invalid-response',
  'cursor-expired',
];

/** What befalls one call: it has its effect or not, and is answered with an error. */
interface Fault {
  readonly after: number;
  readonly kind: BridgeFault;
  readonly isDone: boolean;
  /** A write is answered, with this error for each of its parts. */
  readonly isOutcome: boolean;
}

const faults = fc.array(
  fc.record({
    after: fc.nat(6),
    kind: fc.constantFrom(...KINDS),
    isDone: fc.boolean(),
    isOutcome: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Lets calls of both sides fail as told, one after another, then none any more. */
class Weather {
  readonly #faults: Fault[];
  #calm: number;

  constructor(list: readonly Fault[]) {
    this.#faults = [...list];
    this.#calm = list[0]?.after ?? 0;
  }

  clear(): void {
    this.#faults.length = 0;
  }

  #next(): Fault | undefined {
    if (this.#calm > 0) {
      this.#calm -= 1;
      return undefined;
    }
    const fault = this.#faults.shift();
    this.#calm = this.#faults[0]?.after ?? 0;
    return fault;
  }

  async #pass<T>(call: () => Promise<T>): Promise<T> {
    const fault = this.#next();
    if (fault === undefined) return await call();
    if (fault.isDone) await call();
    throw errorOf(fault);
  }

  over(_side: Side, bridge: CalendarBridge): CalendarBridge {
    return withMethods(bridge, {
      readChanges: (...args) => this.#pass(() => bridge.readChanges(...args)),
      readItems: (...args) => this.#pass(() => bridge.readItems(...args)),
      confirmGone: (...args) => this.#pass(() => bridge.confirmGone(...args)),
      write: async (resource, writes, context) => {
        const fault = this.#next();
        if (fault === undefined) return await bridge.write(resource, writes, context);
        if (fault.isDone) await bridge.write(resource, writes, context);
        if (!fault.isOutcome) throw errorOf(fault);
        return writes.map((): WriteOutcome => ({ kind: 'failed', error: errorOf(fault) }));
      },
    });
  }
}

function errorOf({ kind }: Fault): BridgeError {
  return new BridgeError(kind, `it is ${kind}`, kind === 'throttled' ? { retryAfterMs: 5000 } : {});
}

describe('systems that fail now and then', () => {
  it.each([
    {
      name: 'Outlook and a booking system',
      options: {},
      manners: { isCalm: true, stampless: 'b' as const },
    },
    { name: 'two systems that tell changes', options: BOTH_TELL, manners: { isCalm: true } },
  ])('lose no event and make none twice: $name', async ({ options, manners }) => {
    await fc.assert(
      fc.asyncProperty(history, faults, async (steps, list) => {
        const weather = new Weather(list);
        const world = await memoryWorld({
          conflictPolicy: 'a',
          ...options,
          wrap: (side, bridge) => weather.over(side, bridge),
        });
        const run = async () => {
          const report = await world.run();
          world.clock.advance(6000);
          return report;
        };
        const sureRun = async () => {
          for (let runs = 0; runs < 9; runs += 1) if ((await run()).outcome === 'completed') return;
        };
        const actor = new Actor({ ...world, run, sureRun }, manners);
        actor.begin();
        await actor.play(steps);
        weather.clear();
        world.clock.advance(600_000);
        // A copy that was made unanswered and then taken away is looked for during a minute.
        for (let runs = 0; runs < 3; runs += 1) {
          await run();
          world.clock.advance(60_000);
        }
        await settle(world, run);
        expect(shown(world.b)).toEqual(shown(world.a));
        expect((await world.storedPair()).status).toBe('synced');
        expect((await world.run()).outcome).toBe('completed');
      }),
      { numRuns: 100 },
    );
  });
});
