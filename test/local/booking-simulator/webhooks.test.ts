import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import {
  jsonInit,
  listener,
  made,
  newEvent,
  startTown,
  type Answer,
  type Harness,
  type Json,
  type Listener,
} from './harness.ts';

const ALL = '/booking/webhooks/subscriptions';
const DAY_MS = 86_400_000;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function subscribe(town: Harness, more: Json = {}): Promise<Answer> {
  return await town.call('POST', ALL, {
    webhook_url: 'http://bridge.test/hook',
    calendar_id: 12,
    client_state: 'state',
    secretKey: 'secret',
    ...more,
  });
}

function subscriptionOf({ json }: Answer): Json {
  return json['subscription'] as Json;
}

/** A town somebody listens to. */
async function announced(
  more: Json = {},
  options: Parameters<typeof startTown>[1] = {},
): Promise<{ town: Harness; heard: Listener; id: string }> {
  const heard = listener();
  const town = await startTown({}, { send: heard.send, ...options });
  const made = await subscribe(town, more);
  return { town, heard, id: String(subscriptionOf(made)['subscription_id']) };
}

async function book(town: Harness, overrides: Json = {}, room = 12): Promise<number> {
  const body = newEvent({ source: 'web', ...overrides });
  const { json } = await town.people('POST', `/booking/resources/${room}/events`, body);
  return Number(json['id']);
}

function items({ heard }: Listener): Json[] {
  return heard.flatMap(({ body }) => (JSON.parse(body) as { value: Json[] }).value);
}

function changes(heard: Listener): string[] {
  return items(heard).map(
    (item) => `${String(item['entity_type'])} ${String(item['change_type'])}`,
  );
}

describe('a subscription', () => {
  it('is made, shown without its secret, listed, renewed and ended', async () => {
    const { town, id } = await announced();
    const one = `${ALL}/${id}`;
    const shown = subscriptionOf(await town.call('GET', one));
    expect(shown).toMatchObject({
      subscription_id: id,
      webhook_url: 'http://bridge.test/hook',
      calendar_id: 12,
      entity_type: 'all',
      change_types: ['created', 'updated', 'deleted'],
      client_state: 'state',
      // 30 days on, in Oslo's summer time, and marked as if it were UTC.
      expires_at: '2026-07-01T10:00:00Z',
    });
    expect(JSON.stringify(shown)).not.toContain('secret');
    const { json } = await town.call('GET', ALL);
    expect(json).toMatchObject({ success: true, count: 1, subscriptions: [shown] });
    const renewed = await town.call('PATCH', one, { expirationMinutes: 60 });
    expect(subscriptionOf(renewed)['expires_at']).toBe('2026-06-01T11:00:00Z');
    expect(subscriptionOf(await town.call('PATCH', one))['expires_at']).toBe(
      '2026-07-01T10:00:00Z',
    );
    expect((await town.call('DELETE', one)).status).toBe(200);
    expect((await town.call('GET', one)).status).toBe(404);
  });

  it.each<[string, Json, number]>([
    ['without an address', { webhook_url: '' }, 400],
    ['with an address that is none', { webhook_url: 'ftp://bridge.test' }, 400],
    ['for longer than 30 days', { expirationMinutes: 43_201 }, 400],
    ['of another kind of entity', { entity_type: 'room' }, 400],
    ['of another kind of change', { change_types: ['moved'] }, 400],
    ['of a resource that is not there', { calendar_id: 99 }, 404],
  ])('is refused %s', async (_what, more, status) => {
    const town = await startTown();
    expect((await subscribe(town, more)).status).toBe(status);
    expect((await town.call('GET', ALL)).json['count']).toBe(0);
  });

  it('needs a session, and is unknown under another id', async () => {
    const town = await startTown();
    expect((await town.raw('GET', ALL)).status).toBe(401);
    for (const [method, path] of [
      ['GET', '/x'],
      ['PATCH', '/x'],
      ['DELETE', '/x'],
      ['GET', '/x/log'],
    ] as const)
      expect((await town.call(method, ALL + path)).status).toBe(404);
  });

  it('is gone when its time is over, and can be lost without a word', async () => {
    const { town, id } = await announced();
    town.clock.advance(30 * DAY_MS - 1);
    await town.login();
    const again = await announcedAgain(town);
    expect(again).toEqual([id]);
    await town.raw('DELETE', `/__sim/subscriptions/${id}`);
    expect(await announcedAgain(town)).toEqual([]);
    const other = String(subscriptionOf(await subscribeAnew(town))['subscription_id']);
    expect(await announcedAgain(town)).toEqual([other]);
    town.clock.advance(60_000);
    expect(await announcedAgain(town)).toEqual([]);
  });

  it('echoes the token by which a receiver is tried', async () => {
    const { town } = await announced();
    const { url } = await sessionUrl(town, '/booking/webhooks/validate?validationToken=a%20b');
    expect(await (await town.raw('GET', url)).text()).toBe('a b');
    expect((await town.call('GET', '/booking/webhooks/validate')).status).toBe(400);
  });
});

