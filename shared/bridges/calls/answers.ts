import type * as z from 'zod';
import { BridgeError, type BridgeFault } from '../../model/errors.ts';
import type { Instant } from '../../util/clock.ts';
import { retryAfterMs } from '../retry-after.ts';

/** An answer with its body read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What only the one system can say of its refusals. Bodies may hold content: never a whole one. */
export interface Wording {
  /** 401: what was refused, and the operator's next step. */
  readonly unauthorized: string;
  /** 403 likewise. */
  readonly forbidden: string;
  /** 410 is its word for an item that was ended (RFC 9110, 15.5.11); else a refusal like others. */
  readonly saysGone?: true;
  /** Who holds the slot, in the body of a 409. */
  holderIn(body: string): string | undefined;
  /** Which members the body of a refusal complains of, by names that are known. */
  membersIn(body: string): readonly string[];
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The typed error of an answer that is no success. `call` names the system, method and path. */
export function errorOf(call: string, answer: Answer, now: Instant, words: Wording): BridgeError {
  const { status, headers, body } = answer;
  const wait = retryAfterMs(headers.get('retry-after'), now);
  const made = (kind: BridgeFault, what: string, code?: string): BridgeError =>
    new BridgeError(kind, `${call}: ${what}`, {
      status,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(code === undefined ? {} : { code }),
    });
  if (status === 429 || (status === 503 && wait !== undefined))
    return made('throttled', `asked to wait (${status})`);
  if (status >= 500) return made('unavailable', `failed with status ${status}`);
  if (status >= 300 && status < 400)
    return made('invalid-response', `redirected (${status}); check the base address`);
  if (status === 401) return made('auth-rejected', words.unauthorized);
  if (status === 403) return made('auth-rejected', words.forbidden);
  if (status === 404 || (status === 410 && words.saysGone === true))
    return made('not-found', 'not found');
  if (status === 409) return made('conflict', 'the slot is taken', words.holderIn(body));
  const members = words.membersIn(body);
  const because = members.length === 0 ? '' : ` because of: ${members.join(', ')}`;
  return made('rejected', `refused with status ${status}${because}`);
}

/**
 * The value of a body's text. `call` as in `errorOf`.
 * @throws BridgeError `invalid-response` that quotes nothing.
 */
export function parseJson(call: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message would quote the body.
    const what = body.trimStart().startsWith('<') ? 'a web page' : 'JSON that is cut off or broken';
    throw new BridgeError('invalid-response', `${call}: answered ${what}`);
  }
}

/**
 * The value of a body's text by its schema.
 * @throws BridgeError `invalid-response` that names the first bad member, but not its value.
 */
export function parseAnswer<T>(call: string, body: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(call, body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new BridgeError(
    'invalid-response',
    `${call}: ${member}: ${issue?.message ?? 'unexpected'}`,
  );
}
