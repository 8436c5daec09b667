import { randomBytes } from 'node:crypto';
import type { BookingStore, EventRow } from './store.ts';
import { endOf, startOf } from './tables.ts';
import { timeOrder } from './wall-time.ts';

/** The values of an event that nobody gave; the real system forces them on imports. */
export const EVENT_DEFAULTS: Omit<
  EventRow,
  'id' | 'resources' | 'building_id' | 'building_name' | 'secret'
> = {
  active: 1,
  name: '',
  organizer: '',
  from: '',
  to: '',
  description: '',
  equipment: '',
  homepage: '',
  contact_name: '',
  contact_email: '',
  contact_phone: '',
  activity_id: 1,
  application_id: null,
  cost: 0,
  skip_bas: 0,
  completed: 0,
  customer_internal: 0,
  include_in_list: 0,
  reminder: 1,
  is_public: 0,
  access_requested: 0,
  participant_limit: null,
  customer_identifier_type: null,
  customer_ssn: null,
  customer_organization_number: null,
  customer_organization_id: null,
  customer_organization_name: null,
  additional_invoice_information: null,
  sms_total: null,
  agegroups: [{ agegroup_id: 1, male: 0, female: 0 }],
  audience: [1],
};

/** A new event before the sent fields are laid over it. */
export function newEvent(store: BookingStore, domain: string, resources: number[]): EventRow {
  const buildingId = store.resource(domain, resources[0] ?? 0)?.building_id ?? 0;
  return {
    ...EVENT_DEFAULTS,
    id: store.events.nextId(domain),
    resources,
    building_id: buildingId,
    building_name: store.buildingName(domain, buildingId),
    secret: randomBytes(16).toString('hex'),
  };
}

/** Why an active event may not stand where it is; only other active events count. */
export function findConflict(
  store: BookingStore,
  domain: string,
  event: EventRow,
): string | undefined {
  if (event.active !== 1) return undefined;
  const [from, to] = [timeOrder(startOf(event)), timeOrder(endOf(event))];
  const others = event.resources
    .flatMap((id) => store.events.overlapping(domain, id, from, to))
    .filter((other) => other.id !== event.id);
  const twin = others.find(
    (other) =>
      other.name === event.name &&
      timeOrder(startOf(other)) === from &&
      timeOrder(endOf(other)) === to,
  );
  if (twin !== undefined) return `Duplicate of event #${twin.id}: same name and times`;
  const [first] = others;
  return first === undefined ? undefined : `Overlaps event #${first.id} (${first.name})`;
}
