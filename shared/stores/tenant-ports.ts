import type { PoisonMessage } from '../model/failed-work.ts';
import type { BrakeLimits, Hold, HoldId } from '../model/hold.ts';
import type {
  BridgeKey,
  Endpoint,
  MappingId,
  PairId,
  ResourceId,
  RunId,
  Side,
  TenantId,
} from '../model/ids.ts';
import type { ConflictPolicy, Direction, Pair, PairStatus } from '../model/pair.ts';
import type { RunReport, RunSummary } from '../model/run.ts';
import type { Subscription } from '../model/subscription.ts';
import type { StoredVerification } from '../model/verification.ts';
import type { Instant } from '../util/clock.ts';

/** What a person decides of a pair. */
export interface NewPair {
  readonly tenantId: TenantId;
  readonly a: Endpoint;
  readonly b: Endpoint;
  readonly nameA?: string;
  readonly nameB?: string;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  readonly syncEnabled: boolean;
}

/** What is left out stays; a name or a brake of `undefined` is removed. `active: false` is the soft delete. */
export interface PairPatch {
  readonly nameA?: string | undefined;
  readonly nameB?: string | undefined;
  readonly direction?: Direction;
  readonly conflictPolicy?: ConflictPolicy;
  readonly brake?: Partial<BrakeLimits> | undefined;
  readonly syncEnabled?: boolean;
  readonly active?: boolean;
}

/** `statusReason` left out is removed; what else is left out stays. */
export interface PairRunResult {
  readonly status: PairStatus;
  readonly statusReason?: string;
  readonly lastRunAt: Instant;
  readonly lastSyncedAt?: Instant;
  readonly mappedEvents?: number;
  readonly parkedEvents?: number;
}

export interface StoredPair {
  readonly pair: Pair;
  /** Moves when a person changes the pair, not when it runs. */
  readonly etag: string;
}

/** The resource mappings of tenants, soft-deleted ones (`active: false`) included. */
export interface PairStore {
  list(tenantId: TenantId): Promise<readonly Pair[]>;
  get(tenantId: TenantId, id: PairId): Promise<StoredPair | undefined>;
  /**
   * A soft-deleted pair of the same two ends lives again with the new settings, its id and its
   * sides as they were: named the other way round, direction and policy are mirrored.
   * @throws DuplicatePairError when an active one is there.
   */
  create(pair: NewPair): Promise<StoredPair>;
  /** @throws StorageError `not-found`; `precondition-failed` when `etag` is given and has moved. */
  update(tenantId: TenantId, id: PairId, patch: PairPatch, etag?: string): Promise<StoredPair>;
  findByResource(
    tenantId: TenantId,
    bridge: BridgeKey,
    resource: ResourceId,
  ): Promise<readonly Pair[]>;
  /** One write that touches nothing people edit, and never fails because they do. */
  recordRun(tenantId: TenantId, id: PairId, result: PairRunResult): Promise<void>;
}

/** One decision of one run, without content. */
export interface SyncLogEntry {
  readonly at: Instant;
  readonly runId: RunId;
  readonly pairId: PairId;
  readonly mappingId?: MappingId;
  readonly action: string;
  readonly target?: Side;
  readonly rule: string;
  readonly reason: string;
  readonly outcome: string;
  readonly error?: string;
  /** The hold that the event waits in. */
  readonly holdId?: HoldId;
}

/** Half-open range of `at`, newest first; at most `limit` entries. */
export interface LogQuery {
  readonly from: Instant;
  readonly to: Instant;
  readonly limit: number;
}

export interface SyncLogStore {
  append(tenantId: TenantId, entries: readonly SyncLogEntry[]): Promise<void>;
  list(
    tenantId: TenantId,
    query: LogQuery & { readonly pairId?: PairId },
  ): Promise<readonly SyncLogEntry[]>;
  /**
   * Every entry of a range, however many, a day at a time.
   * @throws RangeError for over 400 days
   */
  each(
    tenantId: TenantId,
    range: Pick<LogQuery, 'from' | 'to'> & { readonly pairId?: PairId },
    visit: (entry: SyncLogEntry) => void,
  ): Promise<void>;
}

/** Who did what to which thing, and when. */
export interface AuditEntry {
  readonly at: Instant;
  /** An API key's name or the part of the service that acted; never a key. */
  readonly who: string;
  readonly what: string;
  readonly targetId: string;
  readonly requestId?: string;
  readonly outcome?: string;
}

export interface AuditStore {
  append(tenantId: TenantId, entries: readonly AuditEntry[]): Promise<void>;
  list(tenantId: TenantId, query: LogQuery): Promise<readonly AuditEntry[]>;
}

/** What the last look at a bridge of a tenant found. */
export interface BridgeHealth {
  readonly bridge: BridgeKey;
  readonly status: 'healthy' | 'unhealthy';
  readonly reason?: string;
  readonly latencyMs?: number;
  readonly checkedAt: Instant;
}

