import * as z from 'zod';
import type { BridgeKey } from '../../model/ids.ts';
import { DAY_MS, formatInstant, type InstantRange } from '../../model/time.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import type { Instant } from '../../util/clock.ts';
import { rangeOf } from '../date-range.ts';
import { badField } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { DeletionStats } from '../schemas/deletions.ts';
import { DeletionCounter } from './deletion-counts.ts';
import { findPair } from './mappings.ts';

const DEFAULT_DAYS = 30;
const DAYS_MAX = 92;

const StatsQuery = z.object({
  start_date: z
    .string()
    .optional()
    .describe(`First day of the tenant’s zone, or a time; default ${DEFAULT_DAYS} days back.`),
  end_date: z
    .string()
    .optional()
    .describe(`Last day, or a time; default now, at most ${DAYS_MAX} days after the start.`),
  mapping: z.string().optional().describe('Only this mapping.'),
});

export const deletionStats: Route = keyedRoute({
  name: 'deletionStats',
  method: 'GET',
  path: 'bridges/deletion-stats',
  aliases: [{ path: 'tenants/{tenant}/cancel/stats' }],
  summary: 'how many events were cancelled, restored, held and kept, by day and by bridge',
  query: StatsQuery,
  answers: { 200: DeletionStats },
}).handledBy(async ({ tenant, query }, services) => {
  const range = periodAsked(query, tenant, services.clock.now());
  const only =
    query.mapping === undefined
      ? undefined
      : (await findPair(tenant, query.mapping, services)).pair;
  const pairs = new Map((await services.pairs.list(tenant.id)).map((pair) => [pair.id, pair]));
  const counter = new DeletionCounter(
    tenant.timeZone,
    (pairId, side): BridgeKey | undefined => pairs.get(pairId)?.[side].bridge,
  );
  const asked = {
    from: range.start,
    to: range.end,
    ...(only === undefined ? {} : { pairId: only.id }),
  };
  await services.syncLog.each(tenant.id, asked, (entry) => counter.add(entry));
  const open = (await services.holds.list(tenant.id)).filter(
    ({ state, kind, pairId }) =>
      state === 'open' && kind === 'deletions' && (only === undefined || pairId === only.id),
  );
  const { totals, byBridge, byDay } = counter.result();
  return {
    body: {
      success: true,
      start_date: formatInstant(range.start),
      end_date: formatInstant(range.end),
      totals,
      by_bridge: Object.fromEntries(byBridge),
      by_day: [...byDay]
        .sort(([one], [other]) => (one > other ? -1 : 1))
        .map(([date, counts]) => ({ date, ...counts })),
      open_holds: open.length,
    },
  };
});

/** @throws ApiError 400 */
function periodAsked(
  { start_date: from, end_date: to }: z.output<typeof StatsQuery>,
  { timeZone }: TenantConfig,
  now: Instant,
): InstantRange {
  const start = { name: 'start_date', value: from };
  const end = { name: 'end_date', value: to };
  const back = (at: Instant): Instant => (at - DEFAULT_DAYS * DAY_MS) as Instant;
  // The millisecond that now is belongs to it.
  const after = (now + 1) as Instant;
  if (from === undefined && to === undefined) return { start: back(now), end: after };
  const asked = rangeOf(start, end, timeZone, from === undefined ? EARLIEST : now);
  const range = {
    start: from === undefined ? back(asked.end) : asked.start,
    end: to === undefined ? after : asked.end,
  };
  if (range.end <= range.start) throw badField('start_date', 'expected a time before now');
  if (range.end - range.start > DAYS_MAX * DAY_MS + DAY_MS / 24)
    throw badField('end_date', `expected ${DAYS_MAX} days from start_date at most`);
  return range;
}

/** Before any end that can be asked for: the start is then counted back from that. */
const EARLIEST = 0 as Instant;
