import type { Operation, Parameter } from './description.ts';
import { parsedJson, queryOf, type Sender, type Sent } from './exchange.ts';
import type { ClosedSchemas } from './schemas.ts';

/** Header fields of HTTP and of Graph's gateway, which no operation names. */
const GENERAL_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'client-request-id',
  'connection',
  'content-length',
  'content-type',
  'host',
  'return-client-request-id',
  'sec-fetch-mode',
  'user-agent',
]);
/** The preferences that the description's `Prefer` parameter names. */
const PREFERENCES = [
  'outlook.timezone',
  'outlook.body-content-type',
  'idtype',
  'odata.maxpagesize',
];
/** Tokens of links that Graph made: no operation names them. */
const LINK_TOKENS = new Set(['$skiptoken', '$deltatoken']);

/** Two readings of the same schemas: a person's client may write names and enums in any case. */
export interface Readings {
  readonly exact: ClosedSchemas;
  readonly anyCase: ClosedSchemas;
}

/** What of a request breaks the description; `sender` says how strictly it is read. */
export function requestBreaches(
  sent: Sent,
  operation: Operation,
  readings: Readings,
  sender: Sender,
): readonly string[] {
  return [
    ...queryBreaches(sent, operation, sender),
    ...headerBreaches(sent, operation, sender),
    ...bodyBreaches(sent, operation, sender === 'bridge' ? readings.exact : readings.anyCase),
  ];
}

function queryBreaches(
  { target }: Sent,
  { template, query: declared }: Operation,
  sender: Sender,
): readonly string[] {
  const same = (a: string, b: string): boolean =>
    sender === 'bridge' ? a === b : a.toLowerCase() === b.toLowerCase();
  const pairs = queryOf(target);
  const isDelta = template.endsWith('/delta');
  const followsLink = pairs.some(([name]) => LINK_TOKENS.has(name));
  const breaches = pairs.flatMap(([name, value]) => {
    if (LINK_TOKENS.has(name)) return isDelta || name === '$skiptoken' ? [] : [`query ${name}`];
    const parameter = declared.find((candidate) => same(candidate.name, name));
    if (parameter === undefined) return [`query parameter ${name} is not described`];
    if (isDelta && name.startsWith('$')) return [`delta does not take ${name} (semantics.md 2)`];
    return valueBreaches(parameter, value, sender);
  });
  const missing = declared
    .filter(({ name, isRequired }) => isRequired && !pairs.some(([given]) => same(name, given)))
    .map(({ name }) => `query parameter ${name} is missing`);
  const plus = sender === 'bridge' && target.includes('+') ? ['a + in the address'] : [];
  return [...breaches, ...(followsLink ? [] : missing), ...plus];
}

function valueBreaches(
  { name, type }: Parameter,
  value: string,
  sender: Sender,
): readonly string[] {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value);
  if (sender === 'bridge' && name.endsWith('DateTime') && !isInstant)
    return [`${name} is read in UTC and should say so: ${value}`];
  const fits =
    type === 'integer' ? /^\d+$/.test(value) : type !== 'boolean' || /^(?:true|false)$/.test(value);
  return fits && value !== '' ? [] : [`query parameter ${name} is no ${type}: '${value}'`];
}

function headerBreaches(
  { headers, body }: Sent,
  { headers: declared }: Operation,
  sender: Sender,
): readonly string[] {
  const names = new Set(declared.map(({ name }) => name.toLowerCase()));
  const breaches = [...headers].flatMap(([name, value]) => {
    if (name === 'prefer') return preferBreaches(value, names.has('prefer'), sender);
    if (GENERAL_HEADERS.has(name) || names.has(name)) return [];
    return sender === 'bridge' || ['if-match', 'consistencylevel'].includes(name)
      ? [`header ${name} is not described`]
      : [];
  });
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  return sender === 'bridge' && body !== '' && !isJson
    ? [...breaches, 'a body without its content-type']
    : breaches;
}

/**
 * Servers pass over preferences they do not know (RFC 7240, 2), so a person's may be anywhere; the
 * bridge's are described ones, and where none are, the one for ids, which semantics.md 3 wants on
 * every request.
 */
function preferBreaches(value: string, isDescribed: boolean, sender: Sender): readonly string[] {
  if (sender === 'person') return [];
  const allowed = isDescribed ? PREFERENCES : ['idtype'];
  return value
    .split(',')
    .map((preference) => preference.trim().split('=')[0]?.toLowerCase() ?? '')
    .filter((name) => !allowed.includes(name))
    .map((name) => `preference ${name} is not described`);
}

function bodyBreaches(
  { body, method }: Sent,
  { request, template }: Operation,
  schemas: ClosedSchemas,
): readonly string[] {
  if (request === undefined) return body === '' ? [] : ['a body where none is described'];
  if (body === '') return request.isRequired ? ['the body is missing'] : [];
  const json = parsedJson(body);
  if (json === undefined) return ['the body is no JSON'];
  return schemas
    .errorsOf(`request ${method} ${template}`, request.schema, json.value)
    .map((error) => `body${error}`);
}
