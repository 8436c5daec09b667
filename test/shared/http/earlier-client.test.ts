import { describe, expect, it } from 'vitest';
import { A, KEY_A, makeWorld } from './fixture.ts';

/** What a booking system's own administration pages send and read, and nothing else. */
describe('the calls of the booking system’s Outlook pages', () => {
  it('find a room, map it, show it and take the mapping away again', async () => {
    const world = await makeWorld();
    const headers = { 'X-API-Key': KEY_A, 'X-Tenant-Id': A };
    const found = await world.call('GET', '/bridges/outlook/available-resources?query=room2', {
      headers,
    });
    const { resources, count } = found.body as { resources: Row[]; count: number };
    expect([resources.length, count]).toEqual([1, 1]);
    const [room] = resources;

    const mapped = await world.call('POST', '/mappings/resources', {
      headers,
      body: {
        bridge_from: 'booking_system',
        bridge_to: 'outlook',
        source_calendar_id: '452',
        source_calendar_name: 'Storsalen',
        target_calendar_id: room?.['id'],
        target_calendar_name: room?.['name'],
      },
    });
    expect([mapped.status, mapped.body['success']]).toEqual([201, true]);

    const shown = await world.call('GET', '/mappings/resources/by-resource/452', { headers });
    const mappings = shown.body['mappings'] as Row[];
    expect(
      mappings.map(({ target_calendar_id: id, target_calendar_name: name }) => [id, name]),
    ).toEqual([[`${A}-room2`, `Room ${A}-room2`]]);

    const key = `booking_system/452/${encodeURIComponent(String(room?.['id']))}`;
    const removed = await world.call('DELETE', `/mappings/resources/by-key/${key}`, { headers });
    expect([removed.status, removed.body['success']]).toEqual([200, true]);
    const after = await world.call('GET', '/mappings/resources/by-resource/452', { headers });
    expect(after.body['mappings']).toEqual([]);
  });
});

type Row = Record<string, unknown>;
