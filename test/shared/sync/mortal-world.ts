import type { CalendarBridge, CallContext } from '../../../shared/bridges/bridge.ts';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { BRAKE_DEFAULTS } from '../../../shared/model/hold.ts';
import type { BridgeKey, RunId } from '../../../shared/model/ids.ts';
import type { EventMapping } from '../../../shared/model/mapping.ts';
import type { Pair } from '../../../shared/model/pair.ts';
import { MemoryTables } from '../../../shared/stores/memory/memory-tables.ts';
import type { PairRows, PairStore, RunStore } from '../../../shared/stores/ports.ts';
import { makeStores, type Stores } from '../../../shared/stores/stores.ts';
import type { Table, Tables } from '../../../shared/stores/table.ts';
import { SyncOrchestrator } from '../../../shared/sync/orchestrator.ts';
import { Removal } from '../../../shared/sync/removal.ts';
import type { RunReport } from '../../../shared/sync/run-report.ts';
import type { TenantConfig } from '../../../shared/tenants/tenant-config.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import {
  memoryWorld,
  ROOM,
  TENANT,
  tenantConfig,
  type MemoryWorld,
  type WorldOptions,
  NOBODY_ANNOUNCES,
} from '../../support/memory-world.ts';

const LEASE_TTL_MS = 150_000;

/** Thrown by every call of a process that has died. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** Counts the calls of a process to its storage and to both systems, and ends it at one of them. */
export class Process {
  calls = 0;
  isDead = false;
  #dieAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;

  /** Before or after the effect of the `call`th call from now on (1 is the next). */
  dieAt(call: number, when: 'before' | 'after'): void {
    this.#dieAt = { call: this.calls + call, when };
  }

  /** Now: the call that is under way has its effect, and no answer. */
  kill(): void {
    this.isDead = true;
  }

  restart(): void {
    this.isDead = false;
    this.#dieAt = undefined;
  }

  async call<T>(effect: () => Promise<T>): Promise<T> {
    this.#checkAlive();
    const number = (this.calls += 1);
    this.#endAt(number, 'before');
    const result = await effect();
    this.#endAt(number, 'after');
    return result;
  }

  #endAt(call: number, when: 'before' | 'after'): void {
    if (this.#dieAt?.call === call && this.#dieAt.when === when) this.isDead = true;
    this.#checkAlive();
  }

  #checkAlive(): void {
    if (this.isDead) throw new ProcessDied('the process is dead');
  }
}

export interface MortalWorld {
  readonly world: MemoryWorld;
  readonly process: Process;
  readonly pair: Pair;
  readonly stores: Stores;
  readonly orchestrator: SyncOrchestrator;
  readonly removal: Removal;
  readonly runs: RunStore;
  readonly rows: PairRows;
  /** A person maps the two rooms again. */
  readonly mapAgain: () => Promise<void>;
  /** The next run reads the pair as it was. */
  readonly answerPairOnce: (pair: Pair) => void;
  /** Undefined where the process died on the way. */
  readonly run: () => Promise<RunReport | undefined>;
  readonly mappings: () => Promise<readonly EventMapping[]>;
  readonly storedPair: () => Promise<Pair>;
  /** Starts a dead process again, after its lease has run out. */
  readonly revive: () => void;
}

