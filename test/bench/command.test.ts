import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isMet, quantile } from '../../bench/scenario.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

function bench(...args: readonly string[]) {
  return spawnSync(process.execPath, ['bench/main.ts', ...args], { cwd: root, encoding: 'utf8' });
}

describe('npm run bench', () => {
  it('names its scenarios, as docs/benchmarks.md does', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    const named = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) +/gm)].map(([, name]) => name);
    const text = readFileSync(`${root}docs/benchmarks.md`, 'utf8');
    const described = [...text.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(described.sort());
    expect(named.length).toBeGreaterThan(3);
  });

  it('says what there is where a scenario is not known', () => {
    const { status, stdout } = bench('nothing');
    expect(status).toBe(2);
    expect(stdout).toContain('there is no nothing');
  });
});

describe('a figure', () => {
  it('is met up to its bound, and always where it has none', () => {
    const figure = { name: 'time', unit: 'ms' } as const;
    expect(isMet({ ...figure, value: 5, max: 5 })).toBe(true);
    expect(isMet({ ...figure, value: 5.1, max: 5 })).toBe(false);
    expect(isMet({ ...figure, value: 1e9 })).toBe(true);
    expect(isMet({ ...figure, value: Number.NaN, max: 5 })).toBe(false);
  });

  it('is a quantile by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.99, 1].map((q) => quantile(values, q))).toEqual([1, 50, 99, 100]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
