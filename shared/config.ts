import type { TenantId } from './model/ids.ts';
import { addedBridgePrefixes } from './tenants/added-bridges.ts';
import { SettingReader, type Environment, type SettingRule } from './tenants/setting-reader.ts';
import {
  API_KEY_CHARS_MIN,
  anyHttpUrl,
  anyText,
  apiKey,
  httpsUrl,
  httpUrl,
  oneOf,
  parseTenantId,
  proxyUrl,
  schedule,
  secret,
  tenantId,
  wholeNumber,
} from './tenants/setting-rules.ts';
import { readStorage, type StorageSettings } from './tenants/storage-settings.ts';
import type { TenantConfig } from './tenants/tenant-config.ts';
import type { RejectedTenant, TenantSetup } from './tenants/tenant-directory.ts';
import { hashOfKey, readTenant } from './tenants/tenant-settings.ts';

/** Settings that name the timers' schedules, with the schedule each has where it is not set. */
export const SCHEDULES = {
  SCHEDULE_BOOKING_TO_OUTLOOK: '0 */5 * * * *',
  SCHEDULE_OUTLOOK_TO_BOOKING: '0 */10 * * * *',
  SCHEDULE_DELETION_QUEUE: '0 */5 * * * *',
  SCHEDULE_DETECT_DELETIONS: '0 */5 * * * *',
  SCHEDULE_RECONCILE_DELETIONS: '0 */30 * * * *',
  SCHEDULE_RENEW_SUBSCRIPTIONS: '0 0 * * * *',
  SCHEDULE_HEALTH: '0 */10 * * * *',
  SCHEDULE_ALERTS: '0 */5 * * * *',
  SCHEDULE_DAILY_STATISTICS: '0 0 * * * *',
  SCHEDULE_MAINTENANCE: '0 0 * * * *',
} as const;

export type ScheduleName = keyof typeof SCHEDULES;

/** Proxies for requests that leave the machine. Their addresses may hold a password. */
export interface ProxySettings {
  readonly httpsProxy?: string;
  readonly httpProxy?: string;
  readonly noProxy?: string;
}

/** Everything the environment says. Holds secrets: never log it. */
export interface AppConfig extends TenantSetup {
  readonly storage: StorageSettings;
  readonly leaseTtlMs: number;
  readonly schedules: Readonly<Record<ScheduleName, string>>;
  readonly proxy: ProxySettings;
  /** Absent where nobody is to tell us of changes: an address and a secret are needed. */
  readonly webhooks?: {
    readonly baseUrl: string;
    readonly secrets: readonly [string, ...string[]];
  };
}

export interface ConfigReading {
  /** Absent where the service cannot run at all. */
  readonly config?: AppConfig;
  /**
   * Why not: one sentence for each setting that is bad or missing, its name first. With several
   * tenants a bad one is in `config.rejected` instead, unless no tenant is good.
   */
  readonly problems: readonly string[];
}

/** The one place that reads the environment. Never throws, never shows a value. */
export function readConfig(environment: Environment = process.env): ConfigReading {
  const reader = new SettingReader(environment);
  const tenantMode = { names: ['TENANT_MODE'], rule: oneOf(['single', 'multi']) } as const;
  const mode = reader.isSet(tenantMode) ? reader.optional(tenantMode) : 'single';
  const defaultTenant = reader.optional({ names: ['DEFAULT_TENANT'], rule: tenantId });
  const adminKey = reader.optional({ names: ['API_KEY'], rule: apiKey });
  const storage = readStorage(reader);
  const leaseTtl = wholeNumber(60, 3600, 'seconds');
  const leaseTtlSeconds = reader.optional({ names: ['LEASE_TTL_SECONDS'], rule: leaseTtl }) ?? 150;
  const schedules = readSchedules(reader);
  const proxy = readProxy(reader);
  const webhooks = readWebhooks(reader);
  checkLaterSettings(reader);
  const found = readTenants(reader, mode, { defaultTenant, adminKey });
  const problems = [...new Set(reader.problems)];
  if (problems.length > 0 || storage === undefined) return { problems };
  const defaultTenantId = mode === 'single' ? found.tenants[0]?.id : defaultTenant;
  const config: AppConfig = {
    ...found,
    ...(defaultTenantId === undefined ? {} : { defaultTenantId }),
    adminKeyHashes: adminKey === undefined ? [] : [hashOfKey(adminKey)],
    storage,
    leaseTtlMs: leaseTtlSeconds * 1000,
    schedules,
    proxy,
    ...(webhooks === undefined ? {} : { webhooks }),
  };
  return { config, problems };
}

/** What keeps the service from running, for a check before anything is started. */
export function checkSettings(environment: Environment = process.env): string[] {
  return [...readConfig(environment).problems];
}

interface FoundTenants {
  readonly tenants: readonly TenantConfig[];
  readonly rejected: readonly RejectedTenant[];
}

