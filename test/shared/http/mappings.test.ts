import { describe, expect, it } from 'vitest';
import type { PairId } from '../../../shared/model/ids.ts';
import { A, KEY_A, KEY_B, makeWorld, NOW, type World } from './fixture.ts';

const PATHS = ['/mappings/resources', '/bridges/resource-mappings', '/resource-mappings'];
const BODY = { bridge_from: 'booking_system', bridge_to: 'outlook' };

async function idsOf(world: World, query = '', key = KEY_A): Promise<string[]> {
  const { body } = await world.call('GET', `/mappings/resources${query}`, { key });
  return (body['mappings'] as { resource_id: string }[]).map(({ resource_id: id }) => id).sort();
}

describe.each(PATHS)('%s', (path) => {
  it('makes, shows, changes and deletes a mapping', async () => {
    const world = await makeWorld();
    const made = await world.call('POST', path, {
      key: KEY_A,
      body: {
        ...BODY,
        resource_id: 12,
        calendar_id: 'Council@a.example',
        calendar_name: 'Council',
      },
    });
    expect(made.status).toBe(201);
    const id = made.body['mapping_id'] as string;
    expect(made.headers.get('location')).toBe(`/tenants/${A}/mappings/resources/${id}`);
    const shown = await world.call('GET', `${path}/${id}`, { key: KEY_A });
    expect(shown.body['mapping']).toEqual({
      id,
      mapping_id: id,
      bridge_from: 'booking_system',
      bridge_to: 'outlook',
      resource_id: '12',
      resource_name: null,
      calendar_id: 'Council@a.example',
      calendar_name: 'Council',
      source_calendar_id: '12',
      source_calendar_name: null,
      target_calendar_id: 'Council@a.example',
      target_calendar_name: 'Council',
      sync_direction: 'bidirectional',
      conflict_policy: 'last_modified',
      is_active: true,
      sync_enabled: true,
      brake: null,
      status: 'pending',
      status_reason: null,
      sync_freshness: 'never',
      last_run_at: null,
      last_synced_at: null,
      mapped_events: null,
      parked_events: 0,
      created_at: '2026-03-02T09:00:00Z',
      updated_at: '2026-03-02T09:00:00Z',
    });
    const changed = await world.call('PUT', `${path}/${id}`, {
      key: KEY_A,
      body: { sync_direction: 'source_to_target', conflict_policy: 'flag', sync_enabled: false },
    });
    expect(changed.status).toBe(200);
    expect(changed.body['mapping']).toMatchObject({
      sync_direction: 'source_to_target',
      conflict_policy: 'flag',
      sync_enabled: false,
      calendar_name: 'Council',
    });
    expect((await world.call('DELETE', `${path}/${id}`, { key: KEY_A })).status).toBe(200);
    expect((await world.call('DELETE', `${path}/${id}`, { key: KEY_A })).status).toBe(404);
    expect(await idsOf(world)).toEqual([]);
    expect(await idsOf(world, '?active_only=false')).toEqual(['12']);
  });

  it('keeps another tenant’s mapping out of reach', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@b.example', {}, KEY_B);
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { sync_enabled: false }],
      ['DELETE', undefined],
    ] as const)
      expect((await world.call(method, `${path}/${id}`, { key: KEY_A, body })).status).toBe(404);
    expect((await world.call('GET', `${path}/${id}/status`, { key: KEY_A })).status).toBe(404);
    expect(await idsOf(world, '', KEY_B)).toEqual(['1']);
  });
});

