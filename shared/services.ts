import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DefaultAzureCredential } from '@azure/identity';
import { bookingNotices, createBookingBridge } from './bridges/booking/booking-bridge.ts';
import { BridgeManager, UnknownBridgeError } from './bridges/bridge-manager.ts';
import { GRAPH_NOTICES } from './bridges/outlook/graph-notices.ts';
import { outlookBridgeFactory } from './bridges/outlook/outlook-settings.ts';
import { RestBridge } from './bridges/rest/rest-bridge.ts';
import { REST_NOTICES } from './bridges/rest/rest-notices.ts';
import { TenantBridgeRegistry } from './bridges/tenant-bridge-registry.ts';
import type { AppConfig } from './config.ts';
import type { BackgroundServices, BridgePort } from './http/services-port.ts';
import type { BridgeKey, RunId, TenantId } from './model/ids.ts';
import { checkHealth } from './ops/health.ts';
import { AzureQueueSender } from './queues/queue-sender.ts';
import { AzureTables } from './stores/azure-tables.ts';
import { makeStores, type Stores } from './stores/stores.ts';
import { FailedWorkService } from './sync/failed-work.ts';
import { HoldService } from './sync/holds.ts';
import { JobHandler } from './sync/jobs.ts';
import { parkMessage } from './sync/poison.ts';
import { Removal } from './sync/removal.ts';
import { SyncOrchestrator } from './sync/orchestrator.ts';
import { Verifier } from './sync/verifier.ts';
import type { StorageSettings } from './tenants/storage-settings.ts';
import type { TenantConfig } from './tenants/tenant-config.ts';
import { TenantDirectory } from './tenants/tenant-directory.ts';
import { PushHealth } from './webhooks/push-health.ts';
import { NoticeHandler, type NoticePorts } from './webhooks/notice-handler.ts';
import type { SubscriptionPorts } from './webhooks/subscription-actor.ts';
import { SubscriptionManager } from './webhooks/subscription-manager.ts';
import { subscriptionRestMs } from './webhooks/subscription-plan.ts';
import { WebhookProcessor } from './webhooks/webhook-processor.ts';
import { systemClock, type Clock } from './util/clock.ts';
import { consoleLogger, type Logger } from './util/logger.ts';

/** The outside, where a test holds it. */
export interface ServicePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: (request: Request) => Promise<Response>;
}

const REAL: ServicePorts = {
  clock: systemClock,
  logger: consoleLogger(),
  fetch: (request) => fetch(request),
};

/**
 * Everything the functions use, made from the settings; tables and queues that are missing are made.
 * @throws StorageError, QueueError where storage does not answer: the next one who asks tries again.
 */
export async function buildServices(
  config: AppConfig,
  ports: ServicePorts = REAL,
): Promise<BackgroundServices> {
  const { clock, logger } = ports;
  const { tables, queue } = connect(config.storage);
  const stores = makeStores(tables, { clock, logger, leaseTtlMs: config.leaseTtlMs });
  await Promise.all([stores.ensureTables(), queue.ensureQueues()]);
  const tenants = new TenantDirectory(config);
  tellRejected(tenants, logger);
  const kinds = bridgeManager(ports);
  const registry = new TenantBridgeRegistry(kinds);
  const engine = {
    clock,
    logger,
    store: stores.sync,
    pairs: stores.pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    tenant: (id: TenantId) => tenants.get(id),
    bridge: (tenant: TenantConfig, key: BridgeKey) => registry.get(tenant, key),
    newRunId: () => randomUUID() as RunId,
    random: Math.random,
    leaseTtlMs: config.leaseTtlMs,
  };
  const bridges = bridgePort(tenants, kinds, registry);
  const resolve = bridges.resolve.bind(bridges);
  const told = announcements(config, stores, { ...engine, queue, kinds, resolve });
  const { push, announcing } = told;
  const orchestrator = new SyncOrchestrator({ ...engine, queue, push });
  const removal = new Removal({ ...engine, audit: stores.audit });
  const holds = new HoldService({ ...engine, queue });
  const failedWork = new FailedWorkService({ ...engine, queue });
  const verifier = new Verifier(engine);
  const jobs = new JobHandler({ ...engine, ...told, orchestrator, verifier, queue });
  return {
    clock,
    logger,
    tenants,
    bridges,
    pairs: stores.pairs,
    rows: stores.sync,
    runs: stores.runs,
    syncLog: stores.log,
    runner: {
      run: (tenantId, pairId, options, { runId, requestId }) => {
        logger.info('run asked for', { tenantId, pairId, runId, requestId });
        return orchestrator.run({ tenantId, pairId, cause: 'person', runId, options });
      },
    },
    removal,
    holds,
    failedWork,
    verifier,
    ...announcing,
    work: stores.work,
    queue,
    jobs,
    newId: () => randomUUID(),
    checkStorage: async () => {
      await Promise.all([stores.ensureTables(), queue.ensureQueues()]);
    },
    park: (queue, message) => parkMessage(queue, message, { ...engine, alerts: stores.alerts }),
    checkHealth: () => checkHealth({ clock, logger, tenants, bridges, work: stores.work }),
  };
}

