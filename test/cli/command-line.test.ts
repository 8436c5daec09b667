import { describe, expect, it } from 'vitest';
import { runCommandLine, type Ended } from '../../cli/run.ts';
import { COMMANDS } from '../../cli/commands.ts';
import type { PairId, ResourceId, RunId, TenantId } from '../../shared/model/ids.ts';
import type { RunReport } from '../../shared/model/run.ts';
import {
  A,
  ADMIN_KEY,
  B,
  KEY_A,
  KEY_B,
  makeWorld,
  report,
  type World,
} from '../shared/http/fixture.ts';
import { addHold } from '../shared/http/held.ts';
import { meeting } from '../support/events.ts';
import { NOW } from '../shared/http/fixture.ts';
import { fetchOf } from './world-fetch.ts';

const DEPLOYMENT = 'https://bridge.example';
const ENVIRONMENT = { BRIDGE_URL: DEPLOYMENT, BRIDGE_API_KEY: KEY_A };
const HOUR = 3_600_000;

function bridge(
  world: World,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
): Promise<Ended> {
  return runCommandLine(args, environment, fetchOf(world));
}

async function withRooms(count = 2): Promise<{ world: World; ids: PairId[] }> {
  const world = await makeWorld();
  const ids: PairId[] = [];
  for (let room = 1; room <= count; room += 1)
    ids.push(await world.addPair(String(room), `${A}-room${room}`));
  return { world, ids };
}

/** Each run that is queued ends at once, as it is told. */
function runsEnd(world: World, changes: (pairId: PairId) => Partial<RunReport>): void {
  const { runs } = world.stores;
  const queued = runs.queued.bind(runs);
  runs.queued = async (tenantId: TenantId, pairId: PairId, runId: RunId) => {
    await queued(tenantId, pairId, runId);
    const call = { tenantId, pairId, options: {}, requestId: 'r' };
    await runs.put(tenantId, report(call, { runId, ...changes(pairId) }));
  };
}

function meet(world: World, room: number, title: string): void {
  const at = NOW + 48 * HOUR;
  const outlook = world.bridges.get(`${A}/outlook`);
  if (outlook === undefined) throw new Error('no bridge');
  outlook.calendar.create(
    `${A}-room${room}` as ResourceId,
    meeting(title, at as typeof NOW, (at + HOUR) as typeof NOW),
  );
}

describe('verify', () => {
  it('is 0 where every room is equal', async () => {
    const { world, ids } = await withRooms();
    const { exitCode, out, error } = await bridge(world, ['verify']);
    expect([exitCode, error]).toEqual([0, '']);
    for (const id of ids) expect(out).toMatch(new RegExp(`${id} .* equal\n`));
  });

  it('is 2 where the next run has something to do, and shows no content', async () => {
    const { world, ids } = await withRooms();
    meet(world, 2, 'a secret title');
    const { exitCode, out } = await bridge(world, ['verify']);
    expect(exitCode).toBe(2);
    expect(out).toContain('new: only target; new on side b (the next run)');
    expect(out).not.toContain('secret');
    const other = await bridge(world, ['verify', String(ids[0])]);
    expect(other.exitCode).toBe(0);
    const byRoom = await bridge(world, ['verify', `${A.toUpperCase()}-ROOM2`]);
    expect(byRoom.exitCode).toBe(2);
  });

  it('is 4 where a system does not answer, and goes on with the others', async () => {
    const { world, ids } = await withRooms();
    const outlook = world.bridges.get(`${A}/outlook`);
    const read = outlook?.readChanges.bind(outlook);
    Object.assign(outlook ?? {}, {
      readChanges: async (...asked: Parameters<NonNullable<typeof read>>) => {
        if (asked[0] === `${A}-room1`) throw new Error('hunter2');
        return await read?.(...asked);
      },
    });
    const { exitCode, out } = await bridge(world, ['verify', '--json']);
    expect(exitCode).toBe(4);
    expect(out).not.toContain('hunter2');
    expect(JSON.parse(out)).toMatchObject({
      exit_code: 4,
      mappings: [{ mapping_id: ids.toSorted()[0] }, { mapping_id: ids.toSorted()[1] }],
    });
    expect(out).toContain('"verdict": "equal"');
    expect(out).toContain('"error"');
  });
});

describe('sync', () => {
  it.each<[number, Partial<RunReport>, string]>([
    [0, {}, 'completed: nothing to do'],
    [
      0,
      { actions: [{ action: 'create', rule: 'new', reason: 'new', outcome: 'applied' }] },
      'completed: 1 created',
    ],
    [2, { outcome: 'partial' }, 'partial'],
    [2, { outcome: 'busy' }, 'busy'],
    [
      4,
      {
        outcome: 'partial',
        actions: [{ action: 'create', rule: 'new', reason: 'new', outcome: 'failed', error: 'no' }],
      },
      '1 failed',
    ],
    [4, { outcome: 'failed', error: { kind: 'unavailable', message: 'it is down' } }, 'it is down'],
  ])('ends with %i for a run like %j', async (expected, changes, told) => {
    const { world, ids } = await withRooms();
    runsEnd(world, (id) => (id === ids[1] ? changes : {}));
    const { exitCode, out } = await bridge(world, ['sync']);
    expect(exitCode).toBe(expected);
    expect(out).toContain(told);
    expect(world.queue.jobs).toHaveLength(2);
  });

  it('is 3 where something of the room waits for a decision', async () => {
    const { world, ids } = await withRooms();
    runsEnd(world, () => ({}));
    const hold = await addHold(world, A, ids[0] as PairId);
    const { exitCode, out } = await bridge(world, ['sync', String(ids[0])]);
    expect(exitCode).toBe(3);
    expect(out).toContain(hold);
    expect((await bridge(world, ['sync', String(ids[1])])).exitCode).toBe(0);
  });

  it('leaves paused rooms alone', async () => {
    const { world, ids } = await withRooms();
    runsEnd(world, () => ({}));
    const paused = await bridge(world, ['pause', '1']);
    expect(paused).toMatchObject({ exitCode: 0, out: expect.stringContaining('paused') });
    await bridge(world, ['sync']);
    expect(world.queue.jobs).toMatchObject([{ job: { pairId: ids[1] } }]);
    const resumed = await bridge(world, ['resume', String(ids[0]), '--json']);
    expect(JSON.parse(resumed.out)).toMatchObject({ mapping: { sync_enabled: true } });
  });
});

