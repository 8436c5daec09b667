import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { HostConfigurationError } from './host-errors.ts';

/** Application settings: the environment, as a function sees it. */
export type Settings = Readonly<Record<string, string | undefined>>;

const LocalSettingsSchema = z.object({
  Values: z.record(z.string(), z.string()).default({}),
});

/**
 * The `Values` of a `local.settings.json` that `environment` does not set; none if there is no file.
 * @throws HostConfigurationError where the file is not JSON, or a value not a string.
 */
export function readLocalSettings(file: string, environment: Settings): Record<string, string> {
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HostConfigurationError([`${file} is not JSON: ${String(cause)}`]);
  }
  const parsed = LocalSettingsSchema.safeParse(content);
  if (!parsed.success)
    throw new HostConfigurationError([`${file}:\n${z.prettifyError(parsed.error)}`]);
  const missing = Object.entries(parsed.data.Values).filter(
    ([name]) => environment[name] === undefined,
  );
  return Object.fromEntries(missing);
}

/**
 * Replaces every `%NAME%` by that setting, as the real host does in binding values.
 * @throws HostConfigurationError for a setting that is missing or empty.
 */
export function resolveSettings(text: string, settings: Settings): string {
  return text.replaceAll(/%([^%]+)%/gu, (_, name: string) => {
    const value = settings[name];
    if (value === undefined || value === '')
      throw new HostConfigurationError([`the setting ${name} is missing ("${text}" needs it)`]);
    return value;
  });
}

/**
 * The connection string behind a binding's `connection`: the setting `AzureWebJobs{name}`, else
 * `{name}`. The identity form (`{name}__queueServiceUri`) is for Azure; Azurite has no identities.
 * @throws HostConfigurationError where neither is set.
 */
export function connectionString(name: string, settings: Settings): string {
  const value = settings[`AzureWebJobs${name}`] ?? settings[name];
  if (value !== undefined && value !== '') return value;
  throw new HostConfigurationError([`the setting ${name} holds no connection string`]);
}

/** Whether `AzureWebJobs.{name}.Disabled` switches a function off: it then runs only when its owner asks. */
export function isDisabled(functionName: string, settings: Settings): boolean {
  const value = settings[`AzureWebJobs.${functionName}.Disabled`]?.toLowerCase();
  return value === 'true' || value === '1';
}

/** Adds loopback to `NO_PROXY`: the Azure SDKs would send even Azurite's requests to a proxy. */
export function exemptLoopbackFromProxy(environment: Record<string, string | undefined>): void {
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const hosts = (environment[name] ?? '').split(',').filter((host) => host.trim() !== '');
    for (const host of ['127.0.0.1', 'localhost']) if (!hosts.includes(host)) hosts.push(host);
    environment[name] = hosts.join(',');
  }
}
