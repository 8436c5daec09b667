import { describe, expect, it } from 'vitest';
import { checkSettings, readConfig } from '../../../shared/config.ts';
import type { BridgeKey } from '../../../shared/model/ids.ts';
import { configOf, MULTI, onlyTenant, SINGLE, valuesOf } from './settings.ts';

describe('bridges added by settings alone', () => {
  it('have a key, a kind and values', () => {
    const tenant = onlyTenant(
      configOf({
        ...SINGLE,
        BRIDGE_CAL_KIND: 'toy',
        BRIDGE_CAL_BASE_URL: 'https://toy.example',
        BRIDGE_CAL_DAV_KIND: 'caldav',
        BRIDGE_CAL_DAV_LOGIN_NAME: 'me',
      }),
    );
    expect([...tenant.bridges.keys()]).toEqual(['outlook', 'booking_system', 'cal_dav', 'cal']);
    expect(tenant.bridges.get('cal' as BridgeKey)).toEqual({
      kind: 'toy',
      values: { baseUrl: 'https://toy.example' },
    });
    expect(tenant.bridges.get('cal_dav' as BridgeKey)).toEqual({
      kind: 'caldav',
      values: { loginName: 'me' },
    });
  });

  it('are those of all tenants, where a tenant does not say otherwise', () => {
    const { tenants } = configOf({
      ...MULTI,
      BRIDGE_TOY_KIND: 'toy',
      BRIDGE_TOY_URL: 'https://for-all.example',
      MUNICIPAL_B_BRIDGE_TOY_URL: 'https://for-b.example',
      MUNICIPAL_B_BRIDGE_TOY_KIND: 'toy',
      MUNICIPAL_B_BRIDGE_TOY_OUTLOOK_TENANT_ID: 'is a value, no tenant',
    });
    expect(tenants.map((tenant) => valuesOf(tenant, 'toy')['url'])).toEqual([
      'https://for-all.example',
      'https://for-b.example',
    ]);
  });
});

describe('settings of several tenants', () => {
  it('are found by their prefix', () => {
    const { tenants, rejected, defaultTenantId } = configOf(MULTI);
    expect(tenants.map(({ id }) => id)).toEqual(['municipal_a', 'municipal_b']);
    expect(rejected).toEqual([]);
    expect(defaultTenantId).toBeUndefined();
    const [a, b] = tenants.map((tenant) => valuesOf(tenant, 'outlook')['clientSecret']);
    expect([a, b]).toEqual(['secret-of-MUNICIPAL_A', 'secret-of-MUNICIPAL_B']);
  });

  it('fall back to the names without a prefix, but never for credentials', () => {
    const config = configOf({
      ...MULTI,
      TIME_ZONE: 'Europe/London',
      MUNICIPAL_B_TIME_ZONE: 'Europe/Oslo',
      OUTLOOK_GROUP_ID: 'group-of-nobody',
      MUNICIPAL_A_SYNC_FREQUENCY: '15',
      BRAKE_DELETIONS_MIN: '20',
      MUNICIPAL_A_BRAKE_DELETIONS_MIN: '5',
      MUNICIPAL_A_HOLD_HOURS: '48',
      MUNICIPAL_A_PRIORITY: 'high',
      MUNICIPAL_A_OFFSET: '7',
    });
    expect(config.tenants.map(({ timeZone }) => timeZone)).toEqual([
      'Europe/London',
      'Europe/Oslo',
    ]);
    expect(config.tenants[0]).toMatchObject({
      syncFrequencyMinutes: 15,
      priority: 'high',
      offsetMinutes: 7,
      brake: { deletionsMin: 5, deletionsPercent: 30, holdHours: 48 },
    });
    expect(config.tenants[1]?.brake).toMatchObject({ deletionsMin: 20, holdHours: 72 });
    expect(config.tenants.map((tenant) => valuesOf(tenant, 'outlook')['groupId'])).toEqual([
      undefined,
      undefined,
    ]);
    const rest = { ...MULTI, MUNICIPAL_A_OUTLOOK_CLIENT_SECRET: '' };
    expect(
      configOf({ ...rest, OUTLOOK_CLIENT_SECRET: 'of somebody' }).rejected.map((t) => t.tenantId),
    ).toEqual(['municipal_a']);
  });

  it('may spell the booking settings as a single tenant does', () => {
    const config = configOf({
      ...MULTI,
      MUNICIPAL_A_BOOKING_API_URL: '',
      MUNICIPAL_A_BOOKING_SYSTEM_API_URL: 'http://booking.example',
    });
    expect(config.rejected).toEqual([]);
  });

  it('leave a bad tenant out and run the others', () => {
    const { config, problems } = readConfig({ ...MULTI, MUNICIPAL_B_TIME_ZONE: 'Mars/Olympus' });
    expect(problems).toEqual([]);
    expect(config?.tenants.map(({ id }) => id)).toEqual(['municipal_a']);
    expect(config?.rejected).toEqual([
      {
        tenantId: 'municipal_b',
        problems: [expect.stringMatching(/^MUNICIPAL_B_TIME_ZONE is not valid/)],
      },
    ]);
  });

  it('are a problem when no tenant is good', () => {
    const problems = checkSettings({ ...MULTI, TIME_ZONE: 'Mars/Olympus' });
    expect(problems).toEqual([expect.stringMatching(/^TIME_ZONE is not valid/)]);
  });

  it('may name no tenant at all yet', () => {
    const config = configOf({
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      TENANT_MODE: 'multi',
    });
    expect(config.tenants).toEqual([]);
  });

  it('refuse a key that somebody else has', () => {
    const sameAsAdmin = configOf({ ...MULTI, MUNICIPAL_A_API_KEY: MULTI.API_KEY });
    expect(sameAsAdmin.rejected.map(({ tenantId }) => tenantId)).toEqual(['municipal_a']);
    const problems = checkSettings({
      ...MULTI,
      MUNICIPAL_A_API_KEY: 'one key for two tenants',
      MUNICIPAL_B_API_KEY: 'one key for two tenants',
    });
    expect(problems.join()).toMatch(/MUNICIPAL_A_API_KEY.*MUNICIPAL_B_API_KEY/);
  });

  it('refuse a default tenant that is none of them', () => {
    expect(checkSettings({ ...MULTI, DEFAULT_TENANT: 'municipal_c' })).toEqual([
      expect.stringMatching(/^DEFAULT_TENANT is not valid/),
    ]);
    expect(configOf({ ...MULTI, DEFAULT_TENANT: 'municipal_b' }).defaultTenantId).toBe(
      'municipal_b',
    );
  });
});
