import { createBookingSimulator } from '../../local/booking-simulator/core.ts';
import type { BookingSeed } from '../../local/booking-simulator/seed.ts';
import { createGraphSimulator } from '../../local/graph-simulator/core.ts';
import { manualClock } from '../../local/simulator-kit/clock.ts';
import { DroppedConnection } from '../../local/simulator-kit/faults.ts';
import { Journal } from '../../local/simulator-kit/journal.ts';
import type { LoggedRequest } from '../../local/simulator-kit/request-log.ts';
import type { CalendarBridge } from '../../shared/bridges/bridge.ts';
import {
  bookingNotices,
  createBookingBridge,
} from '../../shared/bridges/booking/booking-bridge.ts';
import { GraphClient } from '../../shared/bridges/outlook/graph-client.ts';
import { GRAPH_NOTICES } from '../../shared/bridges/outlook/graph-notices.ts';
import { OutlookBridge } from '../../shared/bridges/outlook/outlook-bridge.ts';
import { BRAKE_DEFAULTS, type BrakeLimits, type HoldDecision } from '../../shared/model/hold.ts';
import type { BridgeKey, ResourceId, RunId, TenantId } from '../../shared/model/ids.ts';
import type { EventMapping } from '../../shared/model/mapping.ts';
import type { ConflictPolicy, Direction, Pair } from '../../shared/model/pair.ts';
import { DAY_MS, formatInstant, parseInstant, toLocal } from '../../shared/model/time.ts';
import type { FanOutJob, Job } from '../../shared/queues/messages.ts';
import type { SendOptions } from '../../shared/queues/ports.ts';
import { makeMemoryStores } from '../../shared/stores/memory/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { HoldService } from '../../shared/sync/holds.ts';
import { JobHandler } from '../../shared/sync/jobs.ts';
import { SyncOrchestrator } from '../../shared/sync/orchestrator.ts';
import { Removal } from '../../shared/sync/removal.ts';
import type { RunOptions, RunReport } from '../../shared/sync/run-report.ts';
import { Verifier } from '../../shared/sync/verifier.ts';
import type { TenantConfig } from '../../shared/tenants/tenant-config.ts';
import type { Clock, Instant } from '../../shared/util/clock.ts';
import { PushHealth } from '../../shared/webhooks/push-health.ts';
import { NoticeHandler } from '../../shared/webhooks/notice-handler.ts';
import { SubscriptionManager } from '../../shared/webhooks/subscription-manager.ts';
import type { WebhookSettings } from '../../shared/webhooks/webhook-settings.ts';
import { WebhookProcessor } from '../../shared/webhooks/webhook-processor.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import {
  signIn,
  type Fetch,
  type GenericAccess,
  type PorticoAccess,
} from '../../local/verify/booking-reader.ts';
import {
  areEqual,
  compareRooms,
  type ComparedSystems,
  type RoomComparison,
} from '../../local/verify/comparator.ts';
import { Random } from '../../simulation/random.ts';
import { checkedFetch, noteMails } from './graph-contract/hook.ts';
import { OSLO, TENANT, tenantConfig } from './memory-world.ts';
import { SlowTime } from './slow-time.ts';

export const PERSON = 'kari.nordmann@town.example';
const DOMAIN = 'town';
const ACCOUNT = { login: 'bridge', password: 'secret' };
const PORTICO: PorticoAccess = { profile: 'portico', ...ACCOUNT, domain: DOMAIN };
const GENERIC: GenericAccess = { profile: 'generic', apiKey: 'town-key' };
const GRAPH_URL = 'http://127.0.0.1:7080';
const BOOKING_URL = 'http://127.0.0.1:7081';
/** A Tuesday morning in winter time. */
export const START = parseInstant('2026-11-24T07:00:00Z') as Instant;

const WEBHOOKS: WebhookSettings = {
  baseUrl: 'http://bridge.test',
  secrets: ['a secret of the town'],
};

export type Json = Record<string, unknown>;
type DomainSeed = BookingSeed['domains'][number];

