import type { FunctionApp } from '../functions/app.ts';
import { registerPoisonQueues } from '../functions/poison-queues.ts';
import { registerSyncQueues } from '../functions/sync-queue.ts';
import { registerMaintenanceTimers } from '../functions/maintenance-timers.ts';
import { registerSyncTimers } from '../functions/sync-timers.ts';
import type { QueueSettings } from '../local/host/host-json.ts';
import { openMessage } from '../local/host/queue-message.ts';
import { createBookingBridge } from '../shared/bridges/booking/booking-bridge.ts';
import { BridgeManager } from '../shared/bridges/bridge-manager.ts';
import { GraphClient } from '../shared/bridges/outlook/graph-client.ts';
import { OutlookBridge } from '../shared/bridges/outlook/outlook-bridge.ts';
import { TenantBridgeRegistry } from '../shared/bridges/tenant-bridge-registry.ts';
import type { CalendarBridge } from '../shared/bridges/bridge.ts';
import type { BackgroundServices } from '../shared/http/services-port.ts';
import type { BridgeKey, RunId, TenantId } from '../shared/model/ids.ts';
import type { NoticePort } from '../shared/model/notices.ts';
import { QueueError } from '../shared/queues/queue-sender.ts';
import { makeStores, type Stores } from '../shared/stores/stores.ts';
import { JobHandler } from '../shared/sync/jobs.ts';
import { Verifier } from '../shared/sync/verifier.ts';
import { SyncOrchestrator } from '../shared/sync/orchestrator.ts';
import type { PlanState, SyncPlan } from '../shared/sync/plan/state.ts';
import type { RunReport } from '../shared/sync/run-report.ts';
import type { RunRequest } from '../shared/sync/run-request.ts';
import type { TenantConfig } from '../shared/tenants/tenant-config.ts';
import type { Clock, Instant } from '../shared/util/clock.ts';
import { GRAPH_NOTICES } from '../shared/bridges/outlook/graph-notices.ts';
import { NoticeHandler } from '../shared/webhooks/notice-handler.ts';
import { PushHealth } from '../shared/webhooks/push-health.ts';
import { SubscriptionManager } from '../shared/webhooks/subscription-manager.ts';
import type { WebhookSettings } from '../shared/webhooks/webhook-settings.ts';
import { WebhookProcessor } from '../shared/webhooks/webhook-processor.ts';
import { workerFetch, type NetworkUse } from './network.ts';
import { workerQueue, workerSender, workerTables, type StorageUse } from './storage-port.ts';
import { GRAPH_URL } from './systems.ts';
import { Violation } from './violation.ts';

/** What `host.json` says, of what a queue's consumer obeys. */
const SETTINGS: QueueSettings = {
  batchSize: 16,
  newBatchThreshold: 8,
  visibilityTimeoutMs: 30_000,
  maxPollingIntervalMs: 1000,
  maxDequeueCount: 5,
  messageEncoding: 'base64',
};
/** Azure's host hides what it works on for so long. */
const HOLD_MS = 600_000;
const LEASE_TTL_MS = 150_000;

/** What a test puts between the engine and what it uses. */
export interface Tamper {
  readonly bridge?: (bridge: CalendarBridge) => CalendarBridge;
  readonly fetch?: (request: Request) => Promise<Request>;
  /** The process keeps nothing in mind from one call of a bridge to the next. */
  readonly isForgetful?: boolean;
  /** In the place of `Math.random` where rests after failures are drawn. */
  readonly random?: () => number;
}

export interface WorkerUse extends StorageUse, NetworkUse {
  readonly tenants: readonly TenantConfig[];
  readonly tamper: Tamper;
  readonly onRunStart: (request: RunRequest) => (report: RunReport) => void;
  readonly onPlan: (state: PlanState, plan: SyncPlan) => void;
  readonly isAnnounced: boolean;
}

type Work = (message: unknown) => Promise<void>;

/** One process of the function app: the registered functions, on ports that the simulation holds. */
export class Worker {
  readonly #use: WorkerUse;
  readonly #timers = new Map<string, () => Promise<void>>();
  readonly #queues = new Map<string, Work>();
  readonly #notices: NoticePort;

