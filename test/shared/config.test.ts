import { describe, expect, it } from 'vitest';
import { checkSettings, readConfig, SCHEDULES } from '../../shared/config.ts';
import { hashOfKey } from '../../shared/tenants/tenant-settings.ts';
import { configOf, MULTI, onlyTenant, SINGLE, valuesOf } from './tenants/settings.ts';

describe('settings of a single tenant', () => {
  it('make one tenant named default with both of its bridges', () => {
    const config = configOf(SINGLE);
    const tenant = onlyTenant(config);
    expect(tenant).toMatchObject({
      id: 'default',
      timeZone: 'Europe/Oslo',
      locale: 'nb',
      windowPastDays: 1,
      windowFutureDays: 180,
      syncFrequencyMinutes: 0,
      slowPollMinutes: 60,
      copiesFree: false,
      copiesPrivate: false,
      priority: 'medium',
      offsetMinutes: 0,
      brake: { deletionsMin: 10, deletionsPercent: 30, createsMin: 200, holdHours: 72 },
      apiKeyHashes: [],
    });
    expect(valuesOf(tenant, 'outlook')).toEqual({
      auth: 'secret',
      tenantId: SINGLE.OUTLOOK_TENANT_ID,
      clientId: SINGLE.OUTLOOK_CLIENT_ID,
      clientSecret: SINGLE.OUTLOOK_CLIENT_SECRET,
      graphUrl: 'https://graph.microsoft.com',
      authorityHost: 'https://login.microsoftonline.com',
    });
    expect(valuesOf(tenant, 'booking_system')).toEqual({
      locale: 'nb',
      profile: 'portico',
      baseUrl: 'https://booking.example/portico',
      login: 'bridge',
      password: SINGLE.BOOKING_SYSTEM_PASSWORD,
      domain: 'default',
      timeZone: 'Europe/Oslo',
    });
    expect(config).toMatchObject({
      defaultTenantId: 'default',
      adminKeyHashes: [hashOfKey(SINGLE.API_KEY)],
      leaseTtlMs: 150_000,
      schedules: SCHEDULES,
      proxy: {},
    });
  });

  it('take the id of the tenant from DEFAULT_TENANT', () => {
    expect(onlyTenant(configOf({ ...SINGLE, DEFAULT_TENANT: 'bergen' })).id).toBe('bergen');
  });

  it('are all named in one go when none is set', () => {
    const { config, problems } = readConfig({});
    expect(config).toBeUndefined();
    const text = problems.join('\n');
    for (const name of [
      'AzureWebJobsStorage',
      'OUTLOOK_TENANT_ID',
      'OUTLOOK_CLIENT_ID',
      'OUTLOOK_CLIENT_SECRET',
      'BOOKING_SYSTEM_API_URL',
      'BOOKING_SYSTEM_LOGIN',
      'BOOKING_SYSTEM_PASSWORD',
      'BOOKING_SYSTEM_DOMAIN',
    ])
      expect(text).toMatch(new RegExp(`^${name}\\b.* is missing: expected `, 'm'));
  });

  it('count an empty setting as missing', () => {
    expect(checkSettings({ ...SINGLE, OUTLOOK_CLIENT_SECRET: ' ' })).toEqual([
      'OUTLOOK_CLIENT_SECRET is missing: expected the client secret of the app registration',
    ]);
  });

  it.each([
    ['TENANT_MODE', 'both'],
    ['DEFAULT_TENANT', 'Not A Tenant'],
    ['API_KEY', 'too-short'],
    ['AzureWebJobsStorage', 'AccountName'],
    ['AzureWebJobsStorage', 'AccountName=a'],
    ['OUTLOOK_TENANT_ID', 'a/b'],
    ['OUTLOOK_CLIENT_ID', 'has spaces'],
    ['OUTLOOK_GROUP_ID', 'has spaces'],
    ['OUTLOOK_GROUP_ID', 'two@at@signs.example'],
    ['OUTLOOK_GRAPH_URL', 'http://graph.example'],
    ['OUTLOOK_GRAPH_URL', 'https://graph.example/v1.0'],
    ['OUTLOOK_AUTHORITY_HOST', 'http://127.0.0.1:7082'],
    ['OUTLOOK_AUTH', 'password'],
    ['BOOKING_SYSTEM_API_URL', 'booking.example'],
    ['BOOKING_SYSTEM_API_URL', 'https://user:secret@booking.example'],
    ['BOOKING_PROFILE', 'other'],
    ['TIME_ZONE', 'Mars/Olympus'],
    ['LOCALE', 'tlh'],
    ['COPY_FREE_EVENTS', 'yes'],
    ['COPY_PRIVATE_EVENTS', 'yes'],
    ['SYNC_WINDOW_PAST_DAYS', '-1'],
    ['SYNC_WINDOW_FUTURE_DAYS', '1.5'],
    ['SYNC_FREQUENCY', 'often'],
    ['BRAKE_DELETIONS_MIN', '-1'],
    ['BRAKE_DELETIONS_PERCENT', '101'],
    ['BRAKE_CREATES_MIN', 'many'],
    ['HOLD_HOURS', '0'],
    ['LEASE_TTL_SECONDS', '5'],
    ['FINGERPRINT_KEY', 'short'],
    ['SCHEDULE_HEALTH', '*/5 * * * *'],
    ['SCHEDULE_HEALTH', '0 */5 * * * 7'],
    ['SCHEDULE_HEALTH', '0 5-61 * * * *'],
    ['HTTPS_PROXY', 'ftp://proxy.example'],
    ['httpproxy_port', '99999'],
    ['APP_BASE_URL', 'here'],
    ['WEBHOOK_BASE_URL', 'here'],
    ['WEBHOOK_CLIENT_SECRET', 'short'],
    ['WEBHOOK_CLIENT_SECRET_PREVIOUS', 'short'],
    ['ALERT_WEBHOOK_URL', 'here'],
    ['KEY_VAULT_URL', 'http://vault.example'],
    ['BRIDGE_OUTLOOK_KIND', 'memory'],
    ['BRIDGE_CALDAV_KIND', 'Not A Kind'],
  ])('are refused by name when %s is %j', (name, value) => {
    const problems = checkSettings({ ...SINGLE, httpproxy_server: 'proxy', [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}\\b`));
    expect(problems[0]).toContain('expected');
  });

  it('let systems announce changes where an address and a secret are set, and not else', () => {
    const base = { WEBHOOK_BASE_URL: 'https://bridge.example/' };
    const secrets = { WEBHOOK_CLIENT_SECRET: 'a-secret-of-sixteen' };
    const previous = { WEBHOOK_CLIENT_SECRET_PREVIOUS: 'the-secret-before-it' };
    const read = (more: Record<string, string>) =>
      readConfig({ ...SINGLE, ...more }).config?.webhooks;
    expect(read({ ...base, ...secrets })).toEqual({
      baseUrl: 'https://bridge.example',
      secrets: ['a-secret-of-sixteen'],
    });
    expect(read({ ...base, ...secrets, ...previous })?.secrets).toHaveLength(2);
    for (const half of [base, secrets, {}]) expect(read(half)).toBeUndefined();
  });

  it('never show a value, also where a secret stands in the wrong place', () => {
    const pasted = 'p4sted/secret value';
    const everywhere = Object.fromEntries(
      [...Object.keys(SINGLE), 'TIME_ZONE', 'HTTPS_PROXY', 'SCHEDULE_ALERTS', 'TENANT_MODE'].map(
        (name) => [name, pasted],
      ),
    );
    const text = checkSettings(everywhere).join('\n');
    expect(text).toContain('API_KEY');
    expect(text).not.toContain('p4sted');
  });

  it('say when a Key Vault reference was not resolved', () => {
    const [problem] = checkSettings({
      ...SINGLE,
      OUTLOOK_CLIENT_SECRET: '@Microsoft.KeyVault(SecretUri=https://v.example/secrets/s)',
    });
    expect(problem).toMatch(/^OUTLOOK_CLIENT_SECRET is a Key Vault reference/);
  });
});

describe('what settings mean', () => {
  it('may spell the booking settings in both ways, if they agree', () => {
    const { BOOKING_SYSTEM_API_URL: url, ...rest } = SINGLE;
    expect(
      valuesOf(onlyTenant(configOf({ ...rest, BOOKING_API_URL: url })), 'booking_system'),
    ).toMatchObject({ baseUrl: 'https://booking.example/portico' });
    expect(checkSettings({ ...SINGLE, BOOKING_API_URL: 'https://other.example' })).toEqual([
      'BOOKING_SYSTEM_API_URL and BOOKING_API_URL are two names of one setting, and differ',
    ]);
  });

  it('let a simulator on this machine stand for Graph', () => {
    const config = configOf({ ...SINGLE, OUTLOOK_GRAPH_URL: 'http://127.0.0.1:7080' });
    expect(valuesOf(onlyTenant(config), 'outlook')['graphUrl']).toBe('http://127.0.0.1:7080');
  });

  it('need a key for fingerprints where there is no client secret to derive it from', () => {
    const { OUTLOOK_CLIENT_SECRET: _, ...rest } = SINGLE;
    const withIdentity = { ...rest, OUTLOOK_AUTH: 'managed_identity' };
    expect(checkSettings(withIdentity)).toEqual([
      expect.stringMatching(/^FINGERPRINT_KEY is missing/),
    ]);
    expect(checkSettings({ ...withIdentity, FINGERPRINT_KEY: 'k'.repeat(32) })).toEqual([]);
  });

  it('make a fingerprint key that stays the same, and another for another tenant or secret', () => {
    const keyOf = (added: Record<string, string>): string =>
      Buffer.from(onlyTenant(configOf({ ...SINGLE, ...added })).fingerprintKey).toString('hex');
    const first = keyOf({});
    expect(first).toHaveLength(64);
    expect(keyOf({})).toBe(first);
    expect(keyOf({ DEFAULT_TENANT: 'other' })).not.toBe(first);
    expect(keyOf({ OUTLOOK_CLIENT_SECRET: 'another' })).not.toBe(first);
    const own = keyOf({ FINGERPRINT_KEY: 'k'.repeat(32) });
    expect(keyOf({ FINGERPRINT_KEY: 'k'.repeat(32), OUTLOOK_CLIENT_SECRET: 'x' })).toBe(own);
  });

  it('reach storage by identity where services are named', () => {
    const { AzureWebJobsStorage: _, ...rest } = SINGLE;
    const byUri = {
      ...rest,
      AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net/',
      AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net',
      AzureWebJobsStorage__clientId: 'identity',
    };
    expect(configOf(byUri).storage).toEqual({
      kind: 'identity',
      tableServiceUri: 'https://a.table.core.windows.net',
      queueServiceUri: 'https://a.queue.core.windows.net',
      clientId: 'identity',
    });
    expect(configOf({ ...rest, AzureWebJobsStorage__accountName: 'acc1' }).storage).toMatchObject({
      tableServiceUri: 'https://acc1.table.core.windows.net',
    });
    const { AzureWebJobsStorage__queueServiceUri: _queue, ...half } = byUri;
    expect(checkSettings(half)).toEqual([
      expect.stringMatching(/^AzureWebJobsStorage__queueServiceUri is missing/),
    ]);
  });

  it('take proxies under their usual names and under those of the earlier service', () => {
    const earlier = { ...SINGLE, httpproxy_server: 'proxy.example', httpproxy_port: '3128' };
    expect(configOf(earlier).proxy).toEqual({
      httpsProxy: 'http://proxy.example:3128',
      httpProxy: 'http://proxy.example:3128',
    });
    expect(
      configOf({ ...earlier, HTTPS_PROXY: 'http://p:1', NO_PROXY: '127.0.0.1' }).proxy,
    ).toEqual({
      httpsProxy: 'http://p:1',
      httpProxy: 'http://proxy.example:3128',
      noProxy: '127.0.0.1',
    });
  });
});

describe('settings of a booking system by the generic contract', () => {
  const { BOOKING_SYSTEM_LOGIN: login, BOOKING_SYSTEM_PASSWORD: password, ...rest } = SINGLE;
  const GENERIC = { ...rest, BOOKING_PROFILE: 'generic', BOOKING_SYSTEM_API_KEY: 'a-key' };
  const HOW = {
    AUTH_TYPE: 'header',
    AUTH_HEADER: 'X-Key',
    AUTH_PREFIX: 'Token',
    API_ENDPOINTS: '{"get_event": {"url": "/e/{event_id}"}}',
    FIELD_MAPPINGS: '{"to_booking_system": {"title": "name"}}',
    RESPONSE_DATA_KEY: 'result.items',
    TIME_FORMAT: 'unix',
    EXCLUSIVE_SLOTS: 'false',
    TITLE_CHARS_MAX: '80',
    DESCRIPTION_CHARS_MAX: '2000',
    CONTACT_NAME_CHARS_MAX: '60',
  };
  const VALUES = {
    authType: 'header',
    authHeader: 'X-Key',
    authPrefix: 'Token',
    endpoints: HOW.API_ENDPOINTS,
    fieldMappings: HOW.FIELD_MAPPINGS,
    responseDataKey: 'result.items',
    timeFormat: 'unix',
    exclusiveSlots: 'false',
    titleCharsMax: '80',
    descriptionCharsMax: '2000',
    contactNameCharsMax: '60',
  };
  const spelt = (prefix: string): Record<string, string> =>
    Object.fromEntries(Object.entries(HOW).map(([name, value]) => [`${prefix}${name}`, value]));

  it('need an address and a key, and a key without a login is enough to say so', () => {
    const { BOOKING_PROFILE: _, ...unnamed } = GENERIC;
    for (const settings of [GENERIC, unnamed])
      expect(valuesOf(onlyTenant(configOf(settings)), 'booking_system')).toEqual({
        locale: 'nb',
        profile: 'generic',
        baseUrl: 'https://booking.example/portico',
        authType: 'bearer',
        apiKey: 'a-key',
        timeZone: 'Europe/Oslo',
      });
    const { BOOKING_SYSTEM_API_KEY: _key, ...keyless } = GENERIC;
    expect(checkSettings(keyless)).toEqual([
      expect.stringMatching(/^BOOKING_SYSTEM_API_KEY \(or BOOKING_API_KEY\) is missing/),
    ]);
  });

  it.each(['BOOKING_', 'BOOKING_SYSTEM_'])('say how the system is asked, spelt %s', (prefix) => {
    const config = configOf({ ...GENERIC, ...spelt(prefix) });
    expect(valuesOf(onlyTenant(config), 'booking_system')).toMatchObject(VALUES);
  });

  it('hold for every tenant, unless it has its own; but never the key', () => {
    const generic = {
      MUNICIPAL_A_BOOKING_PROFILE: 'generic',
      MUNICIPAL_A_BOOKING_API_KEY: 'key-of-a',
      BOOKING_API_KEY: 'key-of-nobody',
      MUNICIPAL_A_BOOKING_AUTH_HEADER: 'X-Key-Of-A',
      ...spelt('BOOKING_'),
    };
    const [a, b] = configOf({ ...MULTI, ...generic }).tenants;
    if (a === undefined || b === undefined) throw new Error('two tenants were expected');
    expect(valuesOf(a, 'booking_system')).toMatchObject({
      ...VALUES,
      apiKey: 'key-of-a',
      authHeader: 'X-Key-Of-A',
    });
    expect(valuesOf(b, 'booking_system')).toMatchObject({ profile: 'portico' });
    expect(valuesOf(b, 'booking_system')['authHeader']).toBeUndefined();
    const { MUNICIPAL_A_BOOKING_API_KEY: _, ...keyless } = generic;
    const rejected = configOf({ ...MULTI, ...keyless }).rejected;
    expect(rejected.map(({ problems }) => problems)).toEqual([
      [expect.stringMatching(/^MUNICIPAL_A_BOOKING_API_KEY .*is missing/)],
    ]);
  });

  it('take a login and a password in place of a key for basic', () => {
    const basic = { ...rest, BOOKING_PROFILE: 'generic', BOOKING_AUTH_TYPE: 'basic' };
    expect(checkSettings(basic)).toEqual([
      expect.stringMatching(/^BOOKING_SYSTEM_LOGIN .*is missing/),
      expect.stringMatching(/^BOOKING_SYSTEM_PASSWORD .*is missing/),
    ]);
    const account = { BOOKING_SYSTEM_LOGIN: login, BOOKING_SYSTEM_PASSWORD: password };
    const values = valuesOf(onlyTenant(configOf({ ...basic, ...account })), 'booking_system');
    expect(values).toMatchObject({ authType: 'basic', login, password });
    expect(values['apiKey']).toBeUndefined();
  });

  it.each([
    ['BOOKING_AUTH_TYPE', 'digest'],
    ['BOOKING_API_ENDPOINTS', '{"list_events"'],
    ['BOOKING_FIELD_MAPPINGS', '[]'],
    ['BOOKING_TIME_FORMAT', 'stardate'],
    ['BOOKING_EXCLUSIVE_SLOTS', 'maybe'],
    ['BOOKING_TITLE_CHARS_MAX', '0'],
  ])('are refused by name when %s is %j', (name, value) => {
    const problems = checkSettings({ ...GENERIC, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} .*expected`))]);
    expect(problems.join()).not.toContain(value);
  });
});
