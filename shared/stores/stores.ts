import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { TableAlertStore } from './alert-store.ts';
import { TableSyncStore } from './pair-rows.ts';
import type {
  AlertStore,
  AuditStore,
  PairStore,
  RunStore,
  SubscriptionStore,
  SyncLogStore,
  SyncStore,
  WorkStore,
} from './ports.ts';
import { TablePairStore } from './resource-mapping-store.ts';
import { TableRunStore } from './run-store.ts';
import { TableAuditStore, TableSyncLogStore } from './sync-log-store.ts';
import { TableSubscriptionStore } from './subscription-store.ts';
import type { Tables } from './table.ts';
import { ensureTables } from './tables.ts';
import { TableWorkStore } from './work-store.ts';

export interface Stores {
  readonly sync: SyncStore;
  readonly pairs: PairStore;
  readonly log: SyncLogStore;
  readonly audit: AuditStore;
  readonly runs: RunStore;
  readonly work: WorkStore;
  readonly alerts: AlertStore;
  readonly subscriptions: SubscriptionStore;
  /** Makes the tables that are missing, this and next month's among them. */
  ensureTables(): Promise<void>;
}

export interface StoresOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseTtlMs?: number;
  /** For tests that need the same ids in each run; else random. Never the same twice. */
  readonly newCommitId?: () => string;
}

/** Every store on one account's tables. Calls nothing before a store is used. */
export function makeStores(tables: Tables, options: StoresOptions): Stores {
  return {
    sync: new TableSyncStore(tables, options),
    pairs: new TablePairStore(tables, options),
    log: new TableSyncLogStore(tables),
    audit: new TableAuditStore(tables),
    runs: new TableRunStore(tables, options),
    work: new TableWorkStore(tables),
    alerts: new TableAlertStore(tables),
    subscriptions: new TableSubscriptionStore(tables),
    ensureTables: () => ensureTables(tables, options.clock),
  };
}
