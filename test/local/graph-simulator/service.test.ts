import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mintToken, verifyGraphToken } from '../../../local/authority/tokens.ts';
import { createGraphSimulator } from '../../../local/graph-simulator/core.ts';
import { MailboxLimits } from '../../../local/graph-simulator/limits.ts';
import { manualClock } from '../../../local/simulator-kit/clock.ts';
import { DroppedConnection } from '../../../local/simulator-kit/faults.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { checkedFetch } from '../../support/graph-contract/hook.ts';
import {
  eventInput,
  eventPath,
  items,
  makeGraph,
  OTHER_TENANT,
  PERSON,
  ROOM,
  SEED,
  SMALL_ROOM,
  TENANT,
  ORIGIN,
} from './support.ts';

describe('sign-in', () => {
  async function graphWithKey() {
    const key = randomBytes(32);
    const verifyToken = (token: string) => verifyGraphToken(token, key);
    const { clock } = await makeGraph();
    const simulator = createGraphSimulator({ clock, journal: new Journal(), verifyToken });
    const fetch = checkedFetch(simulator.fetch, 'person');
    simulator.seed(SEED);
    const get = async (path: string, authorization?: string) =>
      await fetch(
        new Request(`${ORIGIN}/v1.0${path}`, {
          headers: authorization === undefined ? {} : { authorization },
        }),
      );
    return { key, get };
  }

  it('is asked for with 401 in the shape of Graph', async () => {
    const { get } = await graphWithKey();
    const response = await get(`/users/${ROOM}/events`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toEqual({
      error: {
        code: 'InvalidAuthenticationToken',
        message: expect.any(String),
        innerError: {
          date: '2026-12-01T08:00:00',
          'request-id': expect.any(String),
          'client-request-id': expect.any(String),
        },
      },
    });
  });

  it('takes good tokens only: no other key, no other resource, none that is expired', async () => {
    const { key, get } = await graphWithKey();
    const status = async (options: Partial<Parameters<typeof mintToken>[0]>) => {
      const token = await mintToken({ key, tenantId: TENANT, ...options });
      return (await get(`/users/${ROOM}/events`, `Bearer ${token}`)).status;
    };
    expect(await status({})).toBe(200);
    expect(await status({ audience: 'http://127.0.0.1:7080' })).toBe(200);
    expect(await status({ key: randomBytes(32) })).toBe(401);
    expect(await status({ audience: 'https://vault.azure.net' })).toBe(401);
    expect(await status({ lifetimeSeconds: -10 })).toBe(401);
    expect((await get(`/users/${ROOM}/events`, 'Bearer nonsense')).status).toBe(401);
  });

  it('decides the tenant: the mailboxes of another one do not exist', async () => {
    const { key, get } = await graphWithKey();
    const token = await mintToken({ key, tenantId: OTHER_TENANT });
    const statuses = [];
    for (const mailbox of ['hall@b.example', ROOM, 'nobody@b.example'])
      statuses.push((await get(`/users/${mailbox}/events`, `Bearer ${token}`)).status);
    expect(statuses).toEqual([200, 404, 404]);
  });
});

describe('limits', () => {
  it('lets four requests of one mailbox run at once and refuses the fifth', async () => {
    const graph = await makeGraph({ latencyMs: 5 });
    const path = `/users/${ROOM}/events`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => graph.call('GET', path)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(refused[0]?.body['error']).toMatchObject({
      message: expect.stringContaining('MailboxConcurrency'),
    });
    expect((await graph.call('GET', path)).status).toBe(200);
    const apart = await Promise.all(
      [ROOM, SMALL_ROOM, PERSON, 'ola@a.example', ROOM, SMALL_ROOM].map(
        async (mailbox) => await graph.call('GET', `/users/${mailbox}/events`),
      ),
    );
    expect(apart.every(({ status }) => status === 200)).toBe(true);
  });

  it('are 10,000 requests of a mailbox in ten minutes of the clock', () => {
    const clock = manualClock(0);
    const limits = new MailboxLimits(clock);
    for (let n = 0; n < 10_000; n += 1) limits.enter(ROOM)();
    clock.advance(60_000);
    expect(() => limits.enter(ROOM)).toThrow(
      expect.objectContaining({ status: 429, headers: { 'retry-after': '540' } }),
    );
    expect(() => limits.enter(SMALL_ROOM)).not.toThrow();
    clock.advance(540_000);
    expect(() => limits.enter(ROOM)).not.toThrow();
  });
});

describe('faults and the log', () => {
  it('answer in the place of the service as often as asked for', async () => {
    const graph = await makeGraph();
    const fault = { match: { method: 'get', path: '/events' }, times: 2, status: 503, body: {} };
    expect((await graph.control('POST', '/faults', fault)).status).toBe(201);
    const path = `/users/${ROOM}/events`;
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await graph.call('GET', path)).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it('drop a connection before or after the work, and the log says what was done', async () => {
    const graph = await makeGraph();
    const path = `/users/${ROOM}/events`;
    for (const drop of ['before', 'after'] as const) {
      graph.simulator.faults.add({ match: { method: 'POST' }, times: 1, drop });
      await expect(graph.call('POST', path, { body: eventInput() })).rejects.toThrow(
        DroppedConnection,
      );
    }
    expect(items(await graph.call('GET', path))).toHaveLength(1);
    const { requests } = graph.simulator.log.since(0);
    expect(requests.map(({ method, status }) => [method, status])).toEqual([
      ['POST', 0],
      ['POST', 201],
      ['GET', 200],
    ]);
  });

  it('are read over the control routes from a point in time', async () => {
    const graph = await makeGraph();
    await graph.call('GET', `/users/${ROOM}/events`);
    await graph.control('POST', '/clock', { advanceMs: 1000 });
    await graph.call('GET', `/users/${ROOM}/events?$top=5`);
    const { body } = await graph.control('GET', '/requests?since=2026-12-01T08:00:00Z');
    expect(body).toEqual({
      requests: [
        {
          time: '2026-12-01T08:00:01.000Z',
          method: 'GET',
          path: `/v1.0/users/${ROOM}/events?$top=5`,
          status: 200,
          mailbox: ROOM,
        },
      ],
      counts: { total: 1, GET: 1 },
    });
  });
});

describe('state', () => {
  it('survives a kill: events, ids, delta links, transactionIds and mails', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'graph-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'graph.jsonl');
    const window = 'startDateTime=2026-12-01&endDateTime=2027-01-01';
    const before = await makeGraph({ journal: new Journal(file) });
    const kept = await before.create({ transactionId: 'T' });
    const gone = await before.create();
    const guest = { emailAddress: { address: 'guest@else.example' } };
    await before.create({ attendees: [guest] });
    const round = await before.call('GET', `/users/${ROOM}/calendarView/delta?${window}`);
    await before.call('DELETE', eventPath(gone.id));

    const after = await makeGraph({ journal: new Journal(file) });
    expect((await after.call('GET', eventPath(kept.id))).body).toEqual(kept);
    const next = await after.call('GET', String(round.body['@odata.deltaLink']));
    expect(items(next)).toMatchObject([{ id: gone.id, '@removed': { reason: 'deleted' } }]);
    expect((await after.create({ transactionId: 'T' })).id).toBe(kept.id);
    expect([kept.id, gone.id]).not.toContain((await after.create()).id);
    expect((await after.control('GET', '/mails')).body['mails']).toHaveLength(1);
  });

  it('is empty after a reset, but for the directory, and old delta links are stale', async () => {
    const graph = await makeGraph();
    const made = await graph.create({ transactionId: 'T' });
    const window = 'startDateTime=2026-12-01&endDateTime=2027-01-01';
    const round = await graph.call('GET', `/users/${ROOM}/calendarView/delta?${window}`);
    expect((await graph.control('POST', '/reset')).status).toBe(204);
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toEqual([]);
    expect((await graph.call('GET', String(round.body['@odata.deltaLink']))).status).toBe(410);
    const again = await graph.create({ transactionId: 'T' });
    expect(again.id).not.toBe(made.id);
  });
});
