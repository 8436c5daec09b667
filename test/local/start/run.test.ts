import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, it, vi } from 'vitest';
import { dataPaths, type DataPaths } from '../../../local/start/data-dir.ts';
import type { Endpoints } from '../../../local/start/endpoints.ts';
import { runToy } from './fixtures/run-toy.ts';

interface Run {
  paths: DataPaths;
  endpoints: Endpoints;
  said: string[];
  stop(): Promise<void>;
}

async function startRun(dataDir: string): Promise<Run> {
  const stop = new AbortController();
  const said: string[] = [];
  const running = runToy(dataDir, stop.signal, (message) => said.push(message));
  const paths = dataPaths(dataDir);
  await vi.waitUntil(() => existsSync(paths.endpoints), { timeout: 30_000 });
  return {
    paths,
    endpoints: readEndpoints(paths),
    said,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function readEndpoints(paths: DataPaths): Endpoints {
  return JSON.parse(readFileSync(paths.endpoints, 'utf8')) as Endpoints;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function queueOf({ storage }: Endpoints): ReturnType<QueueServiceClient['getQueueClient']> {
  return QueueServiceClient.fromConnectionString(storage).getQueueClient('kept');
}

describe('a local run', () => {
  it('brings a killed host back on its port, ends everything, and keeps what was stored', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'run-'));
    const first = await startRun(dataDir);
    const { api, adminKey, pids } = first.endpoints;
    expect(Object.keys(pids).sort()).toEqual(['azurite', 'host']);
    expect((await fetch(`${api}/health`)).status).toBe(200);
    const headers = { 'x-functions-key': adminKey };
    expect((await fetch(`${api}/admin/functions`, { headers })).status).toBe(200);

    process.kill(pids['host'] ?? 0, 'SIGKILL');
    await vi.waitUntil(() => first.said.includes('host runs again'), { timeout: 15_000 });
    expect((await fetch(`${api}/health`)).status).toBe(200);
    const again = readEndpoints(first.paths).pids;
    expect(again['host']).not.toBe(pids['host']);
    expect(again['azurite']).toBe(pids['azurite']);

    await queueOf(first.endpoints).create();
    await first.stop();
    expect(Object.values(again).filter(runs)).toEqual([]);
    expect(existsSync(first.paths.endpoints)).toBe(false);

    const second = await startRun(dataDir);
    expect(second.endpoints.storage).toBe(first.endpoints.storage);
    expect(second.endpoints.adminKey).toBe(adminKey);
    expect(await queueOf(second.endpoints).exists()).toBe(true);
    await second.stop();
  }, 90_000);

  it('leaves no process behind when it is killed itself', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'run-'));
    const paths = dataPaths(dataDir);
    const program = fileURLToPath(new URL('fixtures/run-toy.ts', import.meta.url));
    const run = spawn(process.execPath, [program, dataDir], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(paths.endpoints), { timeout: 30_000 });
    const pids = Object.values(readEndpoints(paths).pids);
    expect(pids.filter(runs)).toHaveLength(2);
    run.kill('SIGKILL');
    await vi.waitUntil(() => pids.filter(runs).length === 0, { timeout: 15_000 });
  }, 60_000);
});
