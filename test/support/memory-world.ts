import { MemoryBridge } from '../../shared/bridges/memory-bridge.ts';
import type { CalendarBridge } from '../../shared/bridges/bridge.ts';
import type { BridgeCapabilities } from '../../shared/model/capabilities.ts';
import type { Field } from '../../shared/model/fields.ts';
import { BRAKE_DEFAULTS, type BrakeLimits } from '../../shared/model/hold.ts';
import type { BridgeKey, ResourceId, RunId, Side, TenantId } from '../../shared/model/ids.ts';
import type { EventMapping } from '../../shared/model/mapping.ts';
import type { ConflictPolicy, Direction, Pair } from '../../shared/model/pair.ts';
import { DAY_MS, parseInstant, type TimeZoneId } from '../../shared/model/time.ts';
import type { Job } from '../../shared/queues/messages.ts';
import type { QueueName } from '../../shared/queues/ports.ts';
import { makeMemoryStores } from '../../shared/stores/memory/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { SyncOrchestrator } from '../../shared/sync/orchestrator.ts';
import type { RunOptions, RunReport } from '../../shared/sync/run-report.ts';
import type { TenantConfig } from '../../shared/tenants/tenant-config.ts';
import type { Instant } from '../../shared/util/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';

export const ROOM = 'room' as ResourceId;
export const OTHER_ROOM = 'other-room' as ResourceId;
export const TENANT = 'town' as TenantId;
export const OSLO = 'Europe/Oslo' as TimeZoneId;

/** Abilities like Outlook's. */
export const LIKE_OUTLOOK: Partial<BridgeCapabilities> = {
  changes: 'delta',
  writable: ['title', 'slot', 'description'],
};
/** Abilities like the booking system's. */
export const LIKE_BOOKING: Partial<BridgeCapabilities> = {
  changes: 'list',
  canBlank: false,
  conditionalWrites: false,
  exclusiveSlots: true,
  stamps: false,
  lastModified: false,
  writesPerRequestMax: 1,
};

export interface WorldOptions {
  readonly a?: { readonly capabilities?: Partial<BridgeCapabilities>; readonly hidden?: Field[] };
  readonly b?: { readonly capabilities?: Partial<BridgeCapabilities>; readonly hidden?: Field[] };
  readonly direction?: Direction;
  readonly conflictPolicy?: ConflictPolicy;
  readonly tenant?: TenantConfig;
  readonly brake?: Partial<BrakeLimits>;
  /** Wraps a side's bridge, to make it fail or count. */
  readonly wrap?: (side: Side, bridge: MemoryBridge) => CalendarBridge;
}

/** A pair of rooms on two calendar systems in memory, with the real engine between them. */
export interface MemoryWorld {
  readonly clock: { now(): Instant; advance(ms: number): void };
  readonly a: MemoryBridge;
  readonly b: MemoryBridge;
  readonly stores: Stores;
  readonly pair: Pair;
  readonly sent: { queue: QueueName; job: Job; delayMs: number }[];
  readonly orchestrator: SyncOrchestrator;
  run(options?: RunOptions): Promise<RunReport>;
  mappings(): Promise<readonly EventMapping[]>;
  storedPair(): Promise<Pair>;
}

export const START = parseInstant('2026-06-01T06:00:00Z') as Instant;

/** No system says anything of itself. */
export const NOBODY_ANNOUNCES = {
  found: async () => {},
  announcedOf: async () => () => false,
};

export function tenantConfig(): TenantConfig {
  return {
    id: TENANT,
    name: 'Town',
    timeZone: OSLO,
    locale: 'en',
    windowPastDays: 1,
    windowFutureDays: 180,
    syncFrequencyMinutes: 0,
    slowPollMinutes: 60,
    copiesFree: false,
    copiesPrivate: false,
    priority: 'medium',
    offsetMinutes: 0,
    bridges: new Map(),
    apiKeyHashes: [],
    fingerprintKey: new Uint8Array(32).fill(7),
  };
}

export async function memoryWorld(options: WorldOptions = {}): Promise<MemoryWorld> {
  let now = START;
  const clock = {
    now: () => now,
    advance: (ms: number) => {
      now = (now + ms) as Instant;
    },
  };
  const make = (side: Side, like: Partial<BridgeCapabilities>): MemoryBridge =>
    new MemoryBridge({
      clock,
      key: `memory_${side}` as BridgeKey,
      timeZone: OSLO,
      resources: [ROOM, OTHER_ROOM].map((id) => ({ id, name: id, kind: 'room' })),
      capabilities: { ...like, ...options[side]?.capabilities },
      hidden: options[side]?.hidden ?? [],
    });
  const a = make('a', LIKE_OUTLOOK);
  const b = make('b', LIKE_BOOKING);
  const used = {
    a: options.wrap?.('a', a) ?? a,
    b: options.wrap?.('b', b) ?? b,
  };
  const stores = await makeMemoryStores({ clock });
  const sent: MemoryWorld['sent'] = [];
  const { pair } = await stores.pairs.create({
    tenantId: TENANT,
    a: { bridge: a.key, resource: ROOM },
    b: { bridge: b.key, resource: ROOM },
    direction: options.direction ?? 'both',
    conflictPolicy: options.conflictPolicy ?? 'lastModified',
    syncEnabled: true,
  });
  const tenant = {
    ...(options.tenant ?? tenantConfig()),
    brake: { ...BRAKE_DEFAULTS, ...options.brake },
  };
  let runs = 0;
  const newRunId = (): RunId => `run-${(runs += 1)}` as RunId;
  const orchestrator = new SyncOrchestrator({
    clock,
    logger: silentLogger,
    store: stores.sync,
    pairs: stores.pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    queue: {
      send: async (queue, job, { delayMs = 0 } = {}) => {
        sent.push({ queue, job, delayMs });
      },
      ensureQueues: async () => {},
    },
    tenant: (id) => (id === TENANT ? tenant : undefined),
    bridge: (_tenant, key) => (key === a.key ? used.a : used.b),
    newRunId,
    random: () => 0.5,
    push: NOBODY_ANNOUNCES,
    leaseTtlMs: 150_000,
  });
  return {
    clock,
    a,
    b,
    stores,
    pair,
    sent,
    orchestrator,
    run: (runOptions = {}) =>
      orchestrator.run({
        tenantId: TENANT,
        pairId: pair.id,
        cause: 'person',
        runId: newRunId(),
        options: runOptions,
      }),
    mappings: () => stores.sync.forPair(TENANT, pair.id).loadAll(),
    storedPair: async () => {
      const stored = await stores.pairs.get(TENANT, pair.id);
      if (stored === undefined) throw new Error('the pair is not there');
      return stored.pair;
    },
  };
}

/** Days after the start of the world, at an hour of UTC. */
export function at(days: number, hour: number): Instant {
  return (Math.floor(START / DAY_MS) * DAY_MS + days * DAY_MS + hour * 3_600_000) as Instant;
}
