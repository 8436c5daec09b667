import { describe, expect, it } from 'vitest';
import { KEY_A, makeWorld, type World } from './fixture.ts';

type Row = Record<string, unknown>;

async function ofResource(world: World, id: string, query = ''): Promise<readonly Row[]> {
  const path = `/mappings/resources/by-resource/${encodeURIComponent(id)}${query}`;
  const { status, body } = await world.call('GET', path, { key: KEY_A });
  expect(status).toBe(200);
  expect(body).toMatchObject({ resource_id: id, count: (body['mappings'] as Row[]).length });
  return body['mappings'] as Row[];
}

describe('the pairs of a resource', () => {
  it('are those of the booking system unless another bridge is named', async () => {
    const world = await makeWorld();
    await world.addPair('1', 'room1@a.example');
    await world.addPair('1', 'room2@a.example');
    await world.addPair('2', 'room3@a.example');
    const targets = (rows: readonly Row[]): unknown[] =>
      rows.map((row) => row['target_calendar_id']).sort();
    expect(targets(await ofResource(world, '1'))).toEqual(['room1@a.example', 'room2@a.example']);
    expect(targets(await ofResource(world, 'room3@a.example'))).toEqual([]);
    const outlook = await ofResource(world, 'ROOM3@a.example', '?bridge_from=outlook');
    expect(targets(outlook)).toEqual(['2']);
  });

  it('are seen from it, whichever end was named first', async () => {
    const world = await makeWorld();
    await world.addPair('room1@a.example', '1', {
      bridge_from: 'outlook',
      bridge_to: 'booking_system',
      sync_direction: 'source_to_target',
      conflict_policy: 'source',
      calendar_name: 'Hall',
      resource_name: 'The mailbox',
    });
    expect(await ofResource(world, '1')).toMatchObject([
      {
        bridge_from: 'booking_system',
        bridge_to: 'outlook',
        source_calendar_id: '1',
        source_calendar_name: 'Hall',
        target_calendar_id: 'room1@a.example',
        target_calendar_name: 'The mailbox',
        sync_direction: 'target_to_source',
        conflict_policy: 'target',
      },
    ]);
  });

  it('leave out what was deleted', async () => {
    const world = await makeWorld();
    const id = await world.addPair('1', 'room1@a.example');
    await world.call('DELETE', `/mappings/resources/${id}`, { key: KEY_A });
    expect(await ofResource(world, '1')).toEqual([]);
  });
});

describe('a pair that is deleted by its ends', () => {
  async function remove(world: World, ...ends: readonly string[]): Promise<number> {
    const path = ['booking_system', ...ends].map((part) => encodeURIComponent(part)).join('/');
    const { status } = await world.call('DELETE', `/mappings/resources/by-key/${path}`, {
      key: KEY_A,
    });
    return status;
  }

  it('is the one of both, in any case, whichever was named first, and once', async () => {
    const world = await makeWorld();
    await world.addPair('1', 'room1@a.example');
    await world.addPair('1', 'room2@a.example');
    await world.addPair('room3@a.example', '1', { bridge_from: 'outlook', bridge_to: 'booking' });
    expect(await remove(world, '1', 'ROOM1@A.EXAMPLE')).toBe(200);
    expect(await remove(world, '1', 'room1@a.example')).toBe(404);
    expect(await remove(world, '1', 'room3@a.example')).toBe(200);
    const left = await ofResource(world, '1');
    expect(left).toMatchObject([{ target_calendar_id: 'room2@a.example' }]);
  });

  it('may have a slash, a space and a per cent sign in its ids', async () => {
    const world = await makeWorld();
    await world.addPair('a/b c%', 'x/y@a.example');
    expect(await ofResource(world, 'a/b c%')).toHaveLength(1);
    expect(await remove(world, 'a/b c%', 'x/y@a.example')).toBe(200);
  });
});
