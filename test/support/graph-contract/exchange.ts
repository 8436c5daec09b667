/** One request as it went out; header names in lower case. */
export interface Sent {
  readonly method: string;
  /** Below `/v1.0`, with its query, as it was encoded. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  /** As text; empty where there was none. */
  readonly body: string;
}

/** One answer; header names in lower case. */
export interface Answered {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Who sent a request. A person's client may be wrong, and is then to be refused; the bridge never.
 */
export type Sender = 'bridge' | 'person';

const PREFIX = '/v1.0';

/** A request to Graph, or undefined for one to something else of the simulator's. */
export async function sentOf(request: Request): Promise<Sent | undefined> {
  const { pathname, search } = new URL(request.url);
  if (pathname.startsWith('/__sim')) return undefined;
  const isGraph = pathname.startsWith(`${PREFIX}/`);
  return {
    method: request.method,
    target: (isGraph ? pathname.slice(PREFIX.length) : pathname) + search,
    headers: lowerCased(request.headers),
    body: await request.clone().text(),
  };
}

export async function answeredOf(response: Response): Promise<Answered> {
  const { status, headers } = response;
  return { status, headers: lowerCased(headers), body: await response.clone().text() };
}

export function lowerCased(
  headers: Headers | Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The query's pairs, percent signs decoded and `+` kept. */
export function queryOf(target: string): readonly (readonly [name: string, value: string])[] {
  const query = target.split('?').slice(1).join('?');
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.includes('=') ? pair.indexOf('=') : pair.length;
      return [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    });
}

export function pathOf(target: string): string {
  return target.split('?')[0] ?? '';
}

/** An escape that is cut short stays as it is. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) => decodeURIComponent(escapes));
}

export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** A member of what may be no object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
