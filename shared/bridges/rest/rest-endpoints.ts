import * as z from 'zod';
import { isJsonPath, isObject, type JsonPath } from './rest-paths.ts';
import { namesIn, type Placeholder } from './rest-templates.ts';

/** One call of the other system. Texts in `url`, `params` and `body` are templates. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base address, beginning with a slash; or whole, on the same origin. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** Members of the body beside the mapped fields. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Where the answer holds what was asked for, if not where `responseDataKey` says. */
  readonly dataKey?: JsonPath;
  /** Where a page of a list names the next one: a link, or with `nextParam` a cursor. */
  readonly next?: JsonPath;
  /** The query parameter that takes the cursor. */
  readonly nextParam?: string;
  /** Where a list says how many there are in all. */
  readonly count?: JsonPath;
  /** Of an update: `all` reads the event and sends it whole, `changed` sends what is set. */
  readonly sends?: 'all' | 'changed';
}

export const LISTS = ['list_resources', 'list_groups', 'list_events', 'list_user_events'] as const;
const READS = [...LISTS, 'get_event'] as const;
const WEBHOOKS = ['subscribe_webhook', 'unsubscribe_webhook'] as const;
export const ENDPOINTS = [
  ...READS,
  'create_event',
  'update_event',
  'delete_event',
  ...WEBHOOKS,
] as const;
export type ListName = (typeof LISTS)[number];
export type EndpointName = (typeof ENDPOINTS)[number];
/** What a system may lack. */
const OPTIONAL = ['list_groups', 'list_user_events', 'get_event', ...WEBHOOKS] as const;
type OptionalName = (typeof OPTIONAL)[number];

export type Endpoints = Readonly<Record<Exclude<EndpointName, OptionalName>, Endpoint>> &
  Readonly<Partial<Record<OptionalName, Endpoint>>>;

const DAYS = { start_date: '{start_date}', end_date: '{end_date}' };
const EVENTS = '/api/resources/{resource_id}/events';
const IMPORTED = { bridge_import: true };

/** The contract that the earlier service asked of booking systems. */
export const DEFAULT_ENDPOINTS: Endpoints = {
  list_resources: { method: 'GET', url: '/api/resources', params: {}, body: {} },
  list_groups: { method: 'GET', url: '/api/groups', params: {}, body: {} },
  list_events: { method: 'GET', url: EVENTS, params: { ...DAYS, format: 'json' }, body: {} },
  list_user_events: { method: 'GET', url: '/api/users/{user_id}/events', params: DAYS, body: {} },
  create_event: { method: 'POST', url: EVENTS, params: {}, body: IMPORTED },
  update_event: { method: 'PUT', url: `${EVENTS}/{event_id}`, params: {}, body: IMPORTED },
  delete_event: { method: 'DELETE', url: `${EVENTS}/{event_id}`, params: {}, body: {} },
  subscribe_webhook: {
    method: 'POST',
    url: '/api/webhooks/subscribe',
    params: {},
    body: {
      resource_id: '{resource_id}',
      callback_url: '{callback_url}',
      events: ['created', 'updated', 'deleted'],
    },
  },
  unsubscribe_webhook: {
    method: 'DELETE',
    url: '/api/webhooks/{subscription_id}',
    params: {},
    body: {},
  },
};

const RANGE = ['start_date', 'end_date', 'start', 'end'] as const;

/** What each call can fill in. */
const FILLED: Readonly<Record<EndpointName, readonly Placeholder[]>> = {
  list_resources: [],
  list_groups: [],
  list_events: ['resource_id', ...RANGE],
  list_user_events: ['user_id', ...RANGE],
  get_event: ['resource_id', 'event_id'],
  create_event: ['resource_id'],
  update_event: ['resource_id', 'event_id'],
  delete_event: ['resource_id', 'event_id'],
  subscribe_webhook: ['resource_id', 'callback_url'],
  unsubscribe_webhook: ['subscription_id'],
};

/** Without these a call would be about something else than was meant. */
const NEEDED: Readonly<Partial<Record<EndpointName, readonly Placeholder[]>>> = {
  list_user_events: ['user_id'],
  get_event: ['event_id'],
  update_event: ['event_id'],
  delete_event: ['event_id'],
  subscribe_webhook: ['resource_id', 'callback_url'],
  unsubscribe_webhook: ['subscription_id'],
};

const path = z.string().refine(isJsonPath, 'must be a path of member names with dots');
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const OverrideSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  url: z.string().optional(),
  params: z.record(z.string(), text).optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  dataKey: path.optional(),
  next: path.optional(),
  nextParam: z.string().min(1).optional(),
  count: path.optional(),
  sends: z.enum(['all', 'changed']).optional(),
});

/** What is wrong, and with which member; never with which value. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * The endpoints with what the settings change of them: a member that is named replaces the default
 * one, `null` in place of an endpoint says that the system has none.
 */
