import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SCHEDULES } from '../../shared/config.ts';
import { makeWorld } from '../shared/http/fixture.ts';

const ENTRY = fileURLToPath(new URL('../../functions/index.ts', import.meta.url));

/** Stands where a worker puts its own, before anything is loaded, and tells what was registered. */
const WORKER = `
  import Module from 'node:module';
  const names = [];
  const core = {
    version: '3.11.0', hostVersion: '4', log() {}, Disposable: class {},
    setProgrammingModel() {}, getProgrammingModel() {},
    registerHook: () => new core.Disposable(),
    registerFunction: ({ name }) => { names.push(name); return new core.Disposable(); },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function (id) {
    return id === '@azure/functions-core' ? core : original.apply(this, arguments);
  };
  await import(process.argv[1]);
  console.log(JSON.stringify(names));
`;

async function loadAlone(): Promise<readonly string[]> {
  const args = ['--input-type=module', '--eval', WORKER, '--', ENTRY];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, error] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(await error);
  return JSON.parse(await out) as string[];
}

describe('the entry file', () => {
  it('registers every function with an empty environment, and does not throw', async () => {
    const { recorder } = await makeWorld();
    const { http, timers, queues } = recorder;
    const expected = [...timers.keys(), ...queues.keys(), ...http.keys()];
    expect((await loadAlone()).toSorted()).toEqual(expected.toSorted());
  });
});

describe('what is registered', () => {
  it('has the timers and queue functions that are relied on from outside', async () => {
    const { recorder } = await makeWorld();
    expect([...recorder.timers].map(([name, { schedule }]) => [name, schedule])).toEqual([
      ['syncBookingToOutlook', '%SCHEDULE_BOOKING_TO_OUTLOOK%'],
      ['syncOutlookToBooking', '%SCHEDULE_OUTLOOK_TO_BOOKING%'],
      ['processDeletionQueue', '%SCHEDULE_DELETION_QUEUE%'],
      ['detectDeletions', '%SCHEDULE_DETECT_DELETIONS%'],
      ['reconcileDeletions', '%SCHEDULE_RECONCILE_DELETIONS%'],
      ['checkHealth', '%SCHEDULE_HEALTH%'],
      ['maintenance', '%SCHEDULE_MAINTENANCE%'],
      ['renewSubscriptions', '%SCHEDULE_RENEW_SUBSCRIPTIONS%'],
    ]);
    for (const { schedule } of recorder.timers.values())
      expect(Object.keys(SCHEDULES)).toContain(schedule.slice(1, -1));
    expect([...recorder.queues].map(([name, { queueName }]) => [name, queueName])).toEqual([
      ['processSyncJob', 'sync-jobs'],
      ['processLowSyncJob', 'sync-jobs-low'],
      ['processDeletionCheck', 'deletion-checks'],
      ['processBookingEvent', 'booking-events'],
      ['parkSyncJob', 'sync-jobs-poison'],
      ['parkLowSyncJob', 'sync-jobs-low-poison'],
      ['parkDeletionCheck', 'deletion-checks-poison'],
      ['parkBookingEvent', 'booking-events-poison'],
    ]);
  });

  it('keeps to the names and routes that a Functions host takes', async () => {
    const { http, timers, queues } = (await makeWorld()).recorder;
    const claims: string[] = [];
    for (const { route, methods } of http.values()) {
      expect(route).not.toMatch(/^(?:admin|runtime|\/)/i);
      claims.push(...methods.map((method) => `${method} ${route.replaceAll(/\{\w+\}/g, '{}')}`));
    }
    expect(new Set(claims).size).toBe(claims.length);
    for (const name of [...http.keys(), ...timers.keys(), ...queues.keys()])
      expect(name).toMatch(/^(?!host$)[A-Za-z][\w-]{0,127}$/);
  });
});
