import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Focus } from './history.ts';
import { MUTANTS, type Mutant } from './mutant-list.ts';

/** Histories that a mutant has to survive to be called unnoticed. */
const HISTORIES = 1000;

const FOLDERS = ['functions', 'shared', 'local', 'simulation', 'test'];
const FILES = ['package.json', 'vitest.config.ts', 'tsconfig.json'];

/**
 * Breaks the sources in known ways, one at a time, in a copy of the project, and lets the simulation
 * look for each; what it does not find is left to the crash points. `simulate:mutants [part of a name]`.
 */
function main(): number {
  const root = new URL('..', import.meta.url).pathname;
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    for (const name of [...FOLDERS, ...FILES])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const wanted = MUTANTS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
    const unnoticed = wanted.filter((mutant) => {
      const by = broken(copy, mutant, () => noticedBy(copy, mutant.focus));
      if (by?.seed !== undefined) checkWhole(copy, mutant, by.seed);
      console.log(`| ${mutant.name} | ${by?.said ?? 'NOT noticed'} |`);
      return by === undefined;
    });
    console.log(`${wanted.length - unnoticed.length} of ${wanted.length} mutants were noticed`);
    return unnoticed.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function broken<T>(copy: string, mutant: Mutant, look: () => T): T {
  const whole = [mutant, ...(mutant.also ?? [])].map(({ file, from, to }) => {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    if (!source.includes(from))
      throw new Error(`${mutant.name}: ${file} does not hold what is to be broken`);
    writeFileSync(path, source.replaceAll(from, to));
    return { path, source };
  });
  try {
    return look();
  } finally {
    for (const { path, source } of whole.reverse()) writeFileSync(path, source);
  }
}

interface Noticed {
  readonly said: string;
  readonly seed?: string;
}

/** What of the two noticed it, and how, in words. */
function noticedBy(copy: string, focus: Focus | undefined): Noticed | undefined {
  const many = ['--seed', '1', '--histories', String(HISTORIES), '--first'];
  const { status, stdout, stderr } = simulated(copy, many, focus);
  const [, seed, invariant] = /^seed (\d+): (\w+)/m.exec(stdout) ?? [];
  if (seed !== undefined && invariant !== undefined)
    return { said: `seed ${seed}, ${invariant}`, seed };
  // A simulation that cannot run has noticed nothing.
  if (status !== 0) throw new Error(`the simulation ended with ${String(status)}: ${stderr}`);
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs');
  const test = 'test/simulation/crash-points.test.ts';
  const points = spawnSync(process.execPath, [vitest, 'run', test], {
    cwd: copy,
    encoding: 'utf8',
  });
  return points.status === 0 ? undefined : { said: 'crash points' };
}

/** What a broken product was noticed by, a whole one must pass: else it was a false alarm. */
function checkWhole(copy: string, { name, focus }: Mutant, seed: string): void {
  const { status, stdout } = simulated(copy, ['--seed', seed], focus);
  if (status !== 0) throw new Error(`${name}: seed ${seed} fails without it too: ${stdout}`);
}

function simulated(copy: string, args: readonly string[], focus: Focus | undefined) {
  const about = focus === undefined ? [] : ['--focus', JSON.stringify(focus)];
  const all = ['simulation/main.ts', '--notices', 'off', ...args, ...about];
  return spawnSync(process.execPath, all, { cwd: copy, encoding: 'utf8' });
}

process.exitCode = main();
