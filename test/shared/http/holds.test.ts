import { describe, expect, it } from 'vitest';
import type { HoldId } from '../../../shared/model/hold.ts';
import type { PairId, RunId } from '../../../shared/model/ids.ts';
import { HOUR_MS } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { A, ADMIN_KEY, KEY_A, KEY_B, makeWorld, NOW, type World } from './fixture.ts';
import { addHold } from './held.ts';

async function heldWorld(): Promise<{ world: World; pairId: PairId; id: HoldId }> {
  const world = await makeWorld();
  const pairId = await world.addPair('1', 'room1@a.example');
  return { world, pairId, id: await addHold(world, A, pairId) };
}

describe('GET /holds', () => {
  it('shows why, what each side showed, and some of what is in it', async () => {
    const { world, pairId, id } = await heldWorld();
    const { body } = await world.call('GET', '/holds', { key: KEY_A });
    expect(body).toMatchObject({ count: 1, next: null });
    const [hold] = body['holds'] as object[];
    expect(hold).toEqual({
      id,
      mapping_id: pairId,
      side: 'source',
      kind: 'deletions',
      state: 'open',
      items: 12,
      why: { rule: 'pair', count: 12, recent: 0, known: 20, percent: 60, min: 10, percent_max: 30 },
      evidence: {
        source: { read: 'complete', shown: 8, known: 20 },
        target: { read: 'complete', shown: 20, known: 20 },
      },
      samples: [
        {
          event_mapping_id: 'm:a:1',
          source_event_id: null,
          target_event_id: null,
          start: '2026-03-02T09:00:00Z',
          end: '2026-03-02T09:00:00Z',
        },
      ],
      since: '2026-03-02T09:00:00Z',
      expires_at: '2026-03-05T09:00:00Z',
      decided_by: null,
      decided_at: null,
      decision_reason: null,
      carried_out: false,
      closed_at: null,
    });
    expect((await world.call('GET', `/holds/${id}`, { key: KEY_A })).body['hold']).toEqual(hold);
  });

  it('has those that wait first, then the newest, page by page', async () => {
    const { world, pairId, id } = await heldWorld();
    const since = (hours: number): Instant => (NOW - hours * HOUR_MS) as Instant;
    const later = { state: 'withdrawn', closedAt: NOW, side: 'b', since: since(-1) } as const;
    const closed = await addHold(world, A, pairId, later);
    const flood = { kind: 'creates', since: since(2), side: 'b' } as const;
    const older = await addHold(world, A, pairId, flood);
    const seen: unknown[] = [];
    for (let query: string | undefined = '?limit=1'; query !== undefined;) {
      const { body } = await world.call('GET', `/holds${query}`, { key: KEY_A });
      const { holds, next } = body as { holds: { id: string }[]; next: string | null };
      seen.push(...holds.map((hold) => hold.id));
      query = next === null ? undefined : `?limit=1&cursor=${next}`;
    }
    expect(seen).toEqual([id, older, closed]);
  });

  it('can be asked for a state and for a mapping', async () => {
    const { world, id } = await heldWorld();
    const other = await world.addPair('2', 'room2@a.example');
    const closed = { state: 'withdrawn', closedAt: NOW } as const;
    const second = await addHold(world, A, other, closed);
    const ids = async (query: string): Promise<string[]> => {
      const { body } = await world.call('GET', `/holds?${query}`, { key: KEY_A });
      return (body['holds'] as { id: string }[]).map((hold) => hold.id);
    };
    expect(await ids('state=open')).toEqual([id]);
    expect(await ids(`mapping=${other}`)).toEqual([second]);
    expect(await ids(`mapping=${other}&state=open`)).toEqual([]);
  });

  it('is counted where health is looked at, and named in the status of its pair', async () => {
    const { world, pairId, id } = await heldWorld();
    const health = await world.call('GET', '/bridges/health', { key: KEY_A });
    expect(health.body['open_holds']).toBe(1);
    const status = await world.call('GET', `/mappings/resources/${pairId}/status`, { key: KEY_A });
    expect(status.body['open_holds']).toEqual([id]);
    await world.call('POST', `/holds/${id}/approve`, { key: KEY_A });
    const after = await world.call('GET', '/bridges/health', { key: KEY_A });
    expect(after.body['open_holds']).toBe(0);
  });
});

describe('a decision', () => {
  it.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ])('%s is stored with who and why, and its run is queued at once', async (action, state) => {
    const { world, pairId, id } = await heldWorld();
    const { status, headers, body } = await world.call('POST', `/holds/${id}/${action}`, {
      key: KEY_A,
      body: { reason: 'the room was rebuilt' },
    });
    const runId = body['run_id'] as RunId;
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/runs/${runId}`);
    const told = { state, decided_by: `key of ${A}`, decision_reason: 'the room was rebuilt' };
    expect(body['hold']).toMatchObject(told);
    expect(world.queue.jobs).toMatchObject([
      {
        queue: 'sync-jobs',
        visibleAt: NOW,
        job: { kind: 'sync', tenantId: A, pairId, cause: 'person', runId },
      },
    ]);
    const run = await world.call('GET', `/runs/${runId}`, { key: KEY_A });
    expect(run.body).toMatchObject({ status: 'queued', mapping_id: pairId });
    const hold = await world.call('GET', `/holds/${id}`, { key: KEY_A });
    expect(hold.body['hold']).toMatchObject({ ...told, carried_out: false });
  });

  it('of an admin names the tenant in the path, and says so where the run is', async () => {
    const { world, id } = await heldWorld();
    const path = `/tenants/${A}/holds/${id}/approve`;
    const { headers, body } = await world.call('POST', path, { key: ADMIN_KEY });
    expect(headers.get('location')).toMatch(/^\/tenants\/municipal_a\/runs\//);
    expect(body['hold']).toMatchObject({ decided_by: 'admin key' });
  });

  it('stands: a second one, the same or another, is a conflict', async () => {
    const { world, id } = await heldWorld();
    await world.call('POST', `/holds/${id}/reject`, { key: KEY_A });
    for (const action of ['approve', 'reject']) {
      const { status, body } = await world.call('POST', `/holds/${id}/${action}`, { key: KEY_A });
      expect([status, body['type']]).toEqual([409, 'urn:calendar-bridge:problem:conflict']);
    }
    expect(world.queue.jobs).toHaveLength(1);
  });

  it('comes too late for a hold that has expired', async () => {
    const { world, id } = await heldWorld();
    world.advance(72 * HOUR_MS);
    const { status, body } = await world.call('POST', `/holds/${id}/approve`, { key: KEY_A });
    expect([status, body['title']]).toEqual([410, 'Gone']);
    expect(world.queue.jobs).toEqual([]);
  });

  it('of another tenant’s hold is as unknown as one of none', async () => {
    const { world, id } = await heldWorld();
    const { status } = await world.call('POST', `/holds/${id}/approve`, { key: KEY_B });
    expect(status).toBe(404);
    const { body } = await world.call('GET', `/holds/${id}`, { key: KEY_A });
    expect(body['hold']).toMatchObject({ state: 'open' });
  });

  it('says when its run can do nothing yet', async () => {
    const { world, pairId, id } = await heldWorld();
    await world.call('POST', `/mappings/resources/${pairId}/pause`, { key: KEY_A });
    const { body } = await world.call('POST', `/holds/${id}/approve`, { key: KEY_A });
    expect(body['message']).toContain('paused');
  });
});
