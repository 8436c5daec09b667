import { BridgeError, type BridgeFault } from '../../model/errors.ts';
import type { Clock } from '../../util/clock.ts';
import { retryAfterMs } from '../retry-after.ts';

/** A refusal as Graph words it, outside or inside of a batch. */
export interface GraphRefusal {
  readonly status: number;
  /** Names in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The parsed body, or undefined where it was no JSON. */
  readonly body: unknown;
}

/** Delta tokens that Graph no longer takes (https://learn.microsoft.com/graph/delta-query-overview). */
const EXPIRED_CODES = new Set(['syncstatenotfound', 'syncstateinvalid', 'resyncrequired']);

/**
 * The error behind a refusal. Codes decide before the status, the message never does. `what` names
 * the call for an operator ("reading changes of room@…").
 */
export function faultOf(refusal: GraphRefusal, what: string, clock: Clock): BridgeError {
  const { status, header, body } = refusal;
  const codes = codesOf(body);
  const waitMs = retryAfterMs(header('retry-after'), clock.now());
  const kind = kindOf(status, codes, waitMs);
  const code = codes[0];
  const requestId = header('request-id');
  const parts = [
    `Graph answered ${status}${code === undefined ? '' : ` ${code}`} to ${what}`,
    ...(requestId === undefined ? [] : [`request-id ${requestId}`]),
    ...(kind === 'auth-rejected' ? [adviceFor(status)] : []),
  ];
  return new BridgeError(kind, parts.join('; '), {
    status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(code === undefined ? {} : { code }),
  });
}

function kindOf(status: number, codes: readonly string[], waitMs: number | undefined): BridgeFault {
  const isExpired = codes.some((code) => EXPIRED_CODES.has(code.toLowerCase()));
  if (status === 410 || (isExpired && status < 500)) return 'cursor-expired';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'auth-rejected';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 412) return 'precondition-failed';
  if (status === 423 || (status >= 500 && status !== 501))
    return waitMs === undefined ? 'unavailable' : 'throttled';
  return status >= 400 ? 'rejected' : 'invalid-response';
}

function adviceFor(status: number): string {
  return status === 401
    ? 'the token was not taken: check the tenant id, the app registration and the Graph address'
    : 'the app may not do this: grant Calendars.ReadWrite, Place.Read.All and, with a group, ' +
        'GroupMember.Read.All as application permissions, or add the room to the scope of the ' +
        "app's role assignment (a change can take two hours to work)";
}

/**
 * All codes of an error body, outermost first. Graph nests them in `innerError` or `innererror` to
 * any depth, and repeats some in `details` (https://learn.microsoft.com/graph/errors).
 */
export function codesOf(body: unknown): readonly string[] {
  const codes: string[] = [];
  let level: unknown[] = [memberOf(body, 'error')];
  for (let depth = 0; depth < NESTING_MAX && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const node of level) {
      const code = memberOf(node, 'code');
      if (typeof code === 'string' && code !== '') codes.push(code);
      next.push(memberOf(node, 'innerError'), memberOf(node, 'innererror'));
      const details = memberOf(node, 'details');
      if (Array.isArray(details)) next.push(...details);
    }
    level = next.filter((node) => typeof node === 'object' && node !== null);
  }
  return codes;
}

/** Deeper than any error seen; an answer cannot keep us busy. */
const NESTING_MAX = 8;

export function hasCode(body: unknown, code: string): boolean {
  return codesOf(body).some((found) => found.toLowerCase() === code.toLowerCase());
}

/** A member of something that may be no object at all. */
export function memberOf(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  return (node as Readonly<Record<string, unknown>>)[name];
}
