import type { Brand } from './brand.ts';

/** A point in time: epoch milliseconds, UTC. */
export type Instant = Brand<number, 'Instant'>;

/** Where the time comes from. Only the composition root makes one; everything else is given it. */
export interface Clock {
  now(): Instant;
}

/**
 * The machine's clock. The local host moves it (see `POST /admin/clock`) by leaving a clock of its
 * own under this symbol before the app is loaded; in Azure nothing is there.
 */
export const systemClock: Clock = {
  now: () => {
    const local = (globalThis as Record<symbol, unknown>)[
      Symbol.for('calendar-bridge.local.clock')
    ] as { now(): number } | undefined;
    return (local ?? Date).now() as Instant;
  },
};
