/** Lets at most `size` calls run at once; the others wait in the order they came. */
export class CallGate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, not freed, so that no newcomer takes it in between.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/**
 * Maps with at most `size` calls under way, in the order given. After a failure no further call is
 * begun, and what is under way is waited for: nothing runs on when the caller has gone.
 * @throws the first failure.
 */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  size: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of rest) {
      try {
        results[index] = await map(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: size }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
