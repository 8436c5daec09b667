import { conflict, notFound } from '../problem.ts';
import { keyedRoute, type Call, type Route } from '../route.ts';
import { ChangedMapping, MappingParams } from '../schemas/mappings.ts';
import { QueuedRun } from '../schemas/runs.ts';
import type { Services } from '../services-port.ts';
import { goOnSoon } from './queue-soon.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { renderPair } from './mapping-row.ts';
import { findPair } from './mappings.ts';
import { queueRun } from './queue-run.ts';
import { runLocation } from './runs.ts';

export const syncMapping: Route = keyedRoute({
  name: 'syncMapping',
  method: 'POST',
  path: `${MAPPINGS}/{id}/sync`,
  aliases: mappingAliases('/{id}/sync'),
  summary: 'queue a run of the pair; its outcome is at `Location`',
  params: MappingParams,
  answers: { 202: QueuedRun },
  headers: { 202: ['Location'] },
  problems: [409],
}).handledBy(async (call, services) => {
  const { pair } = await findPair(call.tenant, call.params.id, services);
  if (!pair.active) throw notFound('no such resource mapping');
  if (!pair.syncEnabled)
    throw conflict('the pair is paused: resume it first', { mapping_id: pair.id });
  const runId = await queueRun(call.tenant.id, pair.id, services);
  return {
    status: 202,
    headers: { Location: runLocation(call, runId) },
    body: {
      success: true,
      message: 'a run is queued',
      mapping_id: pair.id,
      run_id: runId,
      status: 'queued',
    },
  };
});

export const pauseMapping: Route = keyedRoute({
  name: 'pauseMapping',
  method: 'POST',
  path: `${MAPPINGS}/{id}/pause`,
  aliases: mappingAliases('/{id}/pause'),
  summary: 'stop syncing the pair until it is resumed; nothing is taken away',
  params: MappingParams,
  answers: { 200: ChangedMapping },
  problems: [409],
}).handledBy((call, services) => setEnabled(false, call, services));

export const resumeMapping: Route = keyedRoute({
  name: 'resumeMapping',
  method: 'POST',
  path: `${MAPPINGS}/{id}/resume`,
  aliases: mappingAliases('/{id}/resume'),
  summary: 'sync the pair again',
  params: MappingParams,
  answers: { 200: ChangedMapping },
  problems: [409],
}).handledBy((call, services) => setEnabled(true, call, services));

/** Said twice, it is so already. */
async function setEnabled(
  syncEnabled: boolean,
  { tenant, params }: Pick<Call<{ id: string }, unknown, unknown>, 'tenant' | 'params'>,
  services: Services,
) {
  const { pair } = await findPair(tenant, params.id, services);
  if (!pair.active) throw notFound('no such resource mapping');
  const stored =
    pair.syncEnabled === syncEnabled
      ? { pair }
      : await services.pairs.update(tenant.id, pair.id, { syncEnabled });
  if (syncEnabled) await goOnSoon(tenant, stored.pair, services);
  return {
    body: {
      success: true as const,
      mapping_id: pair.id,
      message: syncEnabled ? 'the pair is synced' : 'the pair is paused',
      mapping: renderPair(stored.pair, tenant, services.clock.now()),
    },
  };
}
