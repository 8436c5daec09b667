import { describe, expect, it } from 'vitest';
import { SERVICE, type MappingId, type PairId } from '../../../shared/model/ids.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { mapping } from '../stores/fixtures.ts';
import { A, ADMIN_KEY, B, KEY_A, KEY_B, makeWorld, NOW, type World } from './fixture.ts';

const FAN_OUT = { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' };

/** A pair with an event that rests, as a pass leaves it. */
async function withParked(world: World): Promise<{ pairId: PairId; mappingId: MappingId }> {
  const pairId = await world.addPair('1', 'room1@a.example');
  const event = mapping('A1', 'B1', {
    state: 'error',
    reason: 'it is not taken',
    parked: { attempts: 2, since: NOW, nextTryAt: (NOW + 60_000) as Instant, seen: {} },
  });
  const taken = await world.stores.sync.forPair(A, pairId).take('run');
  if (taken.kind !== 'held') throw new Error('the pair is not free');
  await taken.lease.commit([{ kind: 'mapping', mapping: event, index: [] }], { parked: 1 });
  await taken.lease.release({}, { force: true });
  await world.stores.pairs.recordRun(A, pairId, {
    status: 'error',
    lastRunAt: NOW,
    parkedEvents: 1,
  });
  return { pairId, mappingId: event.id };
}

async function listed(world: World, key = KEY_A): Promise<Record<string, unknown>[]> {
  const { body } = await world.call('GET', 'bridges/queue/failed', { key });
  return body['failed'] as Record<string, unknown>[];
}

describe('GET /bridges/queue/failed', () => {
  it('shows events that rest, failing pairs and parked messages, with reason and next try', async () => {
    const world = await makeWorld();
    const { pairId, mappingId } = await withParked(world);
    const other = await world.addPair('2', 'room2@a.example');
    const rows = world.stores.sync.forPair(A, other);
    const taken = await rows.take('run');
    if (taken.kind !== 'held') throw new Error('the pair is not free');
    const retryAt = (NOW + 120_000) as Instant;
    await taken.lease.release({ failures: 3, failingSince: NOW, retryAt }, { force: true });
    const failed = { status: 'error', statusReason: 'side b is down', lastRunAt: NOW } as const;
    await world.stores.pairs.recordRun(A, other, failed);
    await world.services.park('sync-jobs-low', FAN_OUT);
    const found = await listed(world);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'event',
          id: `event:${pairId}:${mappingId}`,
          source_event_id: 'A1',
          attempts: 2,
          next_try_at: new Date(NOW + 60_000).toISOString().replace('.000', ''),
          reason: 'it is not taken',
        }),
        expect.objectContaining({
          kind: 'pair',
          id: `pair:${other}`,
          attempts: 3,
          reason: 'side b is down',
        }),
        expect.objectContaining({ kind: 'message', queue: 'sync-jobs-low', job: 'fan-out' }),
      ]),
    );
  });

  it('comes in pages', async () => {
    const world = await makeWorld();
    await withParked(world);
    await world.services.park('sync-jobs-low', FAN_OUT);
    const first = await world.call('GET', 'bridges/queue/failed?limit=1', { key: KEY_A });
    const next = String(first.body['next']);
    const second = await world.call('GET', `bridges/queue/failed?limit=1&cursor=${next}`, {
      key: KEY_A,
    });
    expect([first.body['count'], second.body['count'], second.body['next']]).toEqual([1, 1, null]);
  });

  it('shows nothing to another tenant, and messages of no tenant to the admin key alone', async () => {
    const world = await makeWorld();
    await withParked(world);
    await world.services.park('sync-jobs', 'nonsense');
    expect(await listed(world, KEY_B)).toEqual([]);
    expect((await listed(world)).map(({ kind }) => kind)).toEqual(['event']);
    expect((await listed(world, ADMIN_KEY)).map(({ kind }) => kind)).toEqual(['event', 'message']);
  });
});

