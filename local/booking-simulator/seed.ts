import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { EVENT_DEFAULTS } from './event-rules.ts';
import { accessProblem, GenericSchema, type SeededAccess } from './generic-settings.ts';
import type { BookingStore, EventRow } from './store.ts';
import { keyOf } from './tables.ts';
import { columnTime } from './wall-time.ts';

const flag = z.union([z.literal(0), z.literal(1), z.boolean().transform((on) => (on ? 1 : 0))]);
const id = z.int().positive();

/** A time as the column keeps it: the wall-clock part of what is given. */
const time = z.string().transform((text, context) => {
  const column = columnTime(text);
  if (column !== undefined) return column;
  context.addIssue({ code: 'custom', message: 'no date and time' });
  return z.NEVER;
});

const reservation = {
  id,
  from_: time,
  to_: time,
  resources: z.array(id).min(1),
  active: flag.default(1),
  skip_bas: flag.default(0),
};

const EventSeed = z.object({
  ...reservation,
  name: z.string(),
  organizer: z.string().optional(),
  description: z.string().optional(),
  equipment: z.string().optional(),
  homepage: z.string().optional(),
  contact_name: z.string().optional(),
  contact_email: z.string().optional(),
  contact_phone: z.string().optional(),
  is_public: flag.optional(),
  participant_limit: z.int().optional(),
  customer_identifier_type: z.string().optional(),
  customer_organization_number: z.string().optional(),
  customer_organization_name: z.string().optional(),
});

const AllocationSeed = z.object({
  ...reservation,
  organization_name: z.string(),
  organization_id: id.default(1),
  season_id: id.default(1),
});

const BookingSeed = z.object({
  ...reservation,
  group_name: z.string(),
  group_id: id.default(1),
  allocation_id: id.nullable().default(null),
  season_id: id.default(1),
  activity_id: id.default(1),
  activity_name: z.string().default(''),
});

const ResourceSeed = z.object({
  id,
  name: z.string(),
  building_id: id,
  activity_id: id.default(1),
  active: flag.default(1),
  hidden: flag.default(0),
  sort: z.int().default(0),
  capacity: z.int().optional(),
  participant_limit: z.int().optional(),
  opening_hours: z.string().optional(),
  description_json: z.record(z.string(), z.string()).optional(),
});

const DomainSeed = z.object({
  domain: z.string().regex(/^[\w.-]+$/),
  accounts: z
    .array(
      z.object({
        login: z.string(),
        password: z.string(),
        organization_numbers: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  /** With it the domain is served by the generic contract too; seeding again without keeps it. */
  generic: GenericSchema.optional(),
  /** Goes out as `X-API-Key` with notices of the Portico contract. */
  webhook_api_key: z.string().optional(),
  buildings: z.array(z.object({ id, name: z.string() })).default([]),
  resources: z.array(ResourceSeed).default([]),
  events: z.array(EventSeed).default([]),
  allocations: z.array(AllocationSeed).default([]),
  bookings: z.array(BookingSeed).default([]),
});

/** Body of `POST /__sim/seed`. */
export const SeedSchema = z.object({ domains: z.array(DomainSeed) });

export type BookingSeed = z.input<typeof SeedSchema>;

/** A seed that would leave domains which cannot be told apart. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

/**
 * Adds what the seed names. Accounts, buildings and resources become as given; an event, booking or
 * allocation whose id is known stays as it is, so that seeding again undoes nobody's change.
 * @throws SeedError before anything is added.
 */
export function applySeed(store: BookingStore, seed: z.output<typeof SeedSchema>): void {
  const problem = accessProblem(accessAfter(store, seed));
  if (problem !== undefined) throw new SeedError(problem);
  for (const { domain, ...given } of seed.domains) {
    store.addDomain(domain);
    if (given.generic !== undefined) store.generic.set(domain, given.generic);
    if (given.webhook_api_key !== undefined) store.webhooks.keys.set(domain, given.webhook_api_key);
    for (const account of given.accounts) store.accounts.set(keyOf(domain, account.login), account);
    for (const building of given.buildings)
      store.buildings.set(keyOf(domain, building.id), building);
    for (const { hidden, ...resource } of given.resources)
      store.putResource(domain, { ...resource, hidden_in_frontend: hidden });
    seedReservations(store, domain, given);
  }
}

/** The generic domains as they will be when the seed is in. */
function accessAfter(store: BookingStore, seed: z.output<typeof SeedSchema>): SeededAccess[] {
  const names = new Set([...store.domains(), ...seed.domains.map(({ domain }) => domain)]);
  return [...names].flatMap((domain) => {
    const given = seed.domains.filter((seeded) => seeded.domain === domain);
    const generic = given.findLast((seeded) => seeded.generic !== undefined)?.generic;
    const settings = generic ?? store.generic.get(domain);
    const accounts = [...store.accountsOf(domain), ...given.flatMap((seeded) => seeded.accounts)];
    const byLogin = new Map(accounts.map((account) => [account.login, account]));
    return settings === undefined
      ? []
      : [{ domain, generic: settings, accounts: [...byLogin.values()] }];
  });
}

function seedReservations(
  store: BookingStore,
  domain: string,
  given: Pick<z.output<typeof DomainSeed>, 'events' | 'allocations' | 'bookings'>,
): void {
  const common = (resources: readonly number[]) => {
    const buildingId = store.resource(domain, resources[0] ?? 0)?.building_id ?? 0;
    const building_name = store.buildingName(domain, buildingId);
    return { building_id: buildingId, building_name, completed: 0, cost: 0 };
  };
  for (const event of given.events) {
    if (store.events.get(domain, event.id) !== undefined) continue;
    const { from_: from, to_: to, ...rest } = event;
    const set = Object.entries(rest).filter(([, value]) => value !== undefined);
    store.events.put(domain, {
      ...EVENT_DEFAULTS,
      secret: randomBytes(16).toString('hex'),
      ...common(event.resources),
      ...(Object.fromEntries(set) as Pick<EventRow, 'id' | 'resources'>),
      from,
      to,
    });
  }
  for (const allocation of given.allocations) {
    if (store.allocations.get(domain, allocation.id) !== undefined) continue;
    const { from_: from, to_: to, ...rest } = allocation;
    const { building_id: _id, ...building } = common(rest.resources);
    store.allocations.put(domain, {
      ...building,
      organization_shortname: rest.organization_name.slice(0, 11),
      additional_invoice_information: '',
      ...rest,
      from,
      to,
    });
  }
  for (const booking of given.bookings) {
    if (store.bookings.get(domain, booking.id) !== undefined) continue;
    const { from_: from, to_: to, ...rest } = booking;
    const { building_id: _id, ...building } = common(rest.resources);
    store.bookings.put(domain, { ...building, reminder: 0, ...rest, from, to });
  }
}
