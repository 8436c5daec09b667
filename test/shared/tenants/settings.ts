import { readConfig, type AppConfig } from '../../../shared/config.ts';
import type { BridgeKey } from '../../../shared/model/ids.ts';
import type { TenantConfig } from '../../../shared/tenants/tenant-config.ts';

export const SINGLE = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  API_KEY: 'admin-key-of-sixteen',
  OUTLOOK_TENANT_ID: '6f1c7a52-0000-4000-8000-000000000001',
  OUTLOOK_CLIENT_ID: '6f1c7a52-0000-4000-8000-000000000002',
  OUTLOOK_CLIENT_SECRET: 'very-secret-client-secret',
  BOOKING_SYSTEM_API_URL: 'https://booking.example/portico/',
  BOOKING_SYSTEM_LOGIN: 'bridge',
  BOOKING_SYSTEM_PASSWORD: 'very-secret-password',
  BOOKING_SYSTEM_DOMAIN: 'default',
};

function tenantSettings(prefix: string): Record<string, string> {
  return {
    [`${prefix}_OUTLOOK_TENANT_ID`]: 'entra-tenant',
    [`${prefix}_OUTLOOK_CLIENT_ID`]: 'client',
    [`${prefix}_OUTLOOK_CLIENT_SECRET`]: `secret-of-${prefix}`,
    [`${prefix}_BOOKING_API_URL`]: 'http://booking.example',
    [`${prefix}_BOOKING_LOGIN`]: 'bridge',
    [`${prefix}_BOOKING_PASSWORD`]: `password-of-${prefix}`,
    [`${prefix}_BOOKING_DOMAIN`]: 'default',
    [`${prefix}_API_KEY`]: `key-of-tenant-${prefix}`,
  };
}

export const MULTI = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  TENANT_MODE: 'multi',
  API_KEY: 'admin-key-of-sixteen',
  ...tenantSettings('MUNICIPAL_A'),
  ...tenantSettings('MUNICIPAL_B'),
};

export function configOf(environment: Record<string, string | undefined>): AppConfig {
  const { config, problems } = readConfig(environment);
  if (config === undefined) throw new Error(`no config: ${problems.join('; ')}`);
  return config;
}

export function onlyTenant({ tenants }: AppConfig): TenantConfig {
  const [tenant] = tenants;
  if (tenant === undefined || tenants.length > 1) throw new Error('expected one tenant');
  return tenant;
}

export function valuesOf(tenant: TenantConfig, key: string): Readonly<Record<string, string>> {
  return tenant.bridges.get(key as BridgeKey)?.values ?? {};
}