/** A memory world whose engine can die at any call, and be started again on the same storage. */
export async function mortalWorld(options: WorldOptions = {}): Promise<MortalWorld> {
  const process = new Process();
  const world = await memoryWorld(options);
  const { a, b, clock } = world;
  let commits = 0;
  const stores = makeStores(mortalTables(new MemoryTables(), process), {
    clock,
    logger: silentLogger,
    newCommitId: () => `commit-${(commits += 1)}`,
  });
  await stores.ensureTables();
  const { pair } = await stores.pairs.create({
    tenantId: TENANT,
    a: { bridge: a.key, resource: ROOM },
    b: { bridge: b.key, resource: ROOM },
    direction: world.pair.direction,
    conflictPolicy: world.pair.conflictPolicy,
    syncEnabled: true,
  });
  const bridges = {
    a: mortalBridge(options.wrap?.('a', a) ?? a, a, process),
    b: mortalBridge(options.wrap?.('b', b) ?? b, b, process),
  };
  let runs = 0;
  const newRunId = (): RunId => `run-${(runs += 1)}` as RunId;
  let stale: Pair | undefined;
  const pairs: PairStore = {
    list: (...args) => stores.pairs.list(...args),
    get: async (...args) => {
      const stored = await stores.pairs.get(...args);
      const [old] = [stale, (stale = undefined)];
      return stored && old ? { ...stored, pair: old } : stored;
    },
    create: (...args) => stores.pairs.create(...args),
    update: (...args) => stores.pairs.update(...args),
    findByResource: (...args) => stores.pairs.findByResource(...args),
    recordRun: (...args) => stores.pairs.recordRun(...args),
  };
  const engine = {
    clock,
    logger: silentLogger,
    store: stores.sync,
    pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    tenant: () => ({ ...tenantConfig(), brake: { ...BRAKE_DEFAULTS, ...options.brake } }),
    bridge: (_tenant: TenantConfig, key: BridgeKey) => (key === a.key ? bridges.a : bridges.b),
    newRunId,
    random: () => 0.5,
    leaseTtlMs: LEASE_TTL_MS,
  };
  const queue = { send: async () => {}, ensureQueues: async () => {} };
  const orchestrator = new SyncOrchestrator({ ...engine, queue, push: NOBODY_ANNOUNCES });
  const removal = new Removal({ ...engine, audit: stores.audit });
  return {
    world,
    process,
    pair,
    stores,
    orchestrator,
    removal,
    rows: stores.sync.forPair(TENANT, pair.id),
    answerPairOnce: (old) => {
      stale = old;
    },
    mapAgain: async () => {
      await stores.pairs.create({ ...pair, syncEnabled: true });
    },
    runs: stores.runs,
    run: async () => {
      const request = { tenantId: TENANT, pairId: pair.id, cause: 'person', options: {} } as const;
      try {
        return await orchestrator.run({ ...request, runId: newRunId() });
      } catch (error) {
        if (process.isDead) return undefined;
        throw error;
      }
    },
    mappings: () => stores.sync.forPair(TENANT, pair.id).loadAll(),
    storedPair: async () => {
      const stored = await stores.pairs.get(TENANT, pair.id);
      if (stored === undefined) throw new Error('the pair is not there');
      return stored.pair;
    },
    revive: () => {
      process.restart();
      clock.advance(LEASE_TTL_MS + 1);
    },
  };
}

function mortalTables(inner: Tables, process: Process): Tables {
  return {
    table: (name): Table => {
      const table = inner.table(name);
      return {
        get: (...args) => process.call(() => table.get(...args)),
        list: (...args) => process.call(() => table.list(...args)),
        write: (...args) => process.call(() => table.write(...args)),
      };
    },
    ensureTable: (name) => inner.ensureTable(name),
  };
}

/** Each request of a write counts as a call of its own: `beforeCall` comes before every one. */
function mortalBridge(
  used: CalendarBridge,
  { key, capabilities, mapperVersion }: MemoryBridge,
  process: Process,
): CalendarBridge {
  const mortal = (context: CallContext): CallContext => ({
    beforeCall: () => process.call(() => context.beforeCall()),
  });
  return {
    key,
    capabilities,
    mapperVersion,
    listResources: () => used.listResources(),
    checkHealth: () => used.checkHealth(),
    readChanges: (resource, cursor, window, context) =>
      process.call(() => used.readChanges(resource, cursor, window, mortal(context))),
    readItems: (resource, ids, context) =>
      process.call(() => used.readItems(resource, ids, mortal(context))),
    confirmGone: (resource, candidates, window, context) =>
      process.call(() => used.confirmGone(resource, candidates, window, mortal(context))),
    write: (resource, writes, context) =>
      process.call(() => used.write(resource, writes, mortal(context))),
  };
}
