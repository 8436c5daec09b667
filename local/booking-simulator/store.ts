import type { DurableMap, Journal } from '../simulator-kit/journal.ts';

export interface Account {
  login: string;
  password: string;
  /** Organizations whose private events this account sees in full. */
  organization_numbers: string[];
}

export interface Building {
  id: number;
  name: string;
}

export interface Resource {
  id: number;
  name: string;
  building_id: number;
  activity_id: number;
  active: number;
  hidden_in_frontend: number;
  sort: number;
  capacity?: number | undefined;
  participant_limit?: number | undefined;
  opening_hours?: string | undefined;
  description_json?: Record<string, string> | undefined;
}

/** What event, booking and allocation share. `from` and `to` are naive Oslo wall clock. */
export interface Reservation {
  id: number;
  active: number;
  from: string;
  to: string;
  resources: number[];
  building_name: string;
  completed: number;
  skip_bas: number;
  cost: number;
}

export interface EventRow extends Reservation {
  name: string;
  organizer: string;
  description: string;
  equipment: string;
  homepage: string;
  contact_name: string;
  contact_email: string;
  contact_phone: string;
  activity_id: number;
  building_id: number;
  application_id: number | null;
  secret: string;
  customer_internal: number;
  include_in_list: number;
  reminder: number;
  is_public: number;
  access_requested: number;
  participant_limit: number | null;
  customer_identifier_type: string | null;
  customer_ssn: string | null;
  customer_organization_number: string | null;
  customer_organization_id: number | null;
  customer_organization_name: string | null;
  additional_invoice_information: string | null;
  sms_total: number | null;
  agegroups: { agegroup_id: number; male: number; female: number }[];
  audience: number[];
}

export interface BookingRow extends Reservation {
  group_id: number;
  group_name: string;
  allocation_id: number | null;
  season_id: number;
  activity_id: number;
  activity_name: string;
  reminder: number;
}

export interface AllocationRow extends Reservation {
  organization_id: number;
  organization_name: string;
  organization_shortname: string;
  season_id: number;
  additional_invoice_information: string;
}

export interface Session {
  id: string;
  domain: string;
  login: string;
  /** Epoch ms of the last call. */
  seenMs: number;
}

/** Rows of one kind, apart by domain, with an index by resource kept beside the journal. */
export class RowTable<T extends Reservation> {
  readonly #rows: DurableMap<T>;
  readonly #lastIds: DurableMap<number>;
  readonly #byResource = new Map<string, Map<number, T>>();

  constructor(journal: Journal, kind: string) {
    this.#rows = journal.collection<T>(kind);
    this.#lastIds = journal.collection<number>(`${kind}-last-id`);
    for (const [key, row] of this.#rows.entries()) this.#index(domainOf(key), row);
  }

  get(domain: string, id: number): T | undefined {
    return this.#rows.get(keyOf(domain, id));
  }

  put(domain: string, row: T): void {
    this.#unindex(domain, row.id);
    this.#rows.set(keyOf(domain, row.id), row);
    if (row.id > (this.#lastIds.get(domain) ?? 0)) this.#lastIds.set(domain, row.id);
    this.#index(domain, row);
  }

  delete(domain: string, id: number): void {
    this.#unindex(domain, id);
    this.#rows.delete(keyOf(domain, id));
  }

  /** Never given before, also where the highest row is gone: as a database sequence. */
  nextId(domain: string): number {
    return (this.#lastIds.get(domain) ?? 0) + 1;
  }

  /** Active or not, in the order of ids. */
  ofResource(domain: string, resourceId: number): T[] {
    const rows = this.#byResource.get(keyOf(domain, resourceId));
    return rows === undefined ? [] : [...rows.values()].sort((a, b) => a.id - b.id);
  }

  /** Active rows of a resource that overlap `[from, to)`, in the order of ids. */
  overlapping(domain: string, resourceId: number, from: string, to: string): T[] {
    return this.ofResource(domain, resourceId).filter(
      (row) => row.active === 1 && row.from < to && row.to > from,
    );
  }

  clear(): void {
    this.#rows.clear();
    this.#lastIds.clear();
    this.#byResource.clear();
  }

  #index(domain: string, row: T): void {
    for (const resourceId of row.resources) {
      const key = keyOf(domain, resourceId);
      const rows = this.#byResource.get(key) ?? new Map<number, T>();
      this.#byResource.set(key, rows.set(row.id, row));
    }
  }

  #unindex(domain: string, id: number): void {
    for (const resourceId of this.get(domain, id)?.resources ?? [])
      this.#byResource.get(keyOf(domain, resourceId))?.delete(id);
  }
}

/** Everything the simulated booking system knows, in collections of one journal. */
export class BookingStore {
  readonly accounts: DurableMap<Account>;
  readonly buildings: DurableMap<Building>;
  readonly sessions: DurableMap<Session>;
  readonly events: RowTable<EventRow>;
  readonly bookings: RowTable<BookingRow>;
  readonly allocations: RowTable<AllocationRow>;
  readonly #domains: DurableMap<true>;
  readonly #resources: DurableMap<Resource>;

  constructor(journal: Journal) {
    this.#domains = journal.collection('domains');
    this.accounts = journal.collection('accounts');
    this.buildings = journal.collection('buildings');
    this.#resources = journal.collection('resources');
    this.sessions = journal.collection('sessions');
    this.events = new RowTable(journal, 'events');
    this.bookings = new RowTable(journal, 'bookings');
    this.allocations = new RowTable(journal, 'allocations');
  }

  addDomain(domain: string): void {
    this.#domains.set(domain, true);
  }

  domains(): string[] {
    return [...this.#domains.entries()].map(([domain]) => domain);
  }

  resource(domain: string, id: number): Resource | undefined {
    return this.#resources.get(keyOf(domain, id));
  }

  putResource(domain: string, resource: Resource): void {
    this.#resources.set(keyOf(domain, resource.id), resource);
  }

  resources(domain: string): Resource[] {
    return [...this.#resources.entries()].flatMap(([key, resource]) =>
      domainOf(key) === domain ? [resource] : [],
    );
  }

  buildingName(domain: string, id: number): string {
    return this.buildings.get(keyOf(domain, id))?.name ?? '';
  }

  clear(): void {
    for (const map of [this.#domains, this.accounts, this.buildings, this.#resources]) map.clear();
    this.sessions.clear();
    for (const table of [this.events, this.bookings, this.allocations]) table.clear();
  }
}

/** Key of a domain's row. A domain holds no slash. */
export function keyOf(domain: string, id: number | string): string {
  return `${domain}/${id}`;
}

function domainOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
