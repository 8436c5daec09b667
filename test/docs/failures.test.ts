import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Failure {
  readonly number: number;
  readonly guard: string;
  readonly shown: string;
}

const PLANNED = /planned/i;
const FAILURES = readFileSync('docs/failures.md', 'utf8')
  .split('\n')
  .flatMap((line): Failure[] => {
    const [, number = '', , guard = '', shown = ''] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(number) ? [{ number: Number(number), guard, shown }] : [];
  });

/** Files in backticks, and where links lead. */
function filesIn(text: string): readonly string[] {
  const named = [...text.matchAll(/`([\w./-]+\/[\w./-]+)`/g)].map(([, file = '']) => file);
  const linked = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => `docs/${link}`);
  return [...named, ...linked];
}

function testsIn(shown: string): readonly { readonly file: string; readonly title: string }[] {
  return [...shown.matchAll(/`([^`]+)`: “([^”]+)”/g)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));
}

/** Titles as the sources spell them. */
function sourceOf(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(String.raw`\'`, "'");
}

describe('the page of public failures', () => {
  it('has each of the forty-five once, in order', () => {
    expect(FAILURES.map(({ number }) => number)).toEqual(
      Array.from({ length: 45 }, (_, index) => index + 1),
    );
  });

  it.each(FAILURES)('names a guard that is there, or planned: $number', ({ guard }) => {
    const files = filesIn(guard);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(files.length > 0 || PLANNED.test(guard)).toBe(true);
  });

  it.each(FAILURES)('names the test that shows it, or what it is planned with: $number', (one) => {
    const tests = testsIn(one.shown);
    const missing = tests.filter(({ file, title }) => !sourceOf(file).includes(title));
    expect(missing).toEqual([]);
    expect(tests.length > 0 || PLANNED.test(one.guard)).toBe(true);
  });
});
