import { describe, expect, it } from 'vitest';
import { mappingIdOf, type ExternalId } from '../../../shared/model/ids.ts';
import type { EventMapping, MappingState } from '../../../shared/model/mapping.ts';
import { A, B, KEY_A, KEY_B, makeWorld, NOW } from './fixture.ts';

describe('the status of a mapping', () => {
  function eventMapping(id: string, state: MappingState, why?: string): EventMapping {
    return {
      id: mappingIdOf('a', id as ExternalId),
      origin: 'a',
      state,
      generation: 1,
      a: {
        id: id as ExternalId,
        fingerprint: {},
        fpVersion: 1,
        keyVersion: 'k1',
        start: NOW,
        end: NOW,
        rights: 'full',
      },
      owed: [],
      restores: 0,
      ...(why === undefined ? {} : { rule: 'rule-1', reason: why }),
      updatedAt: NOW,
    };
  }

  it('says that it is paused, and how it was before', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example', { sync_enabled: false });
    const status = async (path: string) => {
      const { body } = await world.call('GET', path, { key: KEY_A });
      const { status, status_reason: reason } = (body['mapping'] ?? body) as typeof body;
      return { status, reason };
    };
    const never = {
      status: 'paused',
      reason: 'paused until sync is enabled again; it has not run yet',
    };
    expect(await status(`/mappings/resources/${id}/status`)).toEqual(never);
    expect(await status(`/mappings/resources/${id}`)).toEqual(never);
    const failed = { status: 'error', statusReason: 'sign-in refused' } as const;
    await world.stores.pairs.recordRun(A, id, { ...failed, lastRunAt: NOW });
    expect((await status(`/mappings/resources/${id}/status`)).reason).toContain(
      'when it last ran: error: sign-in refused',
    );
    const body = { sync_enabled: true };
    await world.call('PUT', `/mappings/resources/${id}`, { key: KEY_A, body });
    expect(await status(`/mappings/resources/${id}/status`)).toEqual({
      status: 'error',
      reason: 'sign-in refused',
    });
  });

  it('counts its events and says why some are held back', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    const taken = await world.services.rows.forPair(A, id).take('test');
    if (taken.kind !== 'held') throw new Error('the lease was not free');
    const rows = [
      eventMapping('event:1', 'synced'),
      eventMapping('event:2', 'synced'),
      eventMapping('event:3', 'refused', 'series are not copied yet'),
    ];
    await taken.lease.commit(rows.map((mapping) => ({ kind: 'mapping', mapping, index: [] })));
    await taken.lease.release();
    await world.stores.pairs.recordRun(A, id, {
      status: 'conflict',
      statusReason: 'one event waits for a person',
      lastRunAt: NOW,
    });
    const { status, body } = await world.call('GET', `/bridges/resource-mappings/${id}/status`, {
      key: KEY_A,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      mapping_id: id,
      status: 'conflict',
      status_reason: 'one event waits for a person',
      last_run_at: '2026-03-02T09:00:00Z',
      events: { synced: 2, refused: 1, pending: 0, error: 0, conflict: 0, cancelled: 0, total: 3 },
      attention_total: 1,
      attention: [
        {
          event_mapping_id: mappingIdOf('a', 'event:3' as ExternalId),
          status: 'refused',
          origin: 'source',
          source_event_id: 'event:3',
          target_event_id: null,
          rule: 'rule-1',
          reason: 'series are not copied yet',
        },
      ],
    });
    const other = await world.call('GET', `/tenants/${B}/mappings/resources/${id}/status`, {
      key: KEY_B,
    });
    expect(other.status).toBe(404);
  });
});
