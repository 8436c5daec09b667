import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Logger } from '../util/logger.ts';
import { problemBody, toApiError } from './problem.ts';

export interface Content {
  /** 200 where it is left out. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: object;
}

type TextContent = Omit<Content, 'body'> & { readonly body: string };

export type Rendered = HttpResponseInit & { readonly status: number };

/** A caller's request id that is safe in logs and headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export function requestIdOf(request: Pick<HttpRequest, 'headers'>): string {
  const given = request.headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : randomUUID();
}

/** An answer. Its body is not checked again: the compiler has, and each test does. */
export function render(
  content: Content,
  requestId: string,
  added: Readonly<Record<string, string>> = {},
): Rendered {
  return renderAs('application/json', asText(content), requestId, added);
}

/** A text as an answer of 200. */
export function renderText(body: string, requestId: string): Rendered {
  return renderAs('text/plain', { body }, requestId);
}

function asText({ body, ...content }: Content): TextContent {
  return { ...content, body: JSON.stringify(body) };
}

function renderAs(
  contentType: string,
  { status = 200, headers = {}, body }: TextContent,
  requestId: string,
  added: Readonly<Record<string, string>> = {},
): Rendered {
  return {
    status,
    headers: {
      'Content-Type': `${contentType}; charset=utf-8`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...added,
      ...headers,
      'X-Request-Id': requestId,
    },
    body,
  };
}

/** The problem that a thrown thing is to the caller; what the caller may not see goes to the log. */
export function renderFault(
  error: unknown,
  requestId: string,
  routeName: string,
  logger: Logger,
  added: Readonly<Record<string, string>> = {},
): Rendered {
  const problem = toApiError(error);
  if (problem.status === 500)
    logger.error('request failed', {
      route: routeName,
      requestId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  const { status, headers } = problem;
  const body = problemBody(problem, requestId);
  const content = asText({ status, headers, body });
  return renderAs('application/problem+json', content, requestId, added);
}
