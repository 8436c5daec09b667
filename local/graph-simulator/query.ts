import { badRequest } from './errors.ts';
import { EVENT_MEMBERS } from './event-view.ts';
import { normalizedPropertyId } from './extended-properties.ts';
import { parseFilter } from './query-filter.ts';
import type { Instance } from './series.ts';

/** The query of a request with names in lower case and percent signs decoded, `+` kept. */
export type Query = ReadonlyMap<string, string>;

/**
 * `+` stays a plus sign, as OData has it: a filter must be encoded with `%20`.
 * @throws GraphError 400 for an escape that is cut short.
 */
export function queryOf(url: URL): Query {
  const pairs = url.search.slice(1).split('&');
  return new Map(
    pairs
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.includes('=') ? pair.indexOf('=') : pair.length;
        return [decode(pair.slice(0, at)).toLowerCase(), decode(pair.slice(at + 1))];
      }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('BadRequest', `The query holds an invalid escape: '${text}'.`);
  }
}

/** The OData options of a list of events, read. */
export interface ListOptions {
  select?: ReadonlySet<string>;
  expand?: readonly string[];
  filter?: (instance: Instance) => boolean;
  compare?: (a: Instance, b: Instance) => number;
  top?: number;
  skip: number;
  count: boolean;
}

/** How a list's next page is named: by the number of items before it, or by a token. */
export type Paging = '$skip' | '$skiptoken';
type OptionName = '$select' | '$expand' | '$filter' | '$orderby' | '$top' | '$count' | Paging;

const TOP_MAX = 1000;

/**
 * Reads the OData options; what is not held is refused and never passed over.
 * @throws GraphError 400 naming the option.
 */
export function listOptions(query: Query, allowed: readonly OptionName[]): ListOptions {
  for (const name of query.keys())
    if (name.startsWith('$') && !allowed.includes(name as OptionName))
      throw badRequest(
        'ErrorInvalidUrlQuery',
        `The query option '${name}' is not supported on this request.`,
      );
  const [select, expand, filter, orderby, top] = [
    query.get('$select'),
    query.get('$expand'),
    query.get('$filter'),
    query.get('$orderby'),
    query.get('$top'),
  ];
  return {
    ...(select !== undefined && { select: selected(select) }),
    ...(expand !== undefined && { expand: expandedProperties(expand) }),
    ...(filter !== undefined && { filter: parseFilter(filter) }),
    ...(orderby !== undefined && { compare: ordering(orderby) }),
    ...(top !== undefined && { top: wholeNumber('$top', top, 1, TOP_MAX) }),
    skip: skipped(query),
    count: query.get('$count')?.toLowerCase() === 'true',
  };
}

const TOKEN_PREFIX = 'skip.';

export function skipToken(skip: number): string {
  return Buffer.from(`${TOKEN_PREFIX}${skip}`).toString('base64url');
}

function skipped(query: Query): number {
  const token = query.get('$skiptoken');
  if (token === undefined)
    return wholeNumber('$skip', query.get('$skip') ?? '0', 0, Number.MAX_SAFE_INTEGER);
  const text = Buffer.from(token, 'base64url').toString();
  const skip = text.startsWith(TOKEN_PREFIX) ? text.slice(TOKEN_PREFIX.length) : '';
  return wholeNumber('$skiptoken', skip, 0, Number.MAX_SAFE_INTEGER);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw badRequest(
      'ErrorInvalidUrlQuery',
      `Invalid value '${text}' for ${name}: a whole number from ${min} to ${max} is expected.`,
    );
  return value;
}

function selected(text: string): ReadonlySet<string> {
  return new Set(
    text.split(',').map((part) => {
      const name = part.trim();
      const member = EVENT_MEMBERS.find((known) => known.toLowerCase() === name.toLowerCase());
      if (member === undefined)
        throw badRequest(
          'RequestBroker--ParseUri',
          `Could not find a property named '${name}' on type 'microsoft.graph.event'.`,
        );
      return member;
    }),
  );
}

const EXPAND = /^singleValueExtendedProperties\(\s*\$filter=(.+)\)$/i;
const ID_TERM = /^id\s+eq\s+'((?:[^']|'')*)'$/i;

function expandedProperties(text: string): readonly string[] {
  const filter = EXPAND.exec(text.trim())?.[1];
  if (filter === undefined)
    throw badRequest(
      'ErrorInvalidUrlQuery',
      `The simulator expands only singleValueExtendedProperties($filter=id eq '…'), not '${text}'.`,
    );
  return filter
    .trim()
    .split(/\s+or\s+(?=id\s+eq\s+')/i)
    .map((term) => {
      const id = ID_TERM.exec(term.trim())?.[1];
      if (id === undefined)
        throw badRequest('ErrorInvalidUrlQuery', `Invalid filter in $expand: '${term}'.`);
      return normalizedPropertyId(id.replaceAll("''", "'"));
    });
}

const SORT_KEYS: Readonly<Record<string, (instance: Instance) => number | string>> = {
  'start/datetime': ({ event, occurrence }) => (occurrence ?? event.time).startMs,
  'end/datetime': ({ event, occurrence }) => (occurrence ?? event.time).endMs,
  createddatetime: ({ event }) => event.createdMs,
  lastmodifieddatetime: ({ event }) => event.modifiedMs,
  subject: ({ event }) => event.subject ?? '',
};

function ordering(text: string): (a: Instance, b: Instance) => number {
  const [, path = '', direction] = /^(\S+?)(?:\s+(asc|desc))?$/i.exec(text.trim()) ?? [];
  const key = SORT_KEYS[path.toLowerCase()];
  if (key === undefined)
    throw badRequest('ErrorInvalidUrlQuery', `The simulator can not order by '${text}'.`);
  const sign = direction?.toLowerCase() === 'desc' ? -1 : 1;
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
}
