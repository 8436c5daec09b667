import { setTimeout as pause } from 'node:timers/promises';
import type * as z from 'zod';
import { Problem } from '../shared/http/schemas/common.ts';
import { Run } from '../shared/http/schemas/runs.ts';
import { CliError, EXIT } from './exit-codes.ts';
import type { Connection } from './options.ts';

const REQUEST_MS = 60_000;
/** A run takes two minutes at most, and may wait for another one as long. */
const RUN_MS = 300_000;
const POLL_FIRST_MS = 200;
const POLL_MAX_MS = 2000;
/** How long what is busy or throttled is tried again. */
const PATIENCE_MS = 60_000;
const WAIT_MAX_MS = 10_000;

export type EndedRun = Extract<z.output<typeof Run>, { status: 'finished' }>;

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** The deployment over HTTP. Answers are held against the schemas that the service has for them. */
export class Client {
  readonly #connection: Connection;
  readonly #fetch: typeof fetch;

  constructor(connection: Connection, fetchIt: typeof fetch = fetch) {
    this.#connection = connection;
    this.#fetch = fetchIt;
  }

  /**
   * @param path With its slash, without the tenant.
   * @throws CliError
   */
  async ask<T>(
    method: 'GET' | 'POST',
    path: string,
    schema: z.ZodType<T>,
    body?: object,
  ): Promise<Answer<T>> {
    const givenUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#send(method, path, body);
      const again = waitOf(answer);
      if (again !== undefined && performance.now() + again < givenUpAt) {
        await answer.body?.cancel();
        await pause(again);
        continue;
      }
      const content = await jsonOf(answer);
      if (!answer.ok) throw refused(answer.status, content, path);
      const parsed = schema.safeParse(content);
      if (!parsed.success)
        throw new CliError(
          EXIT.failed,
          `the answer to ${method} ${path} is not one that this version knows: ` +
            'use the command line of the version that is deployed',
        );
      return { status: answer.status, body: parsed.data };
    }
  }

  /** Every item of a list, page by page. */
  async list<P extends { readonly next: string | null }, T>(
    path: string,
    schema: z.ZodType<P>,
    itemsOf: (page: P) => readonly T[],
  ): Promise<readonly T[]> {
    const items: T[] = [];
    const joint = path.includes('?') ? '&' : '?';
    for (let at: string | undefined = path; at !== undefined;) {
      const page: Answer<P> = await this.ask<P>('GET', at, schema);
      items.push(...itemsOf(page.body));
      const next: string | null = page.body.next;
      at = next === null ? undefined : `${path}${joint}cursor=${encodeURIComponent(next)}`;
    }
    return items;
  }

  /** The run when it has ended. @throws CliError where it has not within five minutes. */
  async run(runId: string): Promise<EndedRun> {
    const givenUpAt = performance.now() + RUN_MS;
    for (let wait = POLL_FIRST_MS; ; wait = Math.min(wait * 2, POLL_MAX_MS)) {
      const { body } = await this.ask('GET', `/runs/${encodeURIComponent(runId)}`, Run);
      if (body.status === 'finished') return body;
      if (performance.now() > givenUpAt)
        throw new CliError(EXIT.pending, `the run ${runId} has not ended: ask for it later`);
      await pause(wait);
    }
  }

  async #send(method: string, path: string, body: object | undefined): Promise<Response> {
    const { url, key, tenant } = this.#connection;
    const prefix = tenant === undefined ? '' : `/tenants/${encodeURIComponent(tenant)}`;
    const headers = { 'X-API-Key': key, Accept: 'application/json' };
    try {
      return await this.#fetch(`${url}${prefix}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_MS),
        headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      // What it says may hold the header, and with it the key.
      throw new CliError(EXIT.configuration, `${url} does not answer: check --url and the network`);
    }
  }
}

/** How long to wait before the same is asked again; undefined where that would not help. */
function waitOf(answer: Response): number | undefined {
  if (answer.status !== 503 && answer.status !== 429) return undefined;
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, WAIT_MAX_MS) : undefined;
}

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw new CliError(
      EXIT.configuration,
      `what answers is no calendar bridge (${answer.status}, no JSON): check --url`,
    );
  }
}

function refused(status: number, content: unknown, path: string): CliError {
  const problem = Problem.safeParse(content);
  const detail = problem.success ? problem.data.detail : `${path} answered ${status}`;
  const isNamed = [400, 401, 403, 404].includes(status);
  return new CliError(isNamed ? EXIT.configuration : EXIT.failed, detail);
}
