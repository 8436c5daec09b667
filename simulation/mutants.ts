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
      console.log(`| ${mutant.name} | ${by ?? 'NOT noticed'} |`);
      return by === undefined;
    });
    console.log(`${wanted.length - unnoticed.length} of ${wanted.length} mutants were noticed`);
    return unnoticed.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function broken<T>(copy: string, { name, file, from, to }: Mutant, look: () => T): T {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (!source.includes(from))
    throw new Error(`${name}: ${file} does not hold what is to be broken`);
  writeFileSync(path, source.replaceAll(from, to));
  try {
    return look();
  } finally {
    writeFileSync(path, source);
  }
}

/** What of the two noticed it, and how, in words. */
function noticedBy(copy: string, focus: Focus | undefined): string | undefined {
  const about = focus === undefined ? [] : ['--focus', JSON.stringify(focus)];
  const args = [
    'simulation/main.ts',
    '--seed',
    '1',
    '--histories',
    String(HISTORIES),
    '--first',
    ...about,
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  const [, seed, invariant] = /^seed (\d+): (\w+)/m.exec(stdout) ?? [];
  if (status !== 0) return `seed ${seed ?? 'none'}, ${invariant ?? 'the run ended'}`;
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs');
  const test = 'test/simulation/crash-points.test.ts';
  const points = spawnSync(process.execPath, [vitest, 'run', test], {
    cwd: copy,
    encoding: 'utf8',
  });
  return points.status === 0 ? undefined : 'crash points';
}

process.exitCode = main();
