import type { SimulatorClock } from '../simulator-kit/clock.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import type { GenericSettings } from './generic-settings.ts';
import { domainOf, EventTable, keyOf, RowTable } from './tables.ts';
import { Webhooks } from './webhooks.ts';

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
  /**
   * The time means the second run of the hour that autumn repeats. Only the generic interface sets and
   * shows it; the columns of the real system have no place for it.
   */
  from_second_run?: boolean;
  to_second_run?: boolean;
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

/** Everything the simulated booking system knows, in collections of one journal. */
export class BookingStore {
  readonly accounts: DurableMap<Account>;
  readonly buildings: DurableMap<Building>;
  readonly sessions: DurableMap<Session>;
  /** By domain; a domain without them has no generic interface. */
  readonly generic: DurableMap<GenericSettings>;
  readonly events: EventTable;
  readonly bookings: RowTable<BookingRow>;
  readonly allocations: RowTable<AllocationRow>;
  readonly webhooks: Webhooks;
  readonly #domains: DurableMap<true>;
  readonly #resources: DurableMap<Resource>;

  constructor(journal: Journal, clock: SimulatorClock) {
    this.#domains = journal.collection('domains');
    this.accounts = journal.collection('accounts');
    this.buildings = journal.collection('buildings');
    this.#resources = journal.collection('resources');
    this.sessions = journal.collection('sessions');
    this.generic = journal.collection('generic');
    this.events = new EventTable(journal, clock);
    this.bookings = new RowTable(journal, 'bookings');
    this.allocations = new RowTable(journal, 'allocations');
    this.webhooks = new Webhooks(journal, clock);
  }

  addDomain(domain: string): void {
    this.#domains.set(domain, true);
  }

  domains(): string[] {
    return [...this.#domains.entries()].map(([domain]) => domain);
  }

  accountsOf(domain: string): Account[] {
    return [...this.accounts.entries()].flatMap(([key, account]) =>
      domainOf(key) === domain ? [account] : [],
    );
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
    this.generic.clear();
    this.webhooks.clear();
    for (const table of [this.events, this.bookings, this.allocations]) table.clear();
  }
}