  constructor(use: WorkerUse) {
    this.#use = use;
    const services = servicesOf(use);
    this.#notices = services.notices;
    const app: Pick<FunctionApp, 'timer' | 'storageQueue'> = {
      timer: (name, { handler }) =>
        void this.#timers.set(name, async () => void (await handler(...noContext))),
      storageQueue: (_name, { queueName, handler }) =>
        void this.#queues.set(
          queueName,
          async (message) => void (await handler(message as never, noContext[1])),
        ),
    };
    const lazy = async (): Promise<BackgroundServices> => services;
    registerSyncTimers(app as FunctionApp, lazy);
    registerMaintenanceTimers(app as FunctionApp, lazy);
    registerSyncQueues(app as FunctionApp, lazy);
    registerPoisonQueues(app as FunctionApp, lazy);
  }

  /** Consumes every queue until the process dies. */
  start(): void {
    for (const [name, work] of this.#queues)
      this.#consume(name, work).catch((error: unknown) =>
        this.#use.watch.fail(new Violation('X', `the loop of ${name} ended: ${String(error)}`)),
      );
  }

  /** What the route for notices does; answers its status. */
  async take(url: URL, body: string): Promise<number> {
    const [, tenant = '', bridge = ''] =
      /^\/tenants\/([^/]+)\/bridges\/webhook\/([^/]+)$/.exec(url.pathname) ?? [];
    const post = { bytes: Buffer.from(body), header: () => undefined, clientState: undefined };
    try {
      const { kind } = await this.#notices.take(tenant as TenantId, bridge as BridgeKey, post);
      return kind === 'taken' ? 202 : 400;
    } catch (error) {
      if (error instanceof QueueError) return 503;
      throw error;
    }
  }

  /** What the host does at a tick; a timer that fails waits for its next one. */
  async tick(timer: string): Promise<void> {
    try {
      await this.#timers.get(timer)?.();
    } catch (error) {
      if (!(error instanceof AggregateError)) throw error;
    }
  }

  async #consume(name: string, work: Work): Promise<void> {
    const { actor, scheduler, random } = this.#use;
    const queue = workerQueue(this.#use, name);
    let underWay = 0;
    for (;;) {
      await scheduler.until(actor, `a message in ${name}`, () =>
        underWay > SETTINGS.newBatchThreshold ? undefined : queue.nextVisibleAt(),
      );
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: random.between(1, 3),
        visibilityTimeout: HOLD_MS / 1000,
      });
      for (const item of receivedMessageItems) {
        underWay += 1;
        const message = openMessage({
          item,
          queue,
          poison: workerQueue(this.#use, `${name}-poison`),
          queueName: name,
          settings: SETTINGS,
          holdMs: HOLD_MS,
          run: async (data) => await work(JSON.parse(data.string ?? '')),
          log: () => {},
          every: (ms, renew) => this.#every(ms, renew),
        });
        const end = (): void => void (underWay -= 1);
        message.process().then(end, end);
      }
    }
  }

  #every(ms: number, work: () => void): () => void {
    const { actor, scheduler } = this.#use;
    let isOver = false;
    const loop = async (): Promise<void> => {
      for (;;) {
        const at = scheduler.now + ms;
        await scheduler.until(actor, 'a renewal', () => (isOver ? scheduler.now : at));
        if (isOver) return;
        work();
      }
    };
    void loop();
    return () => void (isOver = true);
  }
}

// Handlers use none of the context.
const noContext = [undefined as never, undefined as never] as const;

/** Tells when a run begins and ends. */
class ObservedOrchestrator extends SyncOrchestrator {
  readonly #onStart: WorkerUse['onRunStart'];

  constructor(
    ports: ConstructorParameters<typeof SyncOrchestrator>[0],
    onStart: WorkerUse['onRunStart'],
  ) {
    super(ports);
    this.#onStart = onStart;
  }

  override async run(request: RunRequest): Promise<RunReport> {
    const onEnd = this.#onStart(request);
    const report = await super.run(request);
    onEnd(report);
    return report;
  }
}

