import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { registerAll } from '../../functions/register-all.ts';
import { recorder } from '../functions/recorder.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Stands where the worker stands: answers the require of its core module, and notes what registers. */
const INDEXER = `
  const Module = require('node:module');
  const functions = [];
  const core = {
    version: '3.11.0', hostVersion: '4.1037.0', log() {}, Disposable: class {},
    setProgrammingModel() {}, getProgrammingModel() {}, registerHook() { return {}; },
    registerFunction(metadata) { functions.push(metadata); return {}; },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function (id) {
    return id === '@azure/functions-core' ? core : original.apply(this, arguments);
  };
  import(process.argv[1]).then(() => console.log(JSON.stringify(functions)));
`;

describe('npm run build', () => {
  it('makes a bundle whose functions a host can index from main, with an empty environment', async () => {
    await run(process.execPath, ['build.mjs'], { cwd: root });
    const { main } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { main: string };
    const { stdout, stderr } = await run(process.execPath, ['-e', INDEXER, `${root}${main}`], {
      env: {},
    });
    expect(stderr).toBe('');
    const indexed = JSON.parse(stdout) as { name: string }[];
    const source = recorder();
    registerAll(source.app, () => Promise.reject(new Error('not built')));
    const names = [...source.http.keys(), ...source.timers.keys(), ...source.queues.keys()];
    expect(indexed.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThan(15);
  }, 60_000);
});
