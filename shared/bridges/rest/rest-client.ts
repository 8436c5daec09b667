import { BridgeError } from '../../model/errors.ts';
import type { CallContext } from '../bridge.ts';
import { errorOf, isSuccess, parseJson, type Answer, type Wording } from '../calls/answers.ts';
import { Caller, type HttpPorts } from '../calls/caller.ts';
import type { Endpoint, EndpointName, ListName } from './rest-endpoints.ts';
import { isObject, valueAt } from './rest-paths.ts';
import type { RestSettings } from './rest-settings.ts';
import { fill, fillAddress, fillBody, type Filling } from './rest-templates.ts';

/** A refused key is not tried again sooner: repeated ones would lock the account. */
const REFUSED_PAUSE_MS = 60_000;

/** What an answer said, and the words its errors begin with. */
export interface Said {
  readonly call: string;
  readonly value: unknown;
}

/** One page of a list as it was sent. */
export interface ListPage {
  readonly rows: readonly unknown[];
  /** How many there are in all, or on this page, as the system says. */
  readonly count?: number;
  readonly next?: string;
}

/**
 * Calls a REST interface as the settings describe it. What failed is a typed `BridgeError`; no message
 * holds a secret or a body.
 */
export class RestClient {
  readonly key: string;
  readonly #settings: RestSettings;
  readonly #ports: HttpPorts;
  readonly #caller: Caller;
  readonly #words: Wording;

  constructor(key: string, settings: RestSettings, ports: HttpPorts, timeoutMs?: number) {
    this.key = key;
    this.#settings = settings;
    this.#ports = ports;
    this.#caller = new Caller(ports, timeoutMs);
    this.#words = wordingOf(settings);
  }

  /**
   * One call. `members` are put into the body beside what the endpoint says. An empty answer is an
   * empty object.
   * @throws BridgeError of any kind but `cursor-expired` and `precondition-failed`.
   */
  async call(
    name: EndpointName,
    filling: Filling,
    context: CallContext,
    members: Readonly<Record<string, unknown>> = {},
  ): Promise<Said> {
    const endpoint = this.#endpoint(name);
    const { method } = endpoint;
    const body = { ...(fillBody(endpoint.body, filling) as Record<string, unknown>), ...members };
    const hasBody = method !== 'GET' && (method !== 'DELETE' || Object.keys(body).length > 0);
    const url = this.firstPage(name, filling);
    const call = this.#nameOf(name, url);
    const answer = await this.#send(call, endpoint, url, hasBody ? body : undefined, context);
    const value = answer.body.trim() === '' ? {} : parseJson(call, answer.body);
    if (isObject(value) && value['success'] === false)
      throw new BridgeError('rejected', `${call}: answered that it did not succeed`, {
        status: answer.status,
      });
    return { call, value };
  }

  /** The address of a call, which for a list is that of its first page. */
  firstPage(name: EndpointName, filling: Filling): string {
    const { url, params } = this.#endpoint(name);
    const base = url.startsWith('/') ? this.#settings.baseUrl : '';
    const address = new URL(base + fillAddress(url, filling, `${this.key}: ${name}`));
    for (const [param, template] of Object.entries(params))
      address.searchParams.set(param, fill(template, filling));
    return address.href;
  }

  /**
   * One page of a list. `usual`: where rows are, if the settings do not say; the bare answer may be
   * the list too.
   * @throws BridgeError as `call`; `invalid-response` where the rows are not found, or the answer
   *   tells of further pages that the settings do not lead to: a short list must not pass for a whole.
   */
  async page(
    name: ListName,
    link: string,
    usual: readonly string[],
    filling: Filling,
    context: CallContext,
  ): Promise<ListPage> {
    const endpoint = this.#endpoint(name);
    const body = endpoint.method === 'GET' ? undefined : fillBody(endpoint.body, filling);
    const call = this.#nameOf(name, link);
    const answer = await this.#send(call, endpoint, link, body, context);
    const value = parseJson(call, answer.body);
    const path = endpoint.dataKey ?? this.#settings.responseDataKey;
    const found = path === undefined ? usualRows(value, usual) : valueAt(value, path);
    if (!Array.isArray(found))
      throw new BridgeError(
        'invalid-response',
        `${call}: no list ${path === undefined ? `in ${usual.join(' or ')}` : `at ${path}`}`,
      );
    const next = this.#nextOf(endpoint, call, link, value);
    if (next === undefined && endpoint.next === undefined && tellsOfMore(answer, value, path))
      throw new BridgeError(
        'invalid-response',
        `${call}: the answer has further pages; set next of the endpoint ${name}`,
      );
    const count = countIn(value, endpoint, path);
    return {
      rows: found as readonly unknown[],
      ...(count === undefined ? {} : { count }),
      ...(next === undefined ? {} : { next }),
    };
  }