/** A run as it is known by its id. Actions past the room of a row are counted and left out. */
export type StoredRun =
  | {
      readonly state: 'queued';
      readonly runId: RunId;
      readonly pairId: PairId;
      /** Since when; a run whose process died stays queued until its job comes again. */
      readonly queuedAt: Instant;
    }
  | {
      readonly state: 'finished';
      readonly runId: RunId;
      readonly pairId: PairId;
      readonly report: RunReport;
      /** Actions that had no room. */
      readonly actionsOmitted: number;
    };

export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** To be asked for as `before`; absent at the end. */
  readonly next?: string;
}

/** What runs did, for people: nothing decides by it. Kept for at least a month. */
export interface RunStore {
  /** To be called before the job is sent. A run that is queued or has ended already stays so. */
  queued(tenantId: TenantId, pairId: PairId, runId: RunId): Promise<void>;
  /** The end of a run. Told again under its id, the later report counts. */
  put(tenantId: TenantId, report: RunReport): Promise<void>;
  get(tenantId: TenantId, runId: RunId): Promise<StoredRun | undefined>;
  /**
   * Runs of a pair that have ended, the newest first.
   * @throws RangeError for a limit below 1 or over 1,000, or a `before` that is no `next`
   */
  list(
    tenantId: TenantId,
    pairId: PairId,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<RunPage>;
}

/** What a pair's brake has counted on one side, named by its bridge: a tenant's sums are by bridge. */
export interface BrakeSideCount {
  readonly bridge: BridgeKey;
  readonly known: number;
  readonly deletions: Readonly<Record<string, number>>;
}

export interface BrakeCount {
  readonly pairId: PairId;
  readonly a: BrakeSideCount;
  readonly b: BrakeSideCount;
}

/** For lists and sums only: what is decided on stands with the pair, and each pass writes it anew. */
export interface WorkStore {
  putHold(tenantId: TenantId, hold: Hold): Promise<void>;
  /** The last hold of each kind on each side of each pair, whatever became of it. */
  listHolds(tenantId: TenantId): Promise<readonly Hold[]>;
  putBrakeCount(tenantId: TenantId, count: BrakeCount): Promise<void>;
  listBrakeCounts(tenantId: TenantId): Promise<readonly BrakeCount[]>;
  putVerification(tenantId: TenantId, verification: StoredVerification): Promise<void>;
  getVerification(tenantId: TenantId, pairId: PairId): Promise<StoredVerification | undefined>;
  /** When each pair was last verified; pairs that never were are not in it. */
  listVerifiedAt(tenantId: TenantId): Promise<ReadonlyMap<PairId, Instant>>;
  putPoison(tenantId: TenantId, message: PoisonMessage): Promise<void>;
  getPoison(tenantId: TenantId, id: string): Promise<PoisonMessage | undefined>;
  listPoison(tenantId: TenantId): Promise<readonly PoisonMessage[]>;
  putHealth(tenantId: TenantId, health: BridgeHealth): Promise<void>;
  listHealth(tenantId: TenantId): Promise<readonly BridgeHealth[]>;
}

/** Something that a person must see to. */
export interface Alert {
  readonly kind: 'poison-message' | 'push-dead';
  /** What it is about: raised again for the same, it is the same alert. */
  readonly subject: string;
  /** For an operator: what happened, and what to do. No content. */
  readonly message: string;
  readonly raisedAt: Instant;
  readonly lastAt: Instant;
  readonly times: number;
}

export interface AlertStore {
  /** Raises it, or brings it up to date: by kind, subject and when it was first raised. */
  put(tenantId: TenantId, alert: Alert): Promise<void>;
  /** The newest first. */
  list(tenantId: TenantId): Promise<readonly Alert[]>;
}

/** What is known of subscriptions; a row is never taken away. */
export interface SubscriptionStore {
  list(tenantId: TenantId, bridge: BridgeKey): Promise<readonly Subscription[]>;
  /** @param resourceHash as `resourceHashOf` makes it */
  get(
    tenantId: TenantId,
    bridge: BridgeKey,
    resourceHash: string,
  ): Promise<Subscription | undefined>;
  /**
   * Writes what `next` makes of what is stored, which is asked again where that has changed meanwhile;
   * undefined leaves it as it is.
   * @returns what `next` answered last
   */
  change(
    tenantId: TenantId,
    subscription: Pick<Subscription, 'bridge' | 'resource'>,
    next: (present: Subscription | undefined) => Subscription | undefined,
  ): Promise<Subscription | undefined>;
  /** Of one that is stored, and only this: whoever renews it meanwhile is not undone. */
  note(
    tenantId: TenantId,
    subscription: Pick<Subscription, 'bridge' | 'resource'>,
    noted: Partial<Pick<Subscription, 'heardAt' | 'unannouncedAt'>>,
  ): Promise<void>;
}
