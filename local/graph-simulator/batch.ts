import { createHash } from 'node:crypto';
import * as z from 'zod';
import { answer } from './api.ts';
import { badRequest } from './errors.ts';

const REQUESTS_MAX = 20;
/** Graph sends the requests of one batch to Outlook four at a time. */
const PARALLEL = 4;

const BatchSchema = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});

type BatchRequest = z.output<typeof BatchSchema>['requests'][number];

interface BatchAnswer {
  id: string;
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * `$batch` (https://learn.microsoft.com/graph/json-batching): runs the requests through `send`, four
 * at a time or one after the other where they depend on each other, and answers them in an order of
 * its own. `send` rejects where the connection of an inner request was cut.
 * @throws GraphError 400 for a batch as a whole; the inner answers carry their own errors.
 */
export async function answerBatch(
  json: unknown,
  batch: { id: string; base: string; authorization: string },
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  const requests = checkedRequests(json);
  const run = async (request: BatchRequest): Promise<BatchAnswer> =>
    innerAnswer(request.id, await send(innerRequest(request, batch)));
  const isChain = requests.some(({ dependsOn }) => dependsOn !== undefined);
  const answers = isChain ? await runChain(requests, run) : await runParallel(requests, run);
  const order = (id: string): string =>
    createHash('sha256').update(`${batch.id}|${id}`).digest('hex');
  const responses = answers.toSorted((a, b) => (order(a.id) < order(b.id) ? -1 : 1));
  return answer({ responses });
}

function checkedRequests(json: unknown): BatchRequest[] {
  const parsed = BatchSchema.safeParse(json);
  if (!parsed.success) throw badRequest('BadRequest', z.prettifyError(parsed.error));
  const { requests } = parsed.data;
  if (requests.length === 0 || requests.length > REQUESTS_MAX)
    throw badRequest(
      'BadRequest',
      `A batch holds 1 to ${REQUESTS_MAX} requests, not ${requests.length}.`,
    );
  const ids = new Set<string>();
  for (const request of requests) {
    const id = request.id.toLowerCase();
    if (ids.has(id)) throw badRequest('BadRequest', `The id '${request.id}' comes twice.`);
    ids.add(id);
    checkRequest(request);
  }
  checkDependencies(requests);
  return requests;
}

function checkRequest({ id, url, body, headers }: BatchRequest): void {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url))
    throw badRequest('BadRequest', `Request ${id}: the url must be relative, not '${url}'.`);
  if (/^\/?\$batch(?:$|[/?])/i.test(url))
    throw badRequest('BadRequest', `Request ${id}: a batch can not hold a batch.`);
  const named = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type');
  if (body !== undefined && body !== null && !named)
    throw badRequest('BadRequest', `Request ${id}: a body needs a Content-Type header.`);
}

/** Either none depends on another, or each but one depends on exactly one, in one chain. */
function checkDependencies(requests: readonly BatchRequest[]): void {
  if (requests.every(({ dependsOn }) => dependsOn === undefined)) return;
  const followed = new Set<string>();
  let first = 0;
  for (const { id, dependsOn } of requests) {
    const [on, ...others] = dependsOn ?? [];
    if (on === undefined) first += 1;
    else if (others.length > 0 || on === id || followed.has(on) || !has(requests, on)) first = 2;
    else followed.add(on);
  }
  if (first !== 1)
    throw badRequest(
      'BadRequest',
      'dependsOn must make all requests of the batch sequential, or none of them.',
    );
}

function has(requests: readonly BatchRequest[], id: string): boolean {
  return requests.some((request) => request.id === id);
}

/** @throws whatever the first failing `run` threw, after all have ended. */
async function runParallel(
  requests: readonly BatchRequest[],
  run: (request: BatchRequest) => Promise<BatchAnswer>,
): Promise<BatchAnswer[]> {
  const answers: BatchAnswer[] = [];
  const failures: unknown[] = [];
  const queue = [...requests];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      try {
        answers.push(await run(next));
      } catch (error) {
        failures.push(error);
      }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
}

/** What follows a request that failed is not run: 424. */
async function runChain(
  requests: readonly BatchRequest[],
  run: (request: BatchRequest) => Promise<BatchAnswer>,
): Promise<BatchAnswer[]> {
  const answers: BatchAnswer[] = [];
  const follower = (id?: string): BatchRequest | undefined =>
    requests.find(({ dependsOn }) => dependsOn?.[0] === id);
  let failed = false;
  for (let next = follower(); next !== undefined; next = follower(next.id)) {
    const done: BatchAnswer = failed ? failedDependency(next.id) : await run(next);
    failed ||= done.status >= 400;
    answers.push(done);
  }
  return answers;
}

function failedDependency(id: string): BatchAnswer {
  const error = { code: 'FailedDependency', message: 'A request this one depends on failed.' };
  const headers = { ...OWN_HEADERS, 'Content-Type': 'application/json' };
  return { id, status: 424, headers, body: { error } };
}

/** What the gateway says of every answer in a batch. */
const OWN_HEADERS = { 'Cache-Control': 'no-cache' };

/** Headers of the batch do not reach the requests inside it, but for the sign-in. */
function innerRequest(
  { method, url, headers, body }: BatchRequest,
  { base, authorization }: { base: string; authorization: string },
): Request {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const hasBody = body !== undefined && body !== null && !/^(?:get|head)$/i.test(method);
  return new Request(`${base}/${url.replace(/^\//, '')}`, {
    method: method.toUpperCase(),
    headers: { ...headers, authorization },
    ...(hasBody && { body: text }),
  });
}

async function innerAnswer(id: string, response: Response): Promise<BatchAnswer> {
  const headers: Record<string, string> = { ...OWN_HEADERS };
  for (const [name, value] of response.headers) headers[titleCase(name)] = value;
  const text = await response.text();
  if (text === '') return { id, status: response.status, headers };
  return { id, status: response.status, headers, body: innerBody(text) };
}

/** JSON as it is; anything else as base64, as Graph has it. */
function innerBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Buffer.from(text).toString('base64');
  }
}

/** As the documentation spells them. */
function titleCase(name: string): string {
  return name
    .replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())
    .replace(/^Odata-/, 'OData-');
}
