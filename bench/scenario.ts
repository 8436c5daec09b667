/** One measured figure, and the most that it may be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MiB' | 'count';
  /** Absent: told, and not judged. */
  readonly max?: number;
}

export interface Scenario {
  readonly name: string;
  /** One line, for `--help`. */
  readonly about: string;
  run(say: (line: string) => void): Promise<readonly Figure[]>;
}

/** Smallest value that at least the share `q` (0 to 1) of all are not above. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export function isMet({ value, max }: Figure): boolean {
  return max === undefined || value <= max;
}
