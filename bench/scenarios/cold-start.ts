import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quantile, type Figure, type Scenario } from '../scenario.ts';

const STARTS = 9;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface ColdStart {
  readonly importMs: number;
  readonly answeredMs: number;
  readonly text: string;
}

/** The built bundle in a process of its own, with nothing set, asked for its first answer. */
export const coldStart: Scenario = {
  name: 'cold-start',
  about: 'the handshake of a subscription, from the start of a process on the built bundle',
  run: async (say) => {
    const built = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the build failed: ${built.stderr}`);
    say(built.stdout.trim());
    const starts = Array.from({ length: STARTS }, startOnce);
    const all = starts.map(({ answeredMs }) => answeredMs);
    const imports = starts.map(({ importMs }) => importMs);
    const figures: readonly Figure[] = [
      { name: 'import of the bundle, median', value: quantile(imports, 0.5), unit: 'ms' },
      { name: 'start of the process to answer, median', value: quantile(all, 0.5), unit: 'ms' },
      { name: `the same, worst of ${STARTS}`, value: Math.max(...all), unit: 'ms', max: 1000 },
    ];
    return await Promise.resolve(figures);
  },
};

function startOnce(): ColdStart {
  const child = fileURLToPath(new URL('cold-start-process.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [child], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {},
  });
  if (status !== 0) throw new Error(`the bundle did not answer: ${stderr}`);
  return JSON.parse(stdout) as ColdStart;
}