/** One POST of a system to us. */
export interface Announced {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TownOptions {
  /** The contract by which bridge and comparator reach the booking system; people need none. */
  readonly profile?: 'portico' | 'generic';
  readonly rooms?: number;
  readonly direction?: Direction;
  readonly conflictPolicy?: ConflictPolicy;
  readonly brake?: Partial<BrakeLimits>;
  /** Days ahead that are kept equal; 180 unless said otherwise. */
  readonly windowFutureDays?: number;
  /** As `COPY_PRIVATE_EVENTS`. */
  readonly copiesPrivate?: boolean;
  readonly booking?: Pick<DomainSeed, 'events' | 'allocations' | 'bookings'>;
}

/**
 * A municipality whose rooms are in both simulators, with the real bridges and engine between them.
 * Room `i` is resource `i` of the booking system (side a) and `room-i@town.example` (side b).
 */
export class Town {
  readonly manual = manualClock(START);
  readonly clock: Clock = { now: () => this.manual.now() as Instant };
  readonly #slow = { graph: new SlowTime(this.manual), booking: new SlowTime(this.manual) };
  readonly #draws = new Random(1);
  /** What goes wrong with notices, the same each time. */
  readonly #random = (): number => this.#draws.int(1e9) / 1e9;
  readonly graph = createGraphSimulator({
    clock: this.manual,
    journal: new Journal(),
    random: this.#random,
    verifyToken: () => Promise.resolve({ tenantId: 'tenant' }),
    wait: this.#slow.graph.wait,
    send: (request) => this.#announced(request),
  });
  readonly booking = createBookingSimulator({
    clock: this.manual,
    journal: new Journal(),
    random: this.#random,
    wait: this.#slow.booking.wait,
    send: (request) => this.#announced(request),
  });
  readonly systems: ComparedSystems;
  readonly rooms: readonly { readonly resourceId: string; readonly mailbox: string }[];
  readonly pairs: Pair[] = [];
  readonly jobs: Job[] = [];
  stores!: Stores;
  orchestrator!: SyncOrchestrator;
  removal!: Removal;
  handler!: JobHandler;
  verifier!: Verifier;
  holds!: HoldService;
  manager!: SubscriptionManager;
  #processor!: WebhookProcessor;
  #webhooks = WEBHOOKS;
  /** Notices as they came, handshakes apart. */
  readonly posts: Announced[] = [];
  /** What a POST of notices is answered with instead of being taken. */
  noticeStatus: (() => number | undefined) | undefined;
  /** How far the clock goes with each thing that a person does in Outlook. */
  stepMs = 1000;
  readonly #brake: BrakeLimits;
  readonly #windowFutureDays: number;
  #bridges!: { outlook: OutlookBridge; booking: CalendarBridge };
  readonly #dueAt = new WeakMap<Job, number>();
  #runs = 0;
  #isRefused: (request: { readonly method: string; readonly body: string }) => boolean = () =>
    false;
  /** Requests that were refused so. */
  refusals = 0;

  static async open(options: TownOptions = {}): Promise<Town> {
    const town = new Town(options);
    await town.#wire(options);
    return town;
  }

  private constructor({
    profile = 'portico',
    rooms = 1,
    booking = {},
    brake = {},
    windowFutureDays = 180,
  }: TownOptions) {
    this.#brake = { ...BRAKE_DEFAULTS, ...brake };
    this.#windowFutureDays = windowFutureDays;
    this.systems = {
      fetch: (request) => this.fetch(request),
      graphUrl: `${GRAPH_URL}/v1.0`,
      graphToken: 'person',
      bookingUrl: BOOKING_URL,
      booking: profile === 'portico' ? PORTICO : GENERIC,
    };
    this.rooms = Array.from({ length: rooms }, (_, index) => ({
      resourceId: String(index + 1),
      mailbox: `room-${index + 1}@town.example`,
    }));
    this.graph.seed({
      tenants: [
        {
          tenantId: 'tenant',
          domain: 'town.example',
          rooms: this.rooms.map(({ mailbox }) => ({ mailbox, displayName: mailbox })),
          people: [{ mailbox: PERSON, displayName: 'Kari Nordmann' }],
        },
      ],
    });
    this.booking.seed({
      domains: [
        {
          domain: DOMAIN,
          accounts: [ACCOUNT],
          ...(profile === 'portico'
            ? {}
            : { generic: { auth: { type: 'bearer', key: GENERIC.apiKey } } }),
          buildings: [{ id: 1, name: 'Town hall' }],
          resources: this.rooms.map(({ resourceId }) => ({
            id: Number(resourceId),
            name: `Room ${resourceId}`,
            building_id: 1,
          })),
          ...booking,
        },
      ],
    });
  }

