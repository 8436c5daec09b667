import { collide, isJsonPath, type JsonPath } from './rest-paths.ts';
import type { Problem } from './rest-endpoints.ts';

/** What we know of an event there. */
const EVENT_FIELDS = [
  'id',
  'title',
  'start',
  'end',
  'description',
  'contact_name',
  'contact_email',
  /** `cancelled` is not there, `tentative` is shown so, anything else is confirmed. */
  'status',
  /** False is not there. */
  'active',
  'updated_at',
  /** The resource, or a list of the resources, that the event is on. */
  'resource_id',
  /** Who made it; what we make says `calendar_bridge`. */
  'source',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** What we can set; `source` and `resource_id` are set with each create and whole update. */
const WRITTEN_FIELDS = [
  'title',
  'start',
  'end',
  'description',
  'contact_name',
  'contact_email',
  'resource_id',
  'source',
] as const;
export type WrittenField = (typeof WRITTEN_FIELDS)[number];

const RESOURCE_FIELDS = [
  'id',
  'name',
  'email',
  'description',
  'kind',
  'capacity',
  'active',
] as const;
export type ResourceField = (typeof RESOURCE_FIELDS)[number];

/** The places that may hold a field, the first that is there counting. */
type Places<Field extends string> = Readonly<Partial<Record<Field, readonly JsonPath[]>>>;

export interface FieldMappings {
  readonly read: Places<EventField>;
  readonly written: Readonly<Partial<Record<WrittenField, JsonPath>>>;
  readonly resources: Places<ResourceField>;
}

const DEFAULT_MAPPINGS: FieldMappings = {
  read: {
    id: ['id', 'event_id'],
    title: ['title', 'name'],
    start: ['start_time'],
    end: ['end_time'],
    description: ['description'],
    contact_name: ['contact_name'],
    contact_email: ['contact_email'],
    status: ['status'],
    active: ['active'],
    updated_at: ['updated_at'],
    resource_id: ['resource_id'],
    source: ['source'],
  },
  written: {
    title: 'title',
    start: 'start_time',
    end: 'end_time',
    description: 'description',
    contact_name: 'contact_name',
    contact_email: 'contact_email',
    source: 'source',
  },
  resources: {
    id: ['id'],
    name: ['name', 'title'],
    email: ['email'],
    description: ['description'],
    kind: ['type'],
    capacity: ['capacity'],
    active: ['active'],
  },
};

/** Names of the earlier service's generic event for fields of ours. */
const EARLIER_NAMES: Readonly<Record<string, EventField>> = {
  external_id: 'id',
  subject: 'title',
  start_time: 'start',
  end_time: 'end',
  last_modified: 'updated_at',
};

/** `{ourField: theirPath}` and `{theirPath: ourField}`, as the settings have them. */
export interface MappingTables {
  readonly to_booking_system?: Readonly<Record<string, string | null>> | undefined;
  readonly from_booking_system?: Readonly<Record<string, string | null>> | undefined;
  readonly resources?: Readonly<Record<string, string | null>> | undefined;
}

/**
 * The mappings that the settings make of the default ones. A table that maps both `start` and `end`
 * (of resources: `id`) stands for itself: a field that it leaves out is not mapped. A shorter one
 * changes the default table, in which `null` takes a field or a path out.
 */
export function mappingsOf(tables: MappingTables): {
  mappings: FieldMappings;
  problems: readonly Problem[];
} {
  const { to_booking_system: to, from_booking_system: from, resources } = tables;
  const read = readTable('from_booking_system', from, EVENT_FIELDS, DEFAULT_MAPPINGS.read, [
    'start',
    'end',
  ]);
  const written = writtenTable(to);
  const rooms = readTable('resources', resources, RESOURCE_FIELDS, DEFAULT_MAPPINGS.resources, [
    'id',
  ]);
  return {
    mappings: { read: read.places, written: written.paths, resources: rooms.places },
    problems: [
      ...read.problems,
      ...missing('from_booking_system', read.places, ['id', 'title', 'start', 'end']),
      ...written.problems,
      ...missing('to_booking_system', written.paths, ['title', 'start', 'end']),
      ...rooms.problems,
      ...missing('resources', rooms.places, ['id', 'name']),
    ],
  };
}

function readTable<Field extends string>(
  table: keyof MappingTables,
  given: Readonly<Record<string, string | null>> = {},
  fields: readonly Field[],
  defaults: Places<Field>,
  whole: readonly Field[],
): { places: Places<Field>; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const named: Partial<Record<Field, JsonPath[]>> = {};
  const removed = new Set<JsonPath>();
  for (const [path, name] of Object.entries(given)) {
    const field = name === null ? undefined : ourField(name, fields);
    if (!isJsonPath(path))
      problems.push({ path: [table, path], message: 'must be a path of member names with dots' });
    else if (name === null) removed.add(path);
    else if (field === undefined)
      problems.push({ path: [table, path], message: `maps to none of: ${fields.join(', ')}` });
    else named[field] = [...(named[field] ?? []), path];
  }
  const isWhole = whole.every((field) => named[field] !== undefined);
  const places: Partial<Record<Field, readonly JsonPath[]>> = isWhole ? {} : { ...defaults };
  Object.assign(places, named);
  for (const field of fields) {
    const left = places[field]?.filter((path) => !removed.has(path)) ?? [];
    if (left.length === 0) delete places[field];
    else places[field] = left;
  }
  return { places, problems };
}

function writtenTable(given: Readonly<Record<string, string | null>> = {}): {
  paths: FieldMappings['written'];
  problems: readonly Problem[];
} {
  const table = 'to_booking_system';
  const problems: Problem[] = [];
  const named: Partial<Record<WrittenField, JsonPath>> = {};
  const removed = new Set<WrittenField>();
  for (const [name, path] of Object.entries(given)) {
    const field = ourField(name, WRITTEN_FIELDS);
    if (field === undefined)
      problems.push({ path: [table, name], message: `is none of: ${WRITTEN_FIELDS.join(', ')}` });
    else if (path === null) removed.add(field);
    else if (!isJsonPath(path))
      problems.push({ path: [table, name], message: 'must be a path of member names with dots' });
    else named[field] = path;
  }
  const isWhole = named.start !== undefined && named.end !== undefined;
  const paths = { ...(isWhole ? {} : DEFAULT_MAPPINGS.written), ...named };
  for (const field of removed) delete paths[field];
  const taken = Object.entries(paths);
  for (const [index, [field, path]] of taken.entries())
    if (taken.slice(0, index).some(([, other]) => collide(path, other)))
      problems.push({ path: [table, field], message: 'is written where another field is' });
  return { paths, problems };
}

function ourField<Field extends string>(name: string, fields: readonly Field[]): Field | undefined {
  const now = Object.hasOwn(EARLIER_NAMES, name) ? EARLIER_NAMES[name] : name;
  return fields.find((field) => field === now);
}

function missing(
  table: keyof MappingTables,
  mapped: Readonly<Record<string, unknown>>,
  needed: readonly string[],
): readonly Problem[] {
  return needed
    .filter((field) => mapped[field] === undefined)
    .map((field) => ({ path: [table], message: `must map ${field}` }));
}
