import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mintToken, signingKey } from '../../../local/authority/tokens.ts';
import { SEED, temporaryDir, TENANT } from './support.ts';

const LOCAL = fileURLToPath(new URL('../../../local/', import.meta.url));

function run(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(LOCAL, program), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const firstLine = once(createInterface({ input: child.stdout }), 'line').then(
    ([line]) =>
      JSON.parse(String(line)) as { ready: { url: string; port: number; caFile?: string } },
  );
  return { child, stderr, exited, firstLine };
}

async function post(url: string, body: unknown, token = ''): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

describe('the Graph simulator as a process', () => {
  it('serves, keeps its state over a kill, and ends with its parent', async () => {
    const dir = temporaryDir();
    const keyFile = join(dir, 'key');
    const args = ['--data-dir', join(dir, 'graph'), '--key-file', keyFile];
    const first = run('graph-simulator/main.ts', ...args);
    const { url } = (await first.firstLine).ready;
    expect((await post(`${url}/__sim/seed`, SEED)).status).toBe(201);
    const token = await mintToken({ key: signingKey(keyFile), tenantId: TENANT });
    const event = {
      subject: 'Kept',
      start: { dateTime: '2026-12-03T10:00:00', timeZone: 'UTC' },
      end: { dateTime: '2026-12-03T11:00:00', timeZone: 'UTC' },
    };
    const path = '/v1.0/users/council@a.example/events';
    expect((await post(url + path, event, token)).status).toBe(201);
    first.child.kill('SIGKILL');
    await first.exited;

    const second = run('graph-simulator/main.ts', ...args);
    const again = (await second.firstLine).ready.url;
    const read = await fetch(again + path, { headers: { authorization: `Bearer ${token}` } });
    expect(await read.json()).toMatchObject({ value: [{ subject: 'Kept' }] });
    second.child.stdin.end();
    expect(await second.exited).toBe(0);
  });

  it('says in one line that its port is taken, and exits with 2', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      taken.close();
    });
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const args = ['--data-dir', temporaryDir(), '--port', String(port)];
    const { exited, stderr } = run('graph-simulator/main.ts', ...args);
    expect(await exited).toBe(2);
    expect(stderr).toEqual([expect.stringMatching(`port ${port} .* is taken.*--port`)]);
  });

  it('says which argument is wrong, and exits with 2', async () => {
    const { exited, stderr } = run('graph-simulator/main.ts', '--port', 'many');
    expect(await exited).toBe(2);
    expect(stderr).toEqual([expect.stringContaining("--port must be a number, not 'many'")]);
  });
});

describe('the authority as a process', () => {
  it('serves TLS, names the file of its CA, and ends with its parent', async () => {
    const { child, exited, firstLine } = run('authority/main.ts', '--data-dir', temporaryDir());
    const { url, caFile } = (await firstLine).ready;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(caFile ?? '', 'utf8')).toContain('BEGIN CERTIFICATE');
    child.stdin.end();
    expect(await exited).toBe(0);
  });
});
