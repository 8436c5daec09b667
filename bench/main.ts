/** Runs benchmarks, one after the other. Exit code 1 where a figure is over what it may be. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { isMet, type Figure, type Scenario } from './scenario.ts';
import { coldStart } from './scenarios/cold-start.ts';
import { crossing } from './scenarios/crossing.ts';
import { endpoint } from './scenarios/endpoint.ts';
import { fuzz } from './scenarios/fuzz.ts';

const SCENARIOS: readonly Scenario[] = [coldStart, endpoint, crossing, fuzz];

const USAGE = `npm run bench -- [scenario]... [--json FILE]
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join('\n')}
  --json FILE writes the figures, with machine and commit`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `there is no ${unknown.join(', ')}\n${USAGE}` : USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const wanted = SCENARIOS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const results: Record<string, readonly Figure[]> = {};
  for (const scenario of wanted) {
    console.log(`\n${scenario.name}: ${scenario.about}`);
    const figures = await scenario.run((line) => console.log(`  ${line}`));
    results[scenario.name] = figures;
    for (const figure of figures) console.log(`  ${lineOf(figure)}`);
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ ...machine(), results }, undefined, 2)}\n`);
  const missed = Object.values(results)
    .flat()
    .filter((figure) => !isMet(figure));
  console.log(missed.length === 0 ? '\nall within bounds' : `\n${missed.length} out of bounds`);
  return missed.length === 0 ? 0 : 1;
}

function lineOf(figure: Figure): string {
  const { name, value, unit, max } = figure;
  const shown = unit === 'count' ? String(value) : `${value.toFixed(1)} ${unit}`;
  const bound = max === undefined ? '' : ` (at most ${max}${unit === 'count' ? '' : ` ${unit}`})`;
  return `${shown.padStart(12)}  ${name}${bound}${isMet(figure) ? '' : '  OUT OF BOUNDS'}`;
}

function machine() {
  const [cpu] = cpus();
  return {
    commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
    machine: `${cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  };
}

process.exitCode = await main();
