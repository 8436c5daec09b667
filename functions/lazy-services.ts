import { readConfig, type AppConfig } from '../shared/config.ts';
import type { Lazy } from '../shared/http/services-port.ts';
import { SettingsError } from '../shared/tenants/settings-error.ts';

/**
 * Builds once, when first asked. Bad settings stay bad until a restart, so they are remembered;
 * another failure (a storage that is down) is tried again by the next one who asks.
 */
export function lazyServices<T>(build: (config: AppConfig) => Promise<T>): Lazy<T> {
  let built: Promise<T> | undefined;
  return () => {
    built ??= start(build).catch((error: unknown) => {
      if (!(error instanceof SettingsError)) built = undefined;
      throw error;
    });
    return built;
  };
}

async function start<T>(build: (config: AppConfig) => Promise<T>): Promise<T> {
  const { config, problems } = readConfig();
  if (config === undefined) throw new SettingsError(problems);
  return build(config);
}
