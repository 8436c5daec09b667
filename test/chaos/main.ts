/**
 * Kills the real host again and again while people work in both systems, and says whether both are
 * what they must be afterwards. Exit code 1 where they are not, or are later than two lease times.
 */
import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

const USAGE = `npm run chaos -- [--seed N] [--changes N] [--kills N] [--restarts N] [--rooms N]
  --seed N      of what is drawn. Default: from the clock
  --changes N   by people, in both systems. Default: 1000
  --kills N     of the host, by SIGKILL. Default: 50
  --restarts N  of Azurite, by SIGTERM. Default: 5
  --rooms N     Default: 10`;

const NUMBER = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    seed: NUMBER,
    changes: NUMBER,
    kills: NUMBER,
    restarts: NUMBER,
    rooms: NUMBER,
    help: { type: 'boolean', default: false },
  },
});

function numberOf(name: 'seed' | 'changes' | 'kills' | 'restarts' | 'rooms', other: number) {
  const value = Number(values[name] ?? other);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
  return value;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seed = numberOf('seed', Date.now() % 1_000_000_000);
  const changes = numberOf('changes', 1000);
  const rooms = numberOf('rooms', 10);
  const startedAt = performance.now();
  console.log(`seed ${seed}: ${changes} changes over ${rooms} rooms`);
  const result = await chaos({
    seed,
    changes,
    rooms,
    kills: numberOf('kills', 50),
    restarts: numberOf('restarts', 5),
    say: (line) => console.log(line),
  });
  const { counts, kills, killsAtWork, restarts, equalAfterMs, leaseMs } = result;
  for (const [name, count] of [...counts].sort())
    console.log(`  ${String(count).padStart(5)}  ${name}`);
  console.log(`host killed ${kills} times, ${killsAtWork} of them at work`);
  console.log(`Azurite restarted ${restarts} times`);
  for (const line of result.missing.slice(0, 20)) console.log(`missing: ${line}`);
  for (const line of result.surplus.slice(0, 20)) console.log(`twice or not wanted: ${line}`);
  const leases = (ms: number): string => (ms / leaseMs).toFixed(2);
  console.log(
    equalAfterMs === undefined
      ? 'not equal'
      : `equal ${(equalAfterMs / 1000).toFixed(1)} s after the last change: ` +
          `${leases(equalAfterMs)} lease times of ${leaseMs / 1000} s`,
  );
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s in all`);
  const isInTime = equalAfterMs !== undefined && equalAfterMs <= 2 * leaseMs;
  const isWhole = result.isEqual && result.missing.length + result.surplus.length === 0;
  return isWhole && isInTime ? 0 : 1;
}

process.exitCode = await main();
