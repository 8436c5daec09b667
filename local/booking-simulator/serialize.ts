import type { Account, AllocationRow, BookingRow, EventRow, Resource } from './store.ts';
import { echoedIso, osloIso } from './wall-time.ts';

type Json = Record<string, unknown>;

/** A member that is null is left out of every answer, as in the real system. */
function withoutNulls(members: Json): Json {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** An item of `GET /booking/resources`; `short` has fewer members. */
export function resourceItem(resource: Resource, short: boolean): Json {
  const common = {
    id: resource.id,
    name: resource.name,
    activity_id: resource.activity_id,
    active: resource.active,
    building_id: resource.building_id,
    participant_limit: resource.participant_limit,
    deactivate_calendar: false,
    deactivate_application: false,
  };
  if (short) return withoutNulls(common);
  return withoutNulls({
    ...common,
    sort: resource.sort,
    capacity: resource.capacity,
    opening_hours: resource.opening_hours,
    hidden_in_frontend: resource.hidden_in_frontend === 1,
    description_json:
      resource.description_json === undefined
        ? undefined
        : JSON.stringify(resource.description_json),
  });
}

/** A row names the asked resource only, also where the event holds several. */
function rowResource(resource: Resource, building?: { building_id: number }): Json[] {
  const { id, name, activity_id, participant_limit } = resource;
  return [
    {
      id,
      name,
      activity_id,
      ...(participant_limit === undefined ? {} : { participant_limit }),
      deactivate_calendar: false,
      deactivate_application: false,
      ...building,
    },
  ];
}

function rowCommon(row: EventRow | BookingRow | AllocationRow): Json {
  return {
    id: row.id,
    active: row.active,
    from_: osloIso(row.from),
    to_: osloIso(row.to),
    completed: row.completed,
    building_name: row.building_name,
    skip_bas: row.skip_bas,
  };
}

export function allocationRow(row: AllocationRow, resource: Resource): Json {
  return {
    type: 'allocation',
    organization_id: row.organization_id,
    season_id: row.season_id,
    id_string: String(row.id),
    additional_invoice_information: row.additional_invoice_information,
    organization_name: row.organization_name,
    organization_shortname: row.organization_shortname,
    ...rowCommon(row),
    resources: rowResource(resource),
  };
}

export function bookingRow(row: BookingRow, resource: Resource): Json {
  return withoutNulls({
    type: 'booking',
    group_id: row.group_id,
    allocation_id: row.allocation_id,
    season_id: row.season_id,
    activity_id: row.activity_id,
    reminder: row.reminder,
    group_name: row.group_name,
    activity_name: row.activity_name,
    ...rowCommon(row),
    resources: rowResource(resource),
  });
}

/** An event as its room's schedule shows it: private particulars only where public or one's own. */
export function eventRow(row: EventRow, resource: Resource, account: Account): Json {
  const open = row.is_public === 1 || owns(account, row);
  return {
    type: 'event',
    activity_id: row.activity_id,
    reminder: row.reminder,
    is_public: row.is_public,
    id_string: String(row.id),
    building_id: row.building_id,
    name: row.name,
    ...(open ? withoutNulls(particulars(row)) : {}),
    ...rowCommon(row),
    resources: rowResource(resource, { building_id: row.building_id }),
  };
}

function owns(account: Account, row: EventRow): boolean {
  return (
    row.customer_identifier_type === 'organization_number' &&
    row.customer_organization_number !== null &&
    account.organization_numbers.includes(row.customer_organization_number)
  );
}

function particulars(row: EventRow): Json {
  return {
    description: row.description,
    contact_name: row.contact_name,
    contact_email: row.contact_email,
    contact_phone: row.contact_phone,
    customer_organization_id: row.customer_organization_id,
    customer_organization_name: row.customer_organization_name,
    organizer: row.organizer,
    homepage: row.homepage,
    equipment: row.equipment,
    participant_limit: row.participant_limit,
  };
}

/**
 * The event object of `GET /booking/events/{id}` and of writes. `active` is a boolean here, though
 * schedule rows have 0 or 1. `sent` times show in the answer to the write that sent them.
 */
export function eventObject(
  row: EventRow,
  sent: { sentFrom?: string | undefined; sentTo?: string | undefined } = {},
): Json {
  const { from, to, active, from_second_run: _from, to_second_run: _to, ...rest } = row;
  return withoutNulls({
    ...rest,
    id_string: String(row.id),
    active: active === 1,
    from_: echoedIso(sent.sentFrom) ?? osloIso(from),
    to_: echoedIso(sent.sentTo) ?? osloIso(to),
  });
}

/** The allocation object by id: its times stay the column's naive wall clock. */
export function allocationObject(row: AllocationRow): Json {
  const { organization_name: _name, organization_shortname: _short, from, to, ...rest } = row;
  return withoutNulls({ ...rest, from_: from, to_: to });
}

/** A booking as webhooks show it; no route does. */
export function bookingObject(row: BookingRow): Json {
  const { from, to, from_second_run: _from, to_second_run: _to, ...rest } = row;
  return withoutNulls({ ...rest, from_: from, to_: to });
}
