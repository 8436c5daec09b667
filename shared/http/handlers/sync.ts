import type { BridgeKey, ResourceId } from '../../model/ids.ts';
import { pairIdOf } from '../../model/ids.ts';
import { isRunnable, type Pair } from '../../model/pair.ts';
import { formatInstant } from '../../model/time.ts';
import type { RunReport } from '../../sync/run-report.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { bridgeKeyOf } from '../bridge-lookup.ts';
import {
  ApiError,
  badField,
  badRequest,
  fromBridgeError,
  notFound,
  unavailable,
} from '../problem.ts';
import { keyedRoute, type AnswerOf, type Call, type Route } from '../route.ts';
import { RouteParams, syncAnswers } from '../schemas/sync.ts';
import type { Services } from '../services-port.ts';
import { narrowingOf, SyncBody, type Narrowing } from './sync-body.ts';
import { INLINE_MS, runWithin } from './run-within.ts';
import { runLocation } from './runs.ts';
import { sourceEventsFound } from './source-events.ts';
import { syncMany } from './sync-many.ts';
import { planMembers, runMembers, syncResults, type Asker, type Course } from './sync-results.ts';

/** When to ask again for a pair that another run holds. */
const BUSY_RETRY_SECONDS = 30;

export const syncBridges: Route = keyedRoute({
  name: 'syncBridges',
  method: 'POST',
  path: 'bridges/sync/{source}/{target}',
  summary: 'sync one pair, or all of a route; `dry_run` shows the plan',
  description:
    'One pair when both calendar ids are named, else every active pair of the route. Runs that ' +
    'have not ended after 20 s go on, and are found by their ids; pairs of a route that were not ' +
    'begun by then are queued for just what was asked, unless it is a dry run. `Location` is the ' +
    'run that was not waited for or, of a route, the last of `queued_runs`: each of those is at ' +
    '`/runs/{run_id}`. Faults of single events stay in the results.',
  params: RouteParams,
  body: SyncBody,
  answers: syncAnswers,
  headers: { 202: ['Location', 'Retry-After'] },
  problems: [502],
}).handledBy(async (call, services) => {
  const { tenant, params, body } = call;
  const source = bridgeKeyOf(tenant, params.source, services);
  const target = bridgeKeyOf(tenant, params.target, services);
  const narrowing = narrowingOf(body, tenant.timeZone, services.clock.now());
  const { source_calendar_id: sourceId, target_calendar_id: targetId } = body;
  if (sourceId === undefined && targetId === undefined) {
    const courses = await coursesOf(tenant, source, target, services);
    return syncMany(courses, narrowing, call, services);
  }
  const missing = 'expected both calendar ids, or none for every pair of the route';
  if (sourceId === undefined) throw badField('source_calendar_id', missing);
  if (targetId === undefined) throw badField('target_calendar_id', missing);
  const ids = { source: sourceId as ResourceId, target: targetId as ResourceId };
  const course = await findCourse(tenant, source, target, ids, services);
  return syncOne(course, narrowing, call, services);
});

async function findCourse(
  tenant: TenantConfig,
  source: BridgeKey,
  target: BridgeKey,
  ids: { readonly source: ResourceId; readonly target: ResourceId },
  services: Services,
): Promise<Course> {
  const from = { bridge: source, resource: ids.source };
  const to = { bridge: target, resource: ids.target };
  const stored = await services.pairs.get(tenant.id, pairIdOf(tenant.id, from, to));
  if (stored === undefined || !stored.pair.active)
    throw notFound('these two calendars are not mapped; map them at /mappings/resources');
  const { pair } = stored;
  const isB =
    pair.b.bridge === target && pair.b.resource.toLowerCase() === ids.target.toLowerCase();
  return { pair, source, target, targetSide: isB ? 'b' : 'a' };
}

/** Active pairs between the two bridges whose direction lets something be written to the target. */
async function coursesOf(
  tenant: TenantConfig,
  source: BridgeKey,
  target: BridgeKey,
  services: Services,
): Promise<readonly Course[]> {
  const pairs = (await services.pairs.list(tenant.id)).filter(isRunnable);
  const courses = pairs.flatMap((pair) => courseOf(pair, source, target) ?? []);
  if (courses.length === 0)
    throw badRequest(`no active resource mapping leads from ${source} to ${target}`);
  return courses;
}

function courseOf(pair: Pair, source: BridgeKey, target: BridgeKey): Course | undefined {
  const { a, b, direction } = pair;
  if (a.bridge === source && b.bridge === target && direction !== 'bToA')
    return { pair, source, target, targetSide: 'b' };
  if (b.bridge === source && a.bridge === target && direction !== 'aToB')
    return { pair, source, target, targetSide: 'a' };
  return undefined;
}

async function syncOne(
  course: Course,
  narrowing: Narrowing,
  call: Asker & Pick<Call<unknown, unknown, unknown>, 'tenantInPath'>,
  services: Services,
): Promise<AnswerOf<typeof syncAnswers>> {
  const options = { ...narrowing, target: course.targetSide };
  const waited = await runWithin(INLINE_MS, course.pair.id, options, call, services);
  const timestamp = formatInstant(services.clock.now());
  if (waited.kind === 'going-on')
    return {
      status: 202,
      headers: { Location: runLocation(call, waited.runId) },
      body: {
        success: true,
        message: 'the run goes on; its outcome is at Location',
        run_id: waited.runId,
        mapping_id: course.pair.id,
        status: 'queued',
        dry_run: options.dryRun === true,
        timestamp,
      },
    };
  const { result: report } = waited;
  refuseFailure(report, services);
  if (report.outcome === 'busy')
    return {
      status: 202,
      headers: {
        Location: runLocation(call, report.runId),
        'Retry-After': String(BUSY_RETRY_SECONDS),
      },
      body: {
        success: true,
        message: 'another run holds this pair and will see to it; ask again for its result',
        ...runMembers(report),
        timestamp,
      },
    };
  const found = await sourceEventsFound(report, course, options, call.tenant, services);
  return {
    body: {
      success: true,
      sync_results: { ...syncResults(report, course, found), ...planMembers(report) },
      ...runMembers(report),
      timestamp,
    },
  };
}

/** Faults of single events stay in the results; a run that decided nothing is a fault itself. */
function refuseFailure({ outcome, error, blockedUntil }: RunReport, { clock }: Services): void {
  if (outcome === 'blocked') {
    const detail = error?.message ?? 'one of the two systems asks for a pause';
    if (blockedUntil === undefined) throw unavailable(detail);
    throw unavailable(detail, { retryAfterMs: Math.max(1000, blockedUntil - clock.now()) });
  }
  if (outcome !== 'failed') return;
  if (error === undefined || error.kind === 'internal')
    throw new ApiError(500, 'internal', 'the run failed; look in the log for this request id');
  throw fromBridgeError({ kind: error.kind, message: error.message });
}
