import { createBookingSimulator } from '../local/booking-simulator/core.ts';
import type { BookingSeed } from '../local/booking-simulator/seed.ts';
import type { AllocationRow, BookingRow, EventRow } from '../local/booking-simulator/store.ts';
import { createGraphSimulator } from '../local/graph-simulator/core.ts';
import type { StoredEvent } from '../local/graph-simulator/model.ts';
import type { SimulatorClock } from '../local/simulator-kit/clock.ts';
import { Journal, type DurableMap } from '../local/simulator-kit/journal.ts';
import { parseLocalDateTime, toInstant, type TimeZoneId } from '../shared/model/time.ts';
import type { History, Place } from './history.ts';

export const OSLO = 'Europe/Oslo' as TimeZoneId;
export const GRAPH_URL = 'http://graph.test';
export const ACCOUNT = { login: 'bridge', password: 'secret' };
/** A room of each booking system that is in no pair. */
export const SPARE_ROOM = 90;

/** An item as its system has it, whoever made it. */
export interface Item {
  /** As the bridges name it. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Epoch ms. */
  readonly start: number;
  readonly end: number;
  readonly isAllDay: boolean;
  readonly isActive: boolean;
  /** An allocation or a booking: nobody writes it but the system's own people. */
  readonly isForeign: boolean;
  /** Lists show all of it; else not its description. */
  readonly isShown: boolean;
  /** Rooms of the booking system that it is in. */
  readonly rooms: readonly number[];
}

/** Number of a tenant's mailbox domain, booking domains and marks in every title: `t1`, `t2`, … */
export function tenantName(tenant: number): string {
  return `t${tenant}`;
}

export function mailboxOf(tenant: number, room: number): string {
  return `room${room}@${tenantName(tenant)}.example`;
}

/** A tenant's domain in the booking system, by the bridge. */
export function domainOf(tenant: number, bridge: Place['bridge']): string {
  return bridge === 'booking_two' ? `${tenantName(tenant)}-two` : tenantName(tenant);
}

export function bookingUrlOf(domain: string): string {
  return `http://${domain}.booking.test`;
}

