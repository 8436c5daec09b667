import {
  createGraphSimulator,
  type GraphSimulator,
} from '../../../../local/graph-simulator/core.ts';
import { manualClock } from '../../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../../local/simulator-kit/journal.ts';
import { GraphClient, type OutlookPorts } from '../../../../shared/bridges/outlook/graph-client.ts';
import { OutlookBridge } from '../../../../shared/bridges/outlook/outlook-bridge.ts';
import type { BridgeKey, ResourceId } from '../../../../shared/model/ids.ts';
import type { TimeZoneId } from '../../../../shared/model/time.ts';
import type { Clock, Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { CONTRACT_NOW } from '../../../support/bridge-contract.ts';
import { checkedFetch, checkedRequests } from '../../../support/graph-contract/hook.ts';
import { subscriber, type Subscriber } from '../../../local/graph-simulator/subscriber.ts';

export const ORIGIN = 'http://127.0.0.1:7080';
export const OSLO = 'Europe/Oslo' as TimeZoneId;
export const ROOM = 'council@municipal-a.example' as ResourceId;
export const OTHER_ROOM = 'library@municipal-a.example' as ResourceId;
export const PERSON = 'kari@municipal-a.example';
export const GROUP = '5f3c1a52-1111-4222-8333-444455556666';

export type Json = Record<string, unknown>;

/** A municipality in the Graph simulator, and what a test looks at. */
export interface World {
  readonly simulator: GraphSimulator;
  readonly bridge: OutlookBridge;
  readonly client: GraphClient;
  /** Waits that were asked for, in ms; none takes time. */
  readonly waits: number[];
  /** One entry a call for a token; true where a new one was asked for. */
  readonly tokens: boolean[];
  readonly clock: Clock & { readonly advance: (ms: number) => void };
  /** A request of a person's own client, with the room's mailbox open. */
  readonly graph: (method: string, path: string, body?: unknown) => Promise<Json>;
  /** Requests so far, those inside a batch not counted. */
  readonly outerRequests: () => number;
}

export interface WorldOptions {
  readonly groupId?: string;
  readonly ports?: Partial<OutlookPorts>;
  /** Who is told of changes; else somebody who takes everything. */
  readonly listener?: Subscriber;
  /** A meeting that its organizer cancelled stays in the room's calendar, marked so. */
  readonly keepCancelled?: boolean;
}

export function world(options: WorldOptions = {}): World {
  const { keepCancelled = false } = options;
  const manual = manualClock(CONTRACT_NOW);
  const clock = { now: () => manual.now() as Instant, advance: (ms: number) => manual.advance(ms) };
  const made = createGraphSimulator({
    clock: manual,
    journal: new Journal(),
    verifyToken: (token) =>
      token === 'good'
        ? Promise.resolve({ tenantId: 'tenant-a' })
        : Promise.reject(new Error('this token is not good')),
    send: options.listener?.send ?? subscriber().send,
  });
  const simulator = { ...made, fetch: checkedFetch(made.fetch, 'person') };
  simulator.seed({
    tenants: [
      {
        tenantId: 'tenant-a',
        domain: 'municipal-a.example',
        rooms: [
          { mailbox: ROOM, displayName: 'Council room', capacity: 12, keepCancelled },
          { mailbox: OTHER_ROOM, displayName: 'Library' },
        ],
        people: [{ mailbox: PERSON, displayName: 'Kari Nordmann' }],
        groups: [{ id: GROUP, displayName: 'Shared rooms', members: [OTHER_ROOM] }],
      },
    ],
  });
  const waits: number[] = [];
  const tokens: boolean[] = [];
  const { fetch } = options.ports ?? {};
  const ports: OutlookPorts = {
    clock,
    logger: silentLogger,
    sleep: (ms) => {
      waits.push(ms);
      manual.advance(ms);
      return Promise.resolve();
    },
    ...options.ports,
    fetch:
      fetch === undefined ? checkedFetch(made.fetch, 'bridge') : checkedRequests(fetch, 'bridge'),
  };
  const source = {
    token: ({ renew }: { renew: boolean }) => {
      tokens.push(renew);
      return Promise.resolve('good');
    },
  };
  const client = new GraphClient(ORIGIN, source, ports);
  const { groupId } = options;
  const bridge = new OutlookBridge({
    key: 'outlook' as BridgeKey,
    client,
    ports,
    timeZone: OSLO,
    copiesPrivate: false,
    ...(groupId === undefined ? {} : { groupId }),
  });
  const outerRequests = (): number =>
    simulator.log
      .since(0)
      .requests.filter(({ batch, path }) => batch === undefined || path.endsWith('$batch')).length;
  const graph: World['graph'] = (...call) => personCalls(simulator, ...call);
  return { simulator, bridge, client, waits, tokens, clock, graph, outerRequests };
}

async function personCalls(
  simulator: GraphSimulator,
  ...[method, path, body]: Parameters<World['graph']>
): Promise<Json> {
  const response = await simulator.fetch(
    new Request(`${ORIGIN}/v1.0${path}`, {
      method,
      headers: {
        authorization: 'Bearer good',
        'content-type': 'application/json',
        prefer: 'IdType="ImmutableId", outlook.body-content-type="text"',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json);
}
