import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Program {
  child: ChildProcessWithoutNullStreams;
  firstLine: Promise<string>;
  errors: () => string;
  ended: Promise<unknown[]>;
}

function runHost(args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [file('../../../local/host/main.ts'), ...args], {
    env: {
      ...process.env,
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      'AzureWebJobs.take.Disabled': 'true',
      TOY_QUEUE: 'toy',
      SCHEDULE_TICK: '0 0 0 1 1 *',
      API_KEY: 'key',
      ...env,
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    firstLine: once(lines, 'line').then(([line]) => String(line)),
    errors: () => errors,
    ended: once(child, 'close'),
  };
}

const toy = ['--main', file('fixtures/toy-functions.ts'), '--no-settings-file', '--port', '0'];
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'host-main-'));

describe('the host as a program', () => {
  it('announces itself on its first line, serves, and ends with its pipe', async () => {
    const host = runHost([...toy, '--data-dir', newFolder()]);
    const { ready } = JSON.parse(await host.firstLine) as { ready: { url: string; pid: number } };
    expect(ready.pid).toBe(host.child.pid);
    expect(await (await fetch(`${ready.url}/health`)).text()).toBe('ok');
    host.child.stdin.end();
    expect(await host.ended).toEqual([0, null]);
  });

  it('says every rule that the functions break, and starts nothing', async () => {
    const env = { SCHEDULE_TICK: 'nonsense' };
    const host = runHost([...toy, '--data-dir', newFolder()], env);
    expect(await host.ended).toEqual([1, null]);
    expect(host.errors()).toContain('tick: "nonsense" has 1 fields');
    expect(host.errors()).not.toContain('    at ');
  });

  it('says so when its port is taken', async () => {
    const first = runHost([...toy, '--data-dir', newFolder()]);
    const { ready } = JSON.parse(await first.firstLine) as { ready: { port: number } };
    const second = runHost([...toy, '--data-dir', newFolder(), '--port', String(ready.port)]);
    expect(await second.ended).toEqual([1, null]);
    expect(second.errors()).toContain(`:${ready.port}`);
    first.child.stdin.end();
    await first.ended;
  });
});
