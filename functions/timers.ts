import type { ScheduleName } from '../shared/config.ts';
import type { BackgroundServices, Lazy } from '../shared/http/services-port.ts';
import { SettingsError } from '../shared/tenants/settings-error.ts';
import { consoleLogger } from '../shared/util/logger.ts';
import type { FunctionApp } from './app.ts';

/** A timer whose schedule is an app setting. With bad settings it says so and does nothing. */
export function registerTimer(
  app: FunctionApp,
  name: string,
  schedule: ScheduleName,
  work: (services: BackgroundServices) => Promise<void>,
  lazyServices: Lazy<BackgroundServices>,
): void {
  app.timer(name, {
    schedule: `%${schedule}%`,
    handler: async () => {
      let services: BackgroundServices;
      try {
        services = await lazyServices();
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        consoleLogger().error('a timer did nothing', { timer: name, error: error.message });
        return;
      }
      await work(services);
    },
  });
}
