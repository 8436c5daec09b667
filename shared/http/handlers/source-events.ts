import { otherSide, type ExternalId } from '../../model/ids.ts';
import { DAY_MS, overlaps, type InstantRange } from '../../model/time.ts';
import type { RunOptions, RunReport } from '../../sync/run-report.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import type { Instant } from '../../util/clock.ts';
import type { Services } from '../services-port.ts';
import type { Course } from './sync-results.ts';

/**
 * How many events of its source a run knew when it had ended, in the range it was narrowed to, else in
 * the window: those with a row, and those it has just decided to copy or to refuse. A delta read shows
 * what changed alone, so the report cannot tell; but whole reads show also what has no row.
 * @throws StorageError, DamagedRowError
 */
export async function sourceEventsFound(
  report: RunReport,
  { pair, targetSide }: Course,
  { range }: Pick<RunOptions, 'range'>,
  tenant: TenantConfig,
  { rows, clock }: Pick<Services, 'rows' | 'clock'>,
): Promise<number> {
  const side = otherSide(targetSide);
  const within = range ?? windowOf(tenant, clock.now());
  const mappings = await rows.forPair(tenant.id, pair.id).loadAll();
  const known = mappings.flatMap(({ [side]: item }): readonly ExternalId[] =>
    item === undefined || item.gone === true || !overlaps(item, within) ? [] : [item.id],
  );
  const decided = report.actions
    .filter(({ action, target }) => target === targetSide && DECIDED.has(action))
    .flatMap(({ sourceEventId }) => sourceEventId ?? []);
  const count = new Set([...known, ...decided]).size;
  return range === undefined ? Math.max(count, report.found[side]) : count;
}

const DECIDED: ReadonlySet<RunReport['actions'][number]['action']> = new Set(['create', 'refuse']);

function windowOf({ windowPastDays, windowFutureDays }: TenantConfig, now: Instant): InstantRange {
  return {
    start: (now - windowPastDays * DAY_MS) as Instant,
    end: (now + windowFutureDays * DAY_MS) as Instant,
  };
}
