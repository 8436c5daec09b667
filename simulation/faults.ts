import type { Random } from './random.ts';

/** What can go wrong, in the order of where it does. Names stand in the printed tables. */
export const FAULTS = [
  // Any request to a calendar system.
  'throttled-seconds',
  'throttled-date',
  'throttled-bare',
  'unavailable',
  'time-out-before',
  'time-out-after',
  'cut-before',
  'cut-after',
  'html-answer',
  // Graph.
  'token-refused',
  'delta-gone',
  'delta-gone-in-paging',
  'short-pages',
  'oversized-page',
  'endless-paging',
  'batch-item-throttled',
  'batch-item-failed-before',
  'batch-item-failed-after',
  'edit-under-a-write',
  // The booking system.
  'session-lapsed',
  'empty-list',
  'short-list',
  // Our storage.
  'table-down-before',
  'table-down-after',
  'table-write-repeated',
  'rows-lost',
  // Queues.
  'send-failed-before',
  'send-failed-after',
  'message-doubled',
  'message-lost',
  'message-late',
  'message-out-of-order',
  'delete-failed',
  'old-message-again',
  // Processes.
  'crash',
  'stall',
  'lease-taken-over',
  'clock-skew',
  // What Graph announces.
  'notice-lost',
  'notice-doubled',
  'notice-late',
  'notice-refused',
  'notice-unanswered',
  'subscription-lost',
] as const;

export type FaultName = (typeof FAULTS)[number];

/** These need no draw: they follow from others, or are a state and not a moment. */
const DERIVED: ReadonlySet<FaultName> = new Set(['lease-taken-over', 'clock-skew']);

/** Of histories in which changes are announced. */
export const ANNOUNCING: readonly FaultName[] = [
  'notice-lost',
  'notice-doubled',
  'notice-late',
  'notice-refused',
  'notice-unanswered',
  'subscription-lost',
];

export const DRAWN: readonly FaultName[] = FAULTS.filter(
  (name) => !DERIVED.has(name) && !ANNOUNCING.includes(name),
);

/** Which faults a history has, how often they come, and how often they came. */
export class Faults {
  readonly fired = new Map<FaultName, number>();
  readonly enabled: ReadonlySet<FaultName>;
  readonly #random: Random;
  readonly #rate: number;
  /** At most so many in all, for the search of a shorter history. */
  readonly #most: number;
  #total = 0;
  #isOver = false;

  constructor(
    enabled: ReadonlySet<FaultName>,
    random: Random,
    { rate, most = Infinity }: { rate: number; most?: number },
  ) {
    this.enabled = enabled;
    this.#random = random;
    this.#rate = rate;
    this.#most = most;
  }

  get total(): number {
    return this.#total;
  }

  /** From now on nothing goes wrong. */
  end(): void {
    this.#isOver = true;
  }

  /**
   * One of those that could happen here, or none. What is drawn counts as fired: call it where it does.
   * @param share Of the history's rate: what is asked at every step should be rarer.
   */
  draw<N extends FaultName>(candidates: readonly N[], share = 1): N | undefined {
    const happens = this.#random.chance(this.#rate * share);
    const choice = this.#random.int(1 << 20);
    if (!happens || this.#isOver || this.#total >= this.#most) return undefined;
    const possible = candidates.filter((name) => this.enabled.has(name));
    const name = possible[choice % Math.max(1, possible.length)];
    if (name !== undefined) this.count(name);
    return name;
  }

  count(name: FaultName): void {
    this.#total += 1;
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }
}
