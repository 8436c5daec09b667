import type { FaultName } from './faults.ts';
import type { History, Operation } from './history.ts';
import { simulate } from './simulate.ts';
import type { InvariantName } from './violation.ts';

/** Histories that are tried before what was found has to do. */
const TRIES_MAX = 400;

/**
 * A shorter history that breaks the same invariant: fewer faults, then fewer of them, then fewer
 * operations. Each is played from its own beginning, so that what is left need not be a part of what
 * happened before; it only has to end as badly.
 */
export async function shrink(
  history: History,
  invariant: InvariantName,
  play: Play = playOnce,
): Promise<History> {
  const search = new Search(history, invariant, play);
  await search.dropFaults();
  await search.capFaults();
  await search.dropOperations();
  await search.dropFaults();
  return search.best;
}

/** The invariant that a history breaks, or none. */
type Play = (history: History) => InvariantName | undefined | Promise<InvariantName | undefined>;

async function playOnce(history: History): Promise<InvariantName | undefined> {
  return (await simulate(history)).violation?.invariant;
}

class Search {
  best: History;
  readonly #invariant: InvariantName;
  readonly #play: Play;
  #tries = 0;

  constructor(history: History, invariant: InvariantName, play: Play) {
    this.best = history;
    this.#play = play;
    this.#invariant = invariant;
  }

  async dropFaults(): Promise<void> {
    for (const fault of this.best.faults) {
      const faults = new Set<FaultName>([...this.best.faults].filter((one) => one !== fault));
      await this.#keepIfBad({ ...this.best, faults });
    }
  }

  async capFaults(): Promise<void> {
    for (const faultsMost of [0, 1, 2, 3, 5, 8, 13])
      if (await this.#keepIfBad({ ...this.best, faultsMost })) return;
  }

  async dropOperations(): Promise<void> {
    for (let size = Math.ceil(this.best.operations.length / 2); size > 0; size >>= 1)
      for (let from = 0; from < this.best.operations.length;) {
        const operations = without(this.best.operations, from, size);
        if (!(await this.#keepIfBad({ ...this.best, operations }))) from += size;
      }
  }

  async #keepIfBad(history: History): Promise<boolean> {
    if (this.#tries >= TRIES_MAX) return false;
    this.#tries += 1;
    if ((await this.#play(history)) !== this.#invariant) return false;
    this.best = history;
    return true;
  }
}

/** What is left keeps its time: the operation after a gap waits for those that are gone. */
function without(operations: readonly Operation[], from: number, size: number): Operation[] {
  const gapMs = operations.slice(from, from + size).reduce((sum, { afterMs }) => sum + afterMs, 0);
  const rest = operations.slice(from + size);
  const [next, ...others] = rest;
  return [
    ...operations.slice(0, from),
    ...(next === undefined ? [] : [{ ...next, afterMs: next.afterMs + gapMs }]),
    ...others,
  ];
}

/** A history in a few lines. */
export function historyText(history: History): string {
  return [
    ...history.pairs.map(({ tenant, a, b, direction, conflictPolicy }, index) => {
      const ends = `${a.bridge} ${a.room} and ${b.bridge} ${b.room}`;
      return `pair ${index}: tenant ${tenant}, ${ends}, ${direction}, ${conflictPolicy} wins`;
    }),
    `${history.skewsMs.length} workers, clocks off by ${history.skewsMs.join(', ')} ms`,
    `faults: ${[...history.faults].join(', ') || 'none'}` +
      (history.faultsMost === undefined ? '' : `, at most ${history.faultsMost}`),
    ...history.operations.map(
      ({ afterMs, kind, pair, side, pick, slot }) =>
        `after ${afterMs} ms: ${kind}, pair ${pair}, side ${side}, pick ${pick}, slot ${slot}`,
    ),
  ].join('\n');
}
