import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createSupervisor,
  readyLine,
  type ChildSpec,
  type Supervisor,
} from '../../../local/start/supervisor.ts';

const TOY = fileURLToPath(new URL('fixtures/toy-child.mjs', import.meta.url));

interface Scene {
  supervisor: Supervisor;
  said: string[];
  output: string[];
  changes: () => number;
}

const open: Supervisor[] = [];
afterEach(async () => {
  await Promise.all(open.map((one) => one.stop(Object.keys(one.pids()), 0)));
});

function stage(): Scene {
  const said: string[] = [];
  const output: string[] = [];
  let changes = 0;
  const supervisor = createSupervisor({
    say: (message) => said.push(message),
    output: (name, line, stream) => output.push(`${name} ${stream} ${line}`),
    changed: () => (changes += 1),
  });
  open.push(supervisor);
  return { supervisor, said, output, changes: () => changes };
}

function toy(mode: string, options: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name: mode,
    args: () => [TOY, mode],
    env: process.env,
    readiness: readyLine,
    showOutput: true,
    ...options,
  };
}

function pidOf(supervisor: Supervisor, name: string): number {
  const pid = supervisor.pids()[name];
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a supervised child', () => {
  it('is started once it says that it is ready, and its other lines are passed on', async () => {
    const { supervisor, output } = stage();
    await supervisor.start(toy('steady'));
    expect(runs(pidOf(supervisor, 'steady'))).toBe(true);
    await vi.waitFor(() => expect(output).toEqual(['steady stdout before', 'steady stdout after']));
  });

  it('is started again when killed, and so said', async () => {
    const { supervisor, said, changes } = stage();
    let starts = 0;
    const args = (): string[] => {
      starts += 1;
      return [TOY, 'steady'];
    };
    await supervisor.start(toy('steady', { args }));
    const first = pidOf(supervisor, 'steady');
    const changesBefore = changes();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(said).toContain('steady runs again'), { timeout: 10_000 });
    expect(pidOf(supervisor, 'steady')).not.toBe(first);
    expect(said[0]).toContain('SIGKILL');
    expect(starts).toBe(2);
    expect(changes()).toBe(changesBefore + 2);
  });

  it('that ends before it was ever ready fails the start', async () => {
    const { supervisor, output } = stage();
    await expect(supervisor.start(toy('failing'))).rejects.toThrow(/exit 3.*before it was ready/u);
    await vi.waitFor(() => expect(output).toContain('failing stderr the toy failed'));
    expect(supervisor.pids()).toEqual({});
  });

  it('that keeps dying is started again later and later', async () => {
    const { supervisor, said } = stage();
    let starts = 0;
    const args = (): string[] => [TOY, (starts += 1) === 1 ? 'steady' : 'failing'];
    await supervisor.start(toy('steady', { args }));
    process.kill(pidOf(supervisor, 'steady'), 'SIGKILL');
    await vi.waitFor(() => expect(said.length).toBeGreaterThanOrEqual(3), { timeout: 10_000 });
    const waits = said.map((line) => Number(/in ([\d.]+) s$/u.exec(line)?.[1] ?? 0));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThan(0);
  });

  it('ends with its pipe and is not started again', async () => {
    const { supervisor, said } = stage();
    await supervisor.start(toy('steady'));
    const pid = pidOf(supervisor, 'steady');
    await supervisor.stop(['steady'], 10_000);
    expect(runs(pid)).toBe(false);
    expect(said).toEqual([]);
    await expect(supervisor.start(toy('steady'))).rejects.toThrow(/stopped/u);
  });

  it('that does not listen is killed', async () => {
    const { supervisor } = stage();
    await supervisor.start(toy('deaf'));
    const pid = pidOf(supervisor, 'deaf');
    await supervisor.stop(['deaf'], 10);
    expect(runs(pid)).toBe(false);
  });
});
