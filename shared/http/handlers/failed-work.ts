import * as z from 'zod';
import {
  failedIdOf,
  FailedWorkError,
  type Asker,
  type FailedWork,
  type Retry,
} from '../../model/failed-work.ts';
import { SERVICE, type MappingId, type PairId, type TenantId } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import { whoOf } from '../auth.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { conflict, notFound } from '../problem.ts';
import { keyedRoute, type AnswerOf, type Call, type Route } from '../route.ts';
import {
  Dismissed,
  FailedList,
  FailedParams,
  Retried,
  RetryBody,
  type FailedItem,
} from '../schemas/failed-work.ts';
import { MappingParams } from '../schemas/mappings.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { timeOrNull } from './mapping-row.ts';
import { runLocation } from './runs.ts';

type AnyCall = Pick<
  Call<unknown, unknown, unknown>,
  'tenant' | 'tenantInPath' | 'principal' | 'requestId'
>;

export const listFailed: Route = keyedRoute({
  name: 'listFailed',
  method: 'GET',
  path: 'bridges/queue/failed',
  summary: 'what failed and is not done: events, pairs and messages, with their next try',
  description:
    'Ids and reasons only, no content. To the admin key also messages that are of no tenant.',
  query: z.object(pagingFields),
  answers: { 200: FailedList },
}).handledBy(async (call, services) => {
  const found = await Promise.all(placesOf(call).map((tenant) => services.failedWork.list(tenant)));
  const { items, next } = pageOf(found.flat(), failedIdOf, call.query);
  return {
    body: { success: true, failed: items.map(renderFailed), count: items.length, next },
  };
});

const retried = {
  answers: { 202: Retried },
  headers: { 202: ['Location'] },
  problems: [409],
} as const;

export const retryFailed: Route = keyedRoute({
  name: 'retryFailed',
  method: 'POST',
  path: 'bridges/queue/{id}/retry',
  summary: 'try one of them again, now',
  params: FailedParams,
  ...retried,
}).handledBy(async (call, services) => {
  const retry = await inEachPlace(call, (tenant) =>
    services.failedWork.retry(tenant, call.params.id, askerOf(call)),
  );
  return toldOf(call, retry === undefined ? [] : [retry]);
});

export const retryAllFailed: Route = keyedRoute({
  name: 'retryAllFailed',
  method: 'POST',
  path: 'bridges/queue/retry',
  summary: 'try all of them again, now',
  ...retried,
}).handledBy(async (call, { failedWork }) =>
  toldOf(call, await failedWork.retryAll(call.tenant.id, askerOf(call))),
);

export const retryMapping: Route = keyedRoute({
  name: 'retryMapping',
  method: 'POST',
  path: `${MAPPINGS}/{id}/retry`,
  aliases: mappingAliases('/{id}/retry'),
  summary: 'run the pair now and try its events that rest again, or some of them',
  params: MappingParams,
  body: RetryBody,
  ...retried,
}).handledBy(async (call, { failedWork }) => {
  const events = (call.body.event_mapping_ids as MappingId[] | undefined) ?? 'all';
  const pairId = call.params.id as PairId;
  const retry = await failedWork
    .retryPair(call.tenant.id, pairId, events, askerOf(call))
    .catch(refused);
  return toldOf(call, [retry]);
});

export const dismissFailed: Route = keyedRoute({
  name: 'dismissFailed',
  method: 'DELETE',
  path: 'bridges/queue/{id}',
  summary: 'take a message off the list; nothing is done about it',
  params: FailedParams,
  answers: { 200: Dismissed },
  problems: [409],
}).handledBy(async (call, services) => {
  const { id } = call.params;
  await inEachPlace(call, (tenant) => services.failedWork.dismiss(tenant, id, askerOf(call)));
  return { body: { success: true, message: 'dismissed', id } };
});

/** Whose failed work the caller may see. */
function placesOf({ tenant, principal }: AnyCall): readonly TenantId[] {
  return principal.kind === 'admin' ? [tenant.id, SERVICE] : [tenant.id];
}

/** In the first of the places that knows it. */
async function inEachPlace<T>(call: AnyCall, act: (tenant: TenantId) => Promise<T>): Promise<T> {
  const places = placesOf(call);
  for (const [index, place] of places.entries())
    try {
      return await act(place);
    } catch (error) {
      const isElsewhere = error instanceof FailedWorkError && error.kind === 'unknown';
      if (!isElsewhere || index === places.length - 1) return refused(error);
    }
  throw notFound('no such failed work');
}

function refused(error: unknown): never {
  if (!(error instanceof FailedWorkError)) throw error;
  if (error.kind === 'unknown') throw notFound(error.message);
  throw conflict(error.message);
}

function askerOf({ principal, requestId }: AnyCall): Asker {
  return { who: whoOf(principal), requestId };
}

/** Where to look first: at the last run, or at what is left. */
function toldOf(call: AnyCall, retries: readonly Retry[]): AnswerOf<{ 202: typeof Retried }> {
  const last = retries.at(-1);
  const { tenant, tenantInPath } = call;
  const list = `${tenantInPath ? `/tenants/${tenant.id}` : ''}/bridges/queue/failed`;
  return {
    status: 202,
    headers: { Location: last === undefined ? list : runLocation(call, last.runId) },
    body: {
      success: true,
      message: retries.length === 1 ? 'a run is queued' : `${retries.length} runs are queued`,
      runs: retries.map(({ pairId, runId }) => ({ mapping_id: pairId, run_id: runId })),
    },
  };
}

function renderFailed(work: FailedWork): z.output<typeof FailedItem> {
  const base = {
    id: failedIdOf(work),
    kind: work.kind,
    mapping_id: work.pairId ?? null,
    event_mapping_id: null,
    source_event_id: null,
    target_event_id: null,
    queue: null,
    job: null,
  };
  if (work.kind === 'message') {
    const { queue, job, times, firstAt } = work;
    const reason = 'it failed five times each; the log says why';
    const since = formatInstant(firstAt);
    return { ...base, queue, job, attempts: times, since, next_try_at: null, reason };
  }
  const { attempts, reason, since, nextTryAt } = work;
  const times = { attempts, since: formatInstant(since), next_try_at: timeOrNull(nextTryAt) };
  if (work.kind === 'pair') return { ...base, ...times, reason };
  const { mappingId, ids } = work;
  return {
    ...base,
    ...times,
    event_mapping_id: mappingId,
    source_event_id: ids.a ?? null,
    target_event_id: ids.b ?? null,
    reason,
  };
}
