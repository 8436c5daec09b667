import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import { A, BOOKING, KEY_A, KEY_B, makeWorld, NOW, OUTLOOK, type World } from './fixture.ts';

function bridgeOf(world: World, key: string): NonNullable<ReturnType<World['bridges']['get']>> {
  const bridge = world.bridges.get(`${A}/${key}`);
  if (bridge === undefined) throw new Error(`no bridge ${key}`);
  return bridge;
}

describe('GET /bridges', () => {
  it('shows each bridge with its abilities and how it is now', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', '/bridges', { key: KEY_A });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, count: 2 });
    const bridges = body['bridges'] as Record<string, object>;
    expect(Object.keys(bridges)).toEqual(['outlook', 'booking_system']);
    expect(bridges['outlook']).toMatchObject({
      name: 'outlook',
      type: 'memory',
      class: 'MemoryBridge',
      capabilities: {
        all_day_events: true,
        webhooks: false,
        recurring_events: false,
        exclusive_slots: false,
        suspends: false,
      },
      health: { status: 'healthy', response_ms: 0 },
    });
  });

  it('goes on where one bridge cannot be made, without its secrets', async () => {
    const world = await makeWorld();
    const { bridges: real } = world;
    Object.assign(world.services.bridges, {
      get: (tenantId: typeof A, key: typeof OUTLOOK) => {
        if (key === OUTLOOK) throw new Error('clientSecret=hunter2');
        return real.get(`${tenantId}/${key}`);
      },
    });
    const { body } = await world.call('GET', '/bridges', { key: KEY_A });
    const bridges = body['bridges'] as Record<string, object>;
    expect(bridges['outlook']).toMatchObject({ name: 'outlook', status: 'error' });
    expect(bridges['booking_system']).toMatchObject({ health: { status: 'healthy' } });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });
});

describe('GET /bridges/{bridge}/calendars', () => {
  it('lists what can be mapped, also under the alias of the bridge', async () => {
    const world = await makeWorld();
    for (const name of ['booking_system', 'booking']) {
      const { status, body } = await world.call('GET', `/bridges/${name}/calendars`, {
        key: KEY_A,
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        success: true,
        bridge_name: 'booking_system',
        bridge_type: 'memory',
        count: 3,
        next: null,
      });
      expect(body['calendars']).toContainEqual({
        id: '2',
        name: 'Room 2',
        type: 'room',
        bridge_type: 'memory',
        raw_data: null,
      });
    }
  });

  it('comes in pages that leave nothing out', async () => {
    const world = await makeWorld();
    const ids: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const { body } = await world.call('GET', `/bridges/outlook/calendars?limit=2${cursor}`, {
        key: KEY_A,
      });
      ids.push(...(body['calendars'] as { id: string }[]).map(({ id }) => id));
      next = body['next'] as string | null;
    }
    expect(ids).toEqual([`${A}-room1`, `${A}-room2`, `${A}-room3`]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=nonsense'])('refuses %s', async (query) => {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', `/bridges/outlook/calendars?${query}`, {
      key: KEY_A,
    });
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ field: query.split('=')[0] }]);
  });

  it('does not know a bridge that the tenant has not', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('GET', '/bridges/gropewise/calendars', {
      key: KEY_A,
    });
    expect(status).toBe(404);
    expect(body['detail']).toContain('outlook, booking_system');
  });

  it.each([
    ['throttled', 503, 'Retry-After'],
    ['unavailable', 503, 'reached'],
    ['auth-rejected', 502, 'credentials'],
    ['invalid-response', 502, 'address'],
  ] as const)('answers %s with %i and what to do', async (fault, expected, advice) => {
    const world = await makeWorld();
    bridgeOf(world, OUTLOOK).listResources = () =>
      Promise.reject(new BridgeError(fault, 'Graph said no', { retryAfterMs: 12_300 }));
    const { status, headers, body } = await world.call('GET', '/bridges/outlook/calendars', {
      key: KEY_A,
    });
    expect(status).toBe(expected);
    expect(body['detail']).toContain('Graph said no');
    expect(body['detail']).toContain(advice);
    expect(headers.get('retry-after')).toBe(expected === 503 ? '13' : null);
  });
});

describe('GET /bridges/health', () => {
  it('counts bridges and the mappings they are part of', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    await world.addPair('2', 'room2@a.example', { sync_enabled: false });
    await world.addPair('1', 'room1@b.example', {}, KEY_B);
    await world.stores.pairs.recordRun(A, id, {
      status: 'error',
      statusReason: 'HTML in place of JSON',
      lastRunAt: NOW,
    });
    const { status, body } = await world.call('GET', '/bridges/health', { key: KEY_A });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      overall_health: 'healthy',
      summary: { total_bridges: 2, healthy_bridges: 2, unhealthy_bridges: 0 },
      statistics: { mappings: 2, paused: 1, pending: 1, error: 1, synced: 0, last_synced_at: null },
      bridges: { outlook: { status: 'healthy', statistics: { mappings: 2 } } },
      timestamp: '2026-03-02T09:00:00Z',
    });
  });

  it('is degraded when one system fails and unhealthy when all do', async () => {
    const world = await makeWorld();
    bridgeOf(world, OUTLOOK).checkHealth = () =>
      Promise.reject(new BridgeError('auth-rejected', 'AADSTS7000215'));
    const degraded = await world.call('GET', '/bridges/health', { key: KEY_A });
    expect(degraded.body).toMatchObject({
      overall_health: 'degraded',
      bridges: { outlook: { status: 'unhealthy', detail: expect.stringContaining('AADSTS') } },
    });
    bridgeOf(world, BOOKING).checkHealth = () => Promise.reject(new TypeError('hunter2'));
    const unhealthy = await world.call('GET', '/bridges/health', { key: KEY_A });
    expect(unhealthy.body).toMatchObject({ overall_health: 'unhealthy' });
    expect(JSON.stringify(unhealthy.body)).not.toContain('hunter2');
    const other = await world.call('GET', '/bridges/health', { key: KEY_B });
    expect(other.body).toMatchObject({ overall_health: 'healthy' });
  });
});
