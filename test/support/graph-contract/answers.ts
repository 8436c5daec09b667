import type { Description, Operation } from './description.ts';
import { memberOf, parsedJson, pathOf, queryOf, type Answered, type Sent } from './exchange.ts';
import type { Examples } from './examples.ts';
import type { ClosedSchemas } from './schemas.ts';

/** semantics.md 8, with 424 for what follows a failed request of a batch. */
const ERRORS = new Set([
  400, 401, 403, 404, 405, 409, 410, 412, 415, 422, 423, 424, 429, 500, 501, 502, 503, 504, 509,
]);
/** What an error has to bring along: RFC 9110 for 401 and 405, semantics.md 8 for the others. */
const ERROR_HEADERS: Readonly<Record<number, readonly [name: string, value: RegExp]>> = {
  401: ['www-authenticate', /^Bearer/],
  405: ['allow', /^[A-Z]+(?:, [A-Z]+)*$/],
  429: ['retry-after', /^[1-9]\d*$/],
};
/** Codes by which the bridge, and not only a reader, knows what happened. */
const ERROR_CODES: Readonly<Record<number, RegExp>> = {
  410: /^(?:syncStateNotFound|syncStateInvalid|resyncRequired)$/i,
  412: /^(?:resourceModified|ErrorIrresolvableConflict)$/,
};

export interface AnswerRules {
  readonly description: Description;
  readonly schemas: ClosedSchemas;
  readonly examples: Examples;
}

/** What of an answer breaks the description or falls short of the documented examples. */
export function answerBreaches(
  sent: Sent,
  answered: Answered,
  operation: Operation | undefined,
  rules: AnswerRules,
): readonly string[] {
  if (answered.status >= 400) return errorBreaches(answered, rules);
  if (operation === undefined) return [`${answered.status} to what is not described`];
  const documented = rules.examples.successes(operation);
  const isKnown =
    documented.length === 0
      ? answered.status >= 200 && answered.status < 300
      : documented.includes(answered.status);
  const status = isKnown ? [] : [`status ${answered.status}, documented is ${documented.join()}`];
  return [
    ...status,
    ...(operation.response === undefined
      ? emptyBreaches(answered)
      : bodyBreaches(sent, answered, operation, operation.response, rules)),
    ...preferenceBreaches(sent, answered, operation),
  ];
}

function emptyBreaches({ body, status }: Answered): readonly string[] {
  return body === '' ? [] : [`a body with ${status}`];
}

function bodyBreaches(
  sent: Sent,
  { body, headers }: Answered,
  operation: Operation,
  schema: NonNullable<Operation['response']>,
  { schemas, examples, description }: AnswerRules,
): readonly string[] {
  const json = parsedJson(body);
  if (json === undefined) return ['the body is no JSON'];
  const { method, template } = operation;
  return [
    ...jsonType(headers),
    ...schemas.errorsOf(`answer ${method} ${template}`, schema, json.value).map((e) => `body${e}`),
    ...examples.lacking(operation, selectedBy(sent), json.value).map((path) => `lacks ${path}`),
    ...linkBreaches(sent, json.value, operation, description),
  ];
}

function selectedBy({ target }: Sent): readonly string[] | undefined {
  const select = queryOf(target).find(([name]) => name.toLowerCase() === '$select')?.[1];
  return select?.split(',').map((name) => name.trim().toLowerCase());
}

/** A link leads to the same operation again, by parameters that are described or the link's own. */
function linkBreaches(
  { target }: Sent,
  body: unknown,
  { template, method, query }: Operation,
  description: Description,
): readonly string[] {
  const links = ['@odata.nextLink', '@odata.deltaLink'].filter(
    (name) => memberOf(body, name) !== undefined,
  );
  const breaches = links.flatMap((name) => {
    const link = new URL(String(memberOf(body, name)));
    const path = link.pathname.replace(/^\/v1\.0/, '');
    const leads = description.find(method, path).operation?.template === template;
    const odd = queryOf(link.search)
      .map(([parameter]) => parameter)
      .filter((parameter) => !/^\$(?:skip|delta)token$/.test(parameter))
      .filter(
        (parameter) => !query.some((one) => one.name.toLowerCase() === parameter.toLowerCase()),
      )
      .map((parameter) => `${name} with ${parameter}, which is not described`);
    return leads && path === pathOf(target) ? odd : [`${name} leads elsewhere: ${path}`];
  });
  if (template.endsWith('/delta') && links.length !== 1)
    return [...breaches, 'a delta page has one link'];
  return breaches;
}

/** What is said to be applied was asked for; a zone that was asked for is confirmed (event-get). */
function preferenceBreaches(
  { headers }: Sent,
  answered: Answered,
  { response, headers: declared }: Operation,
): readonly string[] {
  const asked = headers.get('prefer') ?? '';
  const applied = answered.headers.get('preference-applied') ?? '';
  const isAsked = (name: string): boolean => asked.toLowerCase().includes(name);
  const unasked = applied
    .split(',')
    .map((preference) => preference.trim().split('=')[0]?.toLowerCase() ?? '')
    .filter((name) => name !== '' && !isAsked(name))
    .map((name) => `applied ${name}, which was not asked for`);
  const isTimed = response !== undefined && declared.some(({ name }) => name === 'Prefer');
  return isTimed && isAsked('outlook.timezone') && !applied.includes('outlook.timezone')
    ? [...unasked, 'the time zone is not confirmed']
    : unasked;
}

function errorBreaches(
  { status, headers, body }: Answered,
  { description, schemas }: AnswerRules,
): readonly string[] {
  const json = parsedJson(body);
  if (json === undefined) return [`${status} without a JSON body`];
  const [name, form] = ERROR_HEADERS[status] ?? [];
  const error = memberOf(json.value, 'error');
  const code = String(memberOf(error, 'code'));
  const inner = ['date', 'request-id', 'client-request-id'].filter(
    (member) => typeof memberOf(memberOf(error, 'innerError'), member) !== 'string',
  );
  return [
    ...(ERRORS.has(status) ? [] : [`status ${status} is none of Graph's`]),
    ...jsonType(headers),
    ...schemas.errorsOf('error', description.error, json.value).map((e) => `error body${e}`),
    ...(status === 424 ? [] : inner.map((member) => `error without innerError.${member}`)),
    ...(name === undefined || form?.test(headers.get(name) ?? '') === true
      ? []
      : [`${status} with ${name}: ${headers.get(name)}`]),
    ...(ERROR_CODES[status]?.test(code) === false ? [`${status} with code ${code}`] : []),
  ];
}

function jsonType(headers: Answered['headers']): readonly string[] {
  const type = headers.get('content-type') ?? '';
  return type.startsWith('application/json') ? [] : [`content type '${type}'`];
}
