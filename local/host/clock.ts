import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from './files.ts';

/** The host's time: the machine's, plus what `POST /admin/clock` moved it by. */
export interface HostClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock and tells everyone who waits for a time; negative values move it back. */
  advance(ms: number): void;
  onAdvance(listener: () => void): void;
}

/** Where the functions find the host's clock: `globalThis[CLOCK_SYMBOL] = { now(): number }`. */
const CLOCK_SYMBOL: unique symbol = Symbol.for('calendar-bridge.local.clock');

/** A clock whose offset outlives the process in `{dataDir}/host-clock.json`. */
export function createHostClock(dataDir: string): HostClock {
  const file = clockFile(dataDir);
  const listeners: (() => void)[] = [];
  let offsetMs = readClockOffsetMs(dataDir);
  return {
    now: () => Date.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
      writeFileAtomically(file, JSON.stringify({ offsetMs }));
      for (const listener of listeners) listener();
    },
    onAdvance: (listener) => {
      listeners.push(listener);
    },
  };
}

function clockFile(dataDir: string): string {
  return join(dataDir, 'host-clock.json');
}

/** How far the clock kept in that folder is ahead of the machine's, in ms; 0 where none is kept. */
export function readClockOffsetMs(dataDir: string): number {
  const file = clockFile(dataDir);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  const { offsetMs } = JSON.parse(text) as { offsetMs?: unknown };
  if (typeof offsetMs === 'number' && Number.isFinite(offsetMs)) return offsetMs;
  throw new Error(`${file} holds no offset; remove it to return to the machine's time`);
}

/** Lets the functions, imported later, see this clock. */
export function publishClock(clock: HostClock): void {
  (globalThis as Record<symbol, unknown>)[CLOCK_SYMBOL] = { now: () => clock.now() };
}
