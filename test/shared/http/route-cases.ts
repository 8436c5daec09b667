import type { RunId } from '../../../shared/model/ids.ts';
import { A, B, KEY_A, report, type World } from './fixture.ts';
import { announcing } from './announcing.ts';
import { addHold } from './held.ts';

/** What to send to a route. */
export interface Sent {
  readonly params?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  readonly body?: unknown;
}

/** What each route is tried with, at each of its paths. */
export interface RouteCases {
  /** Sets the stage for the tenant of the key; what is sent then succeeds. */
  readonly prepare: (world: World, key: string) => Promise<Sent>;
  /** Status of that. */
  readonly success: number;
  /** Changes of it that are refused, with the status. */
  readonly bad: readonly (Sent & { readonly status: number })[];
  /** Status for another tenant's key: 404 where it names an id. */
  readonly others: number;
}

const nothing = async (): Promise<Sent> => ({});

async function mapped(world: World, key: string): Promise<Sent> {
  return { params: { id: await world.addPair('1', 'room1@stage.example', {}, key) } };
}

/** A message of the tenant that failed for good; its id is as of any other tenant's in the same words. */
async function failedMessage({ services, call }: World, key: string): Promise<Sent> {
  const tenantId = tenantOf(key);
  const job = { v: 1, kind: 'fan-out', tenantId, timer: 'detectDeletions' };
  await services.park('sync-jobs-low', job);
  const list = await call('GET', 'bridges/queue/failed', { key });
  const [{ id }] = list.body['failed'] as [{ id: string }];
  return { params: { id } };
}

const unknownId = { params: { id: 'unknown' }, status: 404 };
const insaneId = { params: { id: '../../x' }, status: 404 };
const longId = { params: { id: 'x'.repeat(300) }, status: 400 };
const badIds = [unknownId, insaneId, longId];
const badPages = [
  { query: '?limit=0', status: 400 },
  { query: '?limit=1001', status: 400 },
  { query: '?cursor=nonsense', status: 400 },
];
const badBodies = [
  { body: [], status: 400 },
  { body: 'text', status: 400 },
];

const tenantOf = (key: string): typeof A => (key === KEY_A ? A : B);

/** Groups and people, as Outlook has them and the bridge in memory has not. */
async function withPeople(world: World, key: string): Promise<Sent> {
  const tenant = tenantOf(key);
  Object.assign(world.bridges.get(`${tenant}/outlook`) ?? {}, {
    listGroups: async () => [{ id: 'g1', name: `Rooms of ${tenant}@stage.example` }],
    readUserItems: async () => [],
  });
  return { params: { bridge: 'outlook', userId: 'person@a.example' } };
}

/** A room of the tenant whose changes are announced. */
async function subscribed(world: World, key: string): Promise<Sent> {
  const tenant = tenantOf(key);
  announcing(world, tenant);
  await world.addPair('1', 'room1@stage.example', {}, key);
  await world.services.subscriptions.renewTenant(tenant);
  return { params: { bridge: 'outlook', id: `${tenant}-sub-1` } };
}

const badRanges = [
  { query: '?startDate=tomorrow', status: 400 },
  { query: '?startDate=2026-03-05&endDate=2026-03-04', status: 400 },
  { query: '?startDate=2026-01-01&endDate=2027-06-01', status: 400 },
  { query: '?startDate=0001-01-01&endDate=0001-02-01', status: 400 },
  ...badPages,
];

const atOutlook = async (): Promise<Sent> => ({ params: { bridge: 'outlook' } });
const unknownBridge = { params: { bridge: 'groupwise' }, status: 404 };

async function held(world: World, key: string): Promise<Sent> {
  const pairId = await world.addPair('1', 'room1@stage.example', {}, key);
  return { params: { id: await addHold(world, tenantOf(key), pairId) } };
}

const badDecisions = [
  ...badIds,
  { body: { reason: 7 }, status: 400 },
  { body: { reason: 'x'.repeat(201) }, status: 400 },
  ...badBodies,
];