  /** @throws BridgeError `invalid-response` where the next page is on another host: our key goes along. */
  #nextOf(endpoint: Endpoint, call: string, link: string, value: unknown): string | undefined {
    const found = endpoint.next === undefined ? undefined : valueAt(value, endpoint.next);
    if (found === undefined || found === null || found === '' || found === false) return undefined;
    if (typeof found !== 'string' && typeof found !== 'number')
      throw new BridgeError('invalid-response', `${call}: ${endpoint.next ?? ''} is no page`);
    const here = new URL(link);
    if (endpoint.nextParam !== undefined) {
      here.searchParams.set(endpoint.nextParam, String(found));
      return here.href;
    }
    const next = URL.parse(String(found), link);
    if (next?.origin === here.origin) return next.href;
    throw new BridgeError('invalid-response', `${call}: the next page is on another host`);
  }

  async #send(
    call: string,
    endpoint: Endpoint,
    url: string,
    body: unknown,
    context: CallContext,
  ): Promise<Answer> {
    const { auth } = this.#settings;
    const request = (signal: AbortSignal): Request => {
      const headers = new Headers({ accept: 'application/json' });
      headers.set(auth.header, auth.value);
      if (body !== undefined) headers.set('content-type', 'application/json');
      return new Request(url, {
        method: endpoint.method,
        headers,
        redirect: 'manual',
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    };
    const answer = await this.#caller.send(call, request, context);
    if (isSuccess(answer)) return answer;
    const error = errorOf(call, answer, this.#ports.clock.now(), this.#words);
    const isRefused = error.kind === 'auth-rejected';
    this.#caller.pause(error, isRefused ? REFUSED_PAUSE_MS : error.retryAfterMs);
    throw error;
  }

  #endpoint(name: EndpointName): Endpoint {
    const endpoint = this.#settings.endpoints[name];
    if (endpoint !== undefined) return endpoint;
    throw new BridgeError('rejected', `${this.key}: the settings have no endpoint ${name}`);
  }

  /** Without the query, where keys may stand, and without people's names. */
  #nameOf(name: EndpointName, url: string): string {
    const { method, url: template } = this.#endpoint(name);
    const path = name === 'list_user_events' ? template : new URL(url).pathname;
    return `${this.key}: ${method} ${path}`;
  }
}

function usualRows(value: unknown, usual: readonly string[]): unknown {
  if (Array.isArray(value)) return value;
  return usual.map((name) => valueAt(value, name)).find((rows) => rows !== undefined);
}

/** `count` of 3b stands beside the rows; other systems' settings say where. */
function countIn(
  value: unknown,
  { count }: Endpoint,
  dataKey: string | undefined,
): number | undefined {
  const beside = [...(dataKey ?? '').split('.').slice(0, -1), 'count'].join('.');
  const found = valueAt(value, count ?? beside);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** Names by which systems speak of a next page. */
const MORE =
  /^(?:@odata\.nextLink|next|next_?(?:link|page|url|cursor|page_?token)|has_?(?:more|next))$/i;

/** Whether a page that the settings know no next one of says that there is one. */
function tellsOfMore({ headers }: Answer, value: unknown, dataKey = ''): boolean {
  if (/;\s*rel="?next\b/i.test(headers.get('link') ?? '')) return true;
  const around = valueAt(value, dataKey.split('.').slice(0, -1).join('.')) ?? value;
  return [value, around].some(
    (object) =>
      isObject(object) &&
      Object.entries(object).some(
        ([name, said]) => MORE.test(name) && ![null, false, '', 0].includes(said as null),
      ),
  );
}

/** Of a refusal only our own names of its members are told: bodies may hold content. */
function wordingOf({ mappings }: RestSettings): Wording {
  const members = Object.values(mappings.written);
  return {
    unauthorized: 'not signed in (401); check the key, or the login and password',
    forbidden: 'permission denied (403); give the account the right to do this',
    saysGone: true,
    holderIn: () => undefined,
    membersIn: (body) => {
      const words = new Set(body.match(/[\w-]+/g));
      return members.filter((path) => words.has(path.split('.').at(-1) ?? path));
    },
  };
}