describe('a new mapping', () => {
  it('may name its ends as source and target, and its bridges by alias', async () => {
    const world = await makeWorld();
    const { status, body } = await world.call('POST', '/mappings/resources', {
      key: KEY_A,
      body: {
        bridge_from: 'booking',
        bridge_to: 'outlook',
        source_calendar_id: '7',
        source_calendar_name: 'Hall',
        target_calendar_id: 'hall@a.example',
        target_calendar_name: 'The hall',
        sync_direction: 'target_to_source',
      },
    });
    expect(status).toBe(201);
    expect(body['mapping']).toMatchObject({
      bridge_from: 'booking_system',
      resource_id: '7',
      source_calendar_name: 'Hall',
      target_calendar_name: 'The hall',
      sync_direction: 'target_to_source',
    });
  });

  it('is refused while the same two are mapped, whichever is named first', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const reversed = await world.call('POST', '/mappings/resources', {
      key: KEY_A,
      body: {
        bridge_from: 'outlook',
        bridge_to: 'booking_system',
        source_calendar_id: 'ROOM1@a.example',
        target_calendar_id: '1',
      },
    });
    expect(reversed.status).toBe(409);
    expect(reversed.body).toMatchObject({ success: false, mapping_id: id });
    await expect(world.addPair('1', 'room1@a.example', {}, KEY_B)).resolves.not.toBe(id);
  });

  it('lives again with its id when it was deleted', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    await world.call('DELETE', `/mappings/resources/${id}`, { key: KEY_A });
    expect(await world.addPair('1', 'room1@a.example')).toBe(id);
    expect(await idsOf(world)).toEqual(['1']);
  });

  it.each([
    ['bridge_from', { bridge_to: 'outlook', resource_id: '1', calendar_id: 'r@a.example' }],
    ['target_calendar_id', { ...BODY, resource_id: '1' }],
    ['source_calendar_id', { ...BODY, calendar_id: 'r@a.example' }],
    [
      'source_calendar_id',
      { ...BODY, resource_id: '1', source_calendar_id: '2', calendar_id: 'r' },
    ],
    ['resource_id', { ...BODY, resource_id: ' ', calendar_id: 'r@a.example' }],
    ['sync_direction', { ...BODY, resource_id: '1', calendar_id: 'r', sync_direction: 'up' }],
    ['conflict_policy', { ...BODY, resource_id: '1', calendar_id: 'r', conflict_policy: 'a' }],
    ['is_active', { ...BODY, resource_id: '1', calendar_id: 'r', is_active: 'yes' }],
    [
      'target_calendar_id',
      { bridge_from: 'outlook', bridge_to: 'outlook', resource_id: 'r@a', calendar_id: 'R@A' },
    ],
  ])('without a good %s is refused', async (field, body) => {
    const world = await makeWorld();
    const answer = await world.call('POST', '/mappings/resources', { key: KEY_A, body });
    expect(answer.status).toBe(400);
    expect((answer.body['errors'] as { field: string }[]).map((error) => error.field)).toContain(
      field,
    );
    expect(await idsOf(world)).toEqual([]);
  });

  it('of a bridge that is not there is refused', async () => {
    const world = await makeWorld();
    const { status } = await world.call('POST', '/mappings/resources', {
      key: KEY_A,
      body: { ...BODY, bridge_to: 'google', resource_id: '1', calendar_id: 'r' },
    });
    expect(status).toBe(404);
  });

  it('can be made inactive', async () => {
    const world = await makeWorld();
    await world.addPair('1', 'room1@a.example', { is_active: false });
    expect(await idsOf(world)).toEqual([]);
  });
});

describe('a change of a mapping', () => {
  it('is refused where there is none, or where it would be another mapping', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const put = async (body: object): Promise<number> =>
      (await world.call('PUT', `/mappings/resources/${id}`, { key: KEY_A, body })).status;
    expect(await put({})).toBe(400);
    expect(await put({ unknown: 1 })).toBe(400);
    expect(await put({ calendar_id: 'other@a.example', sync_enabled: true })).toBe(400);
    expect(await put({ bridge_from: 'outlook', sync_enabled: true })).toBe(400);
    expect(await put({ ...BODY, resource_id: 1, sync_enabled: false })).toBe(200);
    const missing = await world.call('PUT', '/mappings/resources/unknown', {
      key: KEY_A,
      body: { sync_enabled: false },
    });
    expect(missing.status).toBe(404);
  });
});

describe('the list of mappings', () => {
  it('is filtered and paged', async () => {
    const world = await makeWorld();
    await world.addPair('1', 'room1@a.example');
    await world.addPair('2', 'room2@a.example');
    await world.addPair('room3@a.example', '3', { bridge_from: 'outlook', bridge_to: 'booking' });
    expect(await idsOf(world)).toEqual(['1', '2', 'room3@a.example']);
    expect(await idsOf(world, '?bridge_from=booking')).toEqual(['1', '2']);
    expect(await idsOf(world, '?bridge_to=booking_system')).toEqual(['room3@a.example']);
    expect(await idsOf(world, '?resource_id=ROOM2@a.example')).toEqual(['2']);
    const first = await world.call('GET', '/mappings/resources?limit=2', { key: KEY_A });
    expect(first.body).toMatchObject({ count: 2, next: expect.any(String) });
    const rest = await world.call(
      'GET',
      `/mappings/resources?limit=2&cursor=${String(first.body['next'])}`,
      { key: KEY_A },
    );
    expect(rest.body).toMatchObject({ count: 1, next: null });
  });

  it('refuses bad filters', async () => {
    const world = await makeWorld();
    const statusOf = async (query: string): Promise<number> =>
      (await world.call('GET', `/mappings/resources?${query}`, { key: KEY_A })).status;
    expect(await statusOf('active_only=perhaps')).toBe(400);
    expect(await statusOf('limit=1001')).toBe(400);
    expect(await statusOf('bridge_from=google')).toBe(404);
  });

  it('says how fresh a mapping is', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    await world.stores.pairs.recordRun(A, id, {
      status: 'synced',
      lastRunAt: NOW,
      lastSyncedAt: NOW,
    });
    const freshness = async (): Promise<unknown> => {
      const { body } = await world.call('GET', `/mappings/resources/${id}`, { key: KEY_A });
      return (body['mapping'] as Record<string, unknown>)['sync_freshness'];
    };
    expect(await freshness()).toBe('recent');
    world.advance(3_600_000);
    expect(await freshness()).toBe('daily');
    world.advance(24 * 3_600_000);
    expect(await freshness()).toBe('weekly');
    world.advance(7 * 24 * 3_600_000);
    expect(await freshness()).toBe('stale');
  });
});

