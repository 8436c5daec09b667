import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../shared/stores/errors.ts';
import { SettingsError } from '../../../shared/tenants/settings-error.ts';
import { A, ADMIN_KEY, B, KEY_A, KEY_B, makeWorld, SETUP, tenantConfig } from './fixture.ts';

describe('the id of a request', () => {
  it('is the caller’s own where it is sane, and in each answer', async () => {
    const world = await makeWorld();
    for (const key of [KEY_A, '']) {
      const headers = { 'x-request-id': 'caller-1:2' };
      const given = await world.call('GET', '/mappings/resources/abc', { key, headers });
      expect(given.headers.get('x-request-id')).toBe('caller-1:2');
      expect(given.body['instance']).toBe('caller-1:2');
    }
    const insane = await world.call('GET', '/bridges', { headers: { 'x-request-id': '{"a": 1}' } });
    expect(insane.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the tenant of a request', () => {
  async function tenantSeen(
    path: string,
    key: string,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', path, { key, headers });
    if (status !== 200) return String(status);
    const [first] = body['calendars'] as { id: string }[];
    return first?.id.replace(/-room1$/, '') ?? '';
  }

  it.each([
    ['of the key', '/bridges/outlook/calendars', KEY_A, {}, A],
    ['of the other key', '/bridges/outlook/calendars', KEY_B, {}, B],
    ['of the earlier header', '/bridges/outlook/calendars', '', { api_key: KEY_B }, B],
    ['where the path agrees', `/tenants/${A}/bridges/outlook/calendars`, KEY_A, {}, A],
    ['where the header agrees', '/bridges/outlook/calendars', KEY_A, { 'x-tenant-id': A }, A],
    [
      'unknown where the path does not',
      `/tenants/${B}/bridges/outlook/calendars`,
      KEY_A,
      {},
      '404',
    ],
    ['of an admin’s path', `/tenants/${B}/bridges/outlook/calendars`, ADMIN_KEY, {}, B],
    ['of an admin’s header', '/bridges/outlook/calendars', ADMIN_KEY, { 'x-tenant-id': B }, B],
    [
      'of the path before that of the header',
      `/tenants/${B}/bridges/outlook/calendars`,
      ADMIN_KEY,
      { 'x-tenant-id': A },
      B,
    ],
    ['the default one', '/bridges/outlook/calendars', ADMIN_KEY, {}, A],
    ['unknown to an admin too', '/tenants/nobody/bridges/outlook/calendars', ADMIN_KEY, {}, '404'],
  ])('is %s', async (_, path, key, headers, expected) => {
    expect(await tenantSeen(path, key, headers)).toBe(expected);
  });

  it('is deprecated to leave out, and the answer says what to use', async () => {
    const world = await makeWorld();
    const byDefault = await world.call('GET', '/bridges/resource-mappings', { key: ADMIN_KEY });
    expect(byDefault.headers.get('deprecation')).toMatch(/^@\d+$/);
    expect(byDefault.headers.get('link')).toBe(
      `</tenants/${A}/mappings/resources>; rel="successor-version"`,
    );
    const successor = await world.call('GET', `/tenants/${A}/mappings/resources`, {
      key: ADMIN_KEY,
    });
    expect(successor.status).toBe(200);
    expect(successor.headers.has('deprecation')).toBe(false);
    const own = await world.call('GET', '/mappings/resources', { key: KEY_A });
    expect(own.headers.has('deprecation')).toBe(false);
  });

  it('must be named by an admin where there is no default', async () => {
    const { defaultTenantId: _, ...setup } = SETUP;
    const world = await makeWorld({ setup });
    const { status, body } = await world.call('GET', '/bridges', { key: ADMIN_KEY });
    expect(status).toBe(400);
    expect(body['detail']).toContain('X-Tenant-Id');
  });

  it('answers an admin with the bad settings of a tenant that does not run', async () => {
    const rejected = [{ tenantId: B, problems: ['MUNICIPAL_B_TIME_ZONE is not valid'] }];
    const world = await makeWorld({
      setup: { ...SETUP, tenants: [tenantConfig(A, KEY_A)], rejected },
    });
    const { status, body } = await world.call('GET', `/tenants/${B}/bridges`, { key: ADMIN_KEY });
    expect(status).toBe(503);
    expect(body['problems']).toEqual(['MUNICIPAL_B_TIME_ZONE is not valid']);
    const other = await world.call('GET', `/tenants/${B}/bridges`, { key: KEY_A });
    expect(other.status).toBe(404);
  });
});

describe('keys', () => {
  it('open nothing where none is configured', async () => {
    const tenant = { ...tenantConfig(A, KEY_A), apiKeyHashes: [] };
    const world = await makeWorld({
      setup: { ...SETUP, tenants: [tenant], adminKeyHashes: [] },
    });
    for (const key of ['', 'undefined', KEY_A, ADMIN_KEY])
      expect((await world.call('GET', '/bridges', { key })).status).toBe(401);
  });
});

describe('bodies', () => {
  const path = '/bridges/sync/booking_system/outlook';

  it('over 512 KB are refused, by what they say and by what they are', async () => {
    const world = await makeWorld();
    const said = await world.call('POST', path, {
      key: KEY_A,
      headers: { 'content-length': String(512 * 1024 + 1) },
      body: {},
    });
    expect(said.status).toBe(413);
    const long = JSON.stringify({ note: 'x'.repeat(512 * 1024) });
    const real = await world.call('POST', path, { key: KEY_A, text: long });
    expect(real.status).toBe(413);
    expect(real.body).toMatchObject({ success: false, title: 'Content too large' });
    expect(world.runs).toEqual([]);
  });

  it.each(['{"dry_run": tru', '<html>', 'null', '[]', '"text"'])(
    'that are no JSON object are refused: %s',
    async (text) => {
      const world = await makeWorld();
      const { status, headers, body } = await world.call('POST', path, { key: KEY_A, text });
      expect(status).toBe(400);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ success: false, error: body['detail'], status: 400 });
    },
  );

  it('name every bad field at once', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('POST', path, {
      key: KEY_A,
      body: { dry_run: 'yes', source_calendar_id: {}, target_calendar_id: 7 },
    });
    expect(status).toBe(400);
    expect((body['errors'] as { field: string }[]).map(({ field }) => field).sort()).toEqual([
      'dry_run',
      'source_calendar_id',
    ]);
  });
});

