import { formatInstant } from '../../model/time.ts';
import { systemClock } from '../../util/clock.ts';
import { consoleLogger } from '../../util/logger.ts';
import { ApiError, methodNotAllowed } from '../problem.ts';
import { renderFault, requestIdOf } from '../render.ts';
import type { Handler } from '../route.ts';

/** Any path that no route has: a 404 that says which there are. Open, as `GET /openapi.json` is. */
export function unknownPathHandler(endpoints: readonly string[]): Handler {
  const message = 'no such path; `GET /openapi.json` describes those that there are';
  return async (request) => {
    const members = {
      message,
      status_code: 404,
      timestamp: formatInstant(systemClock.now()),
      available_endpoints: endpoints,
      documentation: '/openapi.json',
    };
    const error = new ApiError(404, 'unknown-path', message, { members });
    return renderFault(error, requestIdOf(request), 'unknownPath', consoleLogger());
  };
}

/** A path that is there, and a method it has not. */
export function wrongMethodHandler(allowed: readonly string[]): Handler {
  return async (request) =>
    renderFault(
      methodNotAllowed(request.method, allowed),
      requestIdOf(request),
      'wrongMethod',
      consoleLogger(),
    );
}
