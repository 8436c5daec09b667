import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../local/verify/main.ts', import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs verify:local beside what `npm start` would have left in its folder. */
async function verify(endpoints?: object): Promise<Ended> {
  const dir = mkdtempSync(join(tmpdir(), 'verify-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  if (endpoints !== undefined)
    writeFileSync(join(dir, 'endpoints.json'), JSON.stringify(endpoints));
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, '--data-dir', dir], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** An API of which only the clock is asked. */
async function apiWithClock(): Promise<string> {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ timestamp: '2026-11-24T08:00:00Z' }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('verify:local', () => {
  it('ends with 5 where nothing runs', async () => {
    const { code, output } = await verify();
    expect(code).toBe(5);
    expect(output).toContain('npm start');
  });

  it('ends with 5 where there is nothing to compare', async () => {
    const { code, output } = await verify({ api: await apiWithClock(), tenants: [] });
    expect(code).toBe(5);
    expect(output).toContain('Nothing to compare');
  });
});
