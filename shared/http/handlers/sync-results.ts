import type * as z from 'zod';
import type { BridgeKey, Side } from '../../model/ids.ts';
import { otherSide } from '../../model/ids.ts';
import type { Pair } from '../../model/pair.ts';
import type { ActionReport, RunReport } from '../../sync/run-report.ts';
import type { Call } from '../route.ts';
import type { Action, RunMembers, SyncResults } from '../schemas/sync.ts';

/** Which way a run goes over a pair. */
export interface Course {
  readonly pair: Pair;
  readonly source: BridgeKey;
  readonly target: BridgeKey;
  /** The side that is written to. */
  readonly targetSide: Side;
}

/** Who asks for a run, and by which request. */
export type Asker = Pick<Call<unknown, unknown, unknown>, 'tenant' | 'requestId'>;

/** A run in the earlier service's words. In a dry run the counts are of what is planned. */
export function syncResults(report: RunReport, course: Course): SyncResults {
  const done = report.actions.filter(
    ({ outcome }) => outcome === 'applied' || outcome === 'planned',
  );
  const count = (...actions: readonly ActionReport['action'][]): number =>
    done.filter(({ action }) => actions.includes(action)).length;
  const failed = report.actions.filter(({ outcome }) => outcome === 'failed');
  const changes = count('create', 'update', 'restore', 'delete');
  return {
    source_bridge: course.source,
    target_bridge: course.target,
    source_events_found: report.found[otherSide(course.targetSide)],
    created: count('create'),
    updated: count('update', 'restore'),
    deleted: count('delete'),
    skipped: report.actions.length - changes - failed.length,
    errors: failed.map(({ sourceEventId = null, error, rule }) => ({
      event_id: sourceEventId,
      error: error ?? 'it failed',
      rule,
      // The earlier service put the whole event here; content stays in the two systems.
      event_data: null,
    })),
    processed_events: report.actions.map(renderAction),
  };
}

export function renderAction(action: ActionReport): z.output<typeof Action> {
  return {
    action: action.action,
    source_event_id: action.sourceEventId ?? null,
    target_event_id: action.targetEventId ?? null,
    reason: action.reason,
    rule: action.rule,
    outcome: action.outcome,
    ...(action.error === undefined ? {} : { error: action.error }),
  };
}

/** Members about the run itself. */
export function runMembers(report: RunReport): z.output<typeof RunMembers> {
  const { dry_run: _, ...plan } = planMembers(report);
  return {
    run_id: report.runId,
    mapping_id: report.pairId,
    outcome: report.outcome,
    dry_run: report.dryRun,
    ...plan,
    duration_ms: report.durationMs,
  };
}

/** What a dry run adds. */
export function planMembers({
  dryRun,
  actions,
}: RunReport): Pick<SyncResults, 'dry_run' | 'events_to_process' | 'note'> {
  if (!dryRun) return {};
  const planned = actions.filter(({ outcome }) => outcome === 'planned').length;
  return {
    dry_run: true,
    events_to_process: planned,
    note: 'this is the plan; nothing was written',
  };
}
