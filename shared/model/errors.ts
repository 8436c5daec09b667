/**
 * What a remote system can do to a call. The union is closed: switch over `kind`. Messages are for
 * operators: what happened, to what, what to do; never a secret, a body or a person's data.
 */
export type BridgeFault =
  /** 429, 503 with Retry-After: wait. */
  | 'throttled'
  /** Network, timeout, 5xx: it may have been done or not. */
  | 'unavailable'
  /** The item or resource is not there. */
  | 'not-found'
  /** The item moved since the version we named. */
  | 'precondition-failed'
  /** The slot is taken, or the same thing exists. */
  | 'conflict'
  /** The request is understood and refused (validation). */
  | 'rejected'
  /** Sign-in or permission. */
  | 'auth-rejected'
  /** The answer is no answer: HTML, cut-off JSON, wrong types, endless paging. */
  | 'invalid-response'
  /** The cursor is too old or of another window: read completely. */
  | 'cursor-expired';

export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  readonly kind: BridgeFault;
  /** For `throttled` and `unavailable`: how long the system asked us to stay away. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** The system's own error code, for the log. */
  readonly code: string | undefined;

  constructor(
    kind: BridgeFault,
    message: string,
    details: { retryAfterMs?: number; status?: number; code?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
    this.code = details.code;
  }
}

/** Whether a system said that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof BridgeError && error.kind === 'not-found';
}
