import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placesOf, type Place } from '../../shared/http/places.ts';
import type { Route } from '../../shared/http/route.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { checkAnswer, type GivenAnswer } from '../support/answer-check.ts';
import { startLocalApp, until, type LocalApp } from '../support/local-app.ts';

const TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'processDeletionQueue',
  'detectDeletions',
  'reconcileDeletions',
  'checkHealth',
  'maintenance',
];
/** What has nothing to show in a fresh demo, and what needs a pair that nobody holds. */
const ELSEWHERE = new Set(['answerValidation', 'getHold', 'verifyMapping']);
const PLACES = ROUTES.flatMap((route) => placesOf(route).map((place) => ({ route, place })));

/** The route table on the real host code, storage and simulators: each answer is checked by it. */
describe('the HTTP API of the running app', () => {
  let app: LocalApp;
  let tenant: LocalApp['endpoints']['tenants'][number];
  let room: (typeof tenant)['rooms'][number];

  beforeAll(async () => {
    const quiet = TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
    app = await startLocalApp([], Object.fromEntries(quiet));
    const [first] = app.endpoints.tenants;
    const [council] = first?.rooms ?? [];
    if (first === undefined || council === undefined) throw new Error('the demo has no room');
    tenant = first;
    room = council;
  }, 120_000);

  afterAll(async () => {
    await app.stop();
  });

  async function ask(
    { route, place }: { route: Route; place: Place },
    params: Readonly<Record<string, string>>,
    { key = tenant.apiKey, body, query = '' }: { key?: string; body?: object; query?: string } = {},
  ): Promise<GivenAnswer & { readonly body: Record<string, unknown> }> {
    const values: Readonly<Record<string, string>> = { tenant: tenant.id, ...params };
    const path = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(values[name] ?? 'none'),
    );
    const response = await fetch(`${app.endpoints.api}/${path}${query}`, {
      method: route.method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = {
      status: response.status,
      headers: ownHeaders(response.headers),
      body: (await response.json()) as Record<string, unknown>,
    };
    checkAnswer(route.method, place.path, answer);
    return answer;
  }

  function at(name: string): { route: Route; place: Place } {
    const found = PLACES.find(({ route, place }) => route.name === name && !place.tenantInPath);
    if (found === undefined) throw new Error(`no route ${name}`);
    return found;
  }

  it('is closed at each path without a good key', async () => {
    const closed = PLACES.filter(({ route }) => route.access !== 'open');
    const answers = await Promise.all(closed.map((one) => ask(one, {}, { key: 'wrong' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  });

  it('reads at each path, and answers as it is described', async () => {
    const { run_id: runId } = (await ask(at('syncMapping'), { id: room.mapping_id })).body;
    const params = {
      bridge: 'outlook',
      resourceId: room.mailbox,
      userId: room.mailbox,
      id: room.mapping_id,
    };
    const shown = PLACES.filter(
      ({ route }) => route.method === 'GET' && !ELSEWHERE.has(route.name),
    );
    for (const one of shown) {
      const id = one.route.name === 'getRun' ? String(runId) : params.id;
      const { status, body } = await ask(one, { ...params, id });
      expect([one.place.path, status, body['detail']]).toEqual([one.place.path, 200, undefined]);
    }
    await until(async () => {
      const { body } = await ask(at('getRun'), { id: String(runId) });
      return body['status'] === 'finished';
    });
    const { body } = await ask(at('listMappings'), {});
    expect(body['mappings']).toContainEqual(
      expect.objectContaining({ id: room.mapping_id, status: 'synced' }),
    );
  });

  it('verifies a room of the demo: what differs is explained', async () => {
    let answer: Awaited<ReturnType<typeof ask>> | undefined;
    await until(async () => {
      answer = await ask(at('verifyMapping'), { id: tenant.rooms[2]?.mapping_id ?? '' });
      return answer.status === 200;
    });
    expect(answer?.body['verification']).toMatchObject({ counts: { unexplained: 0 } });
  });

  it('shows what is in the room, on both sides alike', async () => {
    const days = { query: '?startDate=2020-01-01&endDate=2020-12-31' };
    const none = await ask(
      at('listResourceItems'),
      { bridge: 'outlook', resourceId: room.mailbox },
      days,
    );
    expect(none.body['count']).toBe(0);
    const [outlook, booking] = await Promise.all([
      ask(at('listResourceItems'), { bridge: 'outlook', resourceId: room.mailbox }),
      ask(at('listResourceItems'), { bridge: 'booking', resourceId: room.resource_id }),
    ]);
    const slots = ({ body }: typeof outlook): unknown[] =>
      (body['calendar_items'] as { start: string; not_copied_because: string | null }[])
        .filter(({ not_copied_because: reason }) => reason === null)
        .map(({ start }) => start);
    expect(slots(outlook).length).toBeGreaterThan(0);
    expect(slots(booking)).toEqual(expect.arrayContaining(slots(outlook)));
  });

  it('knows no mailbox, resource and person that are not there', async () => {
    const missing = ['nobody@municipal-a.example', '99999', '../x', '%00', 'ø \u0000'];
    for (const id of missing)
      for (const [name, bridge] of [
        ['listResourceItems', 'outlook'],
        ['listResourceItems', 'booking'],
        ['listUserItems', 'outlook'],
      ] as const) {
        const { status } = await ask(at(name), { bridge, resourceId: id, userId: id });
        expect([name, bridge, id, status]).toEqual([name, bridge, id, 404]);
      }
  });

  it('maps two resources, and ends that by their ids', async () => {
    const ends = { source_calendar_id: 'a/b 1', target_calendar_id: 'new@municipal-a.example' };
    const body = { bridge_from: 'booking_system', bridge_to: 'outlook', ...ends };
    expect((await ask(at('createMapping'), {}, { body })).status).toBe(201);
    expect((await ask(at('createMapping'), {}, { body })).status).toBe(409);
    const key = { bridge_from: 'booking', source: 'a/b 1', target: 'NEW@municipal-a.example' };
    expect((await ask(at('deleteMappingByKey'), key)).status).toBe(200);
    expect((await ask(at('deleteMappingByKey'), key)).status).toBe(404);
  });

  it('ends a pair with its copies once that is confirmed', async () => {
    const id = tenant.rooms[1]?.mapping_id ?? '';
    const query = '?copies=remove';
    const plan = await ask(at('deleteMapping'), { id }, { query });
    expect(plan.body['dry_run']).toBe(true);
    expect(plan.body['to_remove']).toBeGreaterThan(0);
    const confirm = encodeURIComponent(String(plan.body['confirm']));
    const done = await ask(at('deleteMapping'), { id }, { query: `${query}&confirm=${confirm}` });
    expect(done.body).toMatchObject({ removed: plan.body['to_remove'], left: 0 });
  });

  it('answers unknown paths and wrong methods itself', async () => {
    const post = await fetch(`${app.endpoints.api}/bridges`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET']);
    const unknown = await fetch(`${app.endpoints.api}/nothing`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ documentation: '/openapi.json' });
  });

  it.each([
    '/bridges/%00/calendars',
    '/mappings/resources/%FF%ED%A0%80',
    '//bridges',
    '/%',
    '/a%2Fb',
  ])('survives %s as it is on the wire', async (path) => {
    const { hostname, port } = new URL(app.endpoints.api);
    const socket = connect(Number(port), hostname);
    const lines = [`GET ${path} HTTP/1.1`, 'Host: x', `X-API-Key: ${tenant.apiKey}`];
    socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 40[04] /);
  });
});

/** Without what the web server in front of the function adds. */
function ownHeaders(headers: Headers): Headers {
  const own = new Headers(headers);
  for (const name of ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'])
    own.delete(name);
  return own;
}
