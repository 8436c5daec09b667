import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MUTANTS } from '../../simulation/mutant-list.ts';

const root = new URL('../../', import.meta.url);

it('there are thirty mutants and more, each with a name of its own', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

it.each(MUTANTS)('$name: what it breaks stands in the sources', ({ also = [], ...first }) => {
  for (const { file, from, to } of [first, ...also]) {
    const source = readFileSync(new URL(file, root), 'utf8');
    expect(source).toContain(from);
    expect(source.replaceAll(from, to)).not.toBe(source);
  }
});

it('docs/testing.md says of each what noticed it', () => {
  const text = readFileSync(new URL('docs/testing.md', root), 'utf8');
  const rows = [...text.matchAll(/^\| (.+?) +\| (?:seed \d+, \w+|crash points) +\|$/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(MUTANTS.map(({ name }) => name).sort());
});
