import { BridgeError } from '../model/errors.ts';
import { DuplicatePairError, StorageError } from '../stores/errors.ts';
import { SettingsError } from '../tenants/settings-error.ts';
import { adviceOn, statusOf } from './bridge-faults.ts';

/** What is wrong with one field of a request; `field` as it is named in the body or the query. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

interface ErrorDetails {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem (RFC 9457, 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An answer that is not the one asked for. Its message goes to the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Last part of the problem's type, the same for every problem of its kind. */
  readonly slug: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, slug: string, detail: string, details: ErrorDetails = {}) {
    super(detail);
    this.status = status;
    this.slug = slug;
    this.headers = details.headers ?? {};
    this.members = details.members ?? {};
  }
}

export function badRequest(detail: string, errors: readonly FieldProblem[] = []): ApiError {
  return new ApiError(
    400,
    'invalid-request',
    detail,
    errors.length > 0 ? { members: { errors } } : {},
  );
}

/** A 400 about one field. */
export function badField(field: string, message: string): ApiError {
  return badRequest(`${field}: ${message}`, [{ field, message }]);
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'unauthorized', 'send a valid key in the header X-API-Key', {
    headers: { 'WWW-Authenticate': 'ApiKey realm="calendar-bridge"' },
  });
}

export function notFound(detail: string): ApiError {
  return new ApiError(404, 'not-found', detail);
}

/** A path that names something which this kind of system does not have. */
export function notSupported(detail: string): ApiError {
  return new ApiError(404, 'not-supported', detail);
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  const list = allowed.join(', ');
  return new ApiError(
    405,
    'method-not-allowed',
    `${method} does not exist here; there is: ${list}`,
    {
      headers: { Allow: list },
    },
  );
}

export function conflict(detail: string, members: Record<string, unknown> = {}): ApiError {
  return new ApiError(409, 'conflict', detail, { members });
}

export function tooLarge(bytesMax: number): ApiError {
  return new ApiError(413, 'too-large', `a body may have ${bytesMax} bytes at most`);
}

export function unavailable(
  detail: string,
  details: ErrorDetails & { retryAfterMs?: number } = {},
): ApiError {
  const { retryAfterMs, headers, members = {} } = details;
  const retryAfter =
    retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) };
  return new ApiError(503, 'unavailable', detail, {
    headers: { ...headers, ...retryAfter },
    members,
  });
}

/** The service's own fault: what it was is in the log, under the request's id. */
function internal(): ApiError {
  return new ApiError(500, 'internal', 'unexpected fault; look in the log for this request id');
}

/** A fault of another system, towards a client: what happened, and what an operator can do. */
export function fromBridgeError(
  error: Pick<BridgeError, 'kind' | 'message'> & { retryAfterMs?: number | undefined },
): ApiError {
  const detail = `${error.message}. ${adviceOn(error.kind)}`;
  const status = statusOf(error.kind);
  const members = { fault: error.kind };
  if (status === 503)
    return unavailable(detail, {
      members,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  return new ApiError(status, 'bad-gateway', detail, { members });
}

/** What a thrown thing means to the caller. What is not meant for callers becomes a 500 without it. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof BridgeError) return fromBridgeError(error);
  if (error instanceof DuplicatePairError)
    return conflict('these two resources are mapped already', { mapping_id: error.pairId });
  if (isStorageOutage(error))
    return unavailable('the storage does not answer; try again', { retryAfterMs: 5000 });
  if (error instanceof StorageError && error.kind === 'precondition-failed')
    return conflict('it was changed meanwhile; read it again and repeat');
  if (error instanceof SettingsError)
    return unavailable('the service cannot run with these settings', {
      members: { problems: error.problems },
    });
  return internal();
}

/** By name, as importing the queues' error would bring their SDK into every HTTP handler. */
export function isStorageOutage(error: unknown): boolean {
  if (error instanceof StorageError) return error.kind === 'unavailable';
  return error instanceof Error && error.name === 'QueueError';
}

const TITLES: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [400, 'Bad request'],
  [401, 'Unauthorized'],
  [404, 'Not found'],
  [405, 'Method not allowed'],
  [409, 'Conflict'],
  [413, 'Content too large'],
  [429, 'Too many requests'],
  [500, 'Internal error'],
  [502, 'Bad gateway'],
  [503, 'Service unavailable'],
]);

/** What a status says, in a word or two. */
export function titleOf(status: number): string {
  return TITLES.get(status) ?? 'Error';
}

/** RFC 9457 problem details, with the two members that clients of the earlier service read. */
export function problemBody(error: ApiError, requestId: string): Record<string, unknown> {
  return {
    ...error.members,
    type: `urn:calendar-bridge:problem:${error.slug}`,
    title: titleOf(error.status),
    status: error.status,
    detail: error.message,
    instance: requestId,
    success: false,
    error: error.message,
  };
}
