import { describe, expect, it } from 'vitest';
import type { RunId } from '../../shared/model/ids.ts';
import { SettingsError } from '../../shared/tenants/settings-error.ts';
import { A, B, makeWorld, type World } from '../shared/http/fixture.ts';

function timerOf({ recorder }: World, name: string): () => Promise<void> {
  const timer = recorder.timers.get(name);
  if (timer === undefined) throw new Error(`no timer ${name}`);
  return timer.run;
}

function queueOf({ recorder }: World, name: string): (message: unknown) => Promise<void> {
  const queue = recorder.queues.get(name);
  if (queue === undefined) throw new Error(`no queue function ${name}`);
  return queue.run;
}

const SYNC_TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'detectDeletions',
  'reconcileDeletions',
];

describe.each(SYNC_TIMERS)('the timer %s', (timer) => {
  it('sends one job a tenant to the low queue', async () => {
    const world = await makeWorld();
    await timerOf(world, timer)();
    expect(world.queue.jobs.map(({ queue, job }) => ({ queue, job }))).toEqual(
      [A, B].map((tenantId) => ({
        queue: 'sync-jobs-low',
        job: { v: 1, kind: 'fan-out', tenantId, timer },
      })),
    );
  });

  it('goes on after a tenant that cannot be sent, and fails in the end', async () => {
    const world = await makeWorld();
    const send = world.queue.send.bind(world.queue);
    world.queue.send = (queue, job, options) =>
      job.tenantId === A ? Promise.reject(new Error('no')) : send(queue, job, options);
    await expect(timerOf(world, timer)()).rejects.toThrow(timer);
    expect(world.queue.jobs.map(({ job }) => job.tenantId)).toEqual([B]);
  });

  it('does nothing while the settings are bad', async () => {
    const bad = new SettingsError(['OUTLOOK_CLIENT_ID is missing']);
    const world = await makeWorld({ lazy: () => () => Promise.reject(bad) });
    await expect(timerOf(world, timer)()).resolves.toBeUndefined();
    expect(world.queue.jobs).toEqual([]);
  });
});

describe('the timer checkHealth', () => {
  it('looks at the bridges', async () => {
    const world = await makeWorld();
    let checks = 0;
    Object.assign(world.services, {
      checkHealth: async () => {
        checks += 1;
      },
    });
    await timerOf(world, 'checkHealth')();
    expect(checks).toBe(1);
  });
});

describe.each(['processSyncJob', 'processLowSyncJob'])('the queue function %s', (name) => {
  it('hands every kind of job on', async () => {
    const world = await makeWorld();
    const jobs = [
      { v: 1, kind: 'sync', tenantId: A, pairId: 'p1', cause: 'timer', signal: 3 },
      { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' },
    ];
    for (const job of jobs) await queueOf(world, name)(job);
    expect(world.handled).toEqual(jobs);
  });

  it.each([123, true, null, 'text', {}, { v: 2, kind: 'sync', tenantId: A, pairId: 'p1' }])(
    'leaves to the poison queue what is no job: %j',
    async (message) => {
      const world = await makeWorld();
      await expect(queueOf(world, name)(message)).rejects.toThrow('Invalid');
      expect(world.handled).toEqual([]);
    },
  );

  it('keeps a job while the settings are bad', async () => {
    const bad = new SettingsError(['OUTLOOK_CLIENT_ID is missing']);
    const world = await makeWorld({ lazy: () => () => Promise.reject(bad) });
    const job = { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' };
    await expect(queueOf(world, name)(job)).rejects.toThrow(SettingsError);
  });
});

describe.each(['parkSyncJob', 'parkLowSyncJob'])('the poison function %s', (name) => {
  it('marks the pair whose job failed for good', async () => {
    const world = await makeWorld();
    const pairId = await world.addPair('1', 'room1@a.example');
    await queueOf(world, name)({ v: 1, kind: 'sync', tenantId: A, pairId, cause: 'timer' });
    const stored = await world.stores.pairs.get(A, pairId);
    expect(stored?.pair).toMatchObject({
      status: 'error',
      statusReason: expect.stringContaining('failed'),
    });
    expect(world.logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ pairId }) }),
    );
  });

  it('ends the run that somebody waits for', async () => {
    const world = await makeWorld();
    const { runs } = world.stores;
    const pairId = await world.addPair('1', 'room1@a.example');
    const runId = 'run-1' as RunId;
    await runs.queued(A, pairId, runId);
    const job = { v: 1, kind: 'sync', tenantId: A, pairId, cause: 'person', runId };
    await queueOf(world, name)(job);
    expect(await runs.get(A, runId)).toMatchObject({
      state: 'finished',
      report: { outcome: 'failed', error: { kind: 'internal' } },
    });
  });

  it.each([
    'nonsense',
    { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' },
    { v: 1, kind: 'sync', tenantId: A, pairId: 'unknown', cause: 'timer' },
  ])('logs, and is done with, %j', async (message) => {
    const world = await makeWorld();
    await queueOf(world, name)(message);
    expect(world.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(await world.stores.pairs.list(A)).toEqual([]);
  });
});
