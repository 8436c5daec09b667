import type * as z from 'zod';
import type { RunId } from '../../model/ids.ts';
import { summaryOf, type RunSummary } from '../../model/run.ts';
import { formatInstant } from '../../model/time.ts';
import { notFound } from '../problem.ts';
import { keyedRoute, type Call, type Route } from '../route.ts';
import { Run, RunParams, type RunSummary as SummarySchema } from '../schemas/runs.ts';
import { timeOrNull } from './mapping-row.ts';
import { renderAction } from './sync-results.ts';

/** When to ask again for a run that has not ended. */
const RETRY_SECONDS = 5;

export const getRun: Route = keyedRoute({
  name: 'getRun',
  method: 'GET',
  path: 'runs/{id}',
  summary: 'what a run decided and did; or that it has not ended',
  description: 'Runs are kept for at least a month.',
  params: RunParams,
  answers: { 200: Run },
  headers: { 200: ['Retry-After'] },
}).handledBy(async ({ tenant, params }, { runs }) => {
  const stored = await runs.get(tenant.id, params.id as RunId);
  if (stored === undefined) throw notFound('no such run');
  const ids = { run_id: stored.runId, mapping_id: stored.pairId };
  if (stored.state === 'queued')
    return {
      headers: { 'Retry-After': String(RETRY_SECONDS) },
      body: {
        success: true,
        ...ids,
        status: 'queued',
        queued_at: formatInstant(stored.queuedAt),
      },
    };
  const { report, actionsOmitted } = stored;
  return {
    body: {
      success: true,
      ...ids,
      status: 'finished',
      ...renderSummary(summaryOf(report)),
      actions: report.actions.map(renderAction),
      actions_omitted: actionsOmitted,
    },
  };
});

/** A run as lists show it. */
export function renderSummary(summary: RunSummary): z.output<typeof SummarySchema> {
  const { counts, error } = summary;
  return {
    run_id: summary.runId,
    cause: summary.cause,
    outcome: summary.outcome,
    dry_run: summary.dryRun,
    started_at: formatInstant(summary.startedAt),
    duration_ms: summary.durationMs,
    found: { source: summary.found.a, target: summary.found.b },
    counts: {
      created: counts.created,
      updated: counts.updated,
      deleted: counts.deleted,
      flagged: counts.flagged,
      refused: counts.refused,
      kept: counts.kept,
      failed: counts.failed,
      put_off: counts.putOff,
    },
    error: error === undefined ? null : { kind: error.kind, message: error.message },
    blocked_until: timeOrNull(summary.blockedUntil),
  };
}

/** Where a run is found: with its tenant in the path where that is how it was asked for. */
export function runLocation(
  { tenant, tenantInPath }: Pick<Call<unknown, unknown, unknown>, 'tenant' | 'tenantInPath'>,
  runId: RunId,
): string {
  return `${tenantInPath ? `/tenants/${tenant.id}` : ''}/runs/${runId}`;
}
