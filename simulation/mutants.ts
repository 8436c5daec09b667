import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS } from './mutant-list.ts';

/** Histories that a mutant has to survive to be called unnoticed. */
const HISTORIES = 600;

/**
 * Breaks the sources in known ways, one at a time, in a copy of the project, and lets the simulation
 * look for each. `simulate:mutants [part of a name]`.
 */
function main(): number {
  const root = new URL('..', import.meta.url).pathname;
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    for (const folder of ['functions', 'shared', 'local', 'simulation', 'package.json'])
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const wanted = MUTANTS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
    const unnoticed = wanted.filter((mutant) => !isNoticed(copy, mutant));
    console.log(`${wanted.length - unnoticed.length} of ${wanted.length} mutants were noticed`);
    return unnoticed.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function isNoticed(copy: string, { name, file, from, to }: (typeof MUTANTS)[number]): boolean {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (!source.includes(from))
    throw new Error(`${name}: ${file} does not hold what is to be broken`);
  writeFileSync(path, source.replaceAll(from, to));
  try {
    const args = ['simulation/main.ts', '--seed', '1', '--histories', String(HISTORIES), '--first'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    const found = stdout.split('\n').find((line) => line.startsWith('seed '));
    console.log(
      `${status === 0 ? 'NOT noticed' : 'noticed'}: ${name}: ${found?.slice(0, 120) ?? ''}`,
    );
    return status !== 0;
  } finally {
    writeFileSync(path, source);
  }
}

process.exitCode = main();
