import * as z from 'zod';
import type { PairId, RunId } from '../../model/ids.ts';
import { VerifyError, type StoredVerification } from '../../model/verification.ts';
import { trueOrFalse } from '../parse.ts';
import { notFound, unavailable, type ApiError } from '../problem.ts';
import { keyedRoute, type Call, type Route } from '../route.ts';
import { MappingParams } from '../schemas/mappings.ts';
import { UnfinishedVerification, VerifyAnswer } from '../schemas/verification.ts';
import type { Services } from '../services-port.ts';
import { within } from '../within.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { findPair } from './mappings.ts';
import { INLINE_MS } from './run-within.ts';
import { runLocation } from './runs.ts';
import { renderVerification } from './verification-body.ts';

export const verifyMapping: Route = keyedRoute({
  name: 'verifyMapping',
  method: 'GET',
  path: `${MAPPINGS}/{id}/verify`,
  aliases: mappingAliases('/{id}/verify'),
  summary: 'are both sides equal now, and if not, in which events and why',
  description:
    'Reads both sides completely and pairs their items through the mappings. Each difference is ' +
    'told with the rule and reason that explain it: ids and names of fields, no content. Nothing ' +
    'is changed. What has not ended after 20 s goes on, and is found at `Location`.',
  params: MappingParams,
  query: z.object({
    deep: trueOrFalse
      .default(false)
      .describe('Also compare what lists do not show: at some systems a request an event.'),
  }),
  answers: { 200: VerifyAnswer, 202: UnfinishedVerification },
  headers: { 202: ['Location'] },
  problems: [502],
}).handledBy(async (call, services) => {
  const { pair } = await findPair(call.tenant, call.params.id, services);
  const runId = services.newId() as RunId;
  const found = await verifyWithin(pair.id, { runId, deep: call.query.deep }, call, services);
  if (found === undefined)
    return {
      status: 202,
      headers: { Location: runLocation(call, runId) },
      body: {
        success: true,
        message: 'the reads go on; what they find is at Location',
        mapping_id: pair.id,
        run_id: runId,
        status: 'queued',
      },
    };
  return {
    body: {
      success: true,
      mapping_id: pair.id,
      sync_enabled: pair.syncEnabled,
      verification: renderVerification(found),
    },
  };
});

/** Undefined where it goes on after 20 s. */
async function verifyWithin(
  pairId: PairId,
  options: { readonly runId: RunId; readonly deep: boolean },
  { tenant, requestId }: Pick<Call<unknown, unknown, unknown>, 'tenant' | 'requestId'>,
  { verifier, runs, logger, clock }: Services,
): Promise<StoredVerification | undefined> {
  const ids = { tenantId: tenant.id, pairId, runId: options.runId, requestId };
  logger.info('verification asked for', ids);
  const work = verifier.verify(tenant.id, pairId, options);
  try {
    const found = await within<StoredVerification | undefined>(INLINE_MS, work, () => undefined);
    if (found !== undefined) return found;
  } catch (error) {
    throw error instanceof VerifyError ? fromVerify(error, clock.now()) : error;
  }
  work.catch((error: unknown) => {
    logger.error('a verification that nobody waited for failed', { ...ids, error: String(error) });
  });
  await runs.queued(tenant.id, pairId, options.runId);
  return undefined;
}

function fromVerify({ kind, message, until }: VerifyError, now: number): ApiError {
  if (kind === 'not-found') return notFound('no such resource mapping');
  const wait = until === undefined ? {} : { retryAfterMs: Math.max(1000, until - now) };
  return unavailable(`${message}; send the same again later`, wait);
}
