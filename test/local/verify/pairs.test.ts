import { describe, expect, it } from 'vitest';
import { mappedPairs, type MappedPairs } from '../../../local/verify/pairs.ts';
import { A, KEY_A, KEY_B, makeWorld, SETUP, type World } from '../../shared/http/fixture.ts';
import type { BridgeKey } from '../../../shared/model/ids.ts';

/** As the API tells them, two to a page. */
async function pairsOf(world: World, key = KEY_A): Promise<MappedPairs> {
  const api = 'https://bridge.example';
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const apiKey = request.headers.get('x-api-key') ?? '';
    const { status, body } = await world.call('GET', pathname + search, { key: apiKey });
    return Response.json(body, { status });
  };
  return mappedPairs({ fetch, api, apiKey: key }, 2);
}

describe('the pairs that verify:local compares', () => {
  it('are all that are mapped now, however many pages they take', async () => {
    const world = await makeWorld();
    expect(await pairsOf(world)).toEqual({ rooms: [], notCompared: [] });
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) ids.push(await world.addPair(`${n}`, `r${n}@a.example`));
    const bridges = { bridge_from: 'outlook', bridge_to: 'booking_system' };
    ids.push(await world.addPair('r5@a.example', '5', bridges));
    const deleted = await world.addPair('6', 'r6@a.example');
    await world.call('DELETE', `/mappings/resources/${deleted}`, { key: KEY_A });
    await world.addPair('1', 'r1@b.example', {}, KEY_B);
    const { rooms, notCompared } = await pairsOf(world);
    const byResource = rooms.toSorted((one, other) =>
      one.resourceId.localeCompare(other.resourceId),
    );
    expect(byResource).toEqual(
      ids.map((mappingId, index) => ({
        mappingId,
        resourceId: `${index + 1}`,
        mailbox: `r${index + 1}@a.example`,
      })),
    );
    expect(notCompared).toEqual([]);
  });

  it('are not those of other systems, paused ones and ones of one way, which are named', async () => {
    const further = ['caldav' as BridgeKey, { kind: 'memory', values: {} }] as const;
    const tenants = SETUP.tenants.map((tenant) =>
      tenant.id === A ? { ...tenant, bridges: new Map([...tenant.bridges, further]) } : tenant,
    );
    const world = await makeWorld({ setup: { ...SETUP, tenants } });
    await world.addPair('c', 'r1@a.example', { bridge_from: 'caldav' });
    await world.addPair('2', 'r2@a.example', { sync_enabled: false });
    await world.addPair('3', 'r3@a.example', { sync_direction: 'source_to_target' });
    const { rooms, notCompared } = await pairsOf(world);
    expect(rooms).toEqual([]);
    expect(notCompared.toSorted()).toEqual([
      'booking_system 2 and outlook r2@a.example: it is paused',
      'booking_system 3 and outlook r3@a.example: it is kept equal one way only',
      'caldav c and outlook r1@a.example: not of Outlook and the booking system',
    ]);
  });

  it('are not taken for none where the API does not answer', async () => {
    const world = await makeWorld();
    await expect(pairsOf(world, 'wrong')).rejects.toThrow('answered 401');
  });
});
