import * as z from 'zod';
import type { MappingId, RunId } from '../../model/ids.ts';
import { SIDES } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { isRunnable, type Pair } from '../../model/pair.ts';
import { QUEUES } from '../../queues/messages.ts';
import { loadMissed } from '../../stores/missed.ts';
import { mapBounded } from '../../stores/bounded.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { conflict, notFound } from '../problem.ts';
import { adminRoute, keyedRoute, type Route } from '../route.ts';
import { requestBody } from '../schemas/component.ts';
import { DeletionQueueAnswer, DeletionSyncAnswer, QueuedForAll } from '../schemas/deletions.ts';
import type { Services } from '../services-port.ts';
import { resourceId } from './mapping-body.ts';
import { findPair } from './mappings.ts';
import { runMany, type ManyRuns } from './run-many.ts';
import { runLocation } from './runs.ts';

const READS_AT_ONCE_MAX = 16;

const SyncDeletionsBody = requestBody(
  'DeletionSyncRequest',
  z.object({
    mapping_id: resourceId.optional().describe('Only this mapping; else all of the tenant’s.'),
  }),
);

export const syncDeletions: Route = keyedRoute({
  name: 'syncDeletions',
  method: 'POST',
  path: 'bridges/sync-deletions',
  summary:
    'find and carry over what was cancelled on either side, now: complete reads of every pair',
  description:
    'Every active pair, or one, is run with complete reads of both sides, so that what else is due ' +
    'is done too. Runs that have not ended after 20 s go on, and are found by their ids. What the ' +
    'booking system cannot be asked for by id is ended five minutes after it was first missed.',
  body: SyncDeletionsBody,
  answers: { 200: DeletionSyncAnswer, 202: DeletionSyncAnswer },
  headers: { 202: ['Location'] },
  problems: [409],
}).handledBy(async (call, services) => {
  const { tenant, body } = call;
  const pairs = await pairsAsked(tenant, body.mapping_id, services);
  const known = await mapBounded(pairs, READS_AT_ONCE_MAX, async ({ id }) => {
    const mappings = await services.rows.forPair(tenant.id, id).loadAll();
    return [id, mappings.filter(isLive).length] as const;
  });
  const live = new Map(known);
  const wanted = pairs.map((pair) => ({ pair, options: { complete: true } }));
  const runs = await runMany(wanted, call, services);
  const deleted = runs.ended.flatMap(({ report }) =>
    report.actions.filter(({ action, outcome }) => action === 'delete' && outcome === 'applied'),
  );
  return {
    ...toldOf(call, runs),
    body: {
      success: true,
      message: messageOf(runs),
      results: {
        checked: runs.ended.reduce((sum, { pair }) => sum + (live.get(pair.id) ?? 0), 0),
        deleted: deleted.length,
        errors: errorsOf(runs),
      },
      runs: [...runs.unfinished],
    },
  };
});

export const syncDeletionsOfAll: Route = adminRoute({
  name: 'syncDeletionsOfAll',
  method: 'POST',
  path: 'bridges/sync-deletions-all',
  summary: 'the same for every tenant, queued; only for the admin key',
  answers: { 200: QueuedForAll },
}).handledBy(async (requestId, { tenants, queue, logger }) => {
  const failed: string[] = [];
  const all = tenants.list().map(({ id }) => id);
  await mapBounded(all, READS_AT_ONCE_MAX, async (tenantId) => {
    try {
      const job = { v: 1, kind: 'fan-out', tenantId, timer: 'syncDeletions' } as const;
      await queue.send(QUEUES.low, job);
    } catch (error) {
      failed.push(tenantId);
      logger.error('a tenant was not queued', { tenantId, requestId, error: String(error) });
    }
  });
  return {
    body: {
      success: true,
      message: 'each tenant’s pairs are queued, to be read completely',
      tenants_queued: all.length - failed.length,
      errors: failed.map((tenantId) => ({ tenant_id: tenantId, error: 'it was not queued' })),
    },
  };
});

