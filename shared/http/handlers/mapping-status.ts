import * as z from 'zod';
import type { Side } from '../../model/ids.ts';
import type { EventMapping, MappingState as EventState } from '../../model/mapping.ts';
import { toldStatus } from '../../model/told-status.ts';
import type { RunSummary } from '../../model/run.ts';
import { formatInstant } from '../../model/time.ts';
import type { StoredVerification } from '../../model/verification.ts';
import { keyedRoute, type Route } from '../route.ts';
import { MappingParams, MappingState } from '../schemas/mappings.ts';
import { isPairRunsCursor } from '../../stores/keys.ts';
import { badField } from '../problem.ts';
import { limitField } from '../paging.ts';
import { renderSummary } from './runs.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { findPair } from './mappings.ts';
import { directionName, policyName } from './mapping-body.ts';
import { timeOrNull } from './mapping-row.ts';

/** Rows that a person should look at, at most. */
const ATTENTION_MAX = 200;

/** Runs of its history on a page, unless more are asked for. */
const HISTORY_DEFAULT = 20;

/** Runs among which the last error is looked for. */
const ERROR_RUNS = 50;

type StateBody = z.output<typeof MappingState>;

export const mappingStatus: Route = keyedRoute({
  name: 'mappingStatus',
  method: 'GET',
  path: `${MAPPINGS}/{id}/status`,
  aliases: mappingAliases('/{id}/status'),
  summary: 'how the pair is, why an event is not there, and its last runs',
  description: 'Ids, rules and reasons only, no content.',
  params: MappingParams,
  query: z.object({ limit: limitField(HISTORY_DEFAULT), cursor: z.string().optional() }),
  answers: { 200: MappingState },
}).handledBy(async ({ tenant, params, query }, services) => {
  const { limit, cursor: before } = query;
  if (before !== undefined && !isPairRunsCursor(before))
    throw badField('cursor', 'expected the `next` of a page before');
  const { pair } = await findPair(tenant, params.id, services);
  const [mappings, holds, verification, recent, history] = await Promise.all([
    services.rows.forPair(tenant.id, pair.id).loadAll(),
    services.holds.list(tenant.id),
    services.work.getVerification(tenant.id, pair.id),
    services.runs.list(tenant.id, pair.id, { limit: ERROR_RUNS }),
    services.runs.list(tenant.id, pair.id, { limit, ...(before === undefined ? {} : { before }) }),
  ]);
  const { syncFrequencyMinutes } = tenant;
  const now = services.clock.now();
  const { status, reason = null } = toldStatus(pair, { now, syncFrequencyMinutes });
  const attention = mappings
    .filter((mapping) => needsAttention(mapping))
    .sort((one, other) => other.updatedAt - one.updatedAt);
  return {
    body: {
      success: true,
      mapping_id: pair.id,
      status,
      status_reason: reason,
      sync_direction: directionName(pair.direction),
      conflict_policy: policyName(pair.conflictPolicy),
      is_active: pair.active,
      sync_enabled: pair.syncEnabled,
      last_run_at: timeOrNull(pair.lastRunAt),
      last_synced_at: timeOrNull(pair.lastSyncedAt),
      mapped_events: pair.mappedEvents ?? null,
      parked_events: pair.parkedEvents ?? 0,
      events: countsOf(mappings),
      attention: attention.slice(0, ATTENTION_MAX).map(renderRow),
      attention_total: attention.length,
      verification: verification === undefined ? null : renderVerified(verification),
      open_holds: holds
        .filter(({ pairId, state }) => pairId === pair.id && state === 'open')
        .map(({ id }) => id),
      last_error: lastErrorOf(recent.runs),
      history: history.runs.map(renderSummary),
      next: history.next ?? null,
    },
  };
});

function lastErrorOf(runs: readonly RunSummary[]): StateBody['last_error'] {
  const failed = runs.find(({ error }) => error !== undefined);
  if (failed?.error === undefined) return null;
  const { runId, startedAt, error } = failed;
  return {
    run_id: runId,
    at: formatInstant(startedAt),
    kind: error.kind,
    message: error.message,
  };
}

function renderVerified(found: StoredVerification): StateBody['verification'] {
  const { runId, verifiedAt, verdict, unexplained, explained } = found;
  const at = formatInstant(verifiedAt);
  return { run_id: runId, verified_at: at, verdict, unexplained, explained };
}

function countsOf(mappings: readonly EventMapping[]): StateBody['events'] {
  const count = (state: EventState): number =>
    mappings.filter((mapping) => mapping.state === state).length;
  return {
    pending: count('pending'),
    synced: count('synced'),
    error: count('error'),
    conflict: count('conflict'),
    cancelled: count('cancelled'),
    refused: count('refused'),
    total: mappings.length,
  };
}

function needsAttention({ state, withheld, owed }: EventMapping): boolean {
  const isHeld = state === 'refused' || state === 'conflict' || state === 'error';
  return isHeld || withheld === true || owed.length > 0;
}

function renderRow(mapping: EventMapping): StateBody['attention'][number] {
  const idOf = (side: Side): string | null => mapping[side]?.id ?? null;
  return {
    event_mapping_id: mapping.id,
    status: mapping.state,
    origin: mapping.origin === 'a' ? 'source' : 'target',
    source_event_id: idOf('a'),
    target_event_id: idOf('b'),
    rule: mapping.rule ?? null,
    reason: mapping.reason ?? null,
    last_synced_at: timeOrNull(mapping.lastSyncedAt),
    updated_at: formatInstant(mapping.updatedAt),
  };
}
