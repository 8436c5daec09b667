import { afterEach, describe, expect, it, vi } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { PairId } from '../../../shared/model/ids.ts';
import { A, KEY_A, makeWorld, type World } from './fixture.ts';

const ROOM = `${A}-room1`;

async function withRoom(): Promise<{ world: World; id: PairId; path: string }> {
  const world = await makeWorld();
  const id = await world.addPair('1', ROOM);
  return { world, id, path: `/mappings/resources/${id}/verify` };
}

function outlook(world: World): object {
  const bridge = world.bridges.get(`${A}/outlook`);
  if (bridge === undefined) throw new Error('no bridge');
  return bridge;
}

describe('GET /mappings/resources/{id}/verify', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells whether both sides are equal, and in what they are not', async () => {
    const { world, id, path } = await withRoom();
    const equal = await world.call('GET', path, { key: KEY_A });
    expect(equal.status).toBe(200);
    expect(equal.body).toMatchObject({
      mapping_id: id,
      sync_enabled: true,
      verification: { verdict: 'equal', differences: [], differences_omitted: 0 },
    });
    world.bridges.get(`${A}/outlook`)?.calendar.create(ROOM as never, {
      title: 'a secret title',
      description: '',
      start: '2026-03-03T10:00:00' as never,
      timeZone: 'Europe/Oslo' as never,
      duration: 'PT1H' as never,
      showWithoutTime: false,
      freeBusyStatus: 'busy',
    });
    const { body } = await world.call('GET', path, { key: KEY_A });
    expect(body['verification']).toMatchObject({
      verdict: 'explained',
      shown: { source: 0, target: 1 },
      counts: { equal: 0, explained: 1, unexplained: 0, pending: 1, held: 0 },
      by_rule: { new: 1 },
      differences: [
        {
          kind: 'only-target',
          event_mapping_id: expect.any(String),
          source_event_id: null,
          target_event_id: expect.any(String),
          fields: [],
          rule: 'new',
          pending: true,
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('secret title');
  });

  it('is shown in the status of the mapping, and as a run', async () => {
    const { world, id, path } = await withRoom();
    const status = async () =>
      (await world.call('GET', `/mappings/resources/${id}/status`, { key: KEY_A })).body;
    expect((await status())['verification']).toBeNull();
    const { body } = await world.call('GET', path, { key: KEY_A });
    const found = body['verification'] as { run_id: string };
    expect((await status())['verification']).toEqual({
      run_id: found.run_id,
      verified_at: '2026-03-02T09:00:00Z',
      verdict: 'equal',
      unexplained: 0,
      explained: 0,
    });
    const run = await world.call('GET', `/runs/${found.run_id}`, { key: KEY_A });
    expect(run.body).toMatchObject({ cause: 'verify', dry_run: true, verification: found });
    await world.call('GET', path, { key: KEY_A });
    const former = await world.call('GET', `/runs/${found.run_id}`, { key: KEY_A });
    expect(former.body).not.toHaveProperty('verification');
  });

  it('goes on after 20 s, and is found where the answer says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { world, path } = await withRoom();
    const read = world.bridges.get(`${A}/outlook`)?.readChanges.bind(outlook(world));
    let goOn = (): void => {};
    const waits = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    Object.assign(outlook(world), {
      readChanges: async (...asked: Parameters<NonNullable<typeof read>>) => {
        await waits;
        return read?.(...asked);
      },
    });
    const answering = world.call('GET', path, { key: KEY_A });
    await vi.advanceTimersByTimeAsync(20_000);
    const { status, headers } = await answering;
    expect(status).toBe(202);
    const location = headers.get('location') ?? '';
    expect((await world.call('GET', location, { key: KEY_A })).body['status']).toBe('queued');
    goOn();
    await vi.waitFor(async () => {
      const { body } = await world.call('GET', location, { key: KEY_A });
      expect(body).toMatchObject({ status: 'finished', verification: { verdict: 'equal' } });
    });
  });

  it('is put off while a run holds the pair', async () => {
    const { world, id, path } = await withRoom();
    const taken = await world.stores.sync.forPair(A, id).take('a run');
    const { status, headers } = await world.call('GET', path, { key: KEY_A });
    expect([taken.kind, status]).toEqual(['held', 503]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each([
    ['unavailable', 503],
    ['auth-rejected', 502],
  ] as const)('tells that a system is %s', async (fault, expected) => {
    const { world, path } = await withRoom();
    Object.assign(outlook(world), {
      readChanges: () => Promise.reject(new BridgeError(fault, 'Graph said no')),
    });
    const { status, body } = await world.call('GET', path, { key: KEY_A });
    expect([status, body['fault']]).toEqual([expected, fault]);
    expect(body['detail']).toContain('Graph said no');
  });

  it('knows no mapping that was deleted', async () => {
    const { world, id, path } = await withRoom();
    await world.call('DELETE', `/mappings/resources/${id}`, { key: KEY_A });
    expect((await world.call('GET', path, { key: KEY_A })).status).toBe(404);
  });
});
