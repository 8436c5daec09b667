import { describe, expect, it } from 'vitest';
import { Random } from '../../../simulation/random.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import {
  errorOf,
  eventPath,
  items,
  makeGraph,
  ROOM,
  SMALL_ROOM,
  subscriptionInput,
  type Answer,
  type TestGraph,
} from './support.ts';

const HOUR_MS = 3_600_000;

async function subscribe(graph: TestGraph, input: Record<string, unknown> = {}): Promise<Answer> {
  return await graph.call('POST', '/subscriptions', { body: subscriptionInput(input) });
}

function lifeOf(graph: TestGraph, hours: number): string {
  return new Date(graph.clock.now() + hours * HOUR_MS).toISOString();
}

function told({ subscriber }: TestGraph): readonly string[] {
  return subscriber.taken.map(({ changeType, lifecycleEvent }) =>
    String(changeType ?? lifecycleEvent),
  );
}

describe('a subscription', () => {
  it('is made once both addresses have echoed the token, and shown as it was asked for', async () => {
    const graph = await makeGraph();
    const tokens: string[] = [];
    graph.subscriber.handshake = (token) => {
      tokens.push(token);
      return new Response(token, { headers: { 'content-type': 'text/plain' } });
    };
    const made = await subscribe(graph);
    expect(made.status).toBe(201);
    expect(new Set(tokens).size).toBe(2);
    expect(made.body).toMatchObject({ resource: `users/${ROOM}/events`, clientState: 'state' });
    const shown = await graph.call('GET', `/subscriptions/${String(made.body['id'])}`);
    expect(shown.body['id']).toBe(made.body['id']);
  });

  it.each<[string, (token: string) => Response]>([
    ['another text', () => new Response('no', { headers: { 'content-type': 'text/plain' } })],
    ['an encoded token', (token) => plain(encodeURIComponent(token))],
    ['another status', (token) => plain(token, 202)],
    ['another type', (token) => Response.json(token)],
    [
      'no answer',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('is not made where the handshake is answered with %s', async (_what, handshake) => {
    const graph = await makeGraph();
    graph.subscriber.handshake = handshake;
    const refused = await subscribe(graph);
    expect(refused.status).toBe(400);
    expect(errorOf(refused)['code']).toBe('ValidationError');
    expect(items(await graph.call('GET', '/subscriptions'))).toEqual([]);
  });

  it('is made once for an app, a mailbox and its change types', async () => {
    const graph = await makeGraph();
    const first = await subscribe(graph);
    const again = await subscribe(graph, { notificationUrl: 'http://app.test/elsewhere' });
    expect(again.status).toBe(409);
    expect(errorOf(again)['message']).toContain(String(first.body['id']));
    expect((await subscribe(graph, { resource: `/Users/${SMALL_ROOM}/events` })).status).toBe(201);
    expect((await subscribe(graph, { changeType: 'deleted' })).status).toBe(201);
  });

  it('lives for 45 minutes at least and seven days at most, and is gone after that', async () => {
    const graph = await makeGraph();
    const long = await subscribe(graph, { expirationDateTime: lifeOf(graph, 169) });
    expect(long.status).toBe(400);
    const short = await subscribe(graph, { expirationDateTime: lifeOf(graph, 0.1) });
    expect(short.body['expirationDateTime']).toBe(lifeOf(graph, 0.75));
    const path = `/subscriptions/${String(short.body['id'])}`;
    const renewed = await graph.call('PATCH', path, {
      body: { expirationDateTime: lifeOf(graph, 2) },
    });
    expect(renewed.body['expirationDateTime']).toBe(lifeOf(graph, 2));
    graph.clock.advance(2 * HOUR_MS);
    expect((await graph.call('GET', path)).status).toBe(404);
    const late = { body: { expirationDateTime: lifeOf(graph, 2) } };
    expect((await graph.call('PATCH', path, late)).status).toBe(404);
    expect((await subscribe(graph, { expirationDateTime: lifeOf(graph, 1) })).status).toBe(201);
  });

  it('is nothing that another tenant can see', async () => {
    const graph = await makeGraph();
    const { body } = await subscribe(graph);
    const token = graph.foreignToken;
    const path = `/subscriptions/${String(body['id'])}`;
    expect(items(await graph.call('GET', '/subscriptions', { token }))).toEqual([]);
    for (const method of ['GET', 'DELETE'])
      expect((await graph.call(method, path, { token })).status).toBe(404);
  });

  it('and its waiting notices outlive a restart', async () => {
    const journal = new Journal();
    const graph = await makeGraph({ journal });
    await subscribe(graph);
    await graph.create();
    const after = await makeGraph({ journal });
    await after.simulator.pump();
    expect(told(after)).toEqual(['created', 'updated']);
  });
});

describe('notices', () => {
  it('tell of each change of the mailbox, some of them more than once, and of no other', async () => {
    const graph = await makeGraph();
    const { body } = await subscribe(graph);
    const { id } = await graph.create();
    await graph.call('PATCH', eventPath(id), { body: { subject: 'B' } });
    await graph.call('DELETE', eventPath(id));
    await graph.create({}, SMALL_ROOM);
    await graph.simulator.pump();
    expect(told(graph)).toEqual(['created', 'updated', 'updated', 'updated', 'deleted']);
    expect(graph.subscriber.posts).toBe(1);
    expect(graph.subscriber.taken[0]).toMatchObject({
      subscriptionId: body['id'],
      clientState: 'state',
      resourceData: { id },
    });
  });

  it('are sent again until they are taken, for four hours', async () => {
    const graph = await makeGraph();
    await subscribe(graph, { expirationDateTime: lifeOf(graph, 24) });
    graph.subscriber.status = 503;
    await graph.create();
    await graph.simulator.pump();
    await graph.simulator.pump();
    expect(graph.subscriber.posts).toBe(1);
    graph.clock.advance(10_000);
    graph.subscriber.status = 202;
    await graph.simulator.pump();
    expect(told(graph)).toEqual(['created', 'updated']);

    graph.subscriber.status = 500;
    await graph.create();
    for (let quarter = 0; quarter <= 17; quarter += 1) {
      await graph.simulator.pump();
      graph.clock.advance(HOUR_MS / 4);
    }
    graph.subscriber.status = 202;
    await graph.simulator.pump();
    expect(told(graph)).toHaveLength(2);
    const { body } = await graph.control('GET', '/notices');
    expect(body['counts']).toMatchObject({ delivered: 2, givenUp: 2, waiting: 0 });
  });

  it('are delayed, doubled and lost as they are told to be', async () => {
    const graph = await makeGraph({ random: () => 0.5 });
    await subscribe(graph);
    await graph.control('POST', '/notices', { delayMs: 5000, doubled: 1 });
    await graph.create();
    await graph.simulator.pump();
    expect(told(graph)).toEqual([]);
    graph.clock.advance(5000);
    await graph.simulator.pump();
    expect(told(graph)).toEqual(['created', 'created', 'updated', 'updated']);
    await graph.control('POST', '/notices', { lost: 1 });
    await graph.create();
    await graph.simulator.pump();
    expect(told(graph)).toHaveLength(4);
    expect((await graph.control('POST', '/notices', { lost: 2 })).status).toBe(400);
  });

  it('come in another order where they are told to', async () => {
    const random = new Random(7);
    const graph = await makeGraph({ random: () => random.int(1000) / 1000 });
    await subscribe(graph);
    await graph.control('POST', '/notices', { reordered: 0.5 });
    for (let n = 0; n < 4; n += 1) {
      await graph.create({ subject: `Meeting ${n}` });
      await graph.simulator.pump();
      graph.clock.advance(100);
    }
    graph.clock.advance(2000);
    await graph.simulator.pump();
    const order = graph.subscriber.taken.map(({ id }) => Number(String(id).split('-')[1]));
    expect(order).toHaveLength(8);
    expect(order).not.toEqual(order.toSorted((one, other) => one - other));
  });

  it('of the life of a subscription come to its other address, and a removed one is gone', async () => {
    const graph = await makeGraph();
    const { body } = await subscribe(graph);
    const subscriptionId = body['id'];
    for (const event of ['reauthorizationRequired', 'missed', 'subscriptionRemoved'])
      expect((await graph.control('POST', '/lifecycle', { subscriptionId, event })).status).toBe(
        204,
      );
    await graph.simulator.pump();
    expect(told(graph)).toEqual(['reauthorizationRequired', 'missed', 'subscriptionRemoved']);
    expect(items(await graph.call('GET', '/subscriptions'))).toEqual([]);
    const gone = await graph.control('POST', '/lifecycle', { subscriptionId, event: 'missed' });
    expect(gone.status).toBe(404);
  });
});

function plain(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
