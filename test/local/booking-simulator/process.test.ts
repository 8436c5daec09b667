import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const MAIN = new URL('../../../local/booking-simulator/main.ts', import.meta.url).pathname;

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function firstLine(stream: NodeJS.ReadableStream | null): Promise<string> {
  if (stream === null) throw new Error('no stream');
  for await (const line of createInterface({ input: stream })) return line;
  return '';
}

describe('the booking simulator as a process', () => {
  it('announces its address, serves, and ends when its parent closes the pipe', async () => {
    const child = start('--port', '0');
    const exit = once(child, 'exit');
    const { ready } = JSON.parse(await firstLine(child.stdout)) as { ready: { url: string } };
    expect((await fetch(`${ready.url}/refreshsession`)).status).toBe(401);
    child.stdin?.end();
    expect(await exit).toEqual([0, null]);
  });

  it('says in one line that its port is taken, and exits with 2', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const child = start('--port', String(port));
    const exit = once(child, 'exit');
    expect(await firstLine(child.stderr)).toContain(String(port));
    expect(await exit).toEqual([2, null]);
    holder.close();
  });
});
