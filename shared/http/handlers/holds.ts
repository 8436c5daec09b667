import * as z from 'zod';
import { isPending, type HoldDecision, type HoldId, type HoldSample } from '../../model/hold.ts';
import { isRunnable } from '../../model/pair.ts';
import { formatInstant } from '../../model/time.ts';
import { HoldError, type TenantHold } from '../../stores/hold-ports.ts';
import { whoOf } from '../auth.ts';
import { pageOf, pagingFields } from '../paging.ts';
import { conflict, gone, notFound, type ApiError } from '../problem.ts';
import { keyedRoute, type AnswerOf, type Call, type Route } from '../route.ts';
import {
  DecidedHold,
  DecisionBody,
  HoldList,
  HoldParams,
  HoldStateName,
  OneHold,
  type Hold as HoldSchema,
} from '../schemas/holds.ts';
import type { Services } from '../services-port.ts';
import { timeOrNull } from './mapping-row.ts';
import { runLocation } from './runs.ts';

type HoldRow = z.output<typeof HoldSchema>;

const HoldsQuery = z.object({
  ...pagingFields,
  state: HoldStateName.optional(),
  mapping: z.string().optional().describe('Id of a resource mapping.'),
});

export const listHolds: Route = keyedRoute({
  name: 'listHolds',
  method: 'GET',
  path: 'holds',
  summary: 'batches of changes that wait, or waited, for a person: those that wait first',
  description:
    'The last hold of each kind on each side of each pair. What waits is not done, and the rest of ' +
    'its pair goes on.',
  query: HoldsQuery,
  answers: { 200: HoldList },
}).handledBy(async ({ tenant, query }, services) => {
  const { state, mapping } = query;
  const found = (await services.holds.list(tenant.id)).filter(
    (hold) =>
      (state === undefined || hold.state === state) &&
      (mapping === undefined || hold.pairId === mapping),
  );
  const { items, next } = pageOf(found, orderOf, query);
  return {
    body: { success: true, holds: items.map(renderHold), count: items.length, next },
  };
});

/** Sorts those that wait for somebody first, then the newest. */
function orderOf({ state, since, id }: TenantHold): string {
  const age = String(Number.MAX_SAFE_INTEGER - since).padStart(16, '0');
  return `${state === 'open' ? 0 : 1}:${age}:${id}`;
}

export const getHold: Route = keyedRoute({
  name: 'getHold',
  method: 'GET',
  path: 'holds/{id}',
  summary: 'one hold: why, what each side showed, and some of what is in it',
  params: HoldParams,
  answers: { 200: OneHold },
}).handledBy(async ({ tenant, params }, services) => {
  const hold = await services.holds.get(tenant.id, params.id as HoldId);
  if (hold === undefined) throw notFound('no such hold');
  return { body: { success: true, hold: renderHold(hold) } };
});

const decided = {
  params: HoldParams,
  body: DecisionBody,
  answers: { 202: DecidedHold },
  headers: { 202: ['Location'] },
  problems: [409, 410],
} as const;

export const approveHold: Route = keyedRoute({
  name: 'approveHold',
  method: 'POST',
  path: 'holds/{id}/approve',
  summary: 'it was meant: what is held is looked at once more, and done',
  description:
    'The run at `Location` carries it out at once; of rows that the booking system has no read by ' +
    'id for, the second look comes five minutes later at the earliest.',
  ...decided,
}).handledBy((call, services) => decide('approve', call, services));

export const rejectHold: Route = keyedRoute({
  name: 'rejectHold',
  method: 'POST',
  path: 'holds/{id}/reject',
  summary: 'it was not meant: what went away is made again, what was to be made is not',
  description: 'The run at `Location` carries it out at once.',
  ...decided,
}).handledBy((call, services) => decide('reject', call, services));

type Decision = Call<z.output<typeof HoldParams>, undefined, z.output<typeof DecisionBody>>;

async function decide(
  decision: HoldDecision,
  call: Decision,
  services: Services,
): Promise<AnswerOf<{ 202: typeof DecidedHold }>> {
  const { tenant, principal, params, body } = call;
  const { hold, runId } = await services.holds
    .decide(tenant.id, params.id as HoldId, decision, whoOf(principal), body.reason)
    .catch((error: unknown) => {
      throw error instanceof HoldError ? fromHold(error) : error;
    });
  const pair = (await services.pairs.get(tenant.id, hold.pairId))?.pair;
  const isRun = pair !== undefined && isRunnable(pair);
  const done = decision === 'approve' ? 'approved' : 'rejected';
  return {
    status: 202,
    headers: { Location: runLocation(call, runId) },
    body: {
      success: true,
      message: isRun
        ? `${done}; the run at Location carries it out`
        : `${done}; the pair is paused or has ended: it is carried out once that is over`,
      mapping_id: hold.pairId,
      run_id: runId,
      status: 'queued',
      hold: renderHold(hold),
    },
  };
}

function fromHold({ kind, message }: HoldError): ApiError {
  switch (kind) {
    case 'unknown':
      return notFound('no such hold');
    case 'already-decided':
      return conflict(`${message}: GET it to see by whom`);
    case 'expired':
      return gone(message);
  }
}

export function renderHold(hold: TenantHold): HoldRow {
  const { why, evidence } = hold;
  return {
    id: hold.id,
    mapping_id: hold.pairId,
    side: hold.side === 'a' ? 'source' : 'target',
    kind: hold.kind,
    state: hold.state,
    items: hold.items,
    why: {
      rule: why.rule,
      count: why.count,
      recent: why.recent,
      known: why.known,
      percent: why.percent,
      min: why.min,
      percent_max: why.percentMax,
    },
    evidence: { source: evidence.a, target: evidence.b },
    samples: hold.samples.map(renderSample),
    since: formatInstant(hold.since),
    expires_at: formatInstant(hold.expiresAt),
    decided_by: hold.decidedBy ?? null,
    decided_at: timeOrNull(hold.decidedAt),
    decision_reason: hold.decisionReason ?? null,
    carried_out: !isPending(hold),
    closed_at: timeOrNull(hold.closedAt),
  };
}

function renderSample({ mappingId, a, b, start, end }: HoldSample): HoldRow['samples'][number] {
  return {
    event_mapping_id: mappingId,
    source_event_id: a ?? null,
    target_event_id: b ?? null,
    start: formatInstant(start),
    end: formatInstant(end),
  };
}
