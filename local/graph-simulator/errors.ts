/**
 * An answer other than success, in the shape of Graph's error resource
 * (https://learn.microsoft.com/graph/errors): `{error: {code, message, innerError}}`.
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of `error`, e.g. the id of an event that exists already. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { headers?: Record<string, string>; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.details = more.details ?? {};
  }
}

export function badRequest(code: string, message: string): GraphError {
  return new GraphError(400, code, message);
}

export function itemNotFound(): GraphError {
  return new GraphError(
    404,
    'ErrorItemNotFound',
    'The specified object was not found in the store.',
  );
}

/** The ids and the time that every error of one request carries. */
export interface ErrorTrace {
  nowMs: number;
  requestId: string;
  clientRequestId: string;
}

export function errorResponse(error: GraphError, trace: ErrorTrace): Response {
  const body = {
    error: {
      code: error.code,
      message: error.message,
      ...error.details,
      innerError: {
        // Graph writes this one without milliseconds and without a zone; it is UTC.
        date: new Date(trace.nowMs).toISOString().slice(0, 19),
        'request-id': trace.requestId,
        'client-request-id': trace.clientRequestId,
      },
    },
  };
  return Response.json(body, { status: error.status, headers: error.headers });
}