/** The session of the harness lapses with the clock: a new one's query. */
async function sessionUrl(town: Harness, path: string): Promise<{ url: string }> {
  const { session_name: name, session_id: id } = (await town.login()).json;
  const mark = path.includes('?') ? '&' : '?';
  const rest = 'domain=town&phpgw_return_as=json&api_mode=1';
  return { url: `${path}${mark}${String(name)}=${String(id)}&${rest}` };
}

async function announcedAgain(town: Harness): Promise<string[]> {
  const { url } = await sessionUrl(town, ALL);
  const { subscriptions } = (await (await town.raw('GET', url)).json()) as {
    subscriptions: { subscription_id: string }[];
  };
  return subscriptions.map((one) => one.subscription_id);
}

async function subscribeAnew(town: Harness): Promise<Answer> {
  const { url } = await sessionUrl(town, ALL);
  const body = { webhook_url: 'http://bridge.test/hook', calendar_id: 12, expirationMinutes: 1 };
  const answer = await town.raw('POST', url, jsonInit(body));
  return {
    status: answer.status,
    headers: answer.headers,
    json: (await answer.json()) as Json,
    list: [],
  };
}

describe("what people change in the web pages of Portico's system", () => {
  it('is told with the state, signed over the raw body, at local time that calls itself UTC', async () => {
    const { town, heard, id } = await announced();
    const event = await book(town);
    await town.simulator.pump();
    expect(items(heard)).toMatchObject([
      {
        subscription_id: id,
        change_type: 'created',
        entity_type: 'event',
        resource_id: 12,
        entityId: event,
        entity_data: { name: 'Budget', from_: '2026-06-25T13:00:00+02:00' },
        clientState: 'state',
        timestamp: '2026-06-01T10:00:00Z',
        resources: [12],
      },
    ]);
    const [{ headers, body, url } = { headers: new Headers(), body: '', url: '' }] = heard.heard;
    expect(url).toBe('http://bridge.test/hook');
    const mac = createHmac('sha256', 'secret').update(body).digest('hex');
    expect(headers.get('x-booking-signature')).toBe(`sha256=${mac}`);
    expect(headers.has('x-api-key')).toBe(false);
  });

  it('is told with the key of the domain where it has one', async () => {
    const heard = listener();
    const town = await startTown({ webhook_api_key: 'of-the-bridge' }, { send: heard.send });
    await subscribe(town, { secretKey: null });
    await book(town);
    await town.simulator.pump();
    const [{ headers } = { headers: new Headers() }] = heard.heard;
    expect(headers.get('x-api-key')).toBe('of-the-bridge');
    expect(headers.has('x-booking-signature')).toBe(false);
  });

  it('is told as deleted whenever it is not active after it', async () => {
    const { town, heard } = await announced();
    const path = `/booking/events/${await book(town)}`;
    await town.people('PUT', path, { name: 'Budget, again' });
    await town.people('PATCH', `${path}/toggle-active`, { active: 0 });
    await town.people('PUT', path, { name: 'Budget, at last' });
    await town.people('PATCH', `${path}/toggle-active`, { active: 1 });
    await town.people('DELETE', path);
    await town.simulator.pump();
    expect(changes(heard).map((change) => change.split(' ')[1])).toEqual([
      'created',
      'updated',
      'deleted',
      'deleted',
      'updated',
      'deleted',
    ]);
  });

  it('is told of bookings and allocations too, to those who asked for them', async () => {
    const heard = listener();
    const slot = { from_: '2026-06-10 10:00', to_: '2026-06-10 11:00', resources: [12] };
    const town = await startTown(
      {
        bookings: [{ id: 3, ...slot, group_name: 'Choir' }],
        allocations: [{ id: 4, ...slot, organization_name: 'Chess club' }],
      },
      { send: heard.send },
    );
    await subscribe(town, { entity_type: 'booking' });
    await town.people('PUT', '/booking/bookings/3', { to_: '2026-06-10 12:00' });
    await town.people('DELETE', '/booking/allocations/4');
    await book(town);
    await town.simulator.pump();
    expect(changes(heard)).toEqual(['booking updated']);
    await subscribe(town, { entity_type: 'all' });
    await town.people('DELETE', '/booking/bookings/3');
    await town.simulator.pump();
    expect(changes(heard).slice(1)).toEqual(['booking deleted', 'booking deleted']);
  });

  it('is told to those of its rooms as it is now, and to those of all with no resource', async () => {
    const { town, heard } = await announced({ calendar_id: 13 });
    await subscribe(town, { calendar_id: null });
    const event = await book(town);
    await town.simulator.pump();
    expect(items(heard)).toMatchObject([{ resource_id: null, resources: [12] }]);
    await town.people('PUT', `/booking/events/${event}`, { resources: [13] });
    await town.simulator.pump();
    expect(items(heard).slice(1)).toMatchObject([{ resource_id: 13 }, { resource_id: null }]);
  });

  it('is told of no write over REST', async () => {
    const { town, heard } = await announced();
    const path = `/booking/events/${await made(town, 12)}`;
    await town.call('PUT', path, { name: 'Changed' });
    await town.call('PATCH', `${path}/toggle-active`, { active: 0 });
    await town.simulator.pump();
    expect(heard.heard).toEqual([]);
  });
});

