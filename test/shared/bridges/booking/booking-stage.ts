import { createBookingSimulator } from '../../../../local/booking-simulator/core.ts';
import type { BookingSeed } from '../../../../local/booking-simulator/seed.ts';
import { manualClock } from '../../../../local/simulator-kit/clock.ts';
import type { FaultInput } from '../../../../local/simulator-kit/faults.ts';
import { Journal } from '../../../../local/simulator-kit/journal.ts';
import { createBookingBridge } from '../../../../shared/bridges/booking/booking-bridge.ts';
import type { HttpPorts } from '../../../../shared/bridges/calls/caller.ts';
import type {
  BridgeWrite,
  CalendarBridge,
  WriteOutcome,
} from '../../../../shared/bridges/bridge.ts';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import type { EventContent, Field } from '../../../../shared/model/fields.ts';
import type {
  BridgeKey,
  ExternalId,
  MappingId,
  PairId,
  ResourceId,
} from '../../../../shared/model/ids.ts';
import type { SnapshotItem, Verdict, Window } from '../../../../shared/model/snapshot.ts';
import {
  durationBetween,
  parseInstant,
  toLocal,
  type TimeZoneId,
} from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';

export const OSLO = 'Europe/Oslo' as TimeZoneId;
export const ROOM = '1' as ResourceId;
export const OTHER_ROOM = '2' as ResourceId;
const DOMAIN = 'municipality-a';
const LOGIN = { login: 'bridge', password: 'correct horse' };
const BASE_URL = 'http://booking.example';
const MAPPING = 'm:a:one' as MappingId;

export function at(iso: string): Instant {
  const instant = parseInstant(iso);
  if (instant === undefined) throw new Error(`${iso} is no instant`);
  return instant;
}

export const WINDOW: Window = {
  version: 1,
  start: at('2026-09-14T00:00:00Z'),
  end: at('2027-04-15T00:00:00Z'),
};

/** Oslo wall clock, `2026-10-01T10:00` to `2026-10-01T11:00`. */
export function timed(from: string, to: string, members: Partial<EventContent> = {}): EventContent {
  const wall = (text: string): Instant => at(`${text}:00+02:00[${OSLO}]`);
  const slot = { start: wall(from), end: wall(to) };
  return {
    title: 'Formannskapet',
    description: 'Sak 1',
    start: toLocal(slot.start, OSLO),
    timeZone: OSLO,
    duration: durationBetween(slot),
    showWithoutTime: false,
    freeBusyStatus: 'busy',
    ...members,
  };
}

type DomainSeed = BookingSeed['domains'][number];

/** A booking system of its own with two rooms, and a bridge before it. */
export class Stage {
  readonly clock = manualClock(at('2026-09-15T08:00:00Z'));
  readonly system = createBookingSimulator({ clock: this.clock, journal: new Journal() });
  readonly bridge: CalendarBridge;
  readonly ports: HttpPorts;

  constructor(seed: Partial<DomainSeed> = {}, settings: Record<string, string> = {}) {
    this.system.seed({
      domains: [
        {
          domain: DOMAIN,
          accounts: [LOGIN],
          buildings: [{ id: 1, name: 'Rådhuset' }],
          resources: [
            { id: 1, name: 'Formannskapssalen', building_id: 1, capacity: 12 },
            { id: 2, name: 'Bystyresalen', building_id: 1 },
          ],
          ...seed,
        },
      ],
    });
    this.ports = {
      fetch: this.system.fetch,
      clock: { now: () => this.clock.now() as Instant },
      logger: silentLogger,
    };
    this.bridge = createBookingBridge(
      'booking_system' as BridgeKey,
      {
        kind: 'booking',
        values: { profile: 'portico', baseUrl: BASE_URL, domain: DOMAIN, ...LOGIN, ...settings },
      },
      this.ports,
    );
  }

  /** Method and path, without the query, of each request so far but the sign-ins. */
  requests(): string[] {
    return this.allRequests().filter((request) => request !== 'POST /login');
  }

  allRequests(): string[] {
    return this.system.log
      .since(-Infinity)
      .requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  }

  forgetRequests(): void {
    this.system.log.clear();
  }

  fail(fault: FaultInput): void {
    this.system.faults.add({ match: {}, times: 1, ...fault });
  }

  async control(path: string, body: unknown): Promise<Response> {
    return await this.system.fetch(
      new Request(`${BASE_URL}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) }),
    );
  }

  /** A change in the web pages. */
  async person(method: string, path: string, body: Record<string, unknown> = {}): Promise<unknown> {
    const response = await this.control('people', { method, path: `/booking/${path}`, body });
    if (!response.ok) throw new Error(`person: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** The event as the system holds it, also an inactive one; asked past the bridge. */
  async stored(id = 'event:1'): Promise<Record<string, unknown>> {
    const form = { logindomain: DOMAIN, login: LOGIN.login, passwd: LOGIN.password };
    const body = new URLSearchParams(form);
    const login = await this.system.fetch(
      new Request(`${BASE_URL}/login`, { method: 'POST', body }),
    );
    const session = (await login.json()) as { session_name: string; session_id: string };
    const query = new URLSearchParams({
      [session.session_name]: session.session_id,
      domain: DOMAIN,
      phpgw_return_as: 'json',
      api_mode: 'true',
    });
    const path = `/booking/events/${id.replace('event:', '')}`;
    const response = await this.system.fetch(new Request(`${BASE_URL}${path}?${query.toString()}`));
    return (await response.json()) as Record<string, unknown>;
  }

  async read(window: Window = WINDOW, room = ROOM): Promise<readonly SnapshotItem[]> {
    return (await this.bridge.readChanges(room, undefined, window, UNBOUNDED)).items;
  }

  async look(id: string, room = ROOM): Promise<Verdict> {
    const [verdict] = await this.bridge.readItems(room, [id as ExternalId], UNBOUNDED);
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  }

  /** The item by id, which must be alive. */
  async item(id: string, room = ROOM): Promise<SnapshotItem> {
    const verdict = await this.look(id, room);
    if (verdict.kind !== 'alive') throw new Error(`${id} is ${verdict.kind}`);
    return verdict.item;
  }

  async write(write: BridgeWrite, room = ROOM): Promise<WriteOutcome> {
    const [outcome] = await this.bridge.write(room, [write], UNBOUNDED);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  }

  /** The server's account of a write that must be applied. */
  async applied(write: BridgeWrite): Promise<SnapshotItem> {
    const outcome = await this.write(write);
    if (outcome.kind !== 'applied' || outcome.item === undefined)
      throw new Error(`not applied: ${JSON.stringify(outcome)}`);
    return outcome.item;
  }

  async create(content: EventContent): Promise<SnapshotItem> {
    return await this.applied(createOf(content));
  }
}

const STAMP = {
  source: 'outlook',
  sourceId: 'AAMk=' as ExternalId,
  pairId: 'pair' as PairId,
  mappingId: MAPPING,
};

export function createOf(content: EventContent): BridgeWrite {
  return { kind: 'create', mappingId: MAPPING, content, idempotencyKey: 'cb1.x', stamp: STAMP };
}

export function updateOf(
  id: string,
  fields: readonly Field[],
  content: EventContent,
  more: { suspended?: true } = {},
): BridgeWrite {
  return {
    kind: 'update',
    mappingId: MAPPING,
    id: id as ExternalId,
    fields,
    content,
    stamp: STAMP,
    ...more,
  };
}

export function simple(kind: 'cancel' | 'suspend' | 'resume', id: string): BridgeWrite {
  return { kind, mappingId: MAPPING, id: id as ExternalId };
}