describe('limits of a pair’s own', () => {
  const limits = { deletions_min: 500, deletions_percent: 100, creates_min: 1000 };

  async function brake(world: World, id: PairId, body?: object): Promise<unknown> {
    const path = `/mappings/resources/${id}`;
    const { status, body: answer } =
      body === undefined
        ? await world.call('GET', path, { key: KEY_A })
        : await world.call('PUT', path, { key: KEY_A, body });
    expect(status).toBe(200);
    return (answer['mapping'] as { brake: unknown }).brake;
  }

  it('are set, changed one by one, and the tenant’s again where they are null', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    expect(await brake(world, id)).toBeNull();
    expect(await brake(world, id, { brake: limits })).toEqual(limits);
    expect(await brake(world, id, { sync_enabled: true })).toEqual(limits);
    const one = { ...limits, deletions_min: 20 };
    expect(await brake(world, id, { brake: { deletions_min: 20 } })).toEqual(one);
    const { pair } = (await world.stores.pairs.get(A, id)) ?? {};
    expect(pair?.brake).toEqual({ deletionsMin: 20, deletionsPercent: 100, createsMin: 1000 });
    const less = { ...one, deletions_min: null };
    expect(await brake(world, id, { brake: { deletions_min: null } })).toEqual(less);
    expect(await brake(world, id, { brake: less })).toEqual(less);
    expect(await brake(world, id, { brake: null })).toBeNull();
    expect(await brake(world, id)).toBeNull();
  });
});

describe('a mapping that events would go round in', () => {
  const outlook = (source: string, target: string, more: object = {}): object => ({
    bridge_from: 'outlook',
    bridge_to: 'outlook',
    source_calendar_id: source,
    target_calendar_id: target,
    ...more,
  });

  it('is refused with the others that close the ring, also when it is only turned', async () => {
    const world = await makeWorld();
    const make = (body: object) => world.call('POST', '/mappings/resources', { key: KEY_A, body });
    const ids: unknown[] = [];
    for (const body of [outlook('one', 'two'), outlook('two', 'three')])
      ids.push((await make(body)).body['mapping_id']);
    const ring = await make(outlook('three', 'one'));
    expect(ring.status).toBe(409);
    for (const id of ids) expect(ring.body['detail']).toContain(id);
    expect(await world.stores.pairs.list(A)).toHaveLength(2);
    const oneWay = { sync_direction: 'source_to_target' };
    for (const id of ids)
      await world.call('PUT', `/mappings/resources/${String(id)}`, { key: KEY_A, body: oneWay });
    const last = await make(outlook('one', 'three', oneWay));
    expect(last.status).toBe(201);
    const path = `/mappings/resources/${String(last.body['mapping_id'])}`;
    const turned = await world.call('PUT', path, {
      key: KEY_A,
      body: { sync_direction: 'bidirectional' },
    });
    expect(turned.status).toBe(409);
    const same = await world.call('PUT', path, { key: KEY_A, body: oneWay });
    expect(same.status).toBe(200);
  });

  it('is warned of where a room is in another mapping too', async () => {
    const world = await makeWorld();
    const first = await world.addPair('1', 'room1@a.example');
    const { status, body } = await world.call('POST', '/mappings/resources', {
      key: KEY_A,
      body: { ...BODY, resource_id: 2, calendar_id: 'Room1@a.example' },
    });
    expect(status).toBe(201);
    expect(body['warnings']).toEqual([
      { kind: 'shared', message: expect.stringContaining('other mappings'), mapping_ids: [first] },
    ]);
  });
});
