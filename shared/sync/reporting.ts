import type { HoldId } from '../model/hold.ts';
import { otherSide } from '../model/ids.ts';
import type { SyncLogEntry } from '../stores/ports.ts';
import { writesTo, type Applied } from './application.ts';
import type { PassResult } from './pass.ts';
import type { Refusal, SyncAction } from './plan/state.ts';
import type { ActionReport, RunReport } from './run-report.ts';

/** What a pass adds to its run's report. */
export function reportOf(
  result: PassResult,
  dryRun: boolean,
): Pick<RunReport, 'found' | 'actions'> {
  const actions = dryRun
    ? result.planned.filter(isTold).map((action) => actionReport({ action, outcome: 'planned' }))
    : result.done.filter(({ action }) => isTold(action)).map(actionReport);
  return { found: result.found, actions: [...actions, ...result.refusals.map(refusalReport)] };
}

/** A later pass of the same run adds to an earlier one. */
export function mergeReports(before: RunReport, pass: RunReport): RunReport {
  const refusals = new Set(
    pass.actions.filter(isRefusal).map(({ sourceEventId }) => sourceEventId),
  );
  const kept = before.actions.filter(
    (action) => !isRefusal(action) || !refusals.has(action.sourceEventId),
  );
  return { ...pass, actions: [...kept, ...pass.actions] };
}

function isRefusal({ action }: ActionReport): boolean {
  return action === 'refuse';
}

/** Bringing a version up to date is no decision anybody asks about. */
function isTold(action: SyncAction): boolean {
  return !(action.kind === 'link' && (action.rule === 'echo' || action.rule === 'settled'));
}

function actionReport(
  applied: Omit<Applied, 'outcome'> & { outcome: Applied['outcome'] | 'planned' },
): ActionReport {
  const { action, outcome, error, target } = applied;
  const side = writesTo(action);
  const { mapping } = action;
  const from = otherSide(side ?? otherSide(mapping.origin));
  const sourceEventId = 'source' in action ? action.source.id : mapping[from]?.id;
  const targetEventId = target?.item?.id ?? mapping[otherSide(from)]?.id;
  return {
    action: outcome === 'flagged' ? 'flag' : action.kind,
    ...(side === undefined ? {} : { target: side }),
    mappingId: action.mappingId,
    ...(sourceEventId === undefined ? {} : { sourceEventId }),
    ...(targetEventId === undefined ? {} : { targetEventId }),
    rule: outcome === 'flagged' ? 'slot-taken' : action.rule,
    reason: action.reason,
    outcome: outcome === 'flagged' ? 'applied' : outcome,
    ...(error === undefined ? {} : { error: error.message }),
  };
}

function refusalReport({ side, item, reason }: Refusal): ActionReport {
  return {
    action: 'refuse',
    target: otherSide(side),
    sourceEventId: item.id,
    rule: 'refused',
    reason,
    outcome: 'applied',
  };
}

/** A row a decision that was made; none for a pass that had nothing to decide. */
export function logEntriesOf(
  result: PassResult,
  run: Pick<SyncLogEntry, 'at' | 'runId' | 'pairId'>,
): readonly SyncLogEntry[] {
  return result.done
    .filter(({ action }) => isTold(action))
    .map((applied) => {
      const { action, mappingId, target, rule, reason, outcome, error } = actionReport(applied);
      const holdId = holdIdOf(applied.action);
      return {
        ...run,
        action,
        ...(mappingId === undefined ? {} : { mappingId }),
        ...(target === undefined ? {} : { target }),
        rule,
        reason,
        outcome,
        ...(error === undefined ? {} : { error }),
        ...(holdId === undefined ? {} : { holdId }),
      };
    });
}

function holdIdOf(action: SyncAction): HoldId | undefined {
  if (action.kind !== 'flag') return undefined;
  const { a, b } = action.held ?? {};
  return a ?? b;
}