  /** For what people and their programs ask. */
  readonly fetch: Fetch = this.#fetchBy('person');

  /** What the simulators' servers do with a core, without a socket. */
  #fetchBy(sender: 'person' | 'bridge'): Fetch {
    const graph = checkedFetch(this.graph.fetch, sender);
    return async (request) => {
      const core = request.url.startsWith(GRAPH_URL) ? graph : this.booking.fetch;
      try {
        const mailed = this.graph.mails().length;
        const answer = await core(request);
        if (sender === 'bridge')
          for (const { kind, to } of this.graph.mails().slice(mailed))
            noteMails(`${kind} to ${to}`);
        request.signal.throwIfAborted();
        return answer;
      } catch (error) {
        if (error instanceof DroppedConnection)
          throw new TypeError('fetch failed', { cause: error });
        throw error;
      }
    };
  }

  async #wire({
    direction = 'both',
    conflictPolicy = 'lastModified',
    copiesPrivate = false,
  }: TownOptions): Promise<void> {
    const { clock } = this;
    const send = this.#fetchBy('bridge');
    const ports = {
      fetch: async (request: Request): Promise<Response> =>
        (await this.#refusalOf(request)) ?? (await send(request)),
      clock,
      logger: silentLogger,
      sleep: (ms: number) => Promise.resolve(this.manual.advance(ms)),
    };
    let tokens = 1;
    const token = {
      token: ({ renew }: { renew: boolean }) => {
        if (renew) tokens += 1;
        return Promise.resolve(`bridge-${tokens}`);
      },
    };
    const graphPorts = { ...ports, timeout: this.#slow.graph.timeout };
    const outlook = new OutlookBridge({
      key: 'outlook' as BridgeKey,
      client: new GraphClient(GRAPH_URL, token, graphPorts),
      ports: graphPorts,
      timeZone: OSLO,
      copiesPrivate,
    });
    const booking = createBookingBridge(
      'booking_system' as BridgeKey,
      {
        kind: 'booking',
        values: { baseUrl: BOOKING_URL, ...this.systems.booking },
      },
      { ...ports, timeout: this.#slow.booking.timeout },
    );
    this.stores = await makeMemoryStores({ clock });
    for (const { resourceId, mailbox } of this.rooms) {
      const { pair } = await this.stores.pairs.create({
        tenantId: TENANT,
        a: { bridge: booking.key, resource: resourceId as ResourceId },
        b: { bridge: outlook.key, resource: mailbox as ResourceId },
        direction,
        conflictPolicy,
        syncEnabled: true,
      });
      this.pairs.push(pair);
    }
    this.#bridges = { outlook, booking };
    this.#connect();
    // Sign-in apart: what follows counts requests of passes.
    await outlook.listResources();
    await booking.listResources();
    this.forgetRequests();
  }

  #connect(): void {
    const { clock } = this;
    const { outlook, booking } = this.#bridges;
    const tenant: TenantConfig = {
      ...tenantConfig(),
      brake: this.#brake,
      windowFutureDays: this.#windowFutureDays,
      bridges: new Map([
        [outlook.key, { kind: 'outlook', values: { tenantId: 'tenant' } }],
        [booking.key, { kind: 'booking', values: { profile: this.systems.booking.profile } }],
      ]),
    };
    const queue = {
      send: async (_queue: string, job: Job, { delayMs = 0 }: SendOptions = {}) => {
        this.jobs.push(job);
        this.#dueAt.set(job, this.manual.now() + delayMs);
      },
      ensureQueues: async () => {},
    };
    const engine = {
      clock,
      logger: silentLogger,
      store: this.stores.sync,
      pairs: this.stores.pairs,
      syncLog: this.stores.log,
      audit: this.stores.audit,
      work: this.stores.work,
      runs: this.stores.runs,
      tenant: (id: TenantId) => (id === TENANT ? tenant : undefined),
      bridge: (_tenant: TenantConfig, key: BridgeKey) => (key === outlook.key ? outlook : booking),
      newRunId: () => `run-${(this.#runs += 1)}` as RunId,
      random: () => 0.5,
      leaseTtlMs: 150_000,
    };
    const { subscriptions, alerts } = this.stores;
    const push = new PushHealth({ ...engine, queue, subscriptions, webhooks: this.#webhooks });
    this.orchestrator = new SyncOrchestrator({ ...engine, queue, push });
    this.holds = new HoldService({ ...engine, queue, work: this.stores.work });
    this.removal = new Removal({ ...engine, audit: this.stores.audit });
    this.verifier = new Verifier(engine);
    const { orchestrator, verifier } = this;
    this.manager = new SubscriptionManager({
      ...engine,
      queue,
      alerts,
      subscriptions,
      webhooks: this.#webhooks,
      backoff: () => 60_000,
    });
    const { manager } = this;
    const notices = new NoticeHandler({
      ...engine,
      queue,
      subscriptions,
      manager,
      push,
      resolve: (id, name) => {
        const key = (name === 'booking' ? booking.key : name) as BridgeKey;
        return id === TENANT && tenant.bridges.has(key) ? key : undefined;
      },
    });
    this.#processor = new WebhookProcessor({
      ...engine,
      queue,
      webhooks: this.#webhooks,
      format: (settings) =>
        settings.kind === 'outlook' ? GRAPH_NOTICES : bookingNotices(settings),
    });
    this.handler = new JobHandler({
      ...engine,
      orchestrator,
      verifier,
      queue,
      notices,
      push,
      subscriptions: manager,
    });
  }

  async #announced(request: Request): Promise<Response> {
    const token = new URL(request.url).searchParams.get('validationToken');
    if (token !== null)
      return new Response(token, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
    const { url, headers } = request;
    const post = { url, headers: Object.fromEntries(headers), body: await request.text() };
    this.posts.push(post);
    return new Response(null, { status: this.noticeStatus?.() ?? (await this.announce(post)) });
  }

  /** What the route for notices does, without a socket; answers its status. */
  async announce({ url, headers, body }: Announced): Promise<number> {
    const { pathname, searchParams } = new URL(url);
    const [, tenant = '', bridge = ''] =
      /^\/tenants\/([^/]+)\/bridges\/webhook\/([^/]+)$/.exec(pathname) ?? [];
    const result = await this.#processor.take(tenant as TenantId, bridge as BridgeKey, {
      bytes: Buffer.from(body, 'utf8'),
      header: (name) => headers[name.toLowerCase()],
      clientState: searchParams.get('client_state') ?? undefined,
    });
    return { taken: 202, unsigned: 401, none: 400 }[result.kind];
  }

  /** Another secret from now on; the one before stays good. */
  rotateSecret(next: string): void {
    const { baseUrl, secrets } = this.#webhooks;
    this.#webhooks = { baseUrl, secrets: [next, secrets[0]] };
    this.#connect();
  }

  /** Every table is gone, as after a storage account was lost; the pairs are named anew. */
  async loseRows(): Promise<void> {
    Object.assign(this.stores, await makeMemoryStores({ clock: this.clock }));
    for (const pair of this.pairs) await this.stores.pairs.create(pair);
    this.#connect();
  }

  /** From now on the booking system refuses the requests of the bridge that `isRefused`, alone. */
  refuse(
    isRefused: (request: { readonly method: string; readonly body: string }) => boolean,
  ): void {
    this.#isRefused = isRefused;
  }

  async #refusalOf(request: Request): Promise<Response | undefined> {
    if (!request.url.startsWith(BOOKING_URL)) return undefined;
    const asked = { method: request.method, body: await request.clone().text() };
    if (!this.#isRefused(asked)) return undefined;
    this.refusals += 1;
    return Response.json({ error: 'this one is not taken' }, { status: 422 });
  }

  /** One tick of each sync timer, and every job that follows from it. */
  async tick(): Promise<void> {
    for (const timer of ['syncBookingToOutlook', 'syncOutlookToBooking'] as const)
      await this.timer(timer);
  }

  async timer(timer: FanOutJob['timer']): Promise<void> {
    this.jobs.push({ v: 1, kind: 'fan-out', tenantId: TENANT, timer });
    await this.work();
  }

  /** Handles every job that is due. */
  async work(): Promise<void> {
    const isDue = (job: Job): boolean => (this.#dueAt.get(job) ?? 0) <= this.manual.now();
    for (let next = this.jobs.findIndex(isDue); next >= 0; next = this.jobs.findIndex(isDue))
      for (const job of this.jobs.splice(next, 1)) await this.handler.handle(job);
  }

  /** Ticks until one writes nothing and no pair rests after a failure, a minute apart. */
  async settle(): Promise<void> {
    for (let tick = 0; tick < 5; tick += 1) {
      this.forgetRequests();
      await this.tick();
      const rests = this.jobs.some(({ kind }) => kind === 'sync');
      if (this.writes().length === 0 && !rests) return;
      this.manual.advance(60_000);
    }
    throw new Error(`five ticks did not settle the town: ${JSON.stringify(this.writes())}`);
  }

  /** Decides the only open hold there is, and lets the run that follows carry it out. */
  async decide(decision: HoldDecision): Promise<void> {
    const open = (await this.holds.list(TENANT)).filter(({ state }) => state === 'open');
    const [hold, ...more] = open;
    if (hold === undefined || more.length > 0) throw new Error(`${open.length} holds are open`);
    await this.holds.decide(TENANT, hold.id, decision, 'kari');
    this.manual.advance(1000);
    this.forgetRequests();
    await this.work();
  }

  async run(room = 1, options: RunOptions = {}): Promise<RunReport> {
    const pair = this.pairOf(room);
    return await this.orchestrator.run({
      tenantId: TENANT,
      pairId: pair.id,
      cause: 'person',
      runId: `run-${(this.#runs += 1)}` as RunId,
      options,
    });
  }

  pairOf(room: number): Pair {
    const pair = this.pairs[room - 1];
    if (pair === undefined) throw new Error(`there is no room ${room}`);
    return pair;
  }

  /** A person maps the two rooms again. */
  async mapAgain(room = 1): Promise<void> {
    await this.stores.pairs.create({ ...this.pairOf(room), syncEnabled: true });
  }

  async storedPair(room = 1): Promise<Pair> {
    const stored = await this.stores.pairs.get(TENANT, this.pairOf(room).id);
    if (stored === undefined) throw new Error('the pair is not stored');
    return stored.pair;
  }

  async mappings(room = 1): Promise<readonly EventMapping[]> {
    return await this.stores.sync.forPair(TENANT, this.pairOf(room).id).loadAll();
  }

  // ---- what people do

  async outlook(method: string, path: string, body?: unknown): Promise<Json> {
    if (method !== 'GET') this.manual.advance(this.stepMs);
    const answer = await this.fetch(
      new Request(`${GRAPH_URL}/v1.0/users/${path}`, {
        method,
        headers: {
          authorization: 'Bearer person',
          'content-type': 'application/json',
          prefer: 'IdType="ImmutableId", outlook.body-content-type="text"',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Json);
  }

  /** A new event in a room's calendar; answers its id. */
  async meet(room: number, event: Json): Promise<string> {
    const made = await this.outlook('POST', `room-${room}@town.example/events`, event);
    return String(made['id']);
  }

  async change(room: number, id: string, event: Json): Promise<void> {
    await this.outlook('PATCH', eventPath(room, id), event);
  }

  async remove(room: number, id: string): Promise<void> {
    await this.outlook('DELETE', eventPath(room, id));
  }

  /** The events of a room's calendar in the coming half year, or until another day. */
  async calendar(room = 1, until = '2027-05-01'): Promise<Json[]> {
    const range = `startDateTime=2026-11-01T00:00:00Z&endDateTime=${until}T00:00:00Z&$top=500`;
    const page = await this.outlook('GET', `room-${room}@town.example/calendarView?${range}`);
    return page['value'] as Json[];
  }

  /** A change in the booking system's web pages. */
  async person(method: string, path: string, body: Json = {}): Promise<Json> {
    const answer = await this.fetch(
      new Request(`${BOOKING_URL}/__sim/people`, {
        method: 'POST',
        body: JSON.stringify({ method, path: `/booking/${path}`, domain: DOMAIN, body }),
      }),
    );
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Json;
  }

  /** One of the booking simulator's controls, below `/__sim/`. */
  async bookingControl(method: string, path: string, body?: unknown): Promise<unknown> {
    return await this.#control(this.booking.fetch, `${BOOKING_URL}/__sim/${path}`, method, body);
  }

  /** One of the Graph simulator's. */
  async graphControl(method: string, path: string, body?: unknown): Promise<unknown> {
    return await this.#control(this.graph.fetch, `${GRAPH_URL}/__sim/${path}`, method, body);
  }

  async #control(
    fetch: (request: Request) => Response | Promise<Response>,
    url: string,
    method: string,
    body: unknown,
  ): Promise<unknown> {
    const answer = await fetch(
      new Request(url, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A new event of the booking system in one or more rooms; answers its number. */
  async book(rooms: number | readonly number[], event: Json): Promise<number> {
    const body = { source: 'web', contact_name: 'Per', ...event };
    const made = Array.isArray(rooms)
      ? await this.person('POST', 'events', { ...body, resource_ids: rooms })
      : await this.person('POST', `resources/${String(rooms)}/events`, body);
    return Number(made['event_id'] ?? made['id']);
  }

  /** A booking by id, also an inactive one. */
  async booked(id: number): Promise<Json> {
    return (await this.bookingApi(`/booking/events/${id}`)) as Json;
  }

  async schedule(room = 1, until = '2027-05-01'): Promise<Json[]> {
    const query = { start_date: '2026-11-01', end_date: until };
    return (await this.bookingApi(`/booking/resources/${room}/schedule`, query)) as Json[];
  }

  async bookingApi(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const session = await signIn({ fetch: this.fetch, bookingUrl: BOOKING_URL, booking: PORTICO });
    const search = new URLSearchParams({ ...session, ...query }).toString();
    const answer = await this.fetch(new Request(`${BOOKING_URL}${path}?${search}`));
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  // ---- what came of it

  async compare(options: { descriptions?: boolean } = {}): Promise<readonly RoomComparison[]> {
    const days = { from: '2026-11-24', to: '2027-05-01' };
    return await compareRooms(this.systems, this.rooms, days, options);
  }

  async isEqual(options: { descriptions?: boolean } = {}): Promise<boolean> {
    return areEqual(await this.compare(options));
  }

  /** Requests to Graph, those inside a `$batch` not counted. */
  graphRequests(): readonly LoggedRequest[] {
    return this.graph.log
      .since(-Infinity)
      .requests.filter(({ batch, path }) => batch === undefined || path.endsWith('$batch'));
  }

  /** Requests to the booking system, sign-in apart. */
  bookingRequests(): readonly LoggedRequest[] {
    return this.booking.log.since(-Infinity).requests.filter(({ path }) => !isSignIn(path));
  }

  /** Writes in both simulators' logs, those inside a `$batch` counted, the batch itself not. */
  writes(): readonly LoggedRequest[] {
    return [...this.graph.log.since(-Infinity).requests, ...this.bookingRequests()].filter(
      ({ method, path }) => method !== 'GET' && !path.endsWith('$batch'),
    );
  }

  forgetRequests(): void {
    this.graph.log.clear();
    this.booking.log.clear();
  }
}

function eventPath(room: number, id: string): string {
  return `room-${room}@town.example/events/${encodeURIComponent(id)}`;
}

function isSignIn(path: string): boolean {
  return path.startsWith('/login');
}

/** An Outlook event some days from the start of the town, at full hours of UTC. */
export function graphEvent(subject: string, day: number, hour: number, more: Json = {}): Json {
  return { subject, ...graphTimes(day, hour), ...more };
}

export function graphTimes(day: number, hour: number, hours = 1): Json {
  const time = (at: number): Json => ({
    dateTime: formatInstant(instant(day, at)).replace('Z', ''),
    timeZone: 'UTC',
  });
  return { start: time(hour), end: time(hour + hours) };
}

export function bookingTimes(day: number, hour: number, hours = 1): Json {
  return {
    from_: toLocal(instant(day, hour), OSLO),
    to_: toLocal(instant(day, hour + hours), OSLO),
  };
}

export function instant(day: number, hour: number): Instant {
  return (Math.floor(START / DAY_MS) * DAY_MS + day * DAY_MS + hour * 3_600_000) as Instant;
}