export const CASES: Readonly<Record<string, RouteCases>> = {
  health: { prepare: nothing, success: 200, bad: [], others: 200 },
  openApi: { prepare: nothing, success: 200, bad: [], others: 200 },
  listBridges: { prepare: nothing, success: 200, bad: [], others: 200 },
  bridgesHealth: { prepare: nothing, success: 200, bad: [], others: 200 },
  listCalendars: {
    prepare: atOutlook,
    success: 200,
    bad: [unknownBridge, ...badPages],
    others: 200,
  },
  syncBridges: {
    prepare: async (world, key) => {
      await mapped(world, key);
      return {
        params: { source: 'booking', target: 'outlook' },
        body: { source_calendar_id: 1, target_calendar_id: 'room1@stage.example' },
      };
    },
    success: 200,
    bad: [
      { params: { source: 'groupwise', target: 'outlook' }, status: 404 },
      { body: { source_calendar_id: 2, target_calendar_id: 'r@a.example' }, status: 404 },
      { body: { source_calendar_id: 1 }, status: 400 },
      { body: { dry_run: 'yes' }, status: 400 },
      ...badBodies,
    ],
    others: 404,
  },
  listMappings: {
    prepare: async (world, key) => {
      await mapped(world, key);
      return {};
    },
    success: 200,
    bad: [
      { query: '?active_only=perhaps', status: 400 },
      { query: '?bridge_to=groupwise', status: 404 },
      ...badPages,
    ],
    others: 200,
  },
  createMapping: {
    prepare: async () => ({
      body: {
        bridge_from: 'booking_system',
        bridge_to: 'outlook',
        resource_id: 7,
        calendar_id: 'room7@stage.example',
      },
    }),
    success: 201,
    bad: [{ body: {}, status: 400 }, ...badBodies],
    others: 201,
  },
  getMapping: { prepare: mapped, success: 200, bad: badIds, others: 404 },
  updateMapping: {
    prepare: async (world, key) => ({
      ...(await mapped(world, key)),
      body: { sync_enabled: false },
    }),
    success: 200,
    bad: [
      ...badIds,
      { body: {}, status: 400 },
      { body: { brake: { deletions_min: -1 } }, status: 400 },
      { body: { brake: { deletions_percent: 101 } }, status: 400 },
      { body: { brake: { creates_min: 1.5 } }, status: 400 },
      { body: { brake: 'off' }, status: 400 },
      ...badBodies,
    ],
    others: 404,
  },
  deleteMapping: {
    prepare: mapped,
    success: 200,
    bad: [...badIds, { query: '?copies=some', status: 400 }],
    others: 404,
  },
  mappingStatus: {
    prepare: mapped,
    success: 200,
    bad: [...badIds, ...badPages],
    others: 404,
  },
  listAvailableResources: {
    prepare: atOutlook,
    success: 200,
    bad: [unknownBridge, ...badPages],
    others: 200,
  },
  listAvailableGroups: {
    prepare: withPeople,
    success: 200,
    bad: [unknownBridge, { params: { bridge: 'booking' }, status: 404 }, ...badPages],
    others: 404,
  },
  listResourceItems: {
    prepare: async (_, key) => ({
      params: { bridge: 'outlook', resourceId: `${tenantOf(key)}-room1` },
    }),
    success: 200,
    bad: [
      { params: { bridge: 'groupwise', resourceId: '1' }, status: 404 },
      { params: { bridge: 'outlook', resourceId: 'nowhere' }, status: 404 },
      ...badRanges,
    ],
    others: 404,
  },
  listUserItems: {
    prepare: withPeople,
    success: 200,
    bad: [{ params: { bridge: 'booking', userId: 'p@a.example' }, status: 404 }, ...badRanges],
    others: 404,
  },
  listFailed: {
    prepare: async (world, key) => {
      await failedMessage(world, key);
      return {};
    },
    success: 200,
    bad: badPages,
    others: 200,
  },
  retryFailed: { prepare: failedMessage, success: 202, bad: badIds, others: 404 },
  retryAllFailed: { prepare: nothing, success: 202, bad: [], others: 202 },
  dismissFailed: { prepare: failedMessage, success: 200, bad: badIds, others: 404 },
  retryMapping: {
    prepare: async (world, key) => ({ ...(await mapped(world, key)), body: {} }),
    success: 202,
    bad: [
      ...badIds,
      { body: { event_mapping_ids: [] }, status: 400 },
      { body: { event_mapping_ids: 'all' }, status: 400 },
      ...badBodies,
    ],
    others: 404,
  },
  syncMapping: { prepare: mapped, success: 202, bad: badIds, others: 404 },
  pauseMapping: { prepare: mapped, success: 200, bad: badIds, others: 404 },
  resumeMapping: { prepare: mapped, success: 200, bad: badIds, others: 404 },
  mappingsOfResource: {
    prepare: async (world, key) => {
      await mapped(world, key);
      return { params: { resourceId: '1' } };
    },
    success: 200,
    bad: [
      { params: { resourceId: 'x'.repeat(257) }, status: 400 },
      { query: '?bridge_from=groupwise', status: 404 },
      ...badPages,
    ],
    others: 200,
  },
  deleteMappingByKey: {
    prepare: async (world, key) => {
      await mapped(world, key);
      return {
        params: { bridge_from: 'booking', source: '1', target: 'Room1@stage.example' },
      };
    },
    success: 200,
    bad: [
      { params: { bridge_from: 'groupwise', source: '1', target: 'r@a.example' }, status: 404 },
      { params: { bridge_from: 'booking', source: '1', target: 'r@a.example' }, status: 404 },
      { params: { bridge_from: 'booking', source: 'x'.repeat(257), target: 'r' }, status: 400 },
    ],
    others: 404,
  },
  getRun: {
    prepare: async (world, key) => {
      const tenantId = tenantOf(key);
      const pairId = await world.addPair('1', 'room1@stage.example', {}, key);
      const run = { tenantId, pairId, options: {}, requestId: 'r' };
      await world.stores.runs.put(tenantId, report(run, { runId: 'run-1' as RunId }));
      return { params: { id: 'run-1' } };
    },
    success: 200,
    bad: badIds,
    others: 404,
  },
  verifyMapping: {
    prepare: async (world, key) => {
      const mailbox = `${tenantOf(key)}-room1`;
      return { params: { id: await world.addPair('1', mailbox, {}, key) } };
    },
    success: 200,
    bad: [...badIds, { query: '?deep=perhaps', status: 400 }],
    others: 404,
  },
  syncDeletions: {
    prepare: async (world, key) => ({
      body: { mapping_id: await world.addPair('1', 'room1@stage.example', {}, key) },
    }),
    success: 200,
    bad: [
      { body: { mapping_id: 'unknown' }, status: 404 },
      { body: { mapping_id: '' }, status: 400 },
      { body: { mapping_id: ['x'] }, status: 400 },
      ...badBodies,
    ],
    others: 404,
  },
  syncDeletionsOfAll: { prepare: nothing, success: 200, bad: [], others: 403 },
  processDeletionQueue: { prepare: nothing, success: 200, bad: [], others: 200 },
  deletionStats: {
    prepare: async (world, key) => {
      const id = await world.addPair('1', 'room1@stage.example', {}, key);
      return { query: `?mapping=${id}` };
    },
    success: 200,
    bad: [
      { query: '?mapping=unknown', status: 404 },
      { query: '?start_date=yesterday', status: 400 },
      { query: '?start_date=2026-03-02&end_date=2026-03-01', status: 400 },
      { query: '?start_date=2025-03-02', status: 400 },
      { query: '?start_date=2027-03-02', status: 400 },
    ],
    others: 404,
  },
  listHolds: {
    prepare: async (world, key) => {
      await held(world, key);
      return {};
    },
    success: 200,
    bad: [{ query: '?state=perhaps', status: 400 }, ...badPages],
    others: 200,
  },
  getHold: { prepare: held, success: 200, bad: badIds, others: 404 },
  approveHold: { prepare: held, success: 202, bad: badDecisions, others: 404 },
  rejectHold: { prepare: held, success: 202, bad: badDecisions, others: 404 },
  takeNotices: {
    prepare: async () => ({
      params: { bridge: 'outlook', tenant: A },
      body: { value: [{ subscriptionId: 's', clientState: 'of somebody else' }] },
    }),
    success: 202,
    bad: [
      { params: { bridge: 'groupwise', tenant: A }, status: 404 },
      { params: { bridge: 'outlook', tenant: A }, body: { value: 'none' }, status: 400 },
      ...badBodies.map((bad) => ({ params: { bridge: 'outlook', tenant: A }, ...bad })),
    ],
    others: 202,
  },
  answerValidation: {
    prepare: async () => ({
      params: { bridge: 'outlook', tenant: A },
      query: '?validationToken=a%20token',
    }),
    success: 200,
    bad: [
      { params: { bridge: 'outlook', tenant: A }, query: '', status: 400 },
      { params: { bridge: 'outlook', tenant: A }, query: '?validationToken=%3Cb%3E', status: 400 },
    ],
    others: 200,
  },
  listSubscriptions: {
    prepare: subscribed,
    success: 200,
    bad: [unknownBridge, { query: '?status=perhaps', status: 400 }, ...badPages],
    others: 200,
  },
  makeSubscriptions: {
    prepare: subscribed,
    success: 200,
    bad: [unknownBridge, { params: { bridge: 'booking' }, status: 404 }],
    others: 404,
  },
  renewSubscription: {
    prepare: subscribed,
    success: 200,
    bad: [
      { params: { bridge: 'outlook', id: 'unknown' }, status: 404 },
      { params: { bridge: 'groupwise', id: 'sub-1' }, status: 404 },
      { params: { bridge: 'outlook', id: 'x'.repeat(300) }, status: 400 },
    ],
    others: 404,
  },
  deleteSubscription: {
    prepare: subscribed,
    success: 200,
    bad: [
      { params: { bridge: 'outlook', id: 'unknown' }, status: 404 },
      { params: { bridge: 'outlook', id: 'x'.repeat(300) }, status: 400 },
    ],
    others: 404,
  },
};
