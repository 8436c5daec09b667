import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalApp, type LocalApp } from '../support/local-app.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'processDeletionQueue',
  'detectDeletions',
  'reconcileDeletions',
  'checkHealth',
  'maintenance',
];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** The command line as a process, against the running app, whose systems are the simulators. */
describe('the command line', () => {
  let app: LocalApp;
  let tenant: LocalApp['endpoints']['tenants'][number];

  beforeAll(async () => {
    const quiet = TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
    app = await startLocalApp([], Object.fromEntries(quiet));
    const first = app.endpoints.tenants.find(({ booking }) => booking.profile === 'portico');
    if (first === undefined) throw new Error('the demo has no such tenant');
    tenant = first;
  }, 120_000);

  afterAll(async () => {
    await app.stop();
  });

  async function bridge(args: readonly string[], key = tenant.apiKey): Promise<Ended> {
    const env = { PATH: process.env['PATH'] ?? '', BRIDGE_URL: app.endpoints.api };
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { ...env, BRIDGE_API_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, error] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, 'close')) as [number];
    return { code, out: await out, error: await error };
  }

  const failing = (body?: object): Promise<Response> =>
    fetch(`${app.endpoints.simulators?.booking ?? ''}/__sim/faults`, {
      method: body === undefined ? 'DELETE' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('runs, verifies, holds and decides, by its exit codes alone', async () => {
    const synced = await bridge(['sync']);
    expect(synced).toMatchObject({ code: 0, error: '' });
    const verified = await bridge(['verify', '--deep']);
    expect(verified).toMatchObject({ code: 0, error: '' });
    expect(verified.out).toContain('verdict');
    // The schedule reads empty where events are known: nothing is ended, a person is asked.
    await failing({ match: { path: '/schedule' }, times: 1000, status: 200, body: [] });
    const held = await bridge(['sync']);
    expect(held.code).toBe(3);
    const listed = await bridge(['holds', '--json']);
    expect(listed.code).toBe(3);
    const { holds } = JSON.parse(listed.out) as {
      holds: { id: string; mapping_id: string; why: { rule: string } }[];
    };
    const hold = holds.find(({ why }) => why.rule === 'emptied');
    if (hold === undefined) throw new Error(`no such hold: ${listed.out}`);
    await failing();
    const decided = await bridge(['reject', hold.id, '--reason', 'the list was cut short']);
    expect(decided).toMatchObject({ code: 0, error: '' });
    const { code, out } = await bridge(['verify', hold.mapping_id]);
    expect([code, out]).toEqual([0, expect.stringContaining(hold.mapping_id)]);
  }, 60_000);

  it('pauses and resumes a room by its mailbox', async () => {
    const mailbox = tenant.rooms[0]?.mailbox ?? '';
    expect((await bridge(['pause', mailbox])).code).toBe(0);
    const other = await bridge(['resume', mailbox, '--tenant', tenant.id], app.endpoints.adminKey);
    expect(other.code).toBe(0);
  });

  it('says what is wrong and shows no key', async () => {
    const refused = await bridge(['holds'], 'a-key-that-opens-nothing');
    expect(refused).toMatchObject({ code: 5, out: '' });
    expect(refused.error).toContain('valid key');
    expect(refused.error).not.toContain('a-key-that-opens-nothing');
    const help = await bridge(['help']);
    expect(help.code).toBe(0);
  });
});
