import type * as z from 'zod';
import {
  mappingProblems,
  type CandidatePair,
  type MappingProblem,
} from '../../model/mapping-problems.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { badField, conflict, type ApiError } from '../problem.ts';
import type { ChangedMapping } from '../schemas/mappings.ts';
import type { Services } from '../services-port.ts';

type Warnings = NonNullable<z.output<typeof ChangedMapping>['warnings']>;

/**
 * What should be looked at about a pair that is about to be saved.
 * @throws ApiError 400, 409 where it must not be.
 */
export async function checkedMapping(
  candidate: CandidatePair,
  tenant: TenantConfig,
  { pairs }: Pick<Services, 'pairs'>,
): Promise<Warnings> {
  const problems = mappingProblems(await pairs.list(tenant.id), candidate);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw fromProblem(error);
  return problems.map(({ kind, message, pairIds }) => ({
    kind,
    message,
    mapping_ids: [...pairIds],
  }));
}

function fromProblem({ kind, message, pairIds }: MappingProblem): ApiError {
  if (kind === 'self' || kind === 'same-mailbox') return badField('target_calendar_id', message);
  const [mappingId] = pairIds;
  return conflict(message, mappingId === undefined ? {} : { mapping_id: mappingId });
}
