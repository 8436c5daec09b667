import type { IncomingMessage, ServerResponse } from 'node:http';
import { serialize } from 'hono/utils/cookie';
import type { CookieData, HttpData, NullableText } from './core-types.ts';

/** What the host takes in at most. The application itself refuses far smaller bodies. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * The body as the real host passes it on: only where the request names a `Content-Length`; of a
 * chunked request nothing arrives (the host does not proxy HTTP here).
 * @throws BodyTooLargeError above `BODY_BYTES_MAX` (10 MiB).
 */
export async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const length = Number(incoming.headers['content-length'] ?? 0);
  if (length > BODY_BYTES_MAX) throw new BodyTooLargeError();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new BodyTooLargeError();
    if (length > 0) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A request in the form in which the host hands it to the library: header names in lower case, a
 * repeated query key joined with a comma.
 * @param url the absolute address asked for.
 */
export function toHttpData(
  incoming: IncomingMessage,
  url: URL,
  parameters: Record<string, string>,
  body: Uint8Array,
): HttpData {
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const query = new Map<string, string>();
  for (const [key, value] of url.searchParams) {
    const before = query.get(key);
    query.set(key, before === undefined ? value : `${before},${value}`);
  }
  return {
    method: incoming.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(query),
    nullableParams: nullable(Object.entries(parameters)),
    ...(body.length > 0 ? { body: { bytes: body } } : {}),
  };
}

function nullable(entries: Iterable<[string, string]>): Record<string, NullableText> {
  return Object.fromEntries([...entries].map(([key, value]) => [key, { value }]));
}

/** Sends what a function answered; nothing at all is 204, as in the real host. */
export function sendHttpData(response: ServerResponse, data: HttpData | undefined): void {
  if (data === undefined) {
    response.writeHead(204).end();
    return;
  }
  const body = data.body?.bytes ?? Buffer.from(data.body?.string ?? '', 'utf8');
  response.statusCode = Number(data.statusCode ?? 200);
  for (const [name, value] of Object.entries(data.headers ?? {})) response.setHeader(name, value);
  const cookies = (data.cookies ?? []).map(cookieHeader);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.removeHeader('transfer-encoding');
  const mayHaveBody = ![204, 205, 304].includes(response.statusCode);
  if (mayHaveBody) response.setHeader('content-length', body.length);
  response.end(mayHaveBody ? body : undefined);
}

const SAME_SITE = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function cookieHeader(cookie: CookieData): string {
  const { name, value, domain, path, expires, secure, httpOnly, sameSite, maxAge } = cookie;
  return serialize(name, value, {
    ...(domain ? { domain: domain.value } : {}),
    ...(path ? { path: path.value } : {}),
    ...(expires ? { expires: new Date(expires.value.seconds * 1000) } : {}),
    ...(secure ? { secure: secure.value } : {}),
    ...(httpOnly ? { httpOnly: httpOnly.value } : {}),
    ...(maxAge ? { maxAge: maxAge.value } : {}),
    ...(sameSite !== undefined && sameSite !== 'none' ? { sameSite: SAME_SITE[sameSite] } : {}),
  });
}
