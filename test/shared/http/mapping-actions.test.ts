import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../shared/model/ids.ts';
import { A, ADMIN_KEY, B, KEY_A, KEY_B, makeWorld, NOW, report } from './fixture.ts';

describe('a run that is asked for of one pair', () => {
  it('is queued, and is found where the answer says until and after it has ended', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const asked = await world.call('POST', `/mappings/resources/${id}/sync`, { key: KEY_A });
    expect(asked.status).toBe(202);
    const runId = asked.body['run_id'] as RunId;
    expect(asked.headers.get('location')).toBe(`/runs/${runId}`);
    expect(world.queue.jobs).toMatchObject([
      {
        queue: 'sync-jobs',
        job: { kind: 'sync', tenantId: A, pairId: id, cause: 'person', runId },
      },
    ]);
    const waiting = await world.call('GET', `/runs/${runId}`, { key: KEY_A });
    expect(waiting.headers.get('retry-after')).toBe('5');
    expect(waiting.body).toMatchObject({
      run_id: runId,
      mapping_id: id,
      status: 'queued',
      queued_at: '2026-03-02T09:00:00Z',
    });
    const call = { tenantId: A, pairId: id, options: {}, requestId: 'r' };
    await world.stores.runs.put(
      A,
      report(call, {
        runId,
        outcome: 'partial',
        actions: [
          { action: 'create', target: 'b', rule: 'new', reason: 'new', outcome: 'applied' },
          { action: 'update', rule: 'changed', reason: 'x', outcome: 'failed', error: 'taken' },
        ],
      }),
    );
    const ended = await world.call('GET', `/runs/${runId}`, { key: KEY_A });
    expect(ended.headers.has('retry-after')).toBe(false);
    expect(ended.body).toMatchObject({
      status: 'finished',
      outcome: 'partial',
      cause: 'person',
      started_at: '2026-03-02T09:00:00Z',
      found: { source: 3, target: 5 },
      counts: { created: 1, updated: 0, failed: 1 },
      error: null,
      actions: [
        { action: 'create', outcome: 'applied' },
        { action: 'update', outcome: 'failed', error: 'taken' },
      ],
      actions_omitted: 0,
    });
  });

  it('is found with the tenant in the path where it was asked for so', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@b.example', {}, KEY_B);
    const path = `/tenants/${B}/mappings/resources/${id}/sync`;
    const { headers } = await world.call('POST', path, { key: ADMIN_KEY });
    const location = headers.get('location') ?? '';
    expect(location).toMatch(/^\/tenants\/municipal_b\/runs\//);
    expect((await world.call('GET', location, { key: ADMIN_KEY })).status).toBe(200);
    const other = await world.call('GET', location.replace(/^\/tenants\/\w+/, ''), { key: KEY_A });
    expect(other.status).toBe(404);
  });

  it('is refused while the pair is paused, and for one that was deleted', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const path = `/mappings/resources/${id}`;
    await world.call('POST', `${path}/pause`, { key: KEY_A });
    const paused = await world.call('POST', `${path}/sync`, { key: KEY_A });
    expect(paused.status).toBe(409);
    expect(paused.body['detail']).toContain('resume');
    await world.call('DELETE', path, { key: KEY_A });
    for (const action of ['sync', 'pause', 'resume'])
      expect((await world.call('POST', `${path}/${action}`, { key: KEY_A })).status).toBe(404);
    expect(world.queue.jobs).toEqual([]);
  });
});

describe('pause and resume', () => {
  it('can be said twice, and answer the mapping', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const states: unknown[] = [];
    for (const action of ['pause', 'pause', 'resume', 'resume']) {
      const path = `/bridges/resource-mappings/${id}/${action}`;
      const { status, body } = await world.call('POST', path, { key: KEY_A });
      const { sync_enabled: enabled, status: told } = body['mapping'] as Record<string, unknown>;
      states.push([status, enabled, told]);
    }
    expect(states).toEqual([
      [200, false, 'paused'],
      [200, false, 'paused'],
      [200, true, 'pending'],
      [200, true, 'pending'],
    ]);
    const status = async (filter: string): Promise<unknown> =>
      (await world.call('GET', `/mappings/resources?status=${filter}`, { key: KEY_A })).body[
        'count'
      ];
    await world.call('POST', `/mappings/resources/${id}/pause`, { key: KEY_A });
    expect([await status('paused'), await status('pending')]).toEqual([1, 0]);
  });
});

describe('the history of a pair', () => {
  it('has the runs that ended, the newest first, in pages, and the last error', async () => {
    const world = await makeWorld();
    const pairId = await world.addPair('1', 'room1@a.example');
    const call = { tenantId: A, pairId, options: {}, requestId: 'r' };
    for (let run = 1; run <= 3; run += 1) {
      await world.stores.runs.put(
        A,
        report(call, {
          runId: `run-${run}` as RunId,
          startedAt: world.services.clock.now(),
          ...(run === 2
            ? { outcome: 'failed', error: { kind: 'unavailable', message: 'Graph is down' } }
            : {}),
        }),
      );
      world.advance(60_000);
    }
    const path = `/mappings/resources/${pairId}/status?limit=2`;
    const first = await world.call('GET', path, { key: KEY_A });
    expect(first.body).toMatchObject({
      history: [
        { run_id: 'run-3', outcome: 'completed', counts: { created: 0 } },
        { run_id: 'run-2', outcome: 'failed', error: { message: 'Graph is down' } },
      ],
      last_error: { run_id: 'run-2', kind: 'unavailable', message: 'Graph is down' },
    });
    const rest = await world.call('GET', `${path}&cursor=${String(first.body['next'])}`, {
      key: KEY_A,
    });
    expect(rest.body).toMatchObject({
      history: [{ run_id: 'run-1' }],
      next: null,
      last_error: { run_id: 'run-2' },
    });
  });

  it('tells how many events are mapped, as the last run counted them', async () => {
    const world = await makeWorld();
    const pairId = await world.addPair('1', 'room1@a.example');
    await world.stores.pairs.recordRun(A, pairId, {
      status: 'synced',
      lastRunAt: NOW,
      mappedEvents: 17,
    });
    const { body } = await world.call('GET', '/mappings/resources', { key: KEY_A });
    expect(body['mappings']).toMatchObject([{ mapped_events: 17 }]);
    const status = await world.call('GET', `/mappings/resources/${pairId}/status`, { key: KEY_A });
    expect(status.body['mapped_events']).toBe(17);
  });
});
