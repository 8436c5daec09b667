import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFlags, wantedPorts, type StartFlags } from '../../../local/start/flags.ts';

function flagsOf(...args: string[]): StartFlags {
  const parsed = parseFlags(args);
  if (parsed.kind !== 'flags') throw new Error(JSON.stringify(parsed));
  return parsed.flags;
}

function problemsOf(...args: string[]): string[] {
  const parsed = parseFlags(args);
  return parsed.kind === 'bad' ? parsed.problems : [];
}

describe('the flags of npm start', () => {
  it('have defaults', () => {
    expect(flagsOf()).toEqual({
      port: 7071,
      graphPort: 7080,
      bookingPort: 7081,
      authorityPort: 7082,
      host: '127.0.0.1',
      dataDir: resolve('.local'),
      fresh: false,
      demo: true,
      simulators: true,
      quiet: false,
    });
  });

  it('take a value after a space or an equals sign', () => {
    const flags = flagsOf('--port', '8000', '--graph-port=8001', '--data-dir', 'x/y', '--fresh');
    expect(flags).toMatchObject({ port: 8000, graphPort: 8001, fresh: true });
    expect(flags.dataDir).toBe(resolve('x/y'));
  });

  it('mean any free port for every server with --port 0, but for one named besides', () => {
    expect(flagsOf('--port', '0', '--booking-port', '9000')).toMatchObject({
      port: 0,
      graphPort: 0,
      bookingPort: 9000,
      authorityPort: 0,
    });
  });

  it('make no demo without simulators', () => {
    const flags = flagsOf('--no-simulators');
    expect(flags).toMatchObject({ simulators: false, demo: false });
    expect(wantedPorts(flags).map(({ server }) => server)).toEqual(['api']);
  });

  it('name everything that is unknown or malformed, at once', () => {
    const problems = problemsOf('--prot', '1', '--port', '70000', '--fresh=yes', '--host');
    expect(problems).toHaveLength(5);
    expect(problems.join('\n')).toMatch(
      /--prot[^]*1: unknown[^]*--fresh[^]*--host[^]*--port 70000/u,
    );
  });

  it.each(['-1', '1.5', 'abc', '0x10', ' '])('refuse %j as a port', (port) => {
    expect(problemsOf('--graph-port', port)).toHaveLength(1);
  });

  it('do not take the next flag for a value', () => {
    expect(problemsOf('--data-dir', '--fresh')).toEqual(['--data-dir needs a value']);
  });

  it('refuse one port for two servers', () => {
    expect(problemsOf('--port', '7080')).toEqual(['--port and --graph-port are both 7080']);
  });

  it('can be asked for', () => {
    expect(parseFlags(['--port', 'x', '--help'])).toEqual({ kind: 'help' });
  });
});
