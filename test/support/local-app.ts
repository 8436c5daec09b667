import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Endpoints } from '../../local/start/endpoints.ts';

const START = fileURLToPath(new URL('../../local/start.mjs', import.meta.url));

/** `npm start` in a folder of its own, on free ports, as processes. */
export interface LocalApp {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** Process ids of its children as they are now: a child that ended is started again as another. */
  pids(): Readonly<Record<string, number>>;
  /** Runs a function once through the owner's route, and everything that follows from it. */
  fire(...functions: readonly string[]): Promise<void>;
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Until nothing runs, and nothing is queued. */
  idle(patienceMs?: number): Promise<void>;
  /** Ends it as Ctrl-C does; answers the exit code. */
  stop(): Promise<number>;
}

/** What a timer has set going may wait for a lease, and on a busy machine take its time. */
const FIRED_MS = 240_000;

/** @param settings environment of the app, over the test's own. */
export async function startLocalApp(
  flags: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<LocalApp> {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-app-'));
  const file = join(dir, 'endpoints.json');
  const child = spawn(
    process.execPath,
    [START, '--port', '0', '--data-dir', dir, '--quiet', ...flags],
    { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-20_000);
    });
  const ended = exitOf(child);
  await until(() => {
    if (child.exitCode !== null) throw new Error(`npm start ended: ${output}`);
    return Promise.resolve(existsSync(file));
  });
  const endpoints = JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
  const api: LocalApp['api'] = async (method, path, body) => {
    const answer = await fetch(`${endpoints.api}${path}`, {
      method,
      headers: { 'x-api-key': endpoints.adminKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const idle: LocalApp['idle'] = async (patienceMs) =>
    until(async () => {
      const headers = { 'x-api-key': endpoints.adminKey };
      const answer = await fetch(`${endpoints.api}/admin/host/idle`, { headers });
      const text = await answer.text();
      // A storage that is too busy to say how much waits is not idle.
      return answer.ok && (JSON.parse(text) as { idle: boolean }).idle;
    }, patienceMs);
  return {
    endpoints,
    dataDir: dir,
    pids: () => (JSON.parse(readFileSync(file, 'utf8')) as Endpoints).pids,
    api,
    idle,
    fire: async (...functions) => {
      for (const name of functions) {
        const { status, body } = await api('POST', `/admin/functions/${name}?wait=true`, {});
        if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
        await idle(FIRED_MS);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      const code = await ended;
      rmSync(dir, { recursive: true, force: true });
      return code;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? -1));
  });
}

/** Waits for a condition, looking often. @throws after two minutes, or the time that is given. */
export async function until(
  condition: () => Promise<boolean>,
  patienceMs = 120_000,
): Promise<void> {
  const givenUpAt = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > givenUpAt) throw new Error(`waited ${patienceMs / 1000} s in vain`);
    await pause(20);
  }
}
