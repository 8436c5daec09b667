import * as z from 'zod';
import { BridgeError } from '../../model/errors.ts';
import type { Instant } from '../../util/clock.ts';
import { retryAfterMs } from '../retry-after.ts';

/** What an error object of the booking system may hold: `{error, details}`, or the login's `{msg}`. */
const ErrorSchema = z.object({
  error: z.string().optional(),
  details: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]).optional(),
});

/** As its validation names them. A fixed list, since the sentences themselves may hold content. */
const MEMBERS =
  /\b(?:name|description|contact[ _](?:name|email|phone)|from_?|to_?|title|source|organizer|resources|activity[ _]id|agegroups|audience)\b/gi;

/** An answer with its body read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * The typed error of an answer that is no success. `call` is method and path, without the query that
 * carries the session. Bodies stay out of the message: a 409 names people's meetings.
 */
export function errorOf(call: string, answer: Answer, now: Instant): BridgeError {
  const { status, headers, body } = answer;
  const wait = retryAfterMs(headers.get('retry-after'), now);
  const details = { status, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  const made = (kind: BridgeError['kind'], what: string, code?: string): BridgeError =>
    new BridgeError(kind, `booking system: ${call}: ${what}`, {
      ...details,
      ...(code === undefined ? {} : { code }),
    });
  if (status === 429 || (status === 503 && wait !== undefined))
    return made('throttled', `asked to wait (${status})`);
  if (status >= 500) return made('unavailable', `failed with status ${status}`);
  if (status >= 300 && status < 400)
    return made('invalid-response', `redirected (${status}); check the base address`);
  if (status === 401) return made('auth-rejected', 'a new session was refused too');
  if (status === 403)
    return made('auth-rejected', 'permission denied; give the account the right to do this');
  const said = saidBy(body);
  if (status === 404) return made('not-found', 'not found');
  if (status === 409) return made('conflict', 'the slot is taken', holderIn(said));
  return made('rejected', `refused with status ${status}${membersIn(said)}`);
}

function saidBy(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // An error page of a proxy; the status says what matters.
    return '';
  }
  const { error = '', details = '' } = ErrorSchema.safeParse(parsed).data ?? {};
  const sentences = typeof details === 'string' ? [details] : Object.values(details);
  return [error, ...sentences].join('\n');
}

/** `event:12` of a sentence such as "overlaps event #12 (name)"; the name is left behind. */
function holderIn(said: string): string | undefined {
  const [, type, id] = /\b(event|allocation|booking) #(\d+)/i.exec(said) ?? [];
  return type === undefined ? undefined : `${type.toLowerCase()}:${id}`;
}

function membersIn(said: string): string {
  const members = new Set((said.match(MEMBERS) ?? []).map((member) => member.toLowerCase()));
  return members.size === 0 ? '' : ` because of: ${[...members].join(', ')}`;
}

/**
 * The value of a body's text by its schema.
 * @throws BridgeError `invalid-response` that names the first bad member, but not its value.
 */
export function parseAnswer<T>(call: string, body: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own message would quote the body.
    const what = body.trimStart().startsWith('<') ? 'a web page' : 'JSON that is cut off or broken';
    throw new BridgeError('invalid-response', `booking system: ${call}: answered ${what}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new BridgeError(
    'invalid-response',
    `booking system: ${call}: ${member}: ${issue?.message ?? 'unexpected'}`,
  );
}
