import { formatInstant } from '../../model/time.ts';
import { SettingsError } from '../../tenants/settings-error.ts';
import { consoleLogger } from '../../util/logger.ts';
import { systemClock } from '../../util/clock.ts';
import { isStorageOutage } from '../problem.ts';
import { render, requestIdOf } from '../render.ts';
import { openRoute, type Handler, type Route } from '../route.ts';
import { ServiceHealth } from '../schemas/service.ts';
import type { Lazy, Services } from '../services-port.ts';
import { within } from '../within.ts';

const STORAGE_WAIT_MS = 5000;

/** Open to all, so it names settings and never tenants. */
export const health: Route = openRoute({
  name: 'health',
  method: 'GET',
  path: 'health',
  summary: 'is the service there, and if not, which settings are bad',
  description: '503 with the reasons when it cannot work.',
  answers: { 200: ServiceHealth, 503: ServiceHealth },
  serve: healthHandler,
});

function healthHandler(lazyServices: Lazy<Services>): Handler {
  return async (request) => {
    const { status, problems } = await examine(lazyServices);
    const body = { status, timestamp: formatInstant(systemClock.now()), problems };
    return render({ status: status === 'unhealthy' ? 503 : 200, body }, requestIdOf(request));
  };
}

interface Finding {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly problems: readonly string[];
}

async function examine(lazyServices: Lazy<Services>): Promise<Finding> {
  let services: Services;
  try {
    services = await lazyServices();
  } catch (error) {
    if (error instanceof SettingsError) return { status: 'unhealthy', problems: error.problems };
    consoleLogger().error('the service cannot start', { error: String(error) });
    const storage = 'AzureWebJobsStorage: the storage does not answer';
    const other = 'the service cannot start: look in the log';
    return { status: 'unhealthy', problems: [isStorageOutage(error) ? storage : other] };
  }
  try {
    await within(STORAGE_WAIT_MS, services.checkStorage(), () => {
      throw new Error(`no answer within ${STORAGE_WAIT_MS} ms`);
    });
  } catch (error) {
    services.logger.error('the storage does not answer', { error: String(error) });
    return {
      status: 'unhealthy',
      problems: ['AzureWebJobsStorage: the storage does not answer'],
    };
  }
  const rejected = services.tenants.rejected().length;
  if (rejected === 0) return { status: 'healthy', problems: [] };
  const problem = `${rejected} tenant(s) do not run for bad settings: an admin finds them in the log`;
  return { status: 'degraded', problems: [problem] };
}
