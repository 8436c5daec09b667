import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { coverageText, HISTORIES_FOR_FLOORS, shortfalls } from './coverage.ts';
import { playWithCrew, type Tally } from './crew.ts';
import { chosenHistoryOf, type Choice, type Focus } from './history.ts';
import { historyText, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

const USAGE = `npm run simulate -- [--seed N] [--histories M] [--workers W] [--json FILE] [--verbose]
  --seed N       first seed; alone it replays that one history. Default: from the clock
  --histories M  how many seeds, from N on. Default: 100
  --workers W    processes. Default: one a core
  --json FILE    writes what was counted
  --verbose      every step of one history
  --focus JSON   {"faults": [...], "rate": 0.3, "acts": [...]}: these alone, as often as that
  --notices off  nothing is announced; else in every twelfth seed
  --first        stops at the first failure, and does not make it shorter`;

function numberOf(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      histories: { type: 'string' },
      workers: { type: 'string' },
      json: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      focus: { type: 'string' },
      notices: { type: 'string', default: 'mixed' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seed = numberOf(values.seed, 'seed', Date.now() % 1_000_000_000);
  const isReplay = values.seed !== undefined && values.histories === undefined;
  const focus = values.focus === undefined ? undefined : (JSON.parse(values.focus) as Focus);
  const isMixed = values.notices !== 'off';
  if (isReplay) return await replay(seed, values.verbose, { focus, isMixed });
  const histories = numberOf(values.histories, 'histories', 100);
  const workers = numberOf(values.workers, 'workers', availableParallelism());
  console.log(`${histories} histories from seed ${seed} on, in ${workers} processes`);
  const startedAt = Date.now();
  const tally = await playWithCrew({
    seed,
    histories,
    workers,
    failuresMax: values.first ? 1 : 20,
    focus,
    isMixed,
    onProgress,
  });
  const seconds = (Date.now() - startedAt) / 1000;
  console.log(`\n${coverageText(tally.coverage)}`);
  const each = tally.histories / 100;
  console.log(
    `${tally.histories} histories of ${Math.round(tally.steps / each) / 100} steps, ` +
      `${Math.round(tally.cpuMs / each) / 100} ms of CPU each, ${seconds.toFixed(1)} s in all, ` +
      `${tally.failures.length} failed, traces ${tally.traces}`,
  );
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ seed, seconds, ...tally }, null, 2));
  for (const { seed, detail } of tally.failures) console.log(`seed ${seed}: ${detail}`);
  const [first] = tally.failures;
  if (first === undefined) {
    const missing = histories < HISTORIES_FOR_FLOORS ? [] : shortfalls(tally.coverage);
    for (const line of missing) console.log(line);
    return missing.length === 0 ? 0 : 1;
  }
  if (values.first) return 1;
  await replay(first.seed, false, { focus, isMixed });
  return 1;
}

function onProgress({ histories, failures }: Tally): void {
  if (process.stdout.isTTY)
    process.stdout.write(`\r${histories} played, ${failures.length} failed`);
}

/** Plays one seed, and says what is wrong with it as shortly as it can. */
async function replay(seed: number, isVerbose: boolean, choice: Choice): Promise<number> {
  const history = chosenHistoryOf(seed, choice);
  const { hash, steps, lines, violation } = await simulate(history, { keepLines: isVerbose });
  for (const line of lines) console.log(line);
  console.log(`seed ${seed}: ${steps} steps, trace ${hash}`);
  if (violation === undefined) {
    console.log('every invariant holds');
    return 0;
  }
  console.log(`${violation.message}\nreplay it with: npm run simulate -- --seed ${seed}`);
  const short = await shrink(history, violation.invariant);
  const last = await simulate(short, { keepLines: true });
  console.log(`shortest history found that breaks ${violation.invariant}:`);
  console.log(historyText(short));
  console.log(`${last.violation?.message ?? ''}\nits steps:`);
  for (const line of last.lines) console.log(line);
  return 1;
}

process.exitCode = await main();
