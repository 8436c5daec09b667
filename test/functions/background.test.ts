import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { SERVICE, type RunId } from '../../shared/model/ids.ts';
import { SettingsError } from '../../shared/tenants/settings-error.ts';
import { A, B, KEY_A, makeWorld, type World } from '../shared/http/fixture.ts';

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
  'processDeletionQueue',
  'detectDeletions',
  'reconcileDeletions',
  'maintenance',
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

describe.each(['processSyncJob', 'processLowSyncJob', 'processDeletionCheck'])(
  'the queue function %s',
  (name) => {
    it('hands every kind of job on', async () => {
      const world = await makeWorld();
      const jobs = [
        { v: 1, kind: 'sync', tenantId: A, pairId: 'p1', cause: 'timer', signal: 3 },
        { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' },
        { v: 1, kind: 'deletion-check', tenantId: A, pairId: 'p1', mappingIds: ['m:a:1'] },
        { v: 1, kind: 'verify', tenantId: A, pairId: 'p1' },
      ];
      for (const job of jobs) await queueOf(world, name)(job);
      expect(world.handled).toEqual(jobs);
    });

    it.each([
      123,
      true,
      null,
      'text',
      {},
      { v: 2, kind: 'sync', tenantId: A, pairId: 'p1' },
      { v: 1, kind: 'deletion-check', tenantId: A, pairId: 'p1', mappingIds: [] },
    ])('leaves to the poison queue what is no job: %j', async (message) => {
      const world = await makeWorld();
      await expect(queueOf(world, name)(message)).rejects.toThrow(z.core.$ZodError);
      expect(world.handled).toEqual([]);
    });

    it('keeps a job while the settings are bad', async () => {
      const bad = new SettingsError(['OUTLOOK_CLIENT_ID is missing']);
      const world = await makeWorld({ lazy: () => () => Promise.reject(bad) });
      const job = { v: 1, kind: 'fan-out', tenantId: A, timer: 'detectDeletions' };
      await expect(queueOf(world, name)(job)).rejects.toThrow(SettingsError);
    });
  },
);

describe('the queue function processBookingEvent', () => {
  it.each([
    [{ v: 1, tenant: A, resource_id: '12' }, 'booking_system', '12'],
    [{ v: 1, tenant: A, resource_id: 12, bridge: 'booking' }, 'booking', '12'],
    [
      { v: 1, tenant: A, resource_id: 'hall', event_id: 7, action: ['?'], time: {}, more: null },
      'booking_system',
      'hall',
    ],
  ])('has the resource of %j looked at', async (message, bridge, resource) => {
    const world = await makeWorld();
    await queueOf(world, 'processBookingEvent')(message);
    expect(world.handled).toEqual([{ v: 1, kind: 'look', tenantId: A, bridge, resource }]);
  });

  it.each([
    null,
    'text',
    {},
    { v: 2, tenant: A, resource_id: '12' },
    { v: 1, tenant: A },
    { v: 1, tenant: A, resource_id: '' },
    { v: 1, tenant: '../a', resource_id: '12' },
    { v: 1, tenant: A, bridge: 'a/b', resource_id: '12' },
    // A job of ours is none of theirs to send.
    { v: 1, kind: 'sync', tenantId: A, pairId: 'p1', cause: 'person' },
    { v: 1, kind: 'look', tenantId: A, bridge: 'booking_system', resource: '12' },
  ])('leaves to the poison queue what is no such message: %j', async (message) => {
    const world = await makeWorld();
    const handled = queueOf(world, 'processBookingEvent')(message);
    await expect(handled).rejects.toThrow(z.core.$ZodError);
    expect(world.handled).toEqual([]);
  });
});

describe('the poison function parkBookingEvent', () => {
  it('parks what can be read with its tenant, from where it is sent again as a job', async () => {
    const world = await makeWorld();
    await queueOf(world, 'parkBookingEvent')({ v: 1, tenant: A, resource_id: 12, note: 'Kari' });
    const list = await world.call('GET', 'bridges/queue/failed', { key: KEY_A });
    const [{ id, ...row } = { id: '' }] = list.body['failed'] as { id: string }[];
    expect(row).toMatchObject({ queue: 'booking-events', job: 'look' });
    const [stored] = await world.stores.work.listPoison(A);
    expect(stored?.text).not.toContain('Kari');
    expect(await world.stores.alerts.list(A)).toMatchObject([{ kind: 'poison-message' }]);
    const retried = await world.call('POST', `bridges/queue/${id}/retry`, { key: KEY_A });
    expect(retried.status).toBeLessThan(300);
    expect(world.queue.jobs.map(({ queue, job }) => ({ queue, job }))).toEqual([
      {
        queue: 'sync-jobs',
        job: { v: 1, kind: 'look', tenantId: A, bridge: 'booking_system', resource: '12' },
      },
    ]);
  });

  it('parks what cannot be read as the service’s own, without its text, and tells', async () => {
    const world = await makeWorld();
    await queueOf(world, 'parkBookingEvent')('Kari Nordmann, 12');
    const [stored, ...more] = await world.stores.work.listPoison(SERVICE);
    expect(more).toEqual([]);
    expect(stored).toMatchObject({ queue: 'booking-events', job: 'unreadable' });
    expect(stored).not.toHaveProperty('text');
    expect(await world.stores.alerts.list(SERVICE)).toMatchObject([{ kind: 'poison-message' }]);
  });
});

describe.each(['parkSyncJob', 'parkLowSyncJob', 'parkDeletionCheck'])(
  'the poison function %s',
  (name) => {
    it.each([
      { v: 1, kind: 'sync', tenantId: A, cause: 'timer' },
      { v: 1, kind: 'deletion-check', tenantId: A, mappingIds: ['m:a:1'] },
    ])('marks the pair whose job failed for good: $kind', async (job) => {
      const world = await makeWorld();
      const pairId = await world.addPair('1', 'room1@a.example');
      await queueOf(world, name)({ ...job, pairId });
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
  },
);
