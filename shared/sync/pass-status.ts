import type { Pair, PairStatus } from '../model/pair.ts';
import type { PairRows } from '../stores/ports.ts';
import { adviceFor } from './advice.ts';
import type { Applied } from './application.ts';
import { heldReason, pendingHolds } from './holding.ts';
import type { Ledger } from './ledger.ts';
import type { Distrust } from './plan/state.ts';

/** What can be the matter after a pass. */
export interface PassTrouble {
  readonly done: readonly Applied[];
  readonly distrust: readonly Distrust[];
  /** In words. */
  readonly undecided: readonly string[];
}

/** The pair's status after a pass, and why it is not `synced`. */
export async function statusOf(
  ports: { readonly pair: Pair; readonly rows: PairRows },
  outcome: PassTrouble,
  ledger: Ledger,
): Promise<{ status: PairStatus; statusReason?: string }> {
  const holds = pendingHolds(ledger.brakes).map(heldReason);
  const trouble = troubleOf(outcome) ?? parkedReason(ledger.parked);
  if (trouble !== undefined)
    return { status: 'error', statusReason: [trouble, ...holds].join('; ') };
  const before = ports.pair.status;
  // Only the whole pair can say that no conflict is left.
  const mappings = before === 'synced' ? ledger.mappings() : await ports.rows.loadAll();
  const conflicts = mappings.filter(
    ({ state, rule }) => state === 'conflict' && rule !== 'held',
  ).length;
  const waiting = conflicts === 1 ? '1 event waits' : `${conflicts} events wait`;
  const reasons = [...holds, ...(conflicts === 0 ? [] : [`${waiting} for a decision`])];
  if (reasons.length === 0) return { status: 'synced' };
  return { status: 'conflict', statusReason: reasons.join('; ') };
}

function parkedReason(parked: number): string | undefined {
  if (parked === 0) return undefined;
  const what = parked === 1 ? '1 event failed and is' : `${parked} events failed and are`;
  return `${what} tried again later; GET /bridges/queue/failed says why`;
}

function troubleOf({ distrust, done, undecided }: PassTrouble): string | undefined {
  const [doubt] = distrust;
  if (doubt !== undefined)
    return `the list of side ${doubt.side} left out ${doubt.items} events that exist`;
  const failures = done.filter(({ outcome }) => outcome === 'failed');
  const [failure] = failures;
  if (failure !== undefined) {
    const { error, action } = failure;
    const why = error === undefined ? action.reason : `${error.message}; ${adviceFor(error.kind)}`;
    return `${failures.length} of ${done.length} changes failed: ${why}`;
  }
  const [unclear] = undecided;
  return unclear === undefined ? undefined : `${undecided.length} events unclear: ${unclear}`;
}