function readTenants(
  reader: SettingReader,
  mode: 'single' | 'multi' | undefined,
  global: { readonly defaultTenant: TenantId | undefined; readonly adminKey: string | undefined },
): FoundTenants {
  const { defaultTenant, adminKey } = global;
  if (mode === undefined) return { tenants: [], rejected: [] };
  if (mode === 'single') return readSingle(reader, defaultTenant ?? ('default' as TenantId));
  const found = readMany(reader.environment, adminKey);
  const ids = [...found.tenants.map(({ id }) => id), ...found.rejected.map((one) => one.tenantId)];
  if (defaultTenant !== undefined && !ids.includes(defaultTenant))
    reader.report('DEFAULT_TENANT is not valid: expected the id of one of the tenants');
  if (found.tenants.length === 0)
    for (const { problems } of found.rejected) problems.forEach((one) => reader.report(one));
  return found;
}

function readSingle(reader: SettingReader, id: TenantId): FoundTenants {
  const tenant = readTenant(reader, { id, prefix: '' });
  return { tenants: tenant === undefined ? [] : [tenant], rejected: [] };
}

/** A tenant is there by its `<ID>_OUTLOOK_TENANT_ID`, and stands or falls alone (features M3). */
function readMany(environment: Environment, adminKey: string | undefined): FoundTenants {
  const notTenants = addedBridgePrefixes(environment);
  const prefixes = Object.keys(environment)
    .filter((name) => name.endsWith('_OUTLOOK_TENANT_ID') && environment[name]?.trim() !== '')
    .filter((name) => !notTenants.some((prefix) => name.startsWith(prefix)))
    .map((name) => name.slice(0, -'_OUTLOOK_TENANT_ID'.length));
  const tenants: TenantConfig[] = [];
  const rejected: RejectedTenant[] = [];
  for (const prefix of prefixes.sort()) {
    const reader = new SettingReader(environment);
    // In capitals, or two prefixes could be one tenant.
    const id = prefix === prefix.toUpperCase() ? parseTenantId(prefix.toLowerCase()) : undefined;
    const keyName = `${prefix}_API_KEY`;
    const key = environment[keyName]?.trim() ?? '';
    const isShared = prefixes.some(
      (other) => other !== prefix && environment[`${other}_API_KEY`]?.trim() === key,
    );
    if (key !== '' && (key === adminKey || isShared))
      reader.report(`${keyName} is not valid: expected a key that is nobody else’s`);
    if (id === undefined)
      reader.report(
        `${prefix}_OUTLOOK_TENANT_ID is not valid: expected before _OUTLOOK_TENANT_ID the id of ` +
          'the tenant in capitals',
      );
    const tenant = id === undefined ? undefined : readTenant(reader, { id, prefix });
    if (tenant !== undefined && reader.problems.length === 0) tenants.push(tenant);
    else rejected.push({ tenantId: prefix.toLowerCase() as TenantId, problems: reader.problems });
  }
  return { tenants, rejected };
}

function readSchedules(reader: SettingReader): Record<ScheduleName, string> {
  const entries = Object.entries(SCHEDULES).map(([name, byDefault]) => [
    name,
    reader.optional({ names: [name], rule: schedule }) ?? byDefault,
  ]);
  return Object.fromEntries(entries) as Record<ScheduleName, string>;
}

function readProxy(reader: SettingReader): ProxySettings {
  const read = <T>(names: readonly [string, ...string[]], rule: SettingRule<T>): T | undefined =>
    reader.optional({ names, rule });
  const server = read(['httpproxy_server'], proxyUrl);
  const port = read(['httpproxy_port'], wholeNumber(1, 65_535, 'the port'));
  if (server === undefined && port !== undefined)
    reader.report('httpproxy_server is missing: expected the host of the proxy');
  const earlier = server === undefined ? undefined : withPort(server, port);
  const httpsProxy = read(['HTTPS_PROXY'], proxyUrl) ?? earlier;
  const httpProxy = read(['HTTP_PROXY'], proxyUrl) ?? earlier;
  const noProxy = read(['NO_PROXY'], anyText('a list of hosts'));
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

function withPort(server: string, port: number | undefined): string {
  const url = new URL(server);
  if (port !== undefined) url.port = String(port);
  return url.href.replace(/\/$/, '');
}

/** Secrets are as long as API keys must be; the previous one is for the time of a change. */
function readWebhooks(reader: SettingReader): AppConfig['webhooks'] {
  const rule = secret(API_KEY_CHARS_MIN);
  const baseUrl = reader.optional({ names: ['WEBHOOK_BASE_URL'], rule: httpUrl });
  const present = reader.optional({ names: ['WEBHOOK_CLIENT_SECRET'], rule });
  const previous = reader.optional({ names: ['WEBHOOK_CLIENT_SECRET_PREVIOUS'], rule });
  if (baseUrl === undefined || present === undefined) return undefined;
  return {
    baseUrl,
    secrets: previous === undefined ? [present] : [present, previous],
  };
}

/** Settings of parts that read them elsewhere: a wrong one is said now, not at the first alert. */
function checkLaterSettings(reader: SettingReader): void {
  for (const name of ['APP_BASE_URL', 'ALERT_WEBHOOK_URL'])
    reader.optional({ names: [name], rule: name === 'ALERT_WEBHOOK_URL' ? anyHttpUrl : httpUrl });
  reader.optional({ names: ['KEY_VAULT_URL'], rule: httpsUrl });
}
