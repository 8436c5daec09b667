import { cellOf } from '../shared/sync/plan/decide.ts';
import { inquire } from '../shared/sync/plan/view.ts';
import { concealed } from '../shared/sync/plan/conceal.ts';
import type { PlanState, SyncPlan } from '../shared/sync/plan/state.ts';
import { FAULTS, type FaultName } from './faults.ts';

const SEEN = ['unchanged', 'changed', 'gone', 'returned'] as const;

export type Counts = Record<string, number>;

/** What was taken how often; plain numbers, so that processes can add theirs up. */
export interface Coverage {
  readonly faults: Counts;
  /** `row/column` of the truth table. */
  readonly cells: Counts;
  /** `row/column rule`, or the rule alone where no mapping of two copies was decided on. */
  readonly rules: Counts;
}

export function emptyCoverage(): Coverage {
  return { faults: {}, cells: {}, rules: {} };
}

/** Counts the decisions of a plan that has no open questions. */
export function countPlan(coverage: Coverage, whole: PlanState, plan: SyncPlan): void {
  if (plan.questions.length > 0) return;
  const state = concealed(whole);
  const distrusted = new Set(plan.distrust.map(({ side }) => side));
  const inquiry = inquire(state, distrusted);
  const cells = new Map<string, string>();
  for (const mapping of state.mappings) {
    const cell = cellOf(inquiry, mapping);
    if (cell === undefined) continue;
    const name = `${cell.a}/${cell.b}`;
    cells.set(mapping.id, name);
    add(coverage.cells, name);
  }
  for (const { mappingId, rule } of plan.actions)
    add(coverage.rules, `${cells.get(mappingId) ?? 'one side'} ${rule}`);
  for (const { reason } of plan.refusals) add(coverage.rules, `refused ${reason}`);
  if (plan.distrust.length > 0) add(coverage.rules, 'distrust');
}

export function addFaults(coverage: Coverage, fired: ReadonlyMap<FaultName, number>): void {
  for (const [name, count] of fired) add(coverage.faults, name, count);
}

export function addCoverage(sum: Coverage, more: Coverage): void {
  for (const part of ['faults', 'cells', 'rules'] as const)
    for (const [name, count] of Object.entries(more[part])) add(sum[part], name, count);
}

function add(counts: Counts, name: string, count = 1): void {
  counts[name] = (counts[name] ?? 0) + count;
}

/** From so many histories on, each fault must have come and each cell been decided on this often. */
export const HISTORIES_FOR_FLOORS = 10_000;
const FAULT_MIN = 500;
const CELL_MIN = 1000;

/** What came too seldom to be called tried, in words; nothing where all of it came often enough. */
export function shortfalls({ faults, cells }: Coverage): readonly string[] {
  const short = (what: string, count: number, least: number): readonly string[] =>
    count < least ? [`${what} came ${count} times, fewer than ${least}`] : [];
  return [
    ...FAULTS.flatMap((name) => short(`the fault ${name}`, faults[name] ?? 0, FAULT_MIN)),
    ...SEEN.flatMap((a) =>
      SEEN.flatMap((b) => short(`the cell ${a}/${b}`, cells[`${a}/${b}`] ?? 0, CELL_MIN)),
    ),
  ];
}

/** Both tables as text. */
export function coverageText({ faults, cells, rules }: Coverage): string {
  const line = (name: string, count: number): string => `  ${String(count).padStart(9)}  ${name}`;
  const table = SEEN.map(
    (a) =>
      `  ${a.padEnd(10)}` + SEEN.map((b) => String(cells[`${a}/${b}`] ?? 0).padStart(11)).join(''),
  );
  return [
    'faults that came',
    ...FAULTS.map((name) => line(name, faults[name] ?? 0)),
    'truth table (rows: side a, columns: side b)',
    `  ${' '.repeat(10)}${SEEN.map((b) => b.padStart(11)).join('')}`,
    ...table,
    'cells and the rule that decided',
    ...Object.entries(rules)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, count]) => line(name, count)),
  ].join('\n');
}
