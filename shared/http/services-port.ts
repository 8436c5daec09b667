import type { CalendarBridge } from '../bridges/bridge.ts';
import type { FailedWorkPort } from '../model/failed-work.ts';
import type { BridgeKey, PairId, RunId, TenantId } from '../model/ids.ts';
import type { NoticePort, SubscriptionPort } from '../model/notices.ts';
import type { RemovalPort } from '../model/removal.ts';
import type { VerifyPort } from '../model/verification.ts';
import type { Job } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { HoldStore } from '../stores/hold-ports.ts';
import type { PairStore, RunStore, SyncLogStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { RunOptions, RunReport } from '../sync/run-report.ts';
import type { TenantDirectory } from '../tenants/tenant-directory.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

export interface BridgePort {
  /** The key of one of the tenant's bridges by its name or an alias; undefined where it has none. */
  resolve(tenantId: TenantId, name: string): BridgeKey | undefined;
  /** @throws where the bridge cannot be made from its settings. */
  get(tenantId: TenantId, key: BridgeKey): CalendarBridge;
}

export interface Runner {
  /** One pass over one pair, here and now. What goes wrong in it is in the report. */
  run(
    tenantId: TenantId,
    pairId: PairId,
    options: RunOptions,
    asked: { readonly runId: RunId; readonly requestId: string },
  ): Promise<RunReport>;
}

/** What the HTTP handlers need of the rest. */
export interface Services {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tenants: TenantDirectory;
  readonly bridges: BridgePort;
  readonly pairs: PairStore;
  readonly rows: SyncStore;
  readonly runs: RunStore;
  readonly syncLog: Pick<SyncLogStore, 'each'>;
  readonly runner: Runner;
  readonly removal: RemovalPort;
  readonly holds: HoldStore;
  readonly failedWork: FailedWorkPort;
  readonly verifier: VerifyPort;
  readonly notices: NoticePort;
  readonly subscriptions: SubscriptionPort;
  readonly work: Pick<WorkStore, 'getVerification'>;
  readonly queue: Pick<QueueSender, 'send'>;
  /** A fresh id that nobody can guess. */
  newId(): string;
  /** @throws where the tables or the queues do not answer. */
  checkStorage(): Promise<void>;
}

/** What timers and queue consumers need beside it. */
export interface BackgroundServices extends Services {
  readonly jobs: { handle(job: Job): Promise<void> };
  /** Keeps a message of that queue that could not be handled. */
  park(queue: string, message: unknown): Promise<void>;
  /** Looks at every bridge of every tenant and stores what it found. */
  checkHealth(): Promise<void>;
}

/** Built when it is first needed: an app whose settings are bad must still load and say so. */
export type Lazy<T> = () => Promise<T>;