/** As `shared/services.ts` puts it together, but for what reaches outside. */
function servicesOf(use: WorkerUse): BackgroundServices {
  const { actor, scheduler, skewMs, watch, tenants } = use;
  const clock: Clock = { now: () => (scheduler.now + skewMs()) as Instant };
  const logger = watch.logger();
  let made = 0;
  const newId = (what: string): string => `${what}-${actor.name}-${(made += 1)}`;
  const stores = makeStores(workerTables(use), {
    clock,
    logger,
    leaseTtlMs: LEASE_TTL_MS,
    newCommitId: () => newId('commit'),
  });
  const queue = workerSender(use);
  const registry = new TenantBridgeRegistry(bridgeManager(use, clock));
  const registryNow = (): TenantBridgeRegistry =>
    use.tamper.isForgetful === true
      ? new TenantBridgeRegistry(bridgeManager(use, clock))
      : registry;
  const tampered = use.tamper.bridge ?? ((bridge: CalendarBridge) => bridge);
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const engine: Omit<ConstructorParameters<typeof SyncOrchestrator>[0], 'push'> = {
    clock,
    logger,
    store: stores.sync,
    pairs: stores.pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    queue,
    tenant: (id) => byId.get(id),
    bridge: (tenant, key) => tampered(registryNow().get(tenant, key)),
    newRunId: () => newId('run') as RunId,
    random: use.tamper.random ?? (() => use.random.int(1000) / 1000),
    leaseTtlMs: LEASE_TTL_MS,
    onPlan: use.onPlan,
  };
  const told = use.isAnnounced ? announcedTo(stores, { ...engine, queue }) : NOBODY_TELLS;
  const { push } = told;
  const orchestrator = new ObservedOrchestrator({ ...engine, push }, use.onRunStart);
  const verifier = new Verifier(engine);
  const jobs = new JobHandler({
    ...engine,
    orchestrator,
    verifier,
    queue,
    ...told,
  });
  // The functions that are registered here use no more than this.
  const used: Partial<Record<keyof BackgroundServices, unknown>> = {
    clock,
    logger,
    tenants: { list: () => tenants },
    pairs: stores.pairs,
    queue,
    jobs,
    notices: told.processor,
  } satisfies Partial<Record<keyof BackgroundServices, unknown>>;
  return used as unknown as BackgroundServices;
}

const WEBHOOKS: WebhookSettings = { baseUrl: 'http://bridge.test', secrets: ['of a simulation'] };
/** A subscription that could not be made rests so long. */
const SUBSCRIPTION_REST_MS = 60_000;

/** As `shared/services.ts` puts it together. */
function announcedTo(
  { subscriptions, alerts }: Stores,
  engine: Omit<ConstructorParameters<typeof SyncOrchestrator>[0], 'push'>,
) {
  const ports = { ...engine, subscriptions, alerts, webhooks: WEBHOOKS };
  const push = new PushHealth(ports);
  const backoff = (): number => SUBSCRIPTION_REST_MS;
  const manager = new SubscriptionManager({ ...ports, backoff });
  const resolve = (_tenant: TenantId, name: string): BridgeKey => name as BridgeKey;
  return {
    push,
    subscriptions: manager,
    notices: new NoticeHandler({ ...ports, manager, push, resolve }),
    processor: new WebhookProcessor({
      ...ports,
      format: ({ kind }) => (kind === 'outlook' ? GRAPH_NOTICES : undefined),
    }),
  };
}

/** Nobody announces anything. */
const NOBODY_TELLS = {
  push: { found: async () => {}, announcedOf: async () => () => false },
  subscriptions: { renewTenant: async () => {} },
  notices: { handle: async () => {} },
  processor: { take: async () => ({ kind: 'none' }) as const },
};

function bridgeManager(use: WorkerUse, clock: Clock): BridgeManager {
  const { actor, scheduler, random, watch, tamper } = use;
  const send = workerFetch(use);
  const fetch = async (request: Request): Promise<Response> =>
    await send(tamper.fetch === undefined ? request : await tamper.fetch(request));
  const logger = watch.logger();
  const sleep = (ms: number): Promise<void> => scheduler.sleep(actor, ms);
  const ports = { fetch, clock, logger, sleep, random: () => random.int(1000) / 1000 };
  return new BridgeManager()
    .register('outlook', (key, _settings, tenant) => {
      const token = async (): Promise<string> => `bridge ${tenant.id}`;
      const client = new GraphClient(GRAPH_URL, { token }, ports);
      return new OutlookBridge({ key, client, ports, ...tenant });
    })
    .register('booking', (key, settings) => createBookingBridge(key, settings, ports));
}
