import { createServer } from 'node:http';
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_KEY, logged, startToyHost, type ToyHost } from './fixtures/toy-host.ts';

let host: ToyHost;
beforeAll(async () => {
  host = await startToyHost();
});
afterAll(async () => {
  await host.close();
});

describe("the owner's routes", () => {
  it.each([
    ['GET', '/admin/functions'],
    ['POST', '/admin/functions/tick'],
    ['POST', '/admin/clock'],
    ['GET', '/admin/host/idle'],
  ])('answer 401 without the key or with another: %s %s', async (method, path) => {
    expect((await fetch(`${host.url}${path}`, { method })).status).toBe(401);
    const headers = { 'x-functions-key': `${ADMIN_KEY}x` };
    expect((await fetch(`${host.url}${path}`, { method, headers })).status).toBe(401);
  });

  it('take the key also in X-API-Key', async () => {
    const headers = { 'X-API-Key': ADMIN_KEY };
    expect((await fetch(`${host.url}/admin/functions`, { headers })).status).toBe(200);
  });

  it('stay closed where the host has no key', async () => {
    const keyless = await startToyHost({ adminKey: undefined });
    try {
      expect((await keyless.owner('GET', '/admin/functions')).status).toBe(401);
    } finally {
      await keyless.close();
    }
  });

  it('list the functions', async () => {
    const list = (await (await host.owner('GET', '/admin/functions')).json()) as {
      name: string;
      isDisabled: boolean;
    }[];
    expect(list.map(({ name }) => name)).toContain('tick');
    expect(list.find(({ name }) => name === 'take')?.isDisabled).toBe(true);
  });
});

describe('running a function for its owner', () => {
  it('answers 202 at once and runs it', async () => {
    const before = (await host.seen()).filter((one) => 'tick' in one).length;
    expect((await host.owner('POST', '/admin/functions/tick', {})).status).toBe(202);
    await vi.waitFor(async () => {
      expect((await host.seen()).filter((one) => 'tick' in one).length).toBeGreaterThan(before);
    });
  });

  it('answers how it ended when asked to wait', async () => {
    const good = await host.owner('POST', '/admin/functions/tick?wait=true');
    expect(good.status).toBe(200);
    expect(await good.json()).toEqual({ status: 'succeeded', message: '' });
    const bad = await host.owner('POST', '/admin/functions/failing?wait=true');
    expect(await bad.json()).toEqual({ status: 'failed', message: 'the timer threw' });
    expect(logged.join('\n')).toContain('failing, run for its owner, failed');
  });

  it('gives a queue function its input, also a disabled one', async () => {
    const input = { pair: 'given by hand' };
    const ran = await host.owner('POST', '/admin/functions/take?wait=true', { input });
    expect(await ran.json()).toMatchObject({ status: 'succeeded' });
    expect(await host.seen()).toContainEqual({ message: input, hasId: false });
  });

  it('runs the hooks around it', async () => {
    await host.owner('POST', '/admin/functions/failing?wait=true');
    expect(await host.seen()).toContainEqual({ after: 'failing', failed: true });
  });

  it('answers 404 for an unknown name, 400 for an HTTP function and a malformed body', async () => {
    expect((await host.owner('POST', '/admin/functions/nobody')).status).toBe(404);
    expect((await host.owner('POST', '/admin/functions/health')).status).toBe(400);
    expect((await host.owner('POST', '/admin/functions/tick', [])).status).toBe(400);
  });
});

describe('the clock', () => {
  it('moves with the simulators, fires due timers, and outlives the host', async () => {
    const told: { path: string | undefined; body: string }[] = [];
    const simulator = createServer((incoming, response) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      incoming.on('end', () => {
        told.push({ path: incoming.url, body });
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => simulator.listen(0, '127.0.0.1', resolve));
    const simulators = [`http://127.0.0.1:${(simulator.address() as AddressInfo).port}`];
    const dataDir = mkdtempSync(join(tmpdir(), 'clock-'));
    const settings = { SCHEDULE_TICK: '0 0 12 * * *' };
    const dayMs = 86_400_000;
    const first = await startToyHost({ simulators, dataDir, settings });
    const before = (await first.seen()).filter((one) => 'tick' in one).length;
    const moved = await first.owner('POST', '/admin/clock', { advanceMs: dayMs });
    expect(moved.status).toBe(200);
    expect(told).toEqual([{ path: '/__sim/clock', body: JSON.stringify({ advanceMs: dayMs }) }]);
    await vi.waitFor(async () => {
      expect((await first.seen()).filter((one) => 'tick' in one).length).toBeGreaterThan(before);
    });
    await first.close();

    const second = await startToyHost({ dataDir });
    const answer = await second.owner('POST', '/admin/clock', { advanceMs: 0 });
    const { now } = (await answer.json()) as { now: string };
    expect(Date.parse(now)).toBeGreaterThanOrEqual(Date.now() + dayMs - 60_000);
    await second.close();
    simulator.close();
  });

  it('stays where a simulator does not follow, and names it', async () => {
    const lonely = await startToyHost({ simulators: ['http://127.0.0.1:1'] });
    try {
      const answer = await lonely.owner('POST', '/admin/clock', { advanceMs: 1000 });
      expect(answer.status).toBe(502);
      expect(await answer.text()).toContain('http://127.0.0.1:1');
    } finally {
      await lonely.close();
    }
  });

  it.each([{}, { advanceMs: 'soon' }, { advanceMs: 1.5 }])('refuses %j', async (body) => {
    expect((await host.owner('POST', '/admin/clock', body)).status).toBe(400);
  });
});