function tellRejected(tenants: TenantDirectory, logger: Logger): void {
  for (const { tenantId, problems } of tenants.rejected())
    logger.error('tenant left out for its settings', { tenantId, problems: problems.join('; ') });
}

/** What calendar systems are asked to announce, and what becomes of it. */
function announcements(
  { webhooks }: AppConfig,
  { subscriptions, alerts }: Pick<Stores, 'subscriptions' | 'alerts'>,
  engine: Omit<
    NoticePorts & SubscriptionPorts,
    'subscriptions' | 'alerts' | 'webhooks' | 'backoff' | 'manager' | 'push'
  > & {
    readonly kinds: BridgeManager;
  },
) {
  const backoff = (failures: number): number => subscriptionRestMs(failures, Math.random);
  const push = new PushHealth({ ...engine, subscriptions, webhooks });
  const all = { ...engine, subscriptions, alerts, webhooks, backoff };
  const manager = new SubscriptionManager(all);
  const noticeHandler = new NoticeHandler({ ...engine, subscriptions, manager, push });
  const announcing: Pick<BackgroundServices, 'notices' | 'subscriptions'> = {
    notices: new WebhookProcessor({
      ...engine,
      webhooks,
      format: (settings) => engine.kinds.noticeFormat(settings),
    }),
    subscriptions: manager,
  };
  return { subscriptions: manager, notices: noticeHandler, announcing, push };
}

/** The calendar systems that are built in. A further one is one line here, and its configuration. */
function bridgeManager({ clock, logger, fetch }: ServicePorts): BridgeManager {
  const sleep = (ms: number): Promise<void> => delay(ms);
  return new BridgeManager()
    .register(
      'outlook',
      outlookBridgeFactory({ fetch, clock, logger, sleep, random: Math.random }),
      () => GRAPH_NOTICES,
    )
    .register(
      'booking',
      (key, settings) => createBookingBridge(key, settings, { fetch, clock, logger }),
      bookingNotices,
    )
    .register(
      'rest',
      (key, { kind, values }, { timeZone }) => {
        const settings = { kind, values: { timeZone, ...values } };
        return new RestBridge(key, settings, { fetch, clock, logger });
      },
      () => REST_NOTICES,
    );
}

function bridgePort(
  tenants: TenantDirectory,
  manager: BridgeManager,
  registry: TenantBridgeRegistry,
): BridgePort {
  return {
    resolve: (tenantId, name) => {
      const tenant = tenants.get(tenantId);
      if (tenant === undefined) return undefined;
      try {
        return manager.resolve(tenant, name);
      } catch (error) {
        if (error instanceof UnknownBridgeError) return undefined;
        throw error;
      }
    },
    get: (tenantId, key) => {
      const tenant = tenants.get(tenantId);
      if (tenant === undefined) throw new UnknownBridgeError('bridge', key, []);
      return registry.get(tenant, key);
    },
  };
}

function connect(storage: StorageSettings): { tables: AzureTables; queue: AzureQueueSender } {
  if (storage.kind === 'connection-string') {
    const { connectionString } = storage;
    return {
      tables: new AzureTables({ connectionString }),
      queue: new AzureQueueSender({ connectionString }),
    };
  }
  const { clientId, tableServiceUri, queueServiceUri } = storage;
  const credential = new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
  return {
    tables: new AzureTables({ serviceUri: tableServiceUri, credential }),
    queue: new AzureQueueSender({ serviceUri: queueServiceUri, credential }),
  };
}