describe('faults', () => {
  it('of our own tell the caller nothing but the request id', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    world.answerRuns(() => {
      throw new TypeError('secret-token-in-a-message');
    });
    const { status, body } = await world.call('POST', '/bridges/sync/booking_system/outlook', {
      key: KEY_A,
      headers: { 'x-request-id': 'look-for-me' },
      body: { source_calendar_id: '1', target_calendar_id: 'room1@a.example' },
    });
    expect(status).toBe(500);
    expect(body['instance']).toBe('look-for-me');
    expect(JSON.stringify(body)).not.toMatch(/secret-token|TypeError|at /);
    expect(world.runs.map(({ pairId }) => pairId)).toEqual([id]);
    expect(world.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ requestId: 'look-for-me' }) as object,
      }),
    );
  });

  it('of the settings are named, and of storage are passing', async () => {
    const bad = await makeWorld({
      lazy: () => () => Promise.reject(new SettingsError(['OUTLOOK_CLIENT_ID is missing'])),
    });
    const settings = await bad.call('GET', '/bridges', { key: KEY_A });
    expect(settings.status).toBe(503);
    expect(settings.body['problems']).toEqual(['OUTLOOK_CLIENT_ID is missing']);
    const down = await makeWorld({
      lazy: () => () => Promise.reject(new StorageError('unavailable', 'no route to 10.0.0.1')),
    });
    const storage = await down.call('GET', '/bridges', { key: KEY_A });
    expect(storage.status).toBe(503);
    expect(storage.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(storage.body)).not.toContain('10.0.0.1');
  });
});

describe('paths that do not exist', () => {
  it.each([
    ['GET', '/nothing/here'],
    ['PATCH', '/'],
    ['GET', '/tenants/municipal_a/nothing'],
  ] as const)('answer %s %s with a 404 that helps', async (method, path) => {
    const world = await makeWorld();
    const { status, headers, body } = await world.call(method, path);
    expect(status).toBe(404);
    expect(headers.get('x-request-id')).not.toBeNull();
    expect(body).toMatchObject({
      success: false,
      status: 404,
      status_code: 404,
      error: body['message'],
      documentation: '/openapi.json',
    });
    expect(body['available_endpoints']).toContain('GET /mappings/resources');
  });
});

describe('methods that a path has not', () => {
  it.each([
    ['POST', '/bridges', 'GET'],
    ['DELETE', '/health', 'GET'],
    ['PATCH', '/tenants/municipal_a/mappings/resources/abc', 'GET, PUT, DELETE'],
    ['PUT', '/mappings/resources', 'GET, POST'],
  ] as const)('answer %s %s with 405 and those it has', async (method, path, allowed) => {
    const world = await makeWorld();
    const { status, headers, body } = await world.call(method, path);
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allowed);
    expect(body).toMatchObject({ success: false, title: 'Method not allowed' });
  });
});

describe('the log of requests', () => {
  it('says who asked for what and what came of it', async () => {
    const world = await makeWorld();
    await world.call('GET', '/bridges', { key: KEY_B, headers: { 'x-request-id': 'r1' } });
    expect(world.logged).toContainEqual({
      level: 'info',
      message: 'request answered',
      fields: {
        route: 'listBridges',
        method: 'GET',
        status: 200,
        tenantId: B,
        requestId: 'r1',
        durationMs: 0,
      },
    });
  });
});