export function endpointsOf(
  overrides: Readonly<Record<string, unknown>>,
  baseUrl: string,
): { endpoints: Endpoints; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const endpoints: Record<string, Endpoint> = { ...DEFAULT_ENDPOINTS };
  for (const [name, override] of Object.entries(overrides)) {
    const isKnown = (ENDPOINTS as readonly string[]).includes(name);
    const isOptional = (OPTIONAL as readonly string[]).includes(name);
    if (!isKnown) problems.push({ path: [name], message: `is none of: ${ENDPOINTS.join(', ')}` });
    else if (override === null && isOptional) delete endpoints[name];
    else {
      const made = endpointOf(name as EndpointName, override, baseUrl);
      problems.push(...made.problems.map((one) => ({ ...one, path: [name, ...one.path] })));
      if (made.endpoint !== undefined) endpoints[name] = made.endpoint;
    }
  }
  // What cannot be ended again is not begun.
  if (endpoints['unsubscribe_webhook'] === undefined && overrides['subscribe_webhook'] !== null)
    problems.push({ path: ['subscribe_webhook'], message: 'needs unsubscribe_webhook' });
  return { endpoints: endpoints as Endpoints, problems };
}

function endpointOf(
  name: EndpointName,
  override: unknown,
  baseUrl: string,
): { endpoint?: Endpoint; problems: readonly Problem[] } {
  const parsed = OverrideSchema.safeParse(override);
  if (!parsed.success)
    return {
      problems: parsed.error.issues.map(({ path, message, code }) => ({
        path: path.map(String),
        message: code === 'custom' ? message : `is not valid: ${code.replaceAll('_', ' ')}`,
      })),
    };
  const base = DEFAULT_ENDPOINTS[name] ?? { method: 'GET' as const, url: '', params: {}, body: {} };
  const { sends, ...given } = parsed.data;
  const defined = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const endpoint: Endpoint = { ...base, ...defined, ...(sends === undefined ? {} : { sends }) };
  const problems = [
    ...methodProblems(name, endpoint),
    ...urlProblems(endpoint, baseUrl),
    ...templateProblems(name, endpoint),
    ...memberProblems(name, endpoint),
  ];
  return { endpoint, problems };
}

function methodProblems(name: EndpointName, { method, body }: Endpoint): readonly Problem[] {
  const isRead = (READS as readonly string[]).includes(name);
  const allowed = isRead ? ['GET', 'POST'] : ['POST', 'PUT', 'PATCH', 'DELETE'];
  if (!['delete_event', 'unsubscribe_webhook'].includes(name) && !isRead) allowed.pop();
  const problems: Problem[] = [];
  if (!allowed.includes(method))
    problems.push({ path: ['method'], message: `must be one of: ${allowed.join(', ')}` });
  if (method === 'GET' && Object.keys(body).length > 0)
    problems.push({ path: ['body'], message: 'cannot be sent with GET' });
  return problems;
}

function urlProblems({ url }: Endpoint, baseUrl: string): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ path: ['url'], message }];
  if (url.includes('#')) return problem('must have no fragment');
  if (url.startsWith('/')) return [];
  // The key goes with every call.
  const origin = /^https?:\/\/[^/{}?\\]+(?=\/|$)/i.exec(url)?.[0];
  return origin !== undefined && URL.parse(origin)?.origin === URL.parse(baseUrl)?.origin
    ? []
    : problem('must begin with a slash, or be on the host of the base address');
}

function templateProblems(name: EndpointName, endpoint: Endpoint): readonly Problem[] {
  const allowed: readonly string[] = FILLED[name];
  const problems: Problem[] = [];
  const check = (template: string, ...at: string[]): void => {
    if (namesIn(template).every((placeholder) => allowed.includes(placeholder))) return;
    const known = allowed.map((one) => `{${one}}`).join(', ') || 'none';
    problems.push({ path: at, message: `has an unknown placeholder; known here: ${known}` });
  };
  check(endpoint.url, 'url');
  for (const [param, template] of Object.entries(endpoint.params)) check(template, 'params', param);
  check(textsIn(endpoint.body), 'body');
  for (const needed of NEEDED[name] ?? [])
    if (!isNamed(endpoint, needed)) problems.push({ path: [], message: `must name {${needed}}` });
  return problems;
}

function memberProblems(name: EndpointName, endpoint: Endpoint): readonly Problem[] {
  const isList = (LISTS as readonly string[]).includes(name);
  const misplaced = [
    ...(isList ? [] : (['next', 'nextParam', 'count'] as const)),
    ...(name === 'update_event' ? [] : (['sends'] as const)),
  ].filter((member) => endpoint[member] !== undefined);
  const problems: Problem[] = misplaced.map((member) => ({
    path: [member],
    message: member === 'sends' ? 'is of update_event alone' : 'is of lists alone',
  }));
  if (endpoint.nextParam !== undefined && endpoint.next === undefined)
    problems.push({ path: ['nextParam'], message: 'needs next' });
  return problems;
}

/** Whether the call names this in its address, its parameters or its body. */
export function isNamed({ url, params, body }: Endpoint, placeholder: Placeholder): boolean {
  return [url, ...Object.values(params), textsIn(body)].some((template) =>
    template.includes(`{${placeholder}}`),
  );
}

/** All texts of a JSON value, one a line. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textsIn).join('\n');
  return isObject(value) ? Object.values(value).map(textsIn).join('\n') : '';
}
