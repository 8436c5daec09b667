import * as z from 'zod';
import type { PairId } from '../../model/ids.ts';
import { RemovalError, type RemovalPlan } from '../../model/removal.ts';
import { badField, conflict, notFound, unavailable, type ApiError } from '../problem.ts';
import { keyedRoute, type AnswerOf, type Call, type Route } from '../route.ts';
import { MappingDeletion, MappingParams } from '../schemas/mappings.ts';
import type { RemovalPlan as PlanSchema } from '../schemas/removal.ts';
import type { Services } from '../services-port.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { findPair } from './mappings.ts';

const DeletionQuery = z.object({
  copies: z
    .enum(['keep', 'remove'])
    .default('keep')
    .describe('What becomes of the copies that the pair made; default keep.'),
  confirm: z
    .string()
    .max(256)
    .optional()
    .describe('The `confirm` of the plan to carry out; without it the plan is told.'),
});

type Deletion = AnswerOf<{ 200: typeof MappingDeletion }>;

export const deleteMapping: Route = keyedRoute({
  name: 'deleteMapping',
  method: 'DELETE',
  path: `${MAPPINGS}/{id}`,
  aliases: mappingAliases('/{id}'),
  summary:
    'end a pair; `copies=remove` takes its copies away too, after a plan that is to be confirmed',
  description:
    'With `copies=keep` its rows and copies stay, and live again when the two are mapped again. ' +
    'With `copies=remove` the first call, without `confirm`, changes nothing: it tells which ' +
    'copies would be removed or kept and why. The second, with the `confirm` it answered, does ' +
    'just that; where the copies are others by now, it answers 409 with the new plan. It may be ' +
    'sent again until nothing is left, and also for a pair that has ended.',
  params: MappingParams,
  query: DeletionQuery,
  answers: { 200: MappingDeletion },
  problems: [409, 502],
}).handledBy(async (call, services) => {
  const { pair } = await findPair(call.tenant, call.params.id, services);
  const { copies, confirm } = call.query;
  if (copies === 'remove')
    return confirm === undefined
      ? planned(call, pair.id, services)
      : removed(call, pair.id, confirm, services);
  if (confirm !== undefined) throw badField('confirm', 'only copies=remove is confirmed');
  if (!pair.active) throw notFound('no such resource mapping');
  await services.pairs.update(call.tenant.id, pair.id, { active: false });
  return { body: { success: true, mapping_id: pair.id, message: 'resource mapping deleted' } };
});

async function planned(
  { tenant }: Pick<Call<unknown, unknown, unknown>, 'tenant'>,
  id: PairId,
  { removal, clock }: Services,
): Promise<Deletion> {
  try {
    const plan = await removal.plan(tenant.id, id);
    return {
      body: {
        success: true,
        mapping_id: id,
        message: 'this is the plan; nothing was changed',
        copies: 'remove',
        dry_run: true,
        ...renderPlan(plan),
      },
    };
  } catch (error) {
    throw error instanceof RemovalError ? fromRemoval(error, clock.now()) : error;
  }
}

async function removed(
  {
    tenant,
    principal,
    requestId,
  }: Pick<Call<unknown, unknown, unknown>, 'tenant' | 'principal' | 'requestId'>,
  id: PairId,
  confirm: string,
  { removal, clock }: Services,
): Promise<Deletion> {
  const who = principal.kind === 'admin' ? 'admin key' : `key of ${principal.tenantId}`;
  try {
    const result = await removal.apply(tenant.id, id, confirm, { who, requestId });
    const { report, removed, kept, left } = result;
    return {
      body: {
        success: true,
        mapping_id: id,
        message:
          left === 0
            ? 'resource mapping deleted with its copies'
            : 'resource mapping deleted; some copies are left: send the same again',
        copies: 'remove',
        dry_run: false,
        run_id: report.runId,
        outcome: report.outcome,
        removed,
        kept,
        left,
      },
    };
  } catch (error) {
    throw error instanceof RemovalError ? fromRemoval(error, clock.now()) : error;
  }
}

function renderPlan({ items, confirm }: RemovalPlan): z.output<typeof PlanSchema> {
  return {
    items: items.map(({ mappingId, side, eventId = null, action, rule, reason, done }) => ({
      event_mapping_id: mappingId,
      side: side === 'a' ? 'source' : 'target',
      event_id: eventId,
      action,
      rule,
      reason,
      done: done === true,
    })),
    to_remove: items.filter(({ action, done }) => action === 'remove' && done !== true).length,
    to_keep: items.filter(({ action }) => action === 'keep').length,
    confirm,
  };
}

function fromRemoval({ kind, message, until, plan }: RemovalError, now: number): ApiError {
  if (kind === 'not-found') return notFound('no such resource mapping');
  if (kind === 'plan-changed')
    return conflict(
      `${message}: look at the plan, and confirm it`,
      plan === undefined ? {} : { plan: renderPlan(plan), mapping_id: plan.pairId },
    );
  const retryAfterMs = until === undefined ? undefined : Math.max(1000, until - now);
  return unavailable(
    `${message}; send the same again later`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}
