import type { SimulatorClock } from '../../local/simulator-kit/clock.ts';

/**
 * Time of one client and its server on a clock that stands still: where the server waits, the clock
 * moves on, and the client's patience may end. No real time passes.
 */
export class SlowTime {
  readonly #clock: SimulatorClock;
  #deadlines: { readonly atMs: number; readonly abort: AbortController }[] = [];

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** What a client gives a call, as `AbortSignal.timeout`. */
  readonly timeout = (ms: number): AbortSignal => {
    const abort = new AbortController();
    this.#deadlines.push({ atMs: this.#clock.now() + ms, abort });
    return abort.signal;
  };

  /** What a server does that is slow. */
  readonly wait = (ms: number): Promise<void> => {
    this.#clock.advance(ms);
    const isPast = ({ atMs }: { atMs: number }): boolean => atMs <= this.#clock.now();
    for (const { abort } of this.#deadlines.filter(isPast))
      abort.abort(new DOMException('it took too long', 'TimeoutError'));
    this.#deadlines = this.#deadlines.filter((deadline) => !isPast(deadline));
    return Promise.resolve();
  };
}
