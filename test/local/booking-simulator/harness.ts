import {
  createBookingSimulator,
  type BookingSimulator,
} from '../../../local/booking-simulator/core.ts';
import type { BookingSeed } from '../../../local/booking-simulator/seed.ts';
import { manualClock, type SimulatorClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import type { Send } from '../../../local/simulator-kit/notice-weather.ts';

export type Json = Record<string, unknown>;

const ORIGIN = 'http://booking.example';

type DomainSeed = BookingSeed['domains'][number];

/** Two rooms in one building, one account; more by `extra`. */
export function townSeed(extra: Partial<DomainSeed> = {}): BookingSeed {
  return {
    domains: [
      {
        domain: 'town',
        accounts: [{ login: 'bridge', password: 'secret' }],
        buildings: [{ id: 1, name: 'Town hall' }],
        resources: [
          { id: 12, name: 'Council room', building_id: 1, capacity: 20 },
          { id: 13, name: 'Small room', building_id: 1 },
        ],
        ...extra,
      },
    ],
  };
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as JSON. */
  json: Json;
  /** The body where it is a bare list. */
  list: Json[];
}

export interface Harness {
  simulator: BookingSimulator;
  clock: SimulatorClock;
  /** Calls a published route in a session of `town`, with the query every call needs. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls any address as it is. */
  raw(method: string, path: string, init?: RequestInit): Promise<Response>;
  people(method: string, path: string, body?: Json): Promise<Answer>;
  login(domain?: string, login?: string, password?: string): Promise<Answer>;
}

const noListener: Send = () => Promise.reject(new TypeError('fetch failed'));

/** Whoever is told of changes. */
export interface Listener {
  readonly send: Send;
  readonly heard: { readonly url: string; readonly headers: Headers; readonly body: string }[];
  /** What notices are answered with; undefined: nobody answers. */
  status: number | undefined;
}

export function listener(): Listener {
  const self: Listener = {
    heard: [],
    status: 202,
    send: async (request) => {
      const { url, headers } = request;
      self.heard.push({ url, headers, body: await request.text() });
      if (self.status === undefined) throw new TypeError('fetch failed');
      return new Response(null, { status: self.status });
    },
  };
  return self;
}

export async function startTown(
  extra: Partial<DomainSeed> = {},
  options: { journal?: Journal; send?: Send; random?: () => number } = {},
): Promise<Harness> {
  const clock = manualClock(Date.parse('2026-06-01T08:00:00Z'));
  const { journal = new Journal(), send = noListener, random = () => 0.5 } = options;
  const simulator = createBookingSimulator({ clock, journal, send, random });
  simulator.seed(townSeed(extra));
  const raw: Harness['raw'] = async (method, path, init = {}) =>
    await simulator.fetch(new Request(ORIGIN + path, { method, ...init }));
  const login: Harness['login'] = async (domain = 'town', name = 'bridge', password = 'secret') => {
    const body = new URLSearchParams({ logindomain: domain, login: name, passwd: password });
    return await answer(await raw('POST', '/login', { body }));
  };
  const { session_name: name, session_id: id } = (await login()).json;
  const query = `${String(name)}=${String(id)}&domain=town&phpgw_return_as=json&api_mode=1`;
  const call: Harness['call'] = async (method, path, body) =>
    await answer(
      await raw(method, `${path}${path.includes('?') ? '&' : '?'}${query}`, jsonInit(body)),
    );
  const people: Harness['people'] = async (method, path, body) =>
    await answer(await raw('POST', '/__sim/people', jsonInit({ method, path, body })));
  return { simulator, clock, call, raw, people, login };
}

export function jsonInit(body: unknown): RequestInit {
  if (body === undefined) return {};
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

export async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  const value: unknown = text === '' ? {} : JSON.parse(text);
  const list = Array.isArray(value) ? (value as Json[]) : [];
  return { status: response.status, headers: response.headers, json: value as Json, list };
}

/** Body of a new event of one room. */
export function newEvent(overrides: Json = {}): Json {
  return {
    title: 'Budget',
    from_: '2026-06-25T13:00:00',
    to_: '2026-06-25T14:00:00',
    source: 'calendar_bridge',
    ...overrides,
  };
}

/** Makes an event in a room and gives its id. */
export async function made(
  town: Harness,
  resourceId: number,
  overrides: Json = {},
): Promise<number> {
  const created = await town.call(
    'POST',
    `/booking/resources/${resourceId}/events`,
    newEvent(overrides),
  );
  if (created.status !== 201) throw new Error(`not made: ${JSON.stringify(created.json)}`);
  return Number(created.json['id']);
}

/** The June schedule of a room. */
export async function june(town: Harness, resourceId: number): Promise<Json[]> {
  const path = `/booking/resources/${resourceId}/schedule?start_date=2026-06-01&end_date=2026-06-30`;
  return (await town.call('GET', path)).list;
}
