import { randomBytes } from 'node:crypto';
import { mintToken, verifyGraphToken } from '../../../local/authority/tokens.ts';
import { createGraphSimulator, type GraphSimulator } from '../../../local/graph-simulator/core.ts';
import type { SeedInput } from '../../../local/graph-simulator/directory.ts';
import { manualClock, type SimulatorClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { checkedFetch } from '../../support/graph-contract/hook.ts';
import { subscriber, type Subscriber } from './subscriber.ts';

export const ROOM = 'council@a.example';
export const SMALL_ROOM = 'small@a.example';
export const ROOM_LIST = 'town-hall@a.example';
export const PERSON = 'kari@a.example';
export const TENANT = '11111111-1111-4111-8111-111111111111';
export const OTHER_TENANT = '22222222-2222-4222-8222-222222222222';
const START_MS = Date.parse('2026-12-01T08:00:00Z');
export const PROPERTY = 'String {66F5A359-4659-4830-9070-00040EC6AC6E} Name BridgeSource';

export const SEED: SeedInput = {
  tenants: [
    {
      tenantId: TENANT,
      domain: 'a.example',
      apps: [{ clientId: 'app', clientSecret: 'secret' }],
      rooms: [
        { mailbox: ROOM, displayName: 'Council chamber', capacity: 40 },
        { mailbox: SMALL_ROOM, displayName: 'Small room' },
        {
          mailbox: 'strict@a.example',
          displayName: 'Strict room',
          subjectFrom: 'organizer',
          keepCancelled: true,
        },
      ],
      people: [
        { mailbox: PERSON, displayName: 'Kari Nordmann' },
        { mailbox: 'Ola@a.example', displayName: 'Ola Nordmann' },
      ],
      groups: [{ id: 'group-1', displayName: 'Rooms', members: [ROOM, PERSON] }],
      roomLists: [{ mailbox: ROOM_LIST, displayName: 'Town hall', rooms: [ROOM, SMALL_ROOM] }],
    },
    {
      tenantId: OTHER_TENANT,
      domain: 'b.example',
      rooms: [{ mailbox: 'hall@b.example', displayName: 'Hall' }],
    },
  ],
};

/** A parsed answer; `body` is `{}` where there was none. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface Item extends Record<string, unknown> {
  id: string;
  '@odata.etag': string;
}

export interface TestGraph {
  /** A token of another tenant. */
  foreignToken: string;
  simulator: GraphSimulator;
  /** Takes every notice, whatever its address. */
  subscriber: Subscriber;
  clock: SimulatorClock;
  token: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** POST of a timed event of one hour to the room; expects 201. */
  create(input?: Record<string, unknown>, mailbox?: string, headers?: HeaderValues): Promise<Item>;
  /** A route under `/__sim`, without a token. */
  control(method: string, path: string, body?: unknown): Promise<Answer>;
}

type HeaderValues = Record<string, string>;
interface CallOptions {
  body?: unknown;
  headers?: HeaderValues;
  token?: string;
}

export const ORIGIN = 'http://graph.test';
export const IMMUTABLE = { prefer: 'IdType="ImmutableId"' };

export async function makeGraph(
  options: {
    journal?: Journal;
    pageSizeDefault?: number;
    latencyMs?: number;
    random?: () => number;
  } = {},
): Promise<TestGraph> {
  const key = randomBytes(32);
  const clock = manualClock(START_MS);
  const listener = subscriber();
  const made = createGraphSimulator({
    clock,
    send: listener.send,
    journal: new Journal(),
    verifyToken: (token) => verifyGraphToken(token, key),
    ...options,
  });
  const simulator = { ...made, fetch: checkedFetch(made.fetch, 'person') };
  simulator.seed(SEED);
  const token = await mintToken({ key, tenantId: TENANT });
  const foreignToken = await mintToken({ key, tenantId: OTHER_TENANT });
  const call = async (
    method: string,
    path: string,
    { body, headers, ...rest }: CallOptions = {},
  ) => {
    const url = path.startsWith('http') ? path : `${ORIGIN}/v1.0${path}`;
    const response = await simulator.fetch(
      new Request(url, {
        method,
        headers: { authorization: `Bearer ${rest.token ?? token}`, ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    return await read(response);
  };
  return {
    simulator,
    subscriber: listener,
    foreignToken,
    clock,
    token,
    call,
    create: async (input = {}, mailbox = ROOM, headers = {}) => {
      const answer = await call('POST', `/users/${mailbox}/events`, {
        body: eventInput(input),
        headers,
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body as Item;
    },
    control: async (method, path, body) =>
      await read(
        await simulator.fetch(
          new Request(`${ORIGIN}/__sim${path}`, {
            method,
            ...(body !== undefined && { body: JSON.stringify(body) }),
          }),
        ),
      ),
  };
}

/** To the events of a room, for three days, unless said otherwise. */
export function subscriptionInput(input: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    changeType: 'created,updated,deleted',
    notificationUrl: 'http://app.test/notices',
    lifecycleNotificationUrl: 'http://app.test/lifecycle',
    resource: `users/${ROOM}/events`,
    expirationDateTime: new Date(START_MS + 3 * 86_400_000).toISOString(),
    clientState: 'state',
    ...input,
  };
}

/** 3 December 2026, 10:00 to 11:00 UTC, unless said otherwise. */
export function eventInput(input: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subject: 'Meeting',
    start: { dateTime: '2026-12-03T10:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-12-03T11:00:00', timeZone: 'UTC' },
    ...input,
  };
}

export function at(dateTime: string, timeZone = 'UTC'): { dateTime: string; timeZone: string } {
  return { dateTime, timeZone };
}

export function eventPath(id: string, mailbox: string = ROOM): string {
  return `/users/${mailbox}/events/${encodeURIComponent(id)}`;
}

export function items(answer: Answer): Item[] {
  return answer.body['value'] as Item[];
}

/** Code and message of an error, or of nothing. */
export function errorOf({ body }: Answer): Record<string, unknown> {
  return (body['error'] ?? {}) as Record<string, unknown>;
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}
