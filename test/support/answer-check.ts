import { deepStrictEqual, ok } from 'node:assert/strict';
import { placesOf } from '../../shared/http/places.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import type { Route } from '../../shared/http/route.ts';
import { Problem, UnknownPathProblem } from '../../shared/http/schemas/common.ts';
import { PUBLISHED } from './published.ts';

export interface GivenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const EVERYWHERE = new Set([
  'content-type',
  'cache-control',
  'x-content-type-options',
  'x-request-id',
  'deprecation',
  'link',
]);

/**
 * Whether an answer is one that the route table declares, and the published document describes: its
 * status, its headers, and its body to the last member. Schemas have no transforms, so what one makes of a body is the body itself,
 * unless it has a member that the schema does not know.
 * @param path As it was registered.
 * @throws AssertionError
 */
export function checkAnswer(method: string, path: string, answer: GivenAnswer): void {
  const { status, headers, body } = answer;
  if (isText(method, path, status)) {
    ok(headers.get('content-type')?.startsWith('text/plain;'), `${method} /${path}: ${status}`);
    return;
  }
  const { schema, media, extra } = declared(method, path, status);
  const what = `${method} /${path}: ${status} ${JSON.stringify(body)}`;
  ok(headers.get('content-type')?.startsWith(`${media};`), what);
  const undeclared = [...headers.keys()].filter(
    (name) => !EVERYWHERE.has(name) && !extra.includes(name),
  );
  deepStrictEqual(undeclared, [], what);
  // Whoever announces something waits for nothing that goes on.
  const isAnnounced = path.endsWith('bridges/webhook/{bridge}');
  ok(status !== 202 || isAnnounced || headers.has('location'), `${what} says not where it goes on`);
  const parsed = schema.safeParse(body);
  ok(parsed.success, `${what} ${JSON.stringify(parsed.error?.issues)}`);
  deepStrictEqual(body, parsed.data, what);
  PUBLISHED.checkAnswer(method, path, answer);
}

/** The route declares that it answers so in plain text, which can be the same status as in JSON. */
function isText(method: string, path: string, status: number): boolean {
  return ROUTES.some(
    (route) =>
      route.method === method &&
      route.texts.includes(status) &&
      placesOf(route).some((place) => place.path === path),
  );
}

interface Declared {
  readonly schema: Route['answers'][number];
  readonly media: string;
  readonly extra: readonly string[];
}

function declared(method: string, path: string, status: number): Declared {
  const problem = { schema: Problem, media: 'application/problem+json' };
  if (path === '{*path}') return { ...problem, schema: UnknownPathProblem, extra: [] };
  const atPath = ROUTES.filter((route) => placesOf(route).some((place) => place.path === path));
  const route = atPath.find((one) => one.method === method);
  if (route === undefined) {
    ok(atPath.length > 0 && status === 405, `${method} /${path} is in no route table: ${status}`);
    return { ...problem, extra: ['allow'] };
  }
  const schema = route.answers[status];
  const extra = (route.headers[status] ?? []).map((name) => name.toLowerCase());
  if (schema !== undefined) return { schema, media: 'application/json', extra };
  ok(route.problems.includes(status), `${route.name} does not declare ${status}`);
  const known = status === 401 ? ['www-authenticate'] : status === 503 ? ['retry-after'] : [];
  return { ...problem, extra: known };
}
