import { afterAll, describe, expect, it } from 'vitest';
import { tryCell } from './faults/cell.ts';
import { OPERATIONS, SYSTEMS, type Operation, type System } from './faults/systems.ts';
import { WEATHERS, type Weather } from './faults/weather.ts';

/** Combinations there are none of; every other cell must be tried. */
const NONE = [
  '503 in mid-paging | Outlook | look create update delete',
  '503 in mid-paging | booking (portico) | read look create update delete',
  'pages without end | Outlook | look create update delete',
  'pages without end | booking (portico) | read look create update delete',
  'page size ignored | Outlook | look create update delete',
  'page size ignored | booking (portico) | read look create update delete',
  'empty and short pages | Outlook | look create update delete',
  'empty and short pages | booking (portico) | read look create update delete',
  'delta token expired | Outlook | look create update delete',
  'delta token expired | booking (portico) | read look create update delete',
];

/** What each cell came to: `ok`, `FAILED`, or why there is none. */
const cells = new Map<string, string>();

function keyOf(weather: Weather, system: System, operation: Operation): string {
  return `${weather.name} | ${system.name} | ${operation}`;
}

describe.each(SYSTEMS)(
  'both sides are equal again, nothing made twice or taken away: $name',
  (system) => {
    it.each(WEATHERS)('$name', { timeout: 60_000 }, async (weather) => {
      const failures: string[] = [];
      for (const operation of OPERATIONS) {
        const reason = weather.cannotBe?.(system, operation);
        const failed = reason === undefined ? await failuresOf(system, weather, operation) : [];
        failures.push(...failed);
        cells.set(
          keyOf(weather, system, operation),
          failed.length > 0 ? 'FAILED' : (reason ?? 'ok'),
        );
      }
      expect(failures).toEqual([]);
    });
  },
);

/** Tries each request of the operation, with a fault that comes once and with one that lasts. */
async function failuresOf(
  system: System,
  weather: Weather,
  operation: Operation,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const match of system.requests[operation])
    for (const isLasting of weather.isOnceOnly === true ? [false] : [false, true]) {
      const failure = await tryCell({ system, weather, operation, match, isLasting });
      const where = `${operation} (${match.method} ${match.path}, ${isLasting ? 'lasting' : 'once'})`;
      if (failure !== undefined) failures.push(`${where}: ${failure}`);
    }
  return failures;
}

it('names the combinations there are none of', () => {
  const none = WEATHERS.flatMap((weather) =>
    SYSTEMS.map((system) => ({
      cell: `${weather.name} | ${system.name}`,
      operations: OPERATIONS.filter((one) => weather.cannotBe?.(system, one) !== undefined),
    })),
  ).filter(({ operations }) => operations.length > 0);
  expect(none.map(({ cell, operations }) => `${cell} | ${operations.join(' ')}`)).toEqual(NONE);
});

afterAll(() => {
  console.log(matrix());
  const all = WEATHERS.flatMap((weather) =>
    SYSTEMS.flatMap((system) => OPERATIONS.map((operation) => keyOf(weather, system, operation))),
  );
  expect(all.filter((key) => !cells.has(key))).toEqual([]);
});

function matrix(): string {
  const reasons = new Map<string, number>();
  const shortOf = (cell = '?'): string => {
    if (cell === 'ok' || cell === 'FAILED' || cell === '?') return cell;
    if (!reasons.has(cell)) reasons.set(cell, reasons.size + 1);
    return `n/a ${String(reasons.get(cell))}`;
  };
  const table = SYSTEMS.flatMap((system) => [
    [system.name, ...OPERATIONS],
    ...WEATHERS.map((weather) => [
      `  ${weather.name}`,
      ...OPERATIONS.map((operation) => shortOf(cells.get(keyOf(weather, system, operation)))),
    ]),
  ]).map(([name = '', ...found]) => name.padEnd(36) + found.map((cell) => cell.padEnd(8)).join(''));
  const notes = [...reasons].map(([reason, number]) => `n/a ${number}: ${reason}`);
  return ['', ...table, ...notes].join('\n');
}
