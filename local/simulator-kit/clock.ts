/** The time of a simulated system: the machine's, plus what `POST /admin/clock` moved it by. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  advance(ms: number): void;
}

/** Real time plus an offset; `startOffsetMs` restores the offset of an earlier process. */
export function offsetClock(startOffsetMs = 0): SimulatorClock {
  let offsetMs = startOffsetMs;
  return {
    now: () => Date.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}

/** A clock that stands still until it is advanced, for tests. */
export function manualClock(startMs: number): SimulatorClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
