import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const TESTS = `
describe('bridge: one', () => {
  it('moves', (context) => context.skip('cannot move'));
  it('moves back', (context) => context.skip('cannot move'));
  it('stays', () => {});
});
describe('bridge: two', () => {
  describe('inside', () => {
    it('moves', (context) => context.skip('cannot move'));
  });
  it.skip('is forgotten', () => {});
});
it('needs a file', (context) => context.skip('there is no file'));
`;

/** What a run of those tests prints. */
async function printed(...flags: string[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'skips-'));
  try {
    writeFileSync(join(dir, 'some.test.js'), TESTS);
    const vitest = at('../../node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', `--reporter=${at('skip-reporter.ts')}`];
    const args = ['run', '--root', dir, '--globals', ...reporters, ...flags];
    const env = { ...process.env, NO_COLOR: '1' };
    return (await run(process.execPath, [vitest, ...args], { cwd: dir, env })).stdout;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('a run with skipped tests', () => {
  it('says each reason once, at its end', async () => {
    const reasons = [
      'Skipped, and why:',
      '  cannot move: 3 (bridge: one; bridge: two)',
      '  no reason is given: 1 (bridge: two)',
      '  there is no file: 1 (some.test.js)',
    ];
    expect(await printed()).toContain(reasons.join('\n'));
  });

  it('says nothing of what a name filter left out', async () => {
    expect(await printed('-t', 'stays')).not.toContain('Skipped');
  });
});
