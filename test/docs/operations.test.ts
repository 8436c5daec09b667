import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../cli/run.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { matchRoute, parseRouteTemplate } from '../../local/host/route-template.ts';
import { ROUTES } from '../../shared/http/routes.ts';

/** Lines of the shell blocks, with those that go on joined. */
function shellLines(name: string): readonly string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');
  return [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line !== ''),
  );
}

/** Words as a shell makes them; variables stand for themselves. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

const CURLS = shellLines('docs/operations.md').filter((line) => line.startsWith('curl '));
const COMMANDS = ['docs/operations.md', 'README.md']
  .flatMap(shellLines)
  .filter((line) => line.startsWith('npm run -s bridge -- '));

describe('docs/operations.md', () => {
  it('has examples of both kinds', () => {
    expect(CURLS.length).toBeGreaterThan(5);
    expect(COMMANDS.length).toBeGreaterThan(5);
  });

  it.each(CURLS)('asks for what there is, with a body that is taken: %s', (line) => {
    const words = wordsOf(line);
    const after = (flag: string): string | undefined =>
      words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
    const method = after('-X') ?? 'GET';
    const address = new URL((words.at(-1) ?? '').replace('$URL', 'https://bridge.example'));
    const route = ROUTES.find(
      (one) =>
        one.method === method &&
        matchRoute(parseRouteTemplate(one.path), address.pathname) !== undefined,
    );
    expect(route).toBeDefined();
    const query = Object.fromEntries(address.searchParams);
    expect(route?.query?.safeParse(query).success ?? Object.keys(query).length === 0).toBe(true);
    const body = after('-d');
    const isTaken = body === undefined || route?.body?.safeParse(JSON.parse(body)).success === true;
    expect(isTaken).toBe(true);
  });

  it.each(COMMANDS)('names commands and flags that there are: %s', async (line) => {
    let calls = 0;
    const nobody: typeof fetch = () => {
      calls += 1;
      return Promise.reject(new Error('nobody answers'));
    };
    const argv = wordsOf(line).slice(wordsOf(line).indexOf('--') + 1);
    const environment = { BRIDGE_URL: 'https://bridge.example', BRIDGE_API_KEY: 'key' };
    const { exitCode } = await runCommandLine(argv, environment, nobody);
    expect([calls, exitCode]).toEqual(
      argv[0] === 'help' ? [0, EXIT.converged] : [1, EXIT.configuration],
    );
  });
});