export const processDeletionQueue: Route = keyedRoute({
  name: 'processDeletionQueue',
  method: 'POST',
  path: 'bridges/process-deletion-queue',
  summary: 'look again, by id, at every event that is missed on a side',
  description:
    'What is confirmed to be gone is ended on the other side too; what is found again is kept. Runs ' +
    'that have not ended after 20 s go on, and are found by their ids.',
  answers: { 200: DeletionQueueAnswer, 202: DeletionQueueAnswer },
  headers: { 202: ['Location'] },
}).handledBy(async (call, services) => {
  const pairs = await pairsAsked(call.tenant, undefined, services);
  const found = await mapBounded(pairs, READS_AT_ONCE_MAX, async (pair) => {
    const missed = await loadMissed(services.rows.forPair(call.tenant.id, pair.id));
    return { pair, look: missed.map(({ id }) => id) };
  });
  const wanted = found.filter(({ look }) => look.length > 0);
  const looks = new Map(wanted.map(({ pair, look }) => [pair.id, new Set<MappingId>(look)]));
  const asked = wanted.map(({ pair, look }) => ({ pair, options: { look } }));
  const runs = await runMany(asked, call, services);
  const ended = runs.ended.flatMap(({ pair, report }) =>
    report.actions.filter(
      ({ action, outcome, mappingId }) =>
        (action === 'delete' || action === 'unlink') &&
        outcome === 'applied' &&
        mappingId !== undefined &&
        looks.get(pair.id)?.has(mappingId) === true,
    ),
  );
  return {
    ...toldOf(call, runs),
    body: {
      success: true,
      message: messageOf(runs),
      results: {
        processed: runs.ended.reduce((sum, { pair }) => sum + (looks.get(pair.id)?.size ?? 0), 0),
        deletions_found: ended.length,
        errors: errorsOf(runs),
      },
      runs: [...runs.unfinished],
    },
  };
});

/**
 * The pairs that run, or the one that was asked for.
 * @throws ApiError 404; 409 while it is paused.
 */
async function pairsAsked(
  tenant: TenantConfig,
  id: string | undefined,
  services: Services,
): Promise<readonly Pair[]> {
  if (id === undefined) return (await services.pairs.list(tenant.id)).filter(isRunnable);
  const { pair } = await findPair(tenant, id, services);
  if (!pair.active) throw notFound('no such resource mapping');
  if (!pair.syncEnabled)
    throw conflict('the pair is paused: resume it first', { mapping_id: pair.id });
  return [pair];
}

/** It has both of its copies, so that one of them can be found to be gone. */
function isLive(mapping: EventMapping): boolean {
  return SIDES.every((side) => mapping[side] !== undefined && mapping[side].gone !== true);
}

/** The run that began last, and as a rule ends last, is where to look first. */
function toldOf(
  call: Parameters<typeof runLocation>[0],
  { unfinished }: ManyRuns,
): { readonly status: 200 | 202; readonly headers?: Readonly<Record<string, string>> } {
  const last = unfinished.at(-1);
  if (last === undefined) return { status: 200 };
  return { status: 202, headers: { Location: runLocation(call, last.run_id as RunId) } };
}

function messageOf({ ended, failed, unfinished }: ManyRuns): string {
  const failures = failed.length === 0 ? '' : `, ${failed.length} failed`;
  const left = unfinished.length === 0 ? '' : `; ${unfinished.length} go on, see runs`;
  return `${ended.length} pairs were looked at${failures}${left}`;
}

function errorsOf({ ended, failed }: ManyRuns): { mapping_id: string; error: string }[] {
  const single = ended.flatMap(({ pair, report }) =>
    report.actions
      .filter(({ action, outcome }) => action === 'delete' && outcome === 'failed')
      .map(({ error = 'it failed' }) => ({ mapping_id: pair.id as string, error })),
  );
  return [...failed.map(({ mappingId, error }) => ({ mapping_id: mappingId, error })), ...single];
}