describe('a notice', () => {
  it('does not hold up the answer to the person, and is not sent again where it was not taken', async () => {
    const heard = listener();
    heard.status = undefined;
    const held = Promise.withResolvers<void>();
    const send = async (request: Request): Promise<Response> => {
      await held.promise;
      return await heard.send(request);
    };
    const town = await startTown({}, { send });
    const made = await subscribe(town);
    const path = `/booking/events/${await book(town)}`;
    const pumped = town.simulator.pump();
    expect((await town.people('PUT', path, { name: 'Meanwhile' })).status).toBe(200);
    expect(heard.heard).toEqual([]);
    held.resolve();
    await pumped;
    town.clock.advance(DAY_MS);
    await town.simulator.pump();
    expect(heard.heard).toHaveLength(2);
    const id = String(subscriptionOf(made)['subscription_id']);
    const { url } = await sessionUrl(town, `${ALL}/${id}/log`);
    const { log } = (await (await town.raw('GET', url)).json()) as { log: Json[] };
    expect(log).toMatchObject([
      { change_type: 'updated', entity_id: 1, http_status: 0 },
      { change_type: 'created', entity_id: 1, http_status: 0 },
    ]);
  });

  it('is late, doubled or lost where it is told to be', async () => {
    const { town, heard } = await announced();
    const weather = async (more: Json): Promise<void> => {
      const answer = await town.raw('POST', '/__sim/notices', jsonInit(more));
      expect(answer.status).toBe(200);
    };
    await weather({ lost: 1 });
    await book(town);
    await weather({ doubled: 1, delayMs: 5000 });
    await book(town, { from_: '2026-06-26T13:00:00', to_: '2026-06-26T14:00:00' });
    await town.simulator.pump();
    expect(heard.heard).toEqual([]);
    town.clock.advance(5000);
    await town.simulator.pump();
    expect(items(heard).map(({ entityId }) => entityId)).toEqual([2, 2]);
    const { counts } = (await (await town.raw('GET', '/__sim/notices')).json()) as {
      counts: Json;
    };
    expect(counts).toMatchObject({ made: 2, lost: 1, doubled: 1, delivered: 2, waiting: 0 });
    const refused = await town.raw('POST', '/__sim/notices', jsonInit({ lost: 2 }));
    expect(refused.status).toBe(400);
  });

  it('overtakes an older one where some are late', async () => {
    const draws = [0.9, 0.9, 0, 0.9, 0.9, 0.9, 0.9];
    const { town, heard } = await announced({}, { random: () => draws.shift() ?? 0.9 });
    await town.raw('POST', '/__sim/notices', jsonInit({ reordered: 0.5 }));
    await book(town);
    await book(town, { from_: '2026-06-26T13:00:00', to_: '2026-06-26T14:00:00' });
    await town.simulator.pump();
    town.clock.advance(2000);
    await town.simulator.pump();
    expect(items(heard).map(({ entityId }) => entityId)).toEqual([2, 1]);
  });

  it('that waits, and its subscription, are there after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booking-'));
    folders.push(folder);
    const file = join(folder, 'booking.jsonl');
    const { town } = await announced({}, { journal: new Journal(file) });
    await book(town);
    const heard = listener();
    const again = await startTown({}, { journal: new Journal(file), send: heard.send });
    expect((await again.call('GET', ALL)).json['count']).toBe(1);
    await again.simulator.pump();
    expect(changes(heard)).toEqual(['event created']);
  });
});
