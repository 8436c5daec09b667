import { fork, type ChildProcess } from 'node:child_process';
import { addCoverage, emptyCoverage, type Coverage } from './coverage.ts';
import { chosenHistoryOf, type Choice } from './history.ts';
import { simulate } from './simulate.ts';

/** What became of a run of histories; plain data, so that processes can send it. */
export interface Tally {
  histories: number;
  steps: number;
  cpuMs: number;
  /** Of all traces together, in hex, whatever the order in which they were played. */
  traces: string;
  readonly coverage: Coverage;
  readonly failures: {
    readonly seed: number;
    readonly invariant: string;
    readonly detail: string;
  }[];
}

export function emptyTally(): Tally {
  return { histories: 0, steps: 0, cpuMs: 0, traces: '0', coverage: emptyCoverage(), failures: [] };
}

/** Histories of consecutive seeds, in this process. */
export async function playSeeds({ from, count, ...choice }: Portion): Promise<Tally> {
  const tally = emptyTally();
  const cpu = process.cpuUsage();
  for (let seed = from; seed < from + count; seed += 1) {
    const history = chosenHistoryOf(seed, choice);
    const { steps, hash, coverage, violation } = await simulate(history);
    tally.traces = together(tally.traces, hash);
    tally.histories += 1;
    tally.steps += steps;
    addCoverage(tally.coverage, coverage);
    if (violation !== undefined)
      tally.failures.push({ seed, invariant: violation.invariant, detail: violation.message });
  }
  const { user, system } = process.cpuUsage(cpu);
  tally.cpuMs = (user + system) / 1000;
  return tally;
}

export interface Portion extends Choice {
  readonly from: number;
  readonly count: number;
}

/** Seeds that a process plays before it is asked for more. */
const PORTION = 20;

export interface CrewOptions extends Choice {
  readonly seed: number;
  readonly histories: number;
  readonly workers: number;
  readonly onProgress: (tally: Tally) => void;
  /** No more is begun after so many failures. */
  readonly failuresMax: number;
}

/** The same over several processes. */
export async function playWithCrew(options: CrewOptions): Promise<Tally> {
  const { seed, histories, workers, onProgress, failuresMax, focus, isMixed } = options;
  const sum = emptyTally();
  const portions: Portion[] = [];
  for (let done = 0; done < histories; done += PORTION)
    portions.push({
      from: seed + done,
      count: Math.min(PORTION, histories - done),
      focus,
      isMixed,
    });
  const next = (): Portion | undefined =>
    sum.failures.length < failuresMax ? portions.shift() : undefined;
  const crew = Array.from({ length: Math.min(workers, portions.length) }, () =>
    fork(new URL('crew-process.ts', import.meta.url)),
  );
  await Promise.all(
    crew.map((child) =>
      serve(child, next, (tally) => {
        addTally(sum, tally);
        onProgress(sum);
      }),
    ),
  );
  return sum;
}

/** @throws Error where the process ends before it has answered. */
async function serve(
  child: ChildProcess,
  next: () => Portion | undefined,
  onTally: (tally: Tally) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const give = (): void => {
      const portion = next();
      if (portion === undefined) child.disconnect();
      else child.send(portion);
    };
    child.on('message', (tally: Tally) => {
      onTally(tally);
      give();
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`a process of the crew ended with ${String(code)}`)),
    );
    give();
  });
}

function together(one: string, other: string): string {
  return (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(16);
}

function addTally(sum: Tally, more: Tally): void {
  sum.histories += more.histories;
  sum.steps += more.steps;
  sum.cpuMs += more.cpuMs;
  sum.traces = together(sum.traces, more.traces);
  addCoverage(sum.coverage, more.coverage);
  sum.failures.push(...more.failures);
}