/** Both simulators, and what they hold, read past their interfaces. */
export class Systems {
  readonly graph: ReturnType<typeof createGraphSimulator>;
  readonly booking: ReturnType<typeof createBookingSimulator>;
  /** Takes what Graph sends by itself: handshakes and notices. */
  onPost: (request: Request) => Promise<Response> = () => {
    throw new Error('nobody was asked to be told of anything');
  };
  readonly #meetings: DurableMap<StoredEvent>;
  readonly #mails: DurableMap<unknown>;
  readonly #subscriptions: DurableMap<{ readonly id: string; readonly mailboxKey: string }>;
  /** Items of a place since the last write to either system. */
  readonly #seen = new Map<string, readonly Item[]>();
  readonly #rows: {
    readonly event: DurableMap<EventRow>;
    readonly allocation: DurableMap<AllocationRow>;
    readonly booking: DurableMap<BookingRow>;
  };

  constructor(clock: SimulatorClock, history: History, foreign: BookingSeed) {
    const [graph, booking] = [new Journal(), new Journal()];
    this.graph = this.#forgetting(
      createGraphSimulator({
        clock,
        journal: graph,
        send: (request) => this.onPost(request),
        random: () => 0.5,
        verifyToken: async (token) => {
          const tenantId = /^(?:bridge|person) (t\d+)/.exec(token)?.[1];
          if (tenantId === undefined) throw new Error('a token of nobody');
          return { tenantId };
        },
      }),
    );
    this.booking = this.#forgetting(createBookingSimulator({ clock, journal: booking }));
    this.graph.seed({ tenants: graphTenants(history) });
    this.booking.seed(foreign);
    this.#meetings = graph.collection('events');
    this.#mails = graph.collection('mails');
    this.#subscriptions = graph.collection('subscriptions');
    this.#rows = {
      event: booking.collection('events'),
      allocation: booking.collection('allocations'),
      booking: booking.collection('bookings'),
    };
  }

  /** A mailbox of each subscription that lives. */
  subscribed(): readonly { readonly id: string; readonly mailboxKey: string }[] {
    return [...this.#subscriptions.values()];
  }

  /** A subscription is gone, and nobody is told. */
  async loseSubscription(id: string): Promise<void> {
    const url = `${GRAPH_URL}/__sim/subscriptions/${id}`;
    await this.graph.fetch(new Request(url, { method: 'DELETE' }));
  }

  /** Mails that Graph has sent so far. */
  get mails(): number {
    return this.#mails.size;
  }

  /** What was looked up is looked up anew once anything may have changed. */
  #forgetting<S extends { readonly fetch: (request: Request) => Promise<Response> | Response }>(
    simulator: S,
  ): S {
    const fetch = async (request: Request): Promise<Response> => {
      if (request.method !== 'GET') this.#seen.clear();
      const answer = await simulator.fetch(request);
      if (request.method !== 'GET') this.#seen.clear();
      return answer;
    };
    return { ...simulator, fetch };
  }

  /** Every item of a place, inactive ones too, oldest first. */
  itemsOf(tenant: number, place: Place): readonly Item[] {
    const key = `${tenant} ${place.bridge} ${place.room}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) return seen;
    const items = this.#itemsOf(tenant, place);
    this.#seen.set(key, items);
    return items;
  }

  #itemsOf(tenant: number, { bridge, room }: Place): readonly Item[] {
    if (bridge === 'outlook') {
      const key = `${tenantName(tenant)}|${mailboxOf(tenant, room)}`;
      return [...this.#meetings.values()].filter((one) => one.mailboxKey === key).map(ofMeeting);
    }
    const prefix = `${domainOf(tenant, bridge)}/`;
    const { event, allocation, booking } = this.#rows;
    const rows = <T extends { readonly resources: readonly number[] }>(
      map: DurableMap<T>,
      make: (row: T) => Item,
    ): Item[] =>
      [...map.entries()]
        .filter(([key, row]) => key.startsWith(prefix) && row.resources.includes(room))
        .map(([, row]) => make(row));
    return [
      ...rows(allocation, (row) => ofRow(`allocation:${row.id}`, row.organization_name, row)),
      ...rows(booking, (row) => ofRow(`booking:${row.id}`, row.group_name, row)),
      ...rows(event, (row) => ofRow(`event:${row.id}`, row.name, row)),
    ];
  }

  /** Whatever bears the id in a tenant's system, wherever it is. */
  itemById(tenant: number, bridge: Place['bridge'], id: string): Item | undefined {
    if (bridge === 'outlook') {
      const found = [...this.#meetings.values()].find((one) => one.immutableId === id);
      return found && ofMeeting(found);
    }
    const row = this.#rows.event.get(`${domainOf(tenant, bridge)}/${id.replace('event:', '')}`);
    return row && ofRow(id, row.name, row);
  }

  /** The stamp of a meeting, as a client would copy it. */
  propertiesOf(id: string): StoredEvent['extendedProperties'] {
    const found = [...this.#meetings.values()].find(({ immutableId }) => immutableId === id);
    return found?.extendedProperties ?? [];
  }
}

function graphTenants(history: History) {
  return Array.from({ length: history.tenants }, (_, index) => {
    const tenant = index + 1;
    const rooms = history.pairs
      .filter((pair) => pair.tenant === tenant)
      .flatMap(({ a, b }) => [a, b])
      .filter(({ bridge }) => bridge === 'outlook')
      .map(({ room }) => mailboxOf(tenant, room));
    return {
      tenantId: tenantName(tenant),
      domain: `${tenantName(tenant)}.example`,
      rooms: rooms.map((mailbox) => ({ mailbox, displayName: mailbox })),
      people: [],
    };
  });
}

function ofMeeting(event: StoredEvent): Item {
  return {
    id: event.immutableId,
    title: event.subject ?? '',
    description: event.body.content.trim(),
    start: event.time.startMs,
    end: event.time.endMs,
    isAllDay: event.time.isAllDay,
    isActive: !event.isCancelled,
    isForeign: false,
    isShown: true,
    rooms: [],
  };
}

type Row = EventRow | AllocationRow | BookingRow;

/** What people read in the place of a description, in the language of the tenants. */
function wordFor(row: Row): string {
  return 'group_name' in row ? 'Booking' : 'Tildeling';
}

function ofRow(id: string, title: string, row: Row): Item {
  const text = 'description' in row ? row.description : `${wordFor(row)}: ${title}`;
  const [start, end] = [instantOf(row.from), instantOf(row.to)];
  return {
    id,
    title,
    description: readDescription(text),
    start,
    end,
    isAllDay: /[ T]00:00(:00)?$/.test(row.from) && /[ T]00:00(:00)?$/.test(row.to),
    isActive: row.active === 1,
    isForeign: !id.startsWith('event:'),
    isShown: 'is_public' in row && row.is_public === 1,
    rooms: row.resources,
  };
}

/** A bridge cannot blank a field, and writes `-`; its note on what it ended is nothing anybody said. */
function readDescription(text: string): string {
  const said = text.replace(/\n?--- Cancelled from Outlook ---$/, '');
  return said === '-' ? '' : said;
}

const instants = new Map<string, number>();

/** A wall clock of Oslo; few are used, and each is asked for at every look. */
function instantOf(wallClock: string): number {
  const known = instants.get(wallClock);
  if (known !== undefined) return known;
  const local = parseLocalDateTime(wallClock);
  if (local === undefined) throw new RangeError(`${wallClock} is no time`);
  const instant = toInstant(local, OSLO);
  if (instants.size > 10_000) instants.clear();
  instants.set(wallClock, instant);
  return instant;
}