describe('holds', () => {
  it('is 0 where nothing waits, and 3 where something does', async () => {
    const { world, ids } = await withRooms();
    expect(await bridge(world, ['holds'])).toMatchObject({
      exitCode: 0,
      out: 'nothing waits for a decision\n',
    });
    const id = await addHold(world, A, ids[0] as PairId);
    const { exitCode, out } = await bridge(world, ['holds']);
    expect(exitCode).toBe(3);
    expect(out).toContain(id);
    expect(out).toContain('12 events went away on the source side: 12 of 20 (60 %, rule pair)');
  });

  it('are decided, and their run is waited for', async () => {
    const { world, ids } = await withRooms();
    runsEnd(world, () => ({}));
    const id = await addHold(world, A, ids[0] as PairId);
    const decided = await bridge(world, ['approve', id, '--reason', 'rebuilt']);
    expect(decided.exitCode).toBe(0);
    expect(decided.out).toContain('completed');
    const again = await bridge(world, ['reject', id]);
    expect(again.exitCode).toBe(4);
    expect(again.error).toContain('decided already');
    const { out } = await bridge(world, ['holds', '--all', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      exit_code: 0,
      holds: [{ id, state: 'approved', decision_reason: 'rebuilt' }],
    });
  });
});

describe('whatever is wrong with the words, the address or the key', () => {
  it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['--url', ['holds'], { BRIDGE_API_KEY: KEY_A }],
    ['--key', ['holds'], { BRIDGE_URL: DEPLOYMENT }],
    ['address', ['holds', '--url', 'ftp://x'], ENVIRONMENT],
    ['address', ['holds', '--url', 'https://me:hunter2@x'], ENVIRONMENT],
    ['no command', ['purge'], ENVIRONMENT],
    ['expected: approve', ['approve'], ENVIRONMENT],
    ['expected: verify', ['verify', 'one', 'two'], ENVIRONMENT],
    ['takes no --deep', ['holds', '--deep'], ENVIRONMENT],
    ['takes no --reason', ['sync', '--reason', 'x'], ENVIRONMENT],
    ['--force', ['sync', '--force'], ENVIRONMENT],
    ['valid key', ['holds', '--key', 'a-wrong-key-of-length'], ENVIRONMENT],
    ['no mapping', ['verify', 'nowhere'], ENVIRONMENT],
    ['no such hold', ['approve', 'nothing'], ENVIRONMENT],
    ['no such tenant', ['holds', '--tenant', B], ENVIRONMENT],
  ])('ends with 5 and says %s: %j', async (told, args, environment) => {
    const { world } = await withRooms();
    const ended = await bridge(world, args, environment);
    expect(ended).toMatchObject({ exitCode: 5, out: '' });
    expect(ended.error).toContain(told);
    for (const secret of [KEY_A, 'a-wrong-key-of-length', 'hunter2'])
      expect(ended.error).not.toContain(secret);
  });

  it('ends with 5 where nobody, or somebody else, answers', async () => {
    const silent: typeof fetch = () => Promise.reject(new TypeError(`refused with ${KEY_A}`));
    const page: typeof fetch = async () => new Response('<html>', { status: 200 });
    for (const other of [silent, page]) {
      const { exitCode, error } = await runCommandLine(['holds'], ENVIRONMENT, other);
      expect(exitCode).toBe(5);
      expect(error).toContain('--url');
      expect(error).not.toContain(KEY_A);
    }
  });

  it('a room in two mappings must be named by the id of one', async () => {
    const { world, ids } = await withRooms(1);
    const other = await world.addPair('1', 'another@a.example');
    const { exitCode, error } = await bridge(world, ['pause', '1']);
    expect(exitCode).toBe(5);
    for (const id of [...ids, other]) expect(error).toContain(id);
  });
});

describe('an admin', () => {
  it('names the tenant, and sees that one alone', async () => {
    const { world } = await withRooms();
    const mine = await world.addPair('3', 'room3@b.example', {}, KEY_B);
    const environment = { ...ENVIRONMENT, BRIDGE_API_KEY: ADMIN_KEY };
    const { out } = await bridge(world, ['pause', '3', '--tenant', B, '--json'], environment);
    expect(JSON.parse(out)).toMatchObject({ mapping: { id: mine } });
  });
});

describe('help', () => {
  it('is there for each command, with what its exit codes say', async () => {
    const { world } = await withRooms(0);
    const all = await bridge(world, [], {});
    for (const { name, summary } of COMMANDS) {
      expect(all.out).toContain(summary);
      const one = await bridge(world, ['help', name], {});
      const same = await bridge(world, [name, '--help'], {});
      expect(one).toEqual(same);
      expect(one).toMatchObject({ exitCode: 0, error: '' });
      expect(one.out).toContain('exit codes');
    }
  });
});
