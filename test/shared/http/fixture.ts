import { NOBODY_ANNOUNCES } from '../../support/memory-world.ts';
import type { HttpMethod } from '@azure/functions';
import { registerAll } from '../../../functions/register-all.ts';
import { bookingNotices } from '../../../shared/bridges/booking/booking-bridge.ts';
import { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { GRAPH_NOTICES } from '../../../shared/bridges/outlook/graph-notices.ts';
import type { BackgroundServices, BridgePort, Lazy } from '../../../shared/http/services-port.ts';
import type { BridgeKey, PairId, ResourceId, RunId, TenantId } from '../../../shared/model/ids.ts';
import type { TimeZoneId } from '../../../shared/model/time.ts';
import { MemoryQueueSender } from '../../../shared/queues/memory-queue-sender.ts';
import type { Job } from '../../../shared/queues/messages.ts';
import { makeMemoryStores } from '../../../shared/stores/memory/memory-stores.ts';
import type { Stores } from '../../../shared/stores/stores.ts';
import { SyncOrchestrator } from '../../../shared/sync/orchestrator.ts';
import { FailedWorkService } from '../../../shared/sync/failed-work.ts';
import { HoldService } from '../../../shared/sync/holds.ts';
import { parkMessage } from '../../../shared/sync/poison.ts';
import { Removal } from '../../../shared/sync/removal.ts';
import type { RunOptions, RunReport } from '../../../shared/sync/run-report.ts';
import { Verifier } from '../../../shared/sync/verifier.ts';
import type { TenantConfig } from '../../../shared/tenants/tenant-config.ts';
import { TenantDirectory, type TenantSetup } from '../../../shared/tenants/tenant-directory.ts';
import { hashOfKey } from '../../../shared/tenants/tenant-settings.ts';
import { SubscriptionManager } from '../../../shared/webhooks/subscription-manager.ts';
import type { WebhookSettings } from '../../../shared/webhooks/webhook-settings.ts';
import { WebhookProcessor } from '../../../shared/webhooks/webhook-processor.ts';
import type { Clock, Instant } from '../../../shared/util/clock.ts';
import { silentLogger, type Logger } from '../../../shared/util/logger.ts';
import {
  recorder,
  send,
  type CallOptions,
  type Recorder,
  type Reply,
} from '../../functions/recorder.ts';

export const NOW = Date.parse('2026-03-02T09:00:00Z') as Instant;
export const ADMIN_KEY = 'the-admin-key-of-all';
export const KEY_A = 'the-key-of-tenant-a';
export const KEY_B = 'the-key-of-tenant-b';
export const A = 'municipal_a' as TenantId;
export const B = 'municipal_b' as TenantId;
export const OUTLOOK = 'outlook' as BridgeKey;
export const BOOKING = 'booking_system' as BridgeKey;

export function tenantConfig(id: TenantId, key: string): TenantConfig {
  return {
    id,
    name: id,
    timeZone: 'Europe/Oslo' as TimeZoneId,
    locale: 'nb',
    windowPastDays: 1,
    windowFutureDays: 180,
    syncFrequencyMinutes: 0,
    slowPollMinutes: 60,
    copiesFree: false,
    copiesPrivate: false,
    priority: 'medium',
    offsetMinutes: 0,
    bridges: new Map([
      [OUTLOOK, { kind: 'memory', values: {} }],
      [BOOKING, { kind: 'memory', values: { profile: 'portico' } }],
    ]),
    apiKeyHashes: [hashOfKey(key)],
    fingerprintKey: new Uint8Array(32),
  };
}

export const SETUP = {
  tenants: [tenantConfig(A, KEY_A), tenantConfig(B, KEY_B)],
  rejected: [],
  defaultTenantId: A,
  adminKeyHashes: [hashOfKey(ADMIN_KEY)],
} satisfies TenantSetup;

export const WEBHOOKS: WebhookSettings = {
  baseUrl: 'http://bridge.test',
  secrets: ['a secret of the stage', 'the secret before it'],
};

export interface RunCall {
  readonly tenantId: TenantId;
  readonly pairId: PairId;
  readonly options: RunOptions;
  readonly requestId: string;
  readonly runId?: RunId;
}

export interface World {
  readonly recorder: Recorder;
  readonly services: BackgroundServices;
  readonly stores: Stores;
  readonly queue: MemoryQueueSender;
  readonly bridges: ReadonlyMap<string, MemoryBridge>;
  readonly runs: RunCall[];
  readonly handled: Job[];
  readonly logged: { readonly level: string; readonly message: string; readonly fields: object }[];
  /** Replaces what the next runs answer. */
  answerRuns(answer: (call: RunCall) => RunReport | Promise<RunReport>): void;
  advance(ms: number): void;
  setStorageFault(error: Error | undefined): void;
  call(method: HttpMethod, address: string, options?: CallOptions): Promise<Reply>;
  /** A mapping of tenant a, made over HTTP. */
  addPair(resource: string, mailbox: string, added?: object, key?: string): Promise<PairId>;
}

export interface WorldOptions {
  readonly setup?: TenantSetup;
  readonly lazy?: (services: BackgroundServices) => Lazy<BackgroundServices>;
}

/** Two tenants on memory bridges and memory tables, behind all functions of the app. */
export async function makeWorld({ setup = SETUP, lazy }: WorldOptions = {}): Promise<World> {
  let now = NOW;
  const clock: Clock = { now: () => now };
  const stores = await makeMemoryStores({ clock });
  const queue = new MemoryQueueSender(clock);
  const bridges = memoryBridges(clock);
  const tenants = new TenantDirectory(setup);
  const [runs, handled]: [RunCall[], Job[]] = [[], []];
  const logged: World['logged'] = [];
  let storageFault: Error | undefined;
  let answer: (call: RunCall) => RunReport | Promise<RunReport> = report;
  let ids = 0;
  const subscriptionManager = new SubscriptionManager({
    clock,
    logger: recordingLogger(logged),
    pairs: stores.pairs,
    store: stores.sync,
    subscriptions: stores.subscriptions,
    alerts: stores.alerts,
    queue,
    tenant: (id) => tenants.get(id),
    bridge: (tenant, key) => bridgePort(tenants, bridges).get(tenant.id, key),
    webhooks: WEBHOOKS,
    backoff: () => 60_000,
  });
  const services: BackgroundServices = {
    clock,
    logger: recordingLogger(logged),
    tenants,
    bridges: bridgePort(tenants, bridges),
    pairs: stores.pairs,
    rows: stores.sync,
    runs: stores.runs,
    syncLog: stores.log,
    work: stores.work,
    verifier: new Verifier({
      clock,
      logger: recordingLogger(logged),
      store: stores.sync,
      pairs: stores.pairs,
      runs: stores.runs,
      work: stores.work,
      tenant: (id) => tenants.get(id),
      bridge: (tenant, key) => bridgePort(tenants, bridges).get(tenant.id, key),
      newRunId: () => `verify-${(ids += 1)}` as RunId,
      leaseTtlMs: 150_000,
    }),
    queue,
    holds: new HoldService({
      clock,
      store: stores.sync,
      work: stores.work,
      runs: stores.runs,
      queue,
      newRunId: () => `decided-${(ids += 1)}` as RunId,
    }),
    failedWork: new FailedWorkService({
      clock,
      store: stores.sync,
      pairs: stores.pairs,
      work: stores.work,
      runs: stores.runs,
      audit: stores.audit,
      queue,
      newRunId: () => `retry-${(ids += 1)}` as RunId,
    }),
    notices: new WebhookProcessor({
      logger: recordingLogger(logged),
      queue,
      tenant: (id) => tenants.get(id),
      format: (settings) =>
        settings.values['profile'] === undefined ? GRAPH_NOTICES : bookingNotices(settings),
      webhooks: WEBHOOKS,
    }),
    subscriptions: subscriptionManager,
    park: (name, message) =>
      parkMessage(name, message, {
        clock,
        logger: recordingLogger(logged),
        pairs: stores.pairs,
        runs: stores.runs,
        work: stores.work,
        alerts: stores.alerts,
      }),
    removal: new Removal({
      clock,
      logger: recordingLogger(logged),
      store: stores.sync,
      pairs: stores.pairs,
      runs: stores.runs,
      audit: stores.audit,
      syncLog: stores.log,
      tenant: (id) => tenants.get(id),
      bridge: (tenant, key) => bridgePort(tenants, bridges).get(tenant.id, key),
      newRunId: () => `removal-${(ids += 1)}` as RunId,
      leaseTtlMs: 150_000,
    }),
    runner: {
      run: async (tenantId, pairId, options, asked) => {
        const call = { tenantId, pairId, options, ...asked };
        runs.push(call);
        return answer(call);
      },
    },
    newId: () => `id-${(ids += 1)}`,
    checkStorage: async () => {
      if (storageFault !== undefined) throw storageFault;
    },
    jobs: {
      handle: async (job) => {
        handled.push(job);
      },
    },
    checkHealth: async () => {},
  };
  const recorded = recorder();
  registerAll(recorded.app, lazy?.(services) ?? (async () => services));
  const call: World['call'] = (method, address, options) =>
    send(recorded, method, address, options);
  return {
    recorder: recorded,
    services,
    stores,
    queue,
    bridges,
    runs,
    handled,
    logged,
    call,
    answerRuns: (next) => {
      answer = next;
    },
    advance: (ms) => {
      now = (now + ms) as Instant;
    },
    setStorageFault: (error) => {
      storageFault = error;
    },
    addPair: (...pair) => addPair(call, ...pair),
  };
}

/** The real engine over the world's bridges and stores. */
export function engineOf({ stores, services, queue }: World): SyncOrchestrator {
  return new SyncOrchestrator({
    clock: services.clock,
    logger: silentLogger,
    store: stores.sync,
    pairs: stores.pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    queue,
    tenant: (tenant) => services.tenants.get(tenant),
    bridge: (tenant, key) => services.bridges.get(tenant.id, key),
    newRunId: () => services.newId() as RunId,
    random: () => 0.5,
    push: NOBODY_ANNOUNCES,
    leaseTtlMs: 150_000,
  });
}

async function addPair(
  call: World['call'],
  resource: string,
  mailbox: string,
  added: object = {},
  key: string = KEY_A,
): Promise<PairId> {
  const ends = { resource_id: resource, calendar_id: mailbox };
  const { status, body } = await call('POST', '/mappings/resources', {
    key,
    body: { bridge_from: 'booking_system', bridge_to: 'outlook', ...ends, ...added },
  });
  if (status !== 201) throw new Error(`the mapping was not made: ${JSON.stringify(body)}`);
  return body['mapping_id'] as PairId;
}

function bridgePort(
  tenants: TenantDirectory,
  bridges: ReadonlyMap<string, MemoryBridge>,
): BridgePort {
  return {
    resolve: (tenantId, name) => {
      const key = (name === 'booking' ? 'booking_system' : name) as BridgeKey;
      return tenants.get(tenantId)?.bridges.has(key) === true ? key : undefined;
    },
    get: (tenantId, key) => {
      const bridge = bridges.get(`${tenantId}/${key}`);
      if (bridge === undefined) throw new Error(`no settings for ${tenantId}/${key}`);
      return bridge;
    },
  };
}

function memoryBridges(clock: Clock): Map<string, MemoryBridge> {
  const room = (id: string): { id: ResourceId; name: string; kind: 'room' } => ({
    id: id as ResourceId,
    name: `Room ${id}`,
    kind: 'room',
  });
  const bridges = new Map<string, MemoryBridge>();
  for (const tenant of [A, B]) {
    const rooms = (suffix: string): ReturnType<typeof room>[] =>
      ['1', '2', '3'].map((number) => room(`${suffix}${number}`));
    bridges.set(
      `${tenant}/${OUTLOOK}`,
      new MemoryBridge({ clock, key: OUTLOOK, resources: rooms(`${tenant}-room`) }),
    );
    bridges.set(
      `${tenant}/${BOOKING}`,
      new MemoryBridge({ clock, key: BOOKING, resources: rooms('') }),
    );
  }
  return bridges;
}

function recordingLogger(logged: World['logged']): Logger {
  const write =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      logged.push({ level, message, fields });
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** A run in which nothing was to do. */
export function report({ pairId, options }: RunCall, changes: Partial<RunReport> = {}): RunReport {
  return {
    runId: `run-of-${pairId}` as RunId,
    pairId,
    cause: 'person',
    outcome: 'completed',
    dryRun: options.dryRun ?? false,
    found: { a: 3, b: 5 },
    actions: [],
    startedAt: NOW,
    durationMs: 7,
    ...changes,
  };
}