describe('trying again', () => {
  it('one event: queues a run of its pair that names it', async () => {
    const world = await makeWorld();
    const { pairId, mappingId } = await withParked(world);
    const id = encodeURIComponent(`event:${pairId}:${mappingId}`);
    const reply = await world.call('POST', `bridges/queue/${id}/retry`, { key: KEY_A });
    expect(reply.status).toBe(202);
    const [run] = reply.body['runs'] as { run_id: string }[];
    expect(reply.headers.get('location')).toBe(`/runs/${run?.run_id}`);
    expect(world.queue.receive('sync-jobs')).toMatchObject({
      pairId,
      cause: 'person',
      runId: run?.run_id,
      options: { retry: [mappingId] },
    });
    const range = { from: (NOW - 1) as Instant, to: (NOW + 1000) as Instant, limit: 9 };
    expect(await world.stores.audit.list(A, range)).toMatchObject([
      { what: 'retry', targetId: pairId, who: `key of ${A}` },
    ]);
  });

  it('a pair, or some of its events', async () => {
    const world = await makeWorld();
    const { pairId, mappingId } = await withParked(world);
    const path = `mappings/resources/${pairId}/retry`;
    await world.call('POST', path, { key: KEY_A, body: { event_mapping_ids: [mappingId] } });
    await world.call('POST', path, { key: KEY_A, body: {} });
    const options = [1, 2].map(
      () => (world.queue.receive('sync-jobs') as { options: object }).options,
    );
    expect(options).toEqual([{ retry: [mappingId] }, { retry: 'all' }]);
  });

  it('a pair that is paused is refused', async () => {
    const world = await makeWorld();
    const { pairId } = await withParked(world);
    await world.call('POST', `mappings/resources/${pairId}/pause`, { key: KEY_A });
    const reply = await world.call('POST', `mappings/resources/${pairId}/retry`, {
      key: KEY_A,
      body: {},
    });
    expect(reply.status).toBe(409);
  });

  it('everything: each pair once, and each message', async () => {
    const world = await makeWorld();
    const { pairId } = await withParked(world);
    await world.addPair('2', 'room2@a.example');
    await world.services.park('sync-jobs-low', FAN_OUT);
    const reply = await world.call('POST', 'bridges/queue/retry', { key: KEY_A });
    expect(reply.body['runs']).toMatchObject([{ mapping_id: pairId }]);
    expect(world.queue.receive('sync-jobs-low')).toEqual(FAN_OUT);
    expect((await listed(world)).map(({ kind }) => kind)).toEqual(['event']);
  });

  it('a message: it is in its queue again, and off the list', async () => {
    const world = await makeWorld();
    await world.services.park('sync-jobs-low', FAN_OUT);
    const [message] = await listed(world);
    const id = encodeURIComponent(String(message?.['id']));
    const reply = await world.call('POST', `bridges/queue/${id}/retry`, { key: KEY_A });
    expect(reply).toMatchObject({ status: 202, body: { runs: [] } });
    expect(world.queue.receive('sync-jobs-low')).toEqual(FAN_OUT);
    expect(await listed(world)).toEqual([]);
  });

  it('a message that is none of ours cannot be sent again, only dismissed', async () => {
    const world = await makeWorld();
    await world.services.park('sync-jobs', 'nonsense');
    const [message] = await listed(world, ADMIN_KEY);
    const path = `bridges/queue/${encodeURIComponent(String(message?.['id']))}`;
    expect((await world.call('POST', `${path}/retry`, { key: ADMIN_KEY })).status).toBe(409);
    expect((await world.call('DELETE', path, { key: KEY_A })).status).toBe(404);
    expect((await world.call('DELETE', path, { key: ADMIN_KEY })).status).toBe(200);
    expect(await listed(world, ADMIN_KEY)).toEqual([]);
  });
});

describe('a message that failed for good', () => {
  it('raises one alert, however often it fails', async () => {
    const world = await makeWorld();
    await world.services.park('sync-jobs-low', FAN_OUT);
    world.advance(60_000);
    await world.services.park('sync-jobs-low', FAN_OUT);
    expect(await world.stores.alerts.list(A)).toEqual([
      {
        kind: 'poison-message',
        subject: expect.stringMatching(/^message:/),
        message: expect.stringContaining('sync-jobs-low'),
        raisedAt: NOW,
        lastAt: NOW + 60_000,
        times: 2,
      },
    ]);
    expect(await world.stores.alerts.list(B)).toEqual([]);
    expect(await listed(world)).toMatchObject([{ attempts: 2 }]);
  });

  it('keeps nothing of what is none of ours but that it came', async () => {
    const world = await makeWorld();
    await world.services.park('sync-jobs', { subject: 'a secret meeting' });
    expect(JSON.stringify(await world.stores.work.listPoison(SERVICE))).not.toContain('secret');
    expect(await world.stores.alerts.list(SERVICE)).toHaveLength(1);
  });

  it('an event or a pair cannot be dismissed', async () => {
    const world = await makeWorld();
    const { pairId, mappingId } = await withParked(world);
    const id = encodeURIComponent(`event:${pairId}:${mappingId}`);
    expect((await world.call('DELETE', `bridges/queue/${id}`, { key: KEY_A })).status).toBe(409);
  });
});
